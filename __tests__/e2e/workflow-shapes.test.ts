/**
 * Workflows as people write them for docker/build-push-action and docker/bake-action, in `workflows/`: only `uses:` becomes another, and the image
 * is the one that a bare `docker buildx build` makes of the same Dockerfile on the same engine.
 */
import { afterAll, expect, jest, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { registryBlob, registryManifest, registryTags } from '../support/engine.js'
import type { StepResult } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { imageManifest, readImageFile } from './support/image.js'
import { expectExit } from './support/log.js'
import { serveBranch } from './support/moving.js'
import { expectEngineClean } from './support/refusal.js'
import { docker } from './support/variety.js'
import { readWorkflowFile, type WorkflowStep } from './support/workflow.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

const run = promisify(execFile)

jest.setTimeout(120_000)

afterAll(() => expectEngineClean())

const registry = sharedRegistry()

async function dockerfile(...more: readonly string[]): Promise<string> {
  return [`FROM ${await baseImage('busybox')}`, `RUN echo ${fresh()} > /made`, ...more, ''].join('\n')
}

/** Runs the step with this action in the place of Docker's. */
async function green(workspace: Workspace, step: Pick<WorkflowStep, 'with' | 'env'>): Promise<StepResult> {
  const result = await workspace.run(step.with, { env: step.env })
  expectExit(result, 0)
  expect(result.annotations.filter(({ level }) => level === 'error')).toEqual([])
  // Every input of the step is one of this action's, and means something to it.
  expect(result.log).not.toContain('has no effect')
  return result
}

/** The one rename of moving over from bake: what bake-action calls files, targets and set. */
function renamed({ with: inputs, ...step }: WorkflowStep): WorkflowStep {
  const named = Object.entries(inputs).map(([name, value]) => [name === 'push' ? name : `bake-${name}`, value] as const)
  return { ...step, with: Object.fromEntries(named) }
}

/** What `docker buildx build ARGUMENTS` writes into its metadata, in the workspace's folder. */
async function bare(workspace: Workspace, ...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bare-'))
  try {
    const file = path.join(folder, 'metadata.json')
    await run('docker', ['buildx', 'build', '--quiet', '--metadata-file', file, ...args], { cwd: workspace.folder })
    return JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, unknown>>
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The id is the config's digest where a bare build has one in its metadata, else that of the index: as `--iidfile` has it. */
function expectSameID(
  { outputs }: StepResult,
  metadata: Readonly<Record<string, unknown>>,
  image: { readonly config?: { readonly digest: string } }
): void {
  const hasConfig = metadata['containerimage.config.digest'] !== undefined
  expect(outputs.imageid).toBe(hasConfig ? image.config?.digest : outputs.digest)
}

/** Runs a `run:` step as the runner would. */
async function shell(workspace: Workspace, step: WorkflowStep, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { cwd: workspace.folder, env: { ...process.env, ...step.env, ...env } }
  const { stdout } = await run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], options)
  return stdout
}

async function documentOf(name: string, reference: string): Promise<Readonly<Record<string, unknown>>> {
  return (await registryManifest(registry, name, reference))?.document as Readonly<Record<string, unknown>>
}

long.test('digests from a matrix become one index', async () => {
  const repository = freshRepository()
  await using workspace = await startWorkspace({
    Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY app /$TARGETARCH\n',
    app: fresh()
  })
  const labels = 'org.opencontainers.image.title=app\norg.opencontainers.image.description=An app, and more'
  const results = []
  for (const platform of ['linux/amd64', 'linux/arm64']) {
    const values = { 'matrix.platform': platform, 'steps.meta.outputs.labels': labels }
    const step = readWorkflowFile('digest-matrix', { 'ghcr.io/acme/app': repository.reference }, values)('build')
    const result = await green(workspace, step)
    expect(await registryTags(registry, repository.name)).toEqual([])
    const flags = labels.split('\n').flatMap((label) => ['--label', label])
    const other = freshRepository()
    const push = ['--push', '-t', `${other.reference}:1`]
    const metadata = await bare(workspace, '--platform', platform, ...flags, ...push, '.')
    const [image] = (await registryManifest(registry, repository.name, result.outputs.digest ?? ''))?.manifests ?? []
    const wanted = await imageManifest(other.name, '1')
    expect(image?.digest).toBe(wanted.digest)
    expectSameID(result, metadata, wanted)
    results.push(result)
  }
  const step = readWorkflowFile('digest-matrix', { 'ghcr.io/acme/app': repository.reference })('One index of all')
  await shell(workspace, step, { DIGESTS: results.map(({ outputs }) => outputs.digest).join(' ') })
  const index = (await documentOf(repository.name, 'latest')) as {
    readonly manifests: readonly { readonly platform: { readonly architecture: string } }[]
  }
  expect(index.manifests.map(({ platform }) => platform.architecture).filter((name) => name !== 'unknown')).toEqual([
    'amd64',
    'arm64'
  ])
})

long.test('several platforms in one step', async () => {
  const [repository, other] = [freshRepository(), freshRepository()]
  await using workspace = await startWorkspace({
    Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY app /$TARGETARCH\n',
    app: fresh()
  })
  const values = { "github.event_name != 'pull_request'": 'true' }
  const step = readWorkflowFile('platforms', { 'ghcr.io/acme/app': repository.reference }, values)('build')
  const result = await green(workspace, step)
  expect(await registryTags(registry, repository.name)).toEqual(['latest', 'v1'])
  const output = `type=image,name=${other.reference}:latest,push=true`
  const flags = ['--platform', 'linux/amd64,linux/arm64', '--provenance=false', '--output', output]
  const metadata = await bare(workspace, ...flags, '.')
  // Index, manifests and layers: byte by byte what buildx would have pushed.
  expect(result.outputs.digest).toBe(metadata['containerimage.digest'])
  expect((await registryManifest(registry, repository.name, 'v1'))?.digest).toBe(result.outputs.digest)
})

test('tags, labels and annotations of docker/metadata-action, several lines each', async () => {
  const [repository, other] = [freshRepository(), freshRepository()]
  await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
  const labels = ['org.opencontainers.image.title=app', 'org.opencontainers.image.description=Says "hi", twice=2']
  const annotations = labels.map((label) => `manifest,index:${label}`)
  const values = {
    'steps.meta.outputs.tags': `${repository.reference}:sha-3f2c1a9\n${repository.reference}:main`,
    'steps.meta.outputs.labels': labels.join('\n'),
    'steps.meta.outputs.annotations': annotations.join('\n')
  }
  const result = await green(workspace, readWorkflowFile('metadata', {}, values)('build'))
  expect(await registryTags(registry, repository.name)).toEqual(['main', 'sha-3f2c1a9'])
  const flags = [
    ...labels.flatMap((value) => ['--label', value]),
    ...annotations.flatMap((value) => ['--annotation', value])
  ]
  const metadata = await bare(workspace, ...flags, '--push', '-t', `${other.reference}:main`, '.')
  const [ours, theirs] = await Promise.all([documentOf(repository.name, 'main'), documentOf(other.name, 'main')])
  expect(ours.annotations).toEqual(theirs.annotations)
  expect(ours.annotations).toMatchObject({ 'org.opencontainers.image.description': 'Says "hi", twice=2' })
  const image = await imageManifest(repository.name, 'main')
  expect(image.digest).toBe((await imageManifest(other.name, 'main')).digest)
  const config = JSON.parse((await registryBlob(registry, repository.name, image.config?.digest ?? '')).toString()) as {
    readonly config: { readonly Labels: Readonly<Record<string, string>> }
  }
  expect(config.config.Labels).toMatchObject({ 'org.opencontainers.image.description': 'Says "hi", twice=2' })
  expectSameID(result, metadata, image)
})

long.test('pushed under the name of an output', async () => {
  const [repository, other] = [freshRepository(), freshRepository()]
  await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
  const step = readWorkflowFile('named-output', { 'ghcr.io/acme/app': repository.reference })('build')
  const result = await green(workspace, step)
  const output = (step.with.outputs ?? '').replace(repository.reference, other.reference)
  const metadata = await bare(workspace, '--provenance=false', '--output', `${output},push=true`, '.')
  expect(result.outputs).toMatchObject({ published: 'true', digest: metadata['containerimage.digest'] })
  expect(await registryTags(registry, repository.name)).toEqual(['edge'])
})

test('secrets and build arguments in quotes arrive without them', async () => {
  const repository = freshRepository()
  const values = { 'secrets.NPM_TOKEN': 'n""pm,=1 token', 'secrets.PIP_INDEX': 'https://ci:word@pip.example.com' }
  // A value that stood in the Dockerfile would be in the image's history, which is a leak.
  const arrives = {
    npm_token: 'n"pm,=1 token',
    settings: '{"registry": "https://npm.example.com",\n"strict": true}',
    pip_index: values['secrets.PIP_INDEX']
  }
  const text = await dockerfile(
    ...['ARG VERSION', 'ARG IS_CLOUD'],
    'RUN test "$VERSION $IS_CLOUD" = "26.04 true"',
    ...Object.entries(arrives).map(([id, value]) => {
      const sum = createHash('sha256').update(value).digest('hex')
      return `RUN --mount=type=secret,id=${id} echo "${sum}  /run/secrets/${id}" | sha256sum -c -`
    })
  )
  await using workspace = await startWorkspace({ Dockerfile: text })
  await green(
    workspace,
    readWorkflowFile('quoted-secrets', { 'ghcr.io/acme/app': repository.reference }, values)('build')
  )
  expect(await registryTags(registry, repository.name)).toEqual(['latest'])
})

long.test('a context from git, with others beside it', async () => {
  const [repository, other] = [freshRepository(), freshRepository()]
  await using app = await serveBranch({
    'service/Dockerfile': `FROM alpine\nCOPY --from=shared words /words\nCOPY app /app\nRUN echo ${fresh()}\n`,
    'service/app': 'the app'
  })
  await using shared = await serveBranch({ words: 'shared words' })
  await using workspace = await startWorkspace({})
  const base = await baseImage('busybox')
  const places = {
    'https://github.com/acme/app.git': app.url,
    'https://github.com/acme/shared.git': shared.url,
    'ghcr.io/acme/base:1': base,
    'ghcr.io/acme/app': repository.reference
  }
  const result = await green(workspace, readWorkflowFile('remote-contexts', places)('build'))
  const contexts = [`alpine=docker-image://${base}`, `shared=${shared.url}#main`]
  const flags = contexts.flatMap((value) => ['--build-context', value])
  const push = ['--push', '-t', `${other.reference}:1`]
  const metadata = await bare(workspace, ...flags, ...push, `${app.url}#main:service`)
  expect(await readImageFile(repository.name, 'latest', '/words')).toBe('shared words')
  const wanted = await imageManifest(other.name, '1')
  expect((await imageManifest(repository.name, 'latest')).digest).toBe(wanted.digest)
  expectSameID(result, metadata, wanted)
})

long.test('loaded, tested by the next step, then pushed', async () => {
  const repository = freshRepository()
  await using workspace = await startWorkspace({ Dockerfile: await dockerfile('CMD ["echo", "it starts"]') })
  const local = `e2e/${fresh('local')}`
  const step = readWorkflowFile('load-then-test', {
    'acme/app:test': `${local}:test`,
    'ghcr.io/acme/app': repository.reference
  })
  const loaded = await green(workspace, step('load'))
  expect(await shell(workspace, step('Test'))).toBe('it starts\n')
  expect(await docker({}, 'run', '--rm', loaded.outputs.imageid ?? '')).toBe('it starts')
  const inspect = (image: string) =>
    docker({}, 'image', 'inspect', '--format', '{{json .RootFS}} {{json .Config}}', image)
  const [ours, bareImage] = [await inspect(loaded.outputs.imageid ?? ''), `${local}:bare`]
  await bare(workspace, '--load', '-t', bareImage, '.')
  try {
    expect(ours).toBe(await inspect(bareImage))
  } finally {
    await docker({}, 'image', 'rm', bareImage)
  }
  const pushed = await green(workspace, step('build'))
  expect((await registryManifest(registry, repository.name, 'latest'))?.digest).toBe(pushed.outputs.imageid)
})

long.test('a cache in a folder, old for new', async () => {
  const repository = freshRepository()
  await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
  const values = { 'runner.temp': path.join(workspace.folder, 'temporary'), 'runner.os': 'Linux', 'github.sha': 'a' }
  const step = readWorkflowFile('local-cache', { 'ghcr.io/acme/app': repository.reference }, values)
  for (const run of ['first', 'second']) {
    const result = await green(workspace, step('build'))
    await shell(workspace, step('Move cache'))
    const index = await readFile(path.join(values['runner.temp'], '.buildx-cache/index.json'), 'utf8')
    expect(index).toContain('manifests')
    expect(result.outputs.published).toBe('true')
    if (run === 'second') expect(result.annotations.filter(({ level }) => level === 'warning')).toEqual([])
  }
})

long.test('a cache in the Actions cache, on a machine that has none, is a warning', async () => {
  const repository = freshRepository()
  await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
  const step = readWorkflowFile('gha-cache', { 'ghcr.io/acme/app': repository.reference }, { 'github.workflow': 'ci' })
  const result = await green(workspace, step('build'))
  expect(await registryTags(registry, repository.name)).toEqual(['latest'])
  expect(result.summary).toContain('gha')
})

test('a bake file with groups, inheritance, variables and overrides', async () => {
  const [repository, other] = [freshRepository(), freshRepository()]
  const definition = {
    variable: { TAG: { default: 'latest' }, IMAGE: { default: repository.reference } },
    group: { default: { targets: ['app'] }, release: { targets: ['app', 'unit'] } },
    target: {
      _common: { context: 'service', dockerfile: 'app.Dockerfile', args: { LEVEL: '1' } },
      app: { inherits: ['_common'], target: 'production', tags: ['${IMAGE}:${TAG}', '${IMAGE}:${upper(TAG)}'] },
      unit: { inherits: ['_common'], target: 'test', output: ['type=cacheonly'] }
    }
  }
  await using workspace = await startWorkspace({
    'docker-bake.json': JSON.stringify(definition),
    'override.json': JSON.stringify({ target: { app: { labels: { 'org.example.team': 'a, b' } } } }),
    'service/app': 'app',
    'service/app.Dockerfile': [
      `FROM ${await baseImage('busybox')} AS base`,
      ...['ARG LEVEL', `RUN echo ${fresh()} $LEVEL > /made`, 'FROM base AS test', 'RUN test "$LEVEL" = 3'],
      ...['FROM base AS production', 'COPY app /app', '']
    ].join('\n')
  })
  const places = { 'docker-bake.hcl': 'docker-bake.json' }
  const written = readWorkflowFile('bake', places, { 'github.sha': '3f2c1a9' })('bake')
  // The target "unit" writes nothing, so it is a test.
  const step = renamed(written)
  const result = await green(workspace, step)
  expect(result.outputs.gate).toBe('passed')
  expect(await registryTags(registry, repository.name)).toEqual(['V1', 'v1'])
  const files = ['docker-bake.json', 'override.json'].flatMap((file) => ['--file', file])
  const set = (step.with['bake-set'] ?? '')
    .trim()
    .split('\n')
    .flatMap((value) => ['--set', value])
  const metadataFile = path.join(workspace.folder, 'bare.json')
  await run('docker', ['buildx', 'bake', ...files, ...set, '--push', '--metadata-file', metadataFile, 'app'], {
    cwd: workspace.folder,
    env: { ...process.env, ...step.env, IMAGE: other.reference }
  })
  const { app = {} } = JSON.parse(await readFile(metadataFile, 'utf8')) as { app?: Record<string, unknown> }
  const wanted = await imageManifest(other.name, 'v1')
  expect((await imageManifest(repository.name, 'v1')).digest).toBe(wanted.digest)
  expectSameID(result, app, wanted)
})

test('the services of a compose file, pushed together', async () => {
  const [repository, other] = [freshRepository(), freshRepository()]
  const names = ['api', 'web']
  const services = names.map(
    (name) => `  ${name}: { image: "\${IMAGE}-${name}:\${TAG}", build: { context: ./${name} } }`
  )
  const files = await Promise.all(
    names.map(async (name) => [`${name}/Dockerfile`, await dockerfile(`CMD ["${name}"]`)])
  )
  await using workspace = await startWorkspace({
    'compose.yaml': `services:\n${services.join('\n')}\n`,
    ...(Object.fromEntries(files) as Readonly<Record<string, string>>)
  })
  const step = renamed(readWorkflowFile('bake-group', {}, { 'github.sha': '3f2c1a9' })('services'))
  const result = await green(workspace, { ...step, env: { ...step.env, IMAGE: repository.reference } })
  const metadataFile = path.join(workspace.folder, 'bare.json')
  const set = ['--set', '*.labels.org.example.commit=3f2c1a9']
  await run('docker', ['buildx', 'bake', '--file', 'compose.yaml', ...set, '--push', '--metadata-file', metadataFile], {
    cwd: workspace.folder,
    env: { ...process.env, ...step.env, IMAGE: other.reference }
  })
  type Metadata = Readonly<Record<string, Readonly<Record<string, unknown>>>>
  const [ours, bare] = [result.outputs.metadata ?? '', await readFile(metadataFile, 'utf8')].map(
    (text) => JSON.parse(text) as Metadata
  )
  expect(Object.keys(ours ?? {}).sort()).toEqual(names)
  for (const name of names) {
    const [pushed, wanted] = [`${repository.name}-${name}`, `${other.name}-${name}`]
    expect((await imageManifest(pushed, 'v2')).digest).toBe((await imageManifest(wanted, 'v2')).digest)
    expect((await registryManifest(registry, pushed, 'v2'))?.digest).toBe(ours?.[name]?.['containerimage.digest'])
    expect(Object.keys(ours?.[name] ?? {})).toEqual(expect.arrayContaining(Object.keys(bare?.[name] ?? {})))
  }
})

test('a compose file that has its Dockerfile in it, and is built upon another service', async () => {
  const [repository, other] = [freshRepository(), freshRepository()]
  const busybox = await baseImage('busybox')
  await using workspace = await startWorkspace({
    'base/Dockerfile': `FROM ${busybox}\nRUN echo ${fresh()} > /based\n`,
    'app/code': 'code',
    'compose.yaml': `services:
  base: { build: ./base, profiles: [never] }
  app:
    image: "\${IMAGE}:1"
    build:
      context: ./app
      additional_contexts: { base: "service:base" }
      dockerfile_inline: |
        FROM base AS build
        COPY code /code
        FROM build AS test
        RUN grep code /code
        FROM build AS production
`
  })
  const cacheImage = `${repository.reference}-cache`
  const inputs = {
    ...{ 'bake-files': 'compose.yaml', 'bake-targets': 'app', 'bake-set': 'app.target=production' },
    ...{ 'test-target': 'test', push: 'true', 'cache-image': cacheImage }
  }
  const result = await green(workspace, { with: inputs, env: { IMAGE: repository.reference } })
  expect(result.outputs.gate).toBe('passed')
  expect(result.summary).toContain('dockerfile-inline of app')
  const set = ['--set', 'app.target=production']
  await run('docker', ['buildx', 'bake', '--file', 'compose.yaml', ...set, '--push', 'app'], {
    cwd: workspace.folder,
    env: { ...process.env, IMAGE: other.reference }
  })
  expect((await imageManifest(repository.name, '1')).digest).toBe((await imageManifest(other.name, '1')).digest)
  // The next run finds its cache, wherever the Dockerfile was written this time.
  await green(workspace, { with: inputs, env: { IMAGE: repository.reference } })
  expect(await registryTags(registry, `${repository.name}-cache`)).toHaveLength(1)
})
