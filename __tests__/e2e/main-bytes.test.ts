/** One set of bytes in a world that moves: what the tests saw is what is inspected, and what is inspected is what leaves. */
import { describe, expect, jest, test } from '@jest/globals'
import { readdir, readFile, symlink } from 'node:fs/promises'
import path from 'node:path'
import { registryManifest, registryTags } from '../support/engine.js'
import { everythingBehind, readImageFile } from './support/image.js'
import type { StepOptions } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { expectExit, printed } from './support/log.js'
import { serveBodies, serveBranch, serveContext } from './support/moving.js'
import { docker } from './support/variety.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sentinel,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

jest.setTimeout(120_000)

const registry = sharedRegistry()

/** Calls `move` once, as soon as the log says that the tests run. */
function whileTesting(move: () => Promise<void>) {
  let moved: Promise<void> | undefined
  let log = ''
  return {
    onLog: (text: string) => {
      log += text
      if (log.includes('│ MOVE=now')) moved ??= move()
    },
    done: async () => {
      expect(moved).toBeDefined()
      await moved
    }
  }
}

const testing = 'echo MOVE=now; sleep 3'

/** Publishes what `inputs` say while `move` changes it under the tests: what these saw, and what is in the image. */
async function publishWhile(
  move: () => Promise<void>,
  workspace: Workspace,
  inputs: StepOptions['with'] = {}
): Promise<{ readonly tested: string | undefined; readonly shipped: string | undefined }> {
  const repository = freshRepository()
  const moving = whileTesting(move)
  const result = await workspace.run(
    {
      ...{ 'test-target': 'test', target: 'production', push: 'true', tags: `${repository.reference}:1` },
      ...inputs
    },
    { onLog: moving.onLog }
  )
  expectExit(result, 0)
  await moving.done()
  const [tested] = printed(result.log, 'TESTED')
  return { tested, shipped: await readImageFile(repository.name, '1', '/shipped') }
}

