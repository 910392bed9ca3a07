/** A bake file whose targets are built upon one another: the contexts of one are `target:` and the name of another. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { canStartEngine, registryTags, startEngine } from '../support/engine.js'
import { pullRequestEvent } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { imageManifest } from './support/image.js'
import { expectExit, printed, ranSteps, withoutMasks } from './support/log.js'
import { expectEngineClean, expectRefused } from './support/refusal.js'
import { baseImage, fresh, freshRepository, sentinel, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(180_000)

afterAll(() => expectEngineClean())

const run = promisify(execFile)

/** A project in three folders: `app` is built upon `base`, which has a file of `tools`. */
async function project({ base = 'true', test = 'true', more = {} } = {}) {
  const repository = freshRepository()
  const [busybox, word] = [await baseImage('busybox'), fresh()]
  const files = {
    'tools/Dockerfile': `FROM ${busybox} AS build\nARG WORD\nRUN echo ${word} $WORD > /tool\nFROM scratch\nCOPY --from=build /tool /tool\n`,
    'base/Dockerfile': `FROM ${busybox} AS based\nRUN ${base} && echo ${word}\nCOPY --from=tools /tool /tool\nCOPY own /own\nLABEL org.example.base=yes\n`,
    'base/own': 'own',
    'app/Dockerfile': [
      ...['FROM base AS build', 'RUN cat /tool /own > /made', 'FROM build AS test', `RUN grep given /made && ${test}`],
      ...['FROM base AS production', 'COPY --from=build /made /made', 'COPY code /code', '']
    ].join('\n'),
    'app/code': 'code',
    'docker-bake.json': JSON.stringify({
      variable: { IMAGE: { default: repository.reference } },
      group: { default: { targets: ['app'] } },
      target: {
        tools: { context: 'tools', args: { WORD: 'given' } },
        base: { context: 'base', contexts: { tools: 'target:tools' }, ...more },
        app: { context: 'app', contexts: { base: 'target:base' }, target: 'production', tags: ['${IMAGE}:1'] }
      }
    })
  }
  return { repository, files, tags: () => registryTags(sharedRegistry(), repository.name) }
}

const inputs = { 'bake-files': 'docker-bake.json', 'test-target': 'test', target: '', push: 'true' }

test('the image is the one that bake makes, and its steps are told by their target', async () => {
  const { repository, files } = await project()
  const other = freshRepository()
  await using workspace = await startWorkspace(files)
  const result = await workspace.run(inputs)
  expectExit(result, 0)
  expect(result.outputs).toMatchObject({ gate: 'passed', published: 'true' })
  const report = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8')) as {
    readonly stages: readonly { readonly name: string }[]
    readonly builds: readonly {
      readonly images: readonly {
        readonly layers: readonly { readonly stage?: string; readonly line?: number; readonly instruction: string }[]
      }[]
    }[]
  }
  const own = report.builds[0]?.images[0]?.layers.slice(1)
  expect(own?.map(({ stage, line, instruction }) => [stage, line, instruction])).toEqual([
    ['target:base:based', undefined, expect.stringMatching(/^RUN true && echo /)],
    ['target:base:based', undefined, 'COPY --from=tools /tool /tool'],
    ['target:base:based', undefined, 'COPY own /own'],
    ['production', 6, 'COPY --from=build /made /made'],
    ['production', 7, 'COPY code /code']
  ])
  expect(report.stages.map(({ name }) => name).sort()).toEqual(
    ['build', 'production', 'target:base:based', 'target:tools:build', 'target:tools:stage-1', 'test'].sort()
  )
  await run('docker', ['buildx', 'bake', '--push'], {
    cwd: workspace.folder,
    env: { ...process.env, IMAGE: other.reference }
  })
  const [ours, theirs] = await Promise.all([repository, other].map(({ name }) => imageManifest(name, '1')))
  expect(ours?.digest).toBe(theirs?.digest)
})

