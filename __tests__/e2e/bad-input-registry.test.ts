/** Registries that are down, refuse, or lack an image: red for a push or a base image, only a warning for a cache. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { registryTags, startRegistry, type Registry } from '../support/engine.js'
import { long, some } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import { expectEngineClean, expectNothingLeft, expectRefused, plain } from './support/refusal.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

jest.setTimeout(60_000)

const credentials = { user: 'someone', password: 'some password' }
// Nobody listens on the discard port.
const nobody = '127.0.0.1:9'
let closed: Registry
let workspace: Workspace

beforeAll(async () => {
  closed = await startRegistry({ auth: credentials })
})

afterAll(async () => {
  await closed[Symbol.asyncDispose]()
  await expectEngineClean()
})

beforeEach(async () => {
  const lines = [
    `FROM ${await baseImage('busybox')} AS test`,
    'RUN echo test',
    'FROM test AS production',
    `RUN echo ${fresh()} > /app`
  ]
  workspace = await startWorkspace({ Dockerfile: `${lines.join('\n')}\n` })
})

afterEach(async () => {
  await workspace[Symbol.asyncDispose]()
})

describe('a push', () => {
  long.test('to a registry that is down', async () => {
    const { outputs, summary } = await expectRefused(workspace, {
      with: { tags: `${nobody}/${fresh()}:1` },
      says: ['failed to push', 'cannot be reached', 'ECONNREFUSED', 'whether the runner reaches the registry']
    })
    expect(summary).toContain('the push failed')
    expect(outputs.gate).toBe('passed')
  })

  test('to a registry that asks for a login', async () => {
    const repository = fresh('app')
    const { outputs, summary } = await expectRefused(workspace, {
      with: { tags: `${closed.address}/${repository}:1` },
      says: [
        'requires a login',
        'status 401',
        'Log in before this step',
        'docker/login-action',
        `registry: ${closed.address}`
      ]
    })
    expect(summary).toContain('the push failed')
    expect(outputs.gate).toBe('passed')
    expect(await registryTags(closed, repository)).toEqual([])
  })

  long.test('of several tags moves none where one of the registries is down', async () => {
    const repository = freshRepository()
    const tag = `${repository.reference}:1`
    const result = await workspace.run({
      'test-target': 'test',
      target: 'production',
      push: 'true',
      tags: `${tag}\n${nobody}/${fresh()}:1`
    })
    expectExit(result, 1)
    expect(await registryTags(sharedRegistry(), repository.name)).toEqual([])
    expect(result.summary).toMatch(/^## ❌ .*the push failed, nothing was published/)
    expect(result.outputs.published).toBe('false')
    await expectNothingLeft(result)
  })
})

describe('a base image', () => {
  test.each(
    some(
      [
        [
          'that no registry has',
          () => `${sharedRegistry().address}/nosuch/image:1`,
          ['not found', 'No such image', 'Check the name and the tag']
        ],
        ['whose registry is down', () => `${nobody}/image:1`, ['connection refused', 'could not be reached']],
        [
          'whose registry asks for a login',
          () => `${closed.address}/image:1`,
          ['401 Unauthorized', 'docker/login-action']
        ]
      ],
      2
    )
  )('%s', async (_, reference, says) => {
    await workspace.write({ Dockerfile: `FROM ${reference()} AS test\nRUN true\nFROM test AS production\n` })
    const { annotations, summary, outputs } = await expectRefused(workspace, { says })
    expect(summary).toContain('an image could not be pulled')
    expect(summary).toContain('Dockerfile:1')
    expect(annotations[0]?.text).toContain('file=Dockerfile,line=1')
    expect(outputs.gate).toBe('skipped')
  })
})

describe('a cache registry', () => {
  test.each(
    some(
      [
        ['that is down', () => nobody, 'connection refused'],
        ['that asks for a login', () => closed.address, '401 Unauthorized']
      ],
      1
    )
  )('%s is a warning', async (_, address, says) => {
    const result = await workspace.run({
      'test-target': 'test',
      target: 'production',
      'cache-image': `${address()}/${fresh()}`
    })
    expectExit(result, 0)
    expect(result.outputs.gate).toBe('passed')
    expect(result.summary).toMatch(/^## ✅/)
    expect(plain(result.summary)).toContain(plain('The layer cache did not work'))
    expect(result.summary).toContain(says)
    const warnings = result.annotations.filter(({ level }) => level === 'warning').map(({ text }) => text)
    expect(warnings.filter((text) => text.includes(says))).toHaveLength(2)
    await expectNothingLeft(result)
  })

  long.test('given as raw references is a warning too', async () => {
    const reference = `type=registry,ref=${nobody}/${fresh()}:1`
    const result = await workspace.run({
      'test-target': 'test',
      target: 'production',
      'cache-from': reference,
      'cache-to': `${reference},mode=max`
    })
    expectExit(result, 0)
    expect(plain(result.summary)).toContain(plain('The layer cache did not work'))
    await expectNothingLeft(result)
  })
})