describe('while the tests run', () => {
  long.test('a branch moves: the image is of the commit that was tested', async () => {
    const base = await baseImage('busybox')
    const dockerfile = `FROM ${base} AS base
COPY version /version
FROM base AS test
RUN ${testing}; echo TESTED=$(cat /version)
FROM base AS production
RUN cp /version /shipped
`
    await using branch = await serveBranch({ Dockerfile: dockerfile, version: `good-${fresh()}\n` })
    await using workspace = await startWorkspace({})
    const { tested, shipped } = await publishWhile(() => branch.commit({ version: 'BAD\n' }), workspace, {
      context: `${branch.url}#main`
    })
    expect(tested).toMatch(/^good-/)
    expect(shipped).toBe(`${tested}\n`)
  })

  test('a base, a file and the Dockerfile change: the image is made of what was tested', async () => {
    const base = freshRepository()
    const busybox = await baseImage('busybox')
    await using workspace = await startWorkspace({
      'base/Dockerfile': `FROM ${busybox}\nCOPY base /base\n`,
      'base/base': `one-${fresh()}\n`,
      Dockerfile: `FROM ${base.reference}:latest AS base
COPY app /app
FROM base AS test
RUN ${testing}; echo TESTED=$(cat /base /app | tr '\\n' +)
FROM base AS production
RUN cat /base /app | tr '\\n' + > /shipped
`,
      app: `good-${fresh()}\n`
    })
    const pushBase = () =>
      docker({}, 'buildx', 'build', '--push', '--quiet', '-t', `${base.reference}:latest`, `${workspace.folder}/base`)
    await pushBase()
    const { tested, shipped } = await publishWhile(async () => {
      await workspace.write({ app: 'BAD\n', 'base/base': 'two\n', Dockerfile: `FROM ${busybox}\nRUN echo BAD\n` })
      await pushBase()
    }, workspace)
    expect(tested).toMatch(/^one-\w+\+good-\w+\+$/)
    expect(shipped).toBe(tested)
  })

  test('a file changes of which tests and image have a reading each: nobody knows which, and nothing leaves', async () => {
    const busybox = await baseImage('busybox')
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${busybox} AS test
WORKDIR /src
COPY . .
RUN ${testing}; echo TESTED=$(cat real/app)
FROM ${busybox} AS production
COPY app /shipped
`,
      'real/app': `good-${fresh()}\n`
    })
    await symlink('real/app', path.join(workspace.folder, 'app'))
    const repository = freshRepository()
    const moving = whileTesting(() => workspace.write({ 'real/app': 'BAD\n' }))
    const inputs = { 'test-target': 'test', target: 'production', push: 'true', tags: `${repository.reference}:1` }
    const result = await workspace.run(inputs, { onLog: moving.onLog })
    expectExit(result, 1)
    await moving.done()
    expect(result.summary).toContain('real/app changed while the build ran')
    expect(await registryTags(registry, repository.name)).toEqual([])
    // Nothing moves: the same two readings are one.
    expectExit(await workspace.run(inputs), 0)
  })

  const shipping = 'FROM base AS production\nRUN true\n'
  const linked = (test: string): string => `FROM base AS test\n${test}\n${shipping}`
  test.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'a named context',
      { 'build-contexts': 'lib=./lib' },
      `FROM BASE AS test
COPY --from=lib . /lib
RUN TESTING; cat /lib/app
FROM BASE AS production
COPY --from=lib app /shipped
`
    ],
    ['a linked target', { 'bake-files': 'docker-bake.json', 'bake-targets': 'app' }, linked('COPY . /t\nRUN TESTING')]
  ])('a file of %s changes that tests and image have from two readings: nothing leaves', async (_, given, text) => {
    const busybox = await baseImage('busybox')
    const repository = freshRepository()
    const app = { context: '.', target: 'production', contexts: { base: 'target:below' } }
    const tests = { inherits: ['app'], target: 'test', output: ['type=cacheonly'] }
    const bake = { target: { below: { context: '.', dockerfile: 'below.Dockerfile' }, app, tests } }
    await using workspace = await startWorkspace({
      Dockerfile: text.replaceAll('BASE', busybox).replace('TESTING', testing),
      'below.Dockerfile': `FROM ${busybox}\nCOPY lib/app /app\n`,
      'docker-bake.json': JSON.stringify(bake),
      'lib/app': `good-${fresh()}\n`
    })
    const moving = whileTesting(() => workspace.write({ 'lib/app': 'BAD\n' }))
    const inputs = { 'test-target': 'test', push: 'true', tags: `${repository.reference}:1`, ...given }
    const target = 'bake-files' in given ? {} : { target: 'production' }
    const result = await workspace.run({ ...inputs, ...target }, { onLog: moving.onLog })
    expectExit(result, 1)
    await moving.done()
    expect(result.summary).toContain('lib/app changed while the build ran')
    expect(await registryTags(registry, repository.name)).toEqual([])
  })

  long.test('a context behind a URL changes: the image is made of the one that was tested', async () => {
    const base = await baseImage('busybox')
    const dockerfile = `FROM ${base} AS base
COPY app /app
FROM base AS test
RUN ${testing}; echo TESTED=$(cat /app)
FROM base AS production
RUN cp /app /shipped
`
    await using served = await serveContext({ Dockerfile: dockerfile, app: `good-${fresh()}\n` })
    await using workspace = await startWorkspace({})
    const { tested, shipped } = await publishWhile(
      () => served.write({ app: 'BAD\n', Dockerfile: `FROM ${base}\nRUN echo BAD\n` }),
      workspace,
      { context: served.url }
    )
    expect(tested).toMatch(/^good-/)
    expect(shipped).toBe(`${tested}\n`)
  })

  long.test('named contexts move, an image and a branch: the image is made of what was tested', async () => {
    const named = freshRepository()
    const busybox = await baseImage('busybox')
    await using branch = await serveBranch({ version: `good-${fresh()}\n` })
    await using workspace = await startWorkspace({
      'base/Dockerfile': `FROM ${busybox}\nCOPY base /base\n`,
      'base/base': `one-${fresh()}\n`,
      Dockerfile: `FROM platform AS base
COPY --from=sources version /version
FROM base AS test
RUN ${testing}; echo TESTED=$(cat /base /version | tr '\\n' +)
FROM base AS production
RUN cat /base /version | tr '\\n' + > /shipped
`
    })
    const pushBase = () =>
      docker({}, 'buildx', 'build', '--push', '--quiet', '-t', `${named.reference}:latest`, `${workspace.folder}/base`)
    await pushBase()
    const { tested, shipped } = await publishWhile(
      async () => {
        await Promise.all([
          workspace.write({ 'base/base': 'two\n' }).then(pushBase),
          branch.commit({ version: 'BAD\n' })
        ])
      },
      workspace,
      { 'build-contexts': `platform=docker-image://${named.reference}:latest\nsources=${branch.url}#main` }
    )
    expect(tested).toMatch(/^one-\w+\+good-\w+\+$/)
    expect(shipped).toBe(tested)
  })

  test('a secret is written into the context after the export: it does not leave', async () => {
    const secret = sentinel()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS base
COPY app /app
FROM base AS test
RUN cat /app/version
FROM base AS production
RUN cp -r /app /shipped
`,
      'app/version': `good-${fresh()}\n`
    })
    const repository = freshRepository()
    const result = await workspace.run({
      ...{ 'test-target': 'test', target: 'production', secrets: `token=${secret}` },
      ...{ push: 'true', load: 'true', tags: `${repository.reference}:1` },
      // What comes between inspection and publish: a step beside this one, or the command itself.
      verify: `echo ${secret} > app/leaked`
    })
    expectExit(result, 0)
    expect(await readFile(path.join(workspace.folder, 'app/leaked'), 'utf8')).toBe(`${secret}\n`)
    const everything = await everythingBehind(repository.name, '1')
    expect(everything.some((bytes) => bytes.includes('good-'))).toBe(true)
    expect(everything.filter((bytes) => bytes.includes(secret))).toEqual([])
    const { imageid = '' } = result.outputs
    expect(await docker({}, 'run', '--rm', '--network', 'none', imageid, 'ls', '/app', '/shipped')).not.toContain(
      'leaked'
    )
  })

  long.test('a URL answers with another body each time: the image has the one that was tested', async () => {
    await using bodies = await serveBodies()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS base
ADD ${bodies.url} /rand
FROM base AS test
RUN echo TESTED=$(cat /rand)
FROM base AS production
RUN cp /rand /shipped
`
    })
    const repository = freshRepository()
    const result = await workspace.run({
      ...{ 'test-target': 'test', target: 'production' },
      outputs: `type=image,name=${repository.reference}:1,push=true`
    })
    expectExit(result, 0)
    const [tested] = printed(result.log, 'TESTED')
    expect(tested).toMatch(/^body-/)
    expect(await readImageFile(repository.name, '1', '/shipped')).toBe(`${tested}\n`)
    expect(result.outputs.published).toBe('true')
    expect(result.outputs.digest).toBe((await registryManifest(registry, repository.name, '1'))?.digest)
  })

  long.test('a file changes: the engine gets what was tested', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS base
COPY app /app
FROM base AS test
RUN ${testing}; echo TESTED=$(cat /app)
FROM base AS production
RUN cp /app /shipped
`,
      app: `good-${fresh()}\n`
    })
    const tag = `${fresh('app')}:1`
    const moving = whileTesting(() => workspace.write({ app: 'BAD\n' }))
    const result = await workspace.run(
      { 'test-target': 'test', target: 'production', load: 'true', tags: tag },
      { onLog: moving.onLog }
    )
    expectExit(result, 0)
    await moving.done()
    const [tested = ''] = printed(result.log, 'TESTED')
    expect(tested).toMatch(/^good-/)
    const { imageid = '' } = result.outputs
    // By its id and by its name, it is the same image, and there is no other beside it.
    for (const name of [imageid, tag]) {
      expect(await docker({}, 'run', '--rm', '--network', 'none', name, 'cat', '/shipped')).toBe(tested)
    }
    expect(await docker({}, 'image', 'inspect', '--format', '{{.Id}}', tag)).toBe(imageid)
  })
})

describe('nothing leaves', () => {
  test('from a red gate, whatever the outputs are', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS base
RUN echo ${fresh()} > /base
FROM base AS test
RUN sleep 2; exit 3
FROM base AS production
RUN echo x > /x
`
    })
    const repository = freshRepository()
    const result = await workspace.run({
      ...{ 'test-target': 'test', target: 'production', push: 'true', tags: `${repository.reference}:1` },
      outputs: [`type=image,compression=zstd`, 'type=local,dest=out', 'type=oci,dest=image.tar'].join('\n')
    })
    expectExit(result, 1)
    expect(result.outputs).toMatchObject({ gate: 'failed', published: 'false' })
    expect(await registryTags(registry, repository.name)).toEqual([])
    expect(await docker({}, 'image', 'ls', '--quiet', `${repository.reference}:1`)).toBe('')
    expect(await readdir(workspace.folder)).toEqual(['Dockerfile'])
  })

  long.test('with type=cacheonly, and the run says so', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test\nRUN echo ${fresh()}\nFROM ${await baseImage('busybox')} AS production\nRUN echo ${fresh()} > /x\n`
    })
    const result = await workspace.run({
      ...{ 'test-target': 'test', target: 'production', outputs: 'type=cacheonly' }
    })
    expectExit(result, 0)
    expect(result.outputs).toMatchObject({ gate: 'passed', published: 'false' })
  })
})
