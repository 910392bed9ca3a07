/** What `docker buildx inspect` says of a builder's nodes, and what that means for a run. */
import { describe, expect, test } from '@jest/globals'
import { describeBuilder } from '../../src/buildkit/builder.js'
import {
  isDead,
  judgeNodes,
  nodeFor,
  parseInspection,
  platformFamily,
  type BuilderNode
} from '../../src/buildkit/nodes.js'
import { recordedText } from '../fixtures/recorded.js'

function node(name: string, platforms: readonly string[], more: Partial<BuilderNode> = {}): BuilderNode {
  return {
    name,
    endpoint: `tcp://${name}.example.com:1234`,
    status: 'running',
    platforms,
    assigned: [],
    options: {},
    containerdStore: true,
    ...more
  }
}

describe('docker buildx inspect', () => {
  test.each([
    ['inspect-containerd.txt', false],
    ['inspect-old.txt', false],
    ['inspect-classic.txt', true]
  ])('%s is the classic store: %s', (file, classicStore) => {
    const seen = parseInspection(recordedText(file))
    expect(seen.error).toBeUndefined()
    expect(seen.nodes).toMatchObject([{ name: 'default', endpoint: 'default', status: 'running' }])
    const builder = describeBuilder(seen)
    expect(builder).toMatchObject({ name: 'default', driver: 'docker', classicStore })
    expect(builder.platforms).toContain('linux/amd64')
    expect(builder.buildkit).toBeUndefined() // the docker driver says v0.0.0+unknown
  })

  test('a docker-container builder with options', () => {
    const text = [
      'Name:          builder-1',
      'Driver:        docker-container',
      '',
      'Nodes:',
      'Name:                  builder-10',
      'Endpoint:              unix:///var/run/docker.sock',
      'Driver Options:        network="host" env.A="b c" memory="4g"',
      'Status:                running',
      'BuildKit version:      v0.31.0',
      'Platforms:             linux/amd64*, linux/arm64'
    ].join('\n')
    const seen = parseInspection(text)
    expect(seen).toMatchObject({ name: 'builder-1', driver: 'docker-container' })
    expect(seen.nodes).toEqual([
      {
        name: 'builder-10',
        endpoint: 'unix:///var/run/docker.sock',
        status: 'running',
        platforms: ['linux/amd64', 'linux/arm64'],
        assigned: ['linux/amd64'],
        buildkit: 'v0.31.0',
        options: { network: 'host', 'env.A': 'b c', memory: '4g' },
        containerdStore: false
      }
    ])
    expect(describeBuilder(seen)).toMatchObject({ classicStore: false, buildkit: 'v0.31.0' })
  })

  test('two nodes, of which one is dead', () => {
    const { error, driver, nodes } = parseInspection(recordedText('inspect-dead-node.txt'))
    expect([error, driver]).toEqual([undefined, 'remote'])
    expect(nodes).toMatchObject([
      {
        name: 'n0',
        endpoint: 'unix:///run/bk.sock',
        status: 'running',
        assigned: ['linux/amd64'],
        containerdStore: true
      },
      {
        name: 'n1',
        endpoint: 'unix:///run/dead.sock',
        status: 'inactive',
        assigned: ['linux/arm64'],
        platforms: ['linux/arm64']
      }
    ])
    expect(nodes.map((one) => isDead(driver, one))).toEqual([false, true])
  })

  test('the error of a node is not that of the builder', () => {
    const text =
      'Name: b\nDriver: docker-container\n\nNodes:\nName: a\nStatus: running\nPlatforms: linux/amd64\n\nName: z\nEndpoint: ssh://z\nError: ssh: connect to host z port 22: Connection refused\n'
    const { error, nodes } = parseInspection(text)
    expect(error).toBeUndefined()
    expect(nodes.map((one) => one.error)).toEqual([undefined, 'ssh: connect to host z port 22: Connection refused'])
  })

  test('one that has not been started is not dead, except where nobody here can start it', () => {
    const { driver, nodes } = parseInspection(recordedText('inspect-inactive.txt'))
    const [first] = nodes
    if (first === undefined) throw new Error('there is to be a node')
    expect(isDead(driver, first)).toBe(true)
    expect(isDead('docker-container', first)).toBe(false)
    expect(isDead('kubernetes', first)).toBe(false)
  })

  test('one without an engine', () => {
    expect(parseInspection(recordedText('inspect-no-daemon.txt'))).toMatchObject({
      error: 'Cannot connect to the Docker daemon at unix:///no/such.sock. Is the docker daemon running?',
      nodes: []
    })
  })

  test('nothing', () => {
    expect(parseInspection('')).toEqual({ name: '', driver: '', nodes: [] })
  })
})

