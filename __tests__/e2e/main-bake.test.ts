/** A bake or compose file in the place of inputs: whose file it is decides what it may see. */
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { registryManifest, registryTags } from '../support/engine.js'
import { pullRequestEvent } from '../support/runner.js'
import { long, some } from '../support/tiers.js'
import { expectExit, printed, withoutMasks } from './support/log.js'
import { expectEngineClean, expectRefused } from './support/refusal.js'
import { baseImage, fresh, freshRepository, sentinel, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(120_000)

afterAll(() => expectEngineClean())

const bakeFile = (target: object, more: object = {}): string =>
  JSON.stringify({
    ...more,
    group: { default: { targets: ['app'] } },
    target: { app: { target: 'production', ...target } }
  })

async function dockerfile(test = 'true'): Promise<string> {
  return [
    `FROM ${await baseImage('busybox')} AS base`,
    ...['ARG WORD', `RUN echo ${fresh()}; echo WORD=$WORD`, 'FROM base AS test', `RUN ${test}`],
    ...['FROM base AS production', '']
  ].join('\n')
}

long.test('a red test of the file publishes nothing', async () => {
  const repository = freshRepository()
  await using workspace = await startWorkspace({
    Dockerfile: await dockerfile('false'),
    'docker-bake.json': bakeFile({ tags: [`${repository.reference}:1`], output: ['type=registry'] })
  })
  const result = await workspace.run({ 'bake-targets': 'app', 'test-target': 'test', push: 'true' })
  expectExit(result, 1)
  expect(result.outputs).toMatchObject({ gate: 'failed', published: 'false' })
  expect(await registryTags(sharedRegistry(), repository.name)).toEqual([])
})

test('a target of the file whose reports are exported: its exit code decides', async () => {
  const tests = `<testsuite><testcase name="one"/><testcase name="two"><failure>no</failure></testcase></testsuite>`
  const files = { 'junit.xml': tests, code: '3' }
  await using workspace = await startWorkspace({
    ...files,
    Dockerfile: `${await dockerfile()}FROM test AS ran\nCOPY ${Object.keys(files).join(' ')} /\nRUN mkdir /out && cp /junit.xml /out && cp /code /out/exit-code\nFROM scratch AS junit\nCOPY --from=ran /out /\n`,
    'docker-bake.json': JSON.stringify({ target: { app: { target: 'production' }, reports: { target: 'junit' } } })
  })
  const result = await workspace.run({
    ...{ 'bake-files': 'docker-bake.json', 'bake-targets': 'app', target: '' },
    ...{ 'test-target': '', 'test-report-target': 'reports' }
  })
  expectExit(result, 1)
  expect(result.outputs).toMatchObject({ gate: 'failed', published: 'false' })
  expect(result.summary).toContain('1 passed, 1 failed')
})

test('a compose service is built, tested and pushed, with its secret', async () => {
  const repository = freshRepository()
  const secret = sentinel()
  const mounted = 'RUN --mount=type=secret,id=token,required=true test "$(cat /run/secrets/token | wc -c)" = 36\n'
  await using workspace = await startWorkspace({
    'web/Dockerfile': `${await dockerfile()}${mounted}`,
    'compose.yaml': `services:
  web:
    image: ${repository.reference}:1
    build: { context: ./web, target: production, args: [WORD=composed], secrets: [token] }
secrets:
  token: { environment: TOKEN }
`
  })
  const inputs = { 'bake-files': 'compose.yaml', 'test-target': 'test', push: 'true' }
  const result = await workspace.run(inputs, { env: { TOKEN: secret } })
  expectExit(result, 0)
  expect(printed(result.log, 'WORD')).toEqual(['composed'])
  expect(result.masks).toContain(secret)
  expect((await registryManifest(sharedRegistry(), repository.name, '1'))?.digest).toBe(result.outputs.digest)
})

long.test('an untrusted run’s file sees none of the step’s variables', async () => {
  const secret = sentinel()
  const variables = { variable: { WORD: { default: 'nothing' }, DOCKER_PASSWORD: { default: 'nothing' } } }
  await using workspace = await startWorkspace({
    Dockerfile: await dockerfile(),
    'docker-bake.json': bakeFile({ args: { WORD: '${WORD}-${DOCKER_PASSWORD}' } }, variables)
  })
  const inputs = { 'bake-files': 'docker-bake.json', 'test-target': 'test' }
  const env = { WORD: secret, DOCKER_PASSWORD: secret }
  const fork = await workspace.run(inputs, { env, event: pullRequestEvent('stranger/app', 'stranger') })
  expectExit(fork, 0)
  expect(printed(fork.log, 'WORD')).toEqual(['nothing-nothing'])
  expect(withoutMasks(fork.log) + fork.summary).not.toContain(secret)
  // The very same file, in a run of the repository's own.
  const own = await workspace.run(inputs, { env: { WORD: 'word', DOCKER_PASSWORD: 'other' } })
  expect(printed(own.log, 'WORD')).toEqual(['word-other'])
})

describe('refused before the build', () => {
  test.each<[string, object, Readonly<Record<string, string>>, readonly string[]]>(
    some(
      [
        [
          'a file that is not there',
          {},
          { 'bake-files': 'no.hcl' },
          ['bake-files', 'no.hcl', 'relative to the working']
        ],
        [
          'no target where none is the default',
          {},
          { 'bake-files': 'plain.json' },
          ['bake-targets', 'group "default"']
        ],
        ['a target that is not there', {}, { 'bake-targets': 'no' }, ['bake-targets', 'there is no target "no"']],
        ['what the step says, too', { tags: ['acme/app:1'] }, {}, ['tags', 'the bake file sets it too']],
        [
          'a value of the step',
          {},
          { 'bake-set': 'app.platfrom=linux/amd64' },
          ['bake-set', 'unknown key', 'TARGET.KEY']
        ],
        [
          'a definition that is elsewhere',
          {},
          { 'bake-files': 'https://me:hunter2@git.example.com/app.git' },
          ['bake-files', '"https://git.example.com/app.git" is not on the runner', 'Check its repository out']
        ],
        ['names of docker/bake-action', {}, { files: 'docker-bake.json' }, ['files', '"bake-files" here']],
        ['an entitlement', { entitlements: ['network.host'] }, {}, ['allow', 'Write allow: network.host']],
        ['a stage that is not there', {}, { 'test-target': 'tset' }, ['test-target', 'tset', 'Did you mean "test"']]
      ],
      3
    )
  )('%s', async (_, target, given, says) => {
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile(),
      'docker-bake.json': bakeFile(target),
      'plain.json': '{ "target": { "app": {} } }'
    })
    const named = { 'bake-files': 'docker-bake.json', target: '', ...given }
    const { log } = await expectRefused(workspace, { with: named, says })
    expect(log).not.toContain('[test ')
  })

  test('a folder outside of an untrusted checkout', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile(),
      'docker-bake.json': bakeFile({ contexts: { other: '/etc' } })
    })
    await expectRefused(workspace, {
      with: { 'bake-files': 'docker-bake.json', target: '' },
      event: pullRequestEvent('stranger/app', 'stranger'),
      says: ['"/etc" is outside of the checkout']
    })
  })
})