describe('what fails', () => {
  test('in a linked target is told by it, and by no line of another Dockerfile', async () => {
    const { files, tags } = await project({ base: 'exit 7' })
    await using workspace = await startWorkspace(files)
    const set = ['tools.args.WORD=given', 'tools.args.API_TOKEN=known-by-its-name', 'app.output=type=registry']
    const result = await workspace.run({ ...inputs, 'bake-set': set.join('\n') })
    expectExit(result, 1)
    expect(result.summary).toContain('target:base:based')
    expect(result.summary).toContain('--set tools.args.WORD=given')
    expect(result.summary).toContain('--set base.target=based')
    expect(result.summary).not.toMatch(/API_TOKEN|type=registry/)
    expect(result.summary).not.toMatch(/Dockerfile#L\d/)
    expect(result.log).not.toMatch(/::error [^:]*line=/)
    expect(await tags()).toEqual([])
  })

  test('of the tests upon it leaves the image here, and what was built goes into the cache', async () => {
    const { repository, files, tags } = await project({ test: 'exit 7' })
    await using workspace = await startWorkspace(files)
    const result = await workspace.run({ ...inputs, 'cache-image': `${repository.reference}-cache` })
    expectExit(result, 1)
    expect(result.outputs.gate).toBe('failed')
    expect(await tags()).toEqual([])
    expect(await registryTags(sharedRegistry(), `${repository.name}-cache`)).toEqual([expect.stringMatching(/-retry$/)])
  })

  test.each<[string, object, readonly string[]]>([
    ['a target', { contexts: { tools: 'target:nowhere' } }, ['there is no target "nowhere"']],
    ['a folder', { context: 'nowhere' }, ['bake-files', '"nowhere", the context of the target "base", does not exist']],
    ['a Dockerfile', { dockerfile: 'Nowhere' }, ['no Dockerfile at "base/Nowhere", for the target "base"']]
  ])('before anything is built: %s that is not there', async (_, more, says) => {
    const { files } = await project({ more })
    await using workspace = await startWorkspace(files)
    await expectRefused(workspace, { with: { ...inputs, tags: '' }, says })
  })
})

test('two images upon one target have the very same layers of it', async () => {
  const repository = freshRepository()
  const image = (name: string): object => ({
    context: name,
    contexts: { base: 'target:base' },
    tags: [`${repository.reference}-${name}:1`]
  })
  await using workspace = await startWorkspace({
    'base/Dockerfile': `FROM ${await baseImage('busybox')}\nCOPY own /own\nRUN head -c 9 /dev/urandom | base64 > /id; echo ${fresh()}\n`,
    'base/own': fresh(),
    'api/Dockerfile': 'FROM base\nRUN echo api > /name\n',
    'web/Dockerfile': 'FROM base\nRUN echo web > /name\n',
    'docker-bake.json': JSON.stringify({
      group: { default: { targets: ['api', 'web'] } },
      target: { base: { context: 'base' }, api: image('api'), web: image('web') }
    })
  })
  const result = await workspace.run({ ...inputs, 'test-target': '' })
  expectExit(result, 0)
  const [api, web] = await Promise.all(['api', 'web'].map((name) => imageManifest(`${repository.name}-${name}`, '1')))
  expect(api?.layers).toHaveLength(4)
  expect(web?.layers.slice(0, 3)).toEqual(api?.layers.slice(0, 3))
})

test('what a linked target mounts is supplied, and kept out of everything', async () => {
  const { files } = await project({
    base: `--mount=type=secret,id=token,required=true echo COUNT=$(wc -c < /run/secrets/token)`,
    more: { secret: ['type=env,id=token,env=TOKEN'] }
  })
  const secret = sentinel()
  await using workspace = await startWorkspace(files)
  const result = await workspace.run({ ...inputs, push: 'false' }, { env: { TOKEN: secret } })
  expectExit(result, 0)
  expect(printed(result.log, 'COUNT')).toEqual(['36'])
  expect(withoutMasks(result.log) + result.summary).not.toContain(secret)
})

describe('a change of a stranger', () => {
  const event = pullRequestEvent('stranger/app', 'stranger')

  long.test('is built with its linked targets', async () => {
    const { files } = await project()
    await using workspace = await startWorkspace(files)
    const result = await workspace.run(inputs, { event })
    expectExit(result, 0)
    expect(result.outputs).toMatchObject({ gate: 'passed', published: 'false' })
  })

  long.test('sees nothing of what others have left in a cache mount of one', async () => {
    const id = fresh()
    const own = `--mount=type=cache,id=${id},target=/m echo SEEN=$(cat /m/word || echo nothing) && echo word > /m/word`
    const seen: string[] = []
    for (const options of [{}, { event }, {}]) {
      const { files } = await project({ base: own })
      await using workspace = await startWorkspace(files)
      const result = await workspace.run({ ...inputs, push: 'false' }, options)
      expectExit(result, 0)
      seen.push(...printed(result.log, 'SEEN'))
    }
    expect(seen).toEqual(['nothing', 'nothing', 'word'])
  })

  test.each<[string, object, readonly string[]]>([
    ['a folder elsewhere', { context: '/etc' }, ['bake-files', '/etc']],
    ['an entitlement', { entitlements: ['security.insecure'] }, ['allow', 'security.insecure']]
  ])('cannot have %s by way of one', async (_, more, says) => {
    const { files } = await project({ more })
    await using workspace = await startWorkspace(files)
    await expectRefused(workspace, { with: { ...inputs, tags: '' }, says, event })
  })
})

const withEngine = canStartEngine() ? long.test : test.skip
withEngine('another builder finds all of it in the cache', async () => {
  const { repository, files } = await project()
  await using workspace = await startWorkspace(files)
  const cached = { ...inputs, 'cache-image': `${repository.reference}-cache` }
  expectExit(await workspace.run(cached), 0)
  const { digest } = await imageManifest(repository.name, '1')
  await workspace.write({ 'app/code': 'other code' })
  await using engine = await startEngine({ name: 'linked' })
  const result = await workspace.run(cached, { env: engine.env })
  expectExit(result, 0)
  const ran = ranSteps(result.log)
  if (ran.length > 1) console.log(result.log)
  expect(ran).toEqual(['production COPY'])
  expect((await imageManifest(repository.name, '1')).digest).not.toBe(digest)
})