test.each([
  ['linux/amd64', 'linux/amd64'],
  ['linux/amd64/v3', 'linux/amd64'],
  ['linux/aarch64', 'linux/arm64'],
  ['arm64', 'linux/arm64'],
  ['arm/v7', 'linux/arm'],
  ['LINUX/x86_64', 'linux/amd64'],
  ['windows/amd64', 'windows/amd64']
])('%s is built by who builds %s', (platform, family) => {
  expect(platformFamily(platform)).toBe(family)
})

describe('the node of a platform', () => {
  const both = node('both', ['linux/amd64', 'linux/arm64'])
  const arm = node('arm', ['linux/arm64/v8'], { assigned: ['linux/arm64/v8'] })

  test.each([
    ['linux/arm64', 'arm'],
    ['linux/amd64', 'both'],
    ['linux/s390x', undefined]
  ])('%s: %s', (platform, name) => {
    expect(nodeFor([both, arm], platform)?.name).toBe(name)
  })
})

describe('the nodes of a run', () => {
  const amd = node('amd', ['linux/amd64', 'linux/386'])
  const arm = node('arm', ['linux/arm64'])
  const dead = node('arm', ['linux/arm64'], { status: 'inactive', error: 'the connection was refused' })
  const judge = (nodes: readonly BuilderNode[], platforms: readonly string[], dockerfile?: string, driver = 'remote') =>
    judgeNodes({ name: 'b', driver, nodes }, { platforms, ...(dockerfile === undefined ? {} : { dockerfile }) })
  const runs = 'FROM alpine\nRUN make test\n'

  test('have every platform', () => {
    expect(judge([amd, arm], ['linux/amd64', 'linux/arm64/v8'], runs)).toEqual({ notes: [] })
  })

  test('a dead one is said, and does not stop what the others can do', () => {
    const { failure, notes } = judge([amd, dead], ['linux/amd64'], runs)
    expect(failure).toBeUndefined()
    expect(notes).toEqual([
      'The node arm (tcp://arm.example.com:1234) of the builder "b" does not answer: the connection was refused.'
    ])
  })

  test('a dead one that alone has a platform stops the run', () => {
    expect(judge([amd, dead], ['linux/amd64', 'linux/arm64'], runs).failure).toMatchObject({
      kind: 'engine',
      message:
        'the node arm of the builder "b" (driver remote), which builds linux/arm64, cannot be reached at tcp://arm.example.com:1234 (the connection was refused)'
    })
  })

  test.each([
    ['its name has no address (ENOTFOUND)', 'resolve'],
    ['the certificate was refused: unable to verify', 'cacert'],
    ['the connection was refused', 'reach its endpoint']
  ])('all dead: %s', (error, words) => {
    expect(judge([{ ...dead, error }], []).failure).toMatchObject({
      kind: 'engine',
      message: `the builder "b" (driver remote) cannot be reached at tcp://arm.example.com:1234 (${error})`,
      fix: expect.stringContaining(words)
    })
  })

  test('a platform that none has is a wrong input, which names the nodes', () => {
    expect(judge([amd, arm], ['linux/s390x'], runs).failure).toMatchObject({
      kind: 'input',
      problems: [
        {
          input: 'platforms',
          problem:
            'no node of the builder "b" builds linux/s390x (amd has linux/amd64, linux/386; arm has linux/arm64)',
          fix: expect.stringContaining('docker/setup-qemu-action')
        }
      ]
    })
  })

  test.each([
    [
      'crosses over',
      'FROM --platform=$BUILDPLATFORM golang AS build\nRUN go build\nFROM scratch\nCOPY --from=build /a /a\n'
    ],
    ['runs nothing', 'FROM scratch\nCOPY a /a\n'],
    ['is not known', undefined]
  ])('and is only said where the Dockerfile %s', (_, dockerfile) => {
    const { failure, notes } = judge([amd], ['linux/arm64'], dockerfile)
    expect(failure).toBeUndefined()
    expect(notes).toEqual([expect.stringContaining('no node of the builder "b" builds linux/arm64')])
  })

  test('nothing is known of one that has not been started', () => {
    const cold = node('cold', [], { status: 'inactive' })
    expect(judge([cold], ['linux/s390x'], runs, 'docker-container')).toEqual({ notes: [] })
  })
})
