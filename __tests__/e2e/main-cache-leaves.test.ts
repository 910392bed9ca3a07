/** What leaves the runner with the layer cache of a green run, and what is told where it may not. */
import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, jest, test } from '@jest/globals'
import { CacheService } from '../baseline/support/cache-service.js'
import { registryTags } from '../support/engine.js'
import { some } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import { baseImage, fresh, freshRepository, sentinel, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(300_000)

const registry = sharedRegistry()

beforeAll(() => baseImage('busybox'), 300_000)

/** A builder stage that nobody inspects, tests on top of it, and an image that has one harmless file of it. */
const dockerfile = async (builder: string): Promise<string> => `FROM ${await baseImage('busybox')} AS builder
COPY server.key /pair
ARG RUN=${fresh()}
${builder}
FROM builder AS test
RUN test -e /ok
FROM ${await baseImage('busybox')} AS production
COPY --from=builder /ok /ok
`

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' })

describe('a green run whose image is clean', () => {
  test.each<[string, string, string]>(
    some(
      [
        [
          'a secret of the run',
          'RUN --mount=type=secret,id=tok cp /run/secrets/tok /leak && echo 1 > /ok',
          'a layer of it holds the secret "tok"'
        ],
        [
          'a private key',
          'RUN { echo -----BEGIN PRIVATE KEY-----; cat /pair; } > /key && echo 1 > /ok',
          'holds a private key'
        ]
      ],
      1
    )
  )('keeps its cache where another stage has %s', async (_, builder, words) => {
    const app = freshRepository()
    const cache = freshRepository()
    const value = `sk-${sentinel()}`
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile(builder),
      'server.key': key.toString().split('\n').slice(1).join('\n') // without its first line it is no key yet
    })
    const green = await workspace.run({
      ...{ 'test-target': 'test', target: 'production', tags: `${app.reference}:1`, push: 'true' },
      ...{ secrets: `tok=${value}`, 'cache-image': cache.reference }
    })
    expectExit(green, 0)
    expect(green.outputs).toMatchObject({ gate: 'passed', published: 'true' })
    expect(green.summary).toContain(`The layer cache was not written: `)
    expect(green.summary).toContain(words)
    expect(green.summary).not.toContain(value)
    expect(await registryTags(registry, cache.name)).toEqual([])
  })

  test('and nothing of it elsewhere writes it', async () => {
    const cache = freshRepository()
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile('RUN echo 1 > /ok'),
      'server.key': 'none'
    })
    const given = { 'test-target': 'test', target: 'production', 'cache-image': cache.reference }
    const green = await workspace.run({ ...given, secrets: `tok=sk-${sentinel()}` })
    expectExit(green, 0)
    expect(green.summary).not.toContain('was not written')
    expect(await registryTags(registry, cache.name)).toHaveLength(1)
  })
})

test("GitHub's own cache that refuses to be written is a warning, as a registry's is", async () => {
  await using service = await CacheService.start()
  service.trouble = (method) =>
    method === 'CreateCacheEntry'
      ? { status: 200, body: { ok: false, message: 'cache write denied: the token is read-only' } }
      : { status: 200, body: { ok: false } }
  await using workspace = await startWorkspace({
    Dockerfile: await dockerfile('RUN echo 1 > /ok'),
    'server.key': 'none'
  })
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url')
  const scopes = JSON.stringify([{ Scope: 'refs/heads/main', Permission: 3 }])
  const green = await workspace.run(
    {
      ...{ 'test-target': 'test', target: 'production', 'cache-mounts': 'false', 'compare-to': 'none' },
      ...{ 'cache-from': 'type=gha', 'cache-to': 'type=gha,mode=max,ignore-error=true' }
    },
    {
      env: {
        ...service.environment({ read: [] }),
        ACTIONS_RUNTIME_TOKEN: `${part({ alg: 'none' })}.${part({ ac: scopes, nbf: 1600000000, exp: 4102444800 })}.${part({})}`
      }
    }
  )
  expectExit(green, 0)
  expect(service.calls).toContain('CreateCacheEntry')
  expect(green.summary).toContain('The layer cache did not work')
  expect(green.summary).toContain('`gha` could not be written')
  expect(green.annotations.map(({ level }) => level)).toContain('warning')
})
