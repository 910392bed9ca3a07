import { afterAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { guardedBy } from '../src/guard.js'
import { endLeftovers, keepLeftovers, parseLeftovers } from '../src/leftovers.js'
import type { Exec } from '../src/ports.js'
import { makeFolder } from './ssh/support.js'

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

const agent = {
  socketPath: '/tmp/stagegate-ssh-x/agent.sock',
  agentPid: 4_194_300,
  watcherPid: 4_194_301,
  folder: '/tmp/stagegate-ssh-x'
}
const nothing = { agents: [], folders: [], builders: [], images: [], smokes: [], groups: [] }

function makeDirectory(name: string): string {
  const path = join(folder.path, name)
  mkdirSync(path)
  writeFileSync(join(path, 'secret'), 'x')
  return path
}

test('every addition is saved at once, with all before it', () => {
  const saved: string[] = []
  const book = keepLeftovers({ saveState: (name, value) => saved.push(`${name} ${value}`) })
  book.addFolder('/tmp/stagegate-1')
  book.addAgent(agent)
  book.addBuilder('stagegate-b')
  book.addImage('stagegate-inspect:1')
  expect(saved).toHaveLength(4)
  expect(saved.every((state) => state.startsWith('leftovers {'))).toBe(true)
  expect(parseLeftovers(saved[1]?.slice('leftovers '.length) ?? '')).toEqual({
    ...nothing,
    folders: ['/tmp/stagegate-1'],
    agents: [agent]
  })
  expect(parseLeftovers(saved[3]?.slice('leftovers '.length) ?? '')).toEqual({
    ...nothing,
    agents: [agent],
    folders: ['/tmp/stagegate-1'],
    builders: ['stagegate-b'],
    images: ['stagegate-inspect:1']
  })
})

test('an image that has gone by itself is none any more', () => {
  let saved = ''
  const book = keepLeftovers({ saveState: (_, value) => (saved = value) })
  const [one, two] = ['a', 'b'].map(
    (digit) => `127.0.0.1:5000/stagegate-${digit.repeat(32)}@sha256:${digit.repeat(64)}`
  )
  book.addImage(one ?? '')
  book.addImage(two ?? '')
  book.dropImage(one ?? '')
  expect(parseLeftovers(saved).images).toEqual([two])
})

test.each([
  ['nothing', ''],
  ['no JSON', '{'],
  ['a list', '[]'],
  ['other types', '{"agents":{},"folders":"/tmp/stagegate-x","builders":[1,null],"images":7}'],
  ['folders of others', '{"folders":["/","/home","stagegate-relative","/tmp/stagegate-x/../../etc"]}'],
  ['builders and images of others', '{"builders":["default","mine"],"images":["app:1"]}'],
  ['smoke tests of others', '{"smokes":["app","stagegate-smoke-","stagegate-smoke-0123456789abcdef0123456789ab x"]}'],
  ['groups of others', '{"groups":[{"pid":1,"folder":"/tmp/stagegate-x"},{"pid":9,"folder":"/tmp"},{"pid":"9"}]}'],
  ['agents of others', '{"agents":[{"socketPath":"/a/b","agentPid":1,"watcherPid":2,"folder":"/a"}]}']
])('state with %s tells nothing', (_, text) => {
  expect(parseLeftovers(text)).toEqual(nothing)
})

describe('ending them', () => {
  /** A docker that knows no builders and no images but those it is told. */
  function docker(answers: Readonly<Record<string, { exitCode: number; stderr: string }>> = {}) {
    const ran: string[] = []
    const exec: Exec = ({ file, args }) => {
      ran.push([file, ...args].join(' '))
      return Promise.resolve({
        stdout: '',
        timedOut: false,
        ...(answers[args.at(-1) ?? ''] ?? { exitCode: 0, stderr: '' })
      })
    }
    return { exec, ran }
  }

  test('removes folders, builders and images', async () => {
    const one = makeDirectory('stagegate-one')
    const { exec, ran } = docker()
    const troubles = await endLeftovers(
      { exec },
      { ...nothing, folders: [one], builders: ['stagegate-b'], images: ['stagegate-i:1'] }
    )
    expect(troubles).toEqual([])
    expect(existsSync(one)).toBe(false)
    expect(ran.sort()).toEqual(['docker buildx rm --force stagegate-b', 'docker image rm stagegate-i:1'])
  })

  test('is content with what is gone already', async () => {
    const { exec } = docker({
      'stagegate-b': { exitCode: 1, stderr: 'ERROR: no builder "stagegate-b" found' },
      'stagegate-i:1': { exitCode: 1, stderr: 'Error response from daemon: No such image: stagegate-i:1' }
    })
    const leftovers = {
      ...nothing,
      agents: [agent],
      folders: [join(folder.path, 'stagegate-gone')],
      builders: ['stagegate-b'],
      images: ['stagegate-i:1']
    }
    expect(await endLeftovers({ exec }, leftovers)).toEqual([])
    expect(await endLeftovers({ exec }, leftovers)).toEqual([])
  })

  test('goes on after one that cannot be removed, and says which', async () => {
    const two = makeDirectory('stagegate-two')
    const { exec } = docker({ 'stagegate-b': { exitCode: 1, stderr: 'ERROR: permission denied\n' } })
    const troubles = await endLeftovers(
      { exec },
      { ...nothing, folders: [two], builders: ['stagegate-b', 'stagegate-c'] }
    )
    expect(troubles).toEqual(['the builder stagegate-b could not be removed: ERROR: permission denied'])
    expect(existsSync(two)).toBe(false)
  })

  test('says what docker does not remove, and what it does not answer about', async () => {
    const smoke = `stagegate-smoke-${'0'.repeat(32)}`
    const asked: string[] = []
    const exec: Exec = ({ args }) => {
      asked.push(args.slice(0, 2).join(' '))
      const timedOut = args[0] === 'network'
      return Promise.resolve({ exitCode: 1, stdout: '', stderr: timedOut ? '' : 'Cannot connect\n', timedOut })
    }
    const troubles = await endLeftovers({ exec }, { ...nothing, smokes: [smoke], images: ['stagegate-i:1'] })
    expect(troubles).toEqual([
      `the network ${smoke} could not be removed: docker did not answer within 60 s`,
      'the image stagegate-i:1 could not be removed: Cannot connect'
    ])
    expect(asked).toEqual(['container rm', 'network rm', 'image rm'])
  })

  test('a verify command that a killed run has left ends with all it started, also when its shell is gone', async () => {
    const place = makeDirectory('stagegate-verify')
    const started = spawn('sh', ['-c', 'sleep 300 & echo; exit 0'], {
      ...{
        detached: true,
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { PATH: process.env.PATH, STAGEGATE_OCI_LAYOUT: `${place}/layout` }
      }
    })
    await once(started, 'exit')
    const pid = started.pid ?? 0
    const other = parseLeftovers(JSON.stringify({ groups: [{ pid, folder: `${place}-other` }] }))
    await endLeftovers(docker(), other)
    expect(() => process.kill(-pid, 0)).not.toThrow()
    await endLeftovers(docker(), parseLeftovers(JSON.stringify({ groups: [{ pid, folder: place }] })))
    expect(() => process.kill(-pid, 0)).toThrow()
  })

  test('a push that a killed run has left ends with the folder', async () => {
    const place = makeDirectory('stagegate-push')
    const push = spawn('sleep', ['300'], { stdio: 'ignore', env: { PATH: process.env.PATH, ...guardedBy(place) } })
    const ended = once(push, 'exit')
    await once(push, 'spawn')
    const { exec } = docker()
    await endLeftovers({ exec }, { ...nothing, folders: [place] })
    await ended
    expect(push.signalCode).toBe('SIGTERM')
  })

  test('a smoke test goes before its image', async () => {
    const { exec, ran } = docker()
    const name = 'stagegate-smoke-0123456789abcdef0123456789ab'
    await endLeftovers({ exec }, { ...nothing, smokes: [name], images: [`${name}:inspected`] })
    expect(ran).toEqual([
      `docker container rm --force --volumes ${name}`,
      `docker network rm ${name}`,
      `docker image rm ${name}:inspected`
    ])
  })
})
