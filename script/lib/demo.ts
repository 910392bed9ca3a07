/** The demo behind script/demo: five runs of the built action on examples/fastapi, and what became of each. */
import { execFile, type ChildProcess } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { isDeepStrictEqual, parseArgs, promisify } from 'node:util'
import { registryManifest, registryTags, type Registry } from '../../__tests__/support/engine.ts'
import { startRunner, type StepResult, type TestRunner } from '../../__tests__/support/runner.ts'
import { startService, type Service } from './demo/service.ts'

const exec = promisify(execFile)
const repository = resolve(import.meta.dirname, '../..')
const out = join(repository, 'out/demo')
const image = 'acme/quotes'

/** A commit to the service, and what the action is expected to make of it. */
type Scene = {
  readonly name: string
  readonly title: string
  /** Without it, the last commit is built again. */
  readonly change?: { readonly file: string; readonly text: string; readonly by: string }
  readonly expect: 'published' | 'refused' | 'does not start'
  /** How many of the steps are to come from the cache. */
  readonly cached: 'all' | 'some' | 'any'
}

const scenes: readonly Scene[] = [
  { name: '1-first', title: 'The first build', expect: 'published', cached: 'any' },
  { name: '2-again', title: 'The same again', expect: 'published', cached: 'all' },
  {
    name: '3-code-change',
    title: 'A code change',
    change: { file: 'app/main.py', text: 'FastAPI(title="Quotes")', by: 'FastAPI(title="Quotes", version="1.1.0")' },
    expect: 'published',
    cached: 'some'
  },
  {
    name: '4-does-not-start',
    title: 'A change that passes its tests and does not start',
    change: { file: 'Dockerfile', text: '"app.main:app"', by: '"app.main:application"' },
    expect: 'does not start',
    cached: 'some'
  },
  {
    name: '5-broken-test',
    title: 'A change that breaks a test',
    change: { file: 'app/quote.py', text: 'self.subtotal - self.discount', by: 'self.subtotal' },
    expect: 'refused',
    cached: 'some'
  }
]

type Options = {
  readonly python: string
  readonly pythonSlim: string
  readonly log: boolean
  readonly signal: AbortSignal
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      python: { type: 'string' },
      'python-slim': { type: 'string' },
      'engine-down': { type: 'boolean', default: false },
      log: { type: 'boolean', default: false }
    }
  })
  const { python, 'python-slim': pythonSlim, log } = values
  if (python === undefined || pythonSlim === undefined) throw new Error('start it with script/demo')
  const options = { python, pythonSlim, log, signal: interruption() }

  await using cleanup = new AsyncDisposableStack()
  if (values['engine-down']) cleanup.defer(engineDown)
  await refuseVirtualMachine()
  const startedAt = Date.now()
  const service = cleanup.use(await startService())
  const runner = cleanup.use(await startRunner())
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })

  let sha = await service.checkout.commit('A service that prices orders')
  for (const scene of scenes) {
    options.signal.throwIfAborted()
    if (scene.change !== undefined) {
      await service.checkout.replace(scene.change)
      sha = await service.checkout.commit(scene.title)
    }
    const troubles = await play(scene, sha, { service, runner, options })
    // Each scene builds on the one before.
    if (troubles.length > 0) throw new Error(`not as expected:\n  ${troubles.join('\n  ')}`)
  }
  console.log(`All five as expected, in ${secondsSince(startedAt)}.`)
}

type Stage = { readonly service: Service; readonly runner: TestRunner; readonly options: Options }

/** Plays one scene, tells about it, and returns what was not as expected. */
async function play(scene: Scene, sha: string, { service, runner, options }: Stage): Promise<readonly string[]> {
  const before = await published(service.registry)
  const startedAt = Date.now()
  const step = await runAction(service, runner, sha, options)
  const seconds = secondsSince(startedAt)
  await step.post()
  options.signal.throwIfAborted()
  const after = await published(service.registry)

  // The runner takes commands out of the log; these would show the very values that are to be masked.
  const log = step.log.replaceAll(/^::add-mask::.*\n/gm, '')
  const files = await keep(scene.name, step, log)
  const { steps = '0', 'cached-steps': cached = '0' } = step.outputs
  const headline = log.split('\n').findLast((line) => line.startsWith('quotes: ')) ?? `exit code ${step.exitCode}`
  console.log(`${scene.title}  (${seconds}, ${cached} of ${steps} steps cached)`)
  console.log(`  ${headline}`)
  console.log(`  ${tellRegistry(before, after)}`)
  console.log(`  ${files.join('  ')}\n`)

  return [
    ...judge(scene, step, { before, after, cached: Number(cached), steps: Number(steps), tag: tagsOf(sha)[1] }),
    ...findSecrets(service, { log, summary: step.summary, outputs: JSON.stringify(step.outputs) })
  ]
}

/** The step of examples/fastapi's workflow, with the demo's own servers in place of GitHub's and the company's. */
async function runAction(service: Service, runner: TestRunner, sha: string, options: Options): Promise<StepResult> {
  const { address } = service.registry
  return runner.run({
    cwd: service.checkout.folder,
    with: {
      target: 'production',
      'test-target': 'test',
      tags: tagsOf(sha)
        .map((tag) => `${address}/${image}:${tag}`)
        .join('\n'),
      push: 'true',
      smoke: 'http://:8000/health',
      verify: './check-image.sh',
      'cache-image': `${address}/${image}-cache`,
      'ssh-private-key': service.deployKey,
      'ssh-known-hosts': service.hostKeyLine,
      'secret-envs': 'PIP_INDEX_URL=PIP_INDEX_URL',
      'build-args': [
        `PYTHON_IMAGE=${options.python}`,
        `PYTHON_SLIM_IMAGE=${options.pythonSlim}`,
        `PRICING=${service.pricing}`,
        // These images have the public packages, so the index has only the private one.
        'PIP_NO_DEPS=1'
      ].join('\n'),
      // The servers listen on the loopback address of this machine.
      network: 'host'
    },
    env: {
      PIP_INDEX_URL: service.index.url,
      GITHUB_REPOSITORY: image,
      GITHUB_SHA: sha
    },
    onStart: (child) => endOnAbort(child, options.signal),
    ...(options.log ? { onLog: (text) => process.stdout.write(text) } : {})
  })
}

/** The branch's tag and the commit's own. */
function tagsOf(sha: string): readonly [string, string] {
  return ['main', sha.slice(0, 12)]
}

type Tags = Readonly<Record<string, string | undefined>>

/** The digest of each tag that the image has in the registry. */
async function published(registry: Registry): Promise<Tags> {
  const tags = await registryTags(registry, image)
  const digests = tags.map(async (tag) => [tag, (await registryManifest(registry, image, tag))?.digest])
  return Object.fromEntries(await Promise.all(digests)) as Tags
}

function tellRegistry(before: Tags, after: Tags): string {
  const main = `${image}:main ${(after.main ?? 'not there').slice(0, 19)}`
  const tags = `${Object.keys(after).length} tags`
  return isDeepStrictEqual(before, after) ? `registry untouched: ${main}, ${tags}` : `registry: now ${main}, ${tags}`
}

type Found = {
  readonly before: Tags
  readonly after: Tags
  readonly steps: number
  readonly cached: number
  /** The commit's own tag. */
  readonly tag: string
}

/** Words that a summary of each end must have. */
const TELLS: Readonly<Record<Scene['expect'], string>> = {
  published: 'production',
  refused: 'python -m pytest',
  'does not start': 'did not pass its smoke test'
}

function judge(scene: Scene, step: StepResult, { before, after, steps, cached, tag }: Found): readonly string[] {
  const green = scene.expect === 'published'
  const checks: readonly (readonly [boolean, string])[] = [
    [step.exitCode === (green ? 0 : 1), `the exit code is ${step.exitCode}`],
    [
      step.outputs.gate === (scene.expect === 'refused' ? 'failed' : 'passed'),
      `the output gate is "${step.outputs.gate ?? ''}"`
    ],
    [step.outputs.published === String(green), `the output published is "${step.outputs.published ?? ''}"`],
    green
      ? [after.main !== undefined && after.main === after[tag], `the registry lacks the tag main or ${tag}`]
      : [isDeepStrictEqual(before, after), 'the registry has changed'],
    [step.summary.includes(TELLS[scene.expect]), 'the summary does not tell what happened'],
    [steps > 0 && (scene.cached === 'any' || cached > 0), `${cached} of ${steps} steps were cached`],
    [scene.cached !== 'all' || cached === steps, `only ${cached} of ${steps} steps were cached`]
  ]
  return checks.filter(([good]) => !good).map(([, trouble]) => trouble)
}

function findSecrets({ token, deployKey }: Service, surfaces: Readonly<Record<string, string>>): readonly string[] {
  const secrets = { 'the token': token, 'the deploy key': deployKey.split('\n')[1] ?? deployKey }
  return Object.entries(surfaces).flatMap(([surface, text]) =>
    Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? `${name} is in the ${surface}` : []))
  )
}

/** Keeps what a run has left, and returns the paths of its summary, as Markdown and as HTML, and of its log. */
async function keep(name: string, { summary }: StepResult, log: string): Promise<readonly string[]> {
  const [markdown, html, text] = ['md', 'html', 'log'].map((type) => join(out, `${name}.${type}`)) as [
    string,
    string,
    string
  ]
  await writeFile(markdown, summary)
  await writeFile(text, log)
  await exec(join(repository, 'script/render'), [markdown, html])
  return [markdown, html, text].map((path) => relative(process.cwd(), path))
}

/** An engine in a virtual machine has a loopback address of its own, where none of our servers can be found. */
async function refuseVirtualMachine(): Promise<void> {
  const { stdout } = await exec('docker', ['info', '--format', '{{.OperatingSystem}}'])
  if (!stdout.includes('Docker Desktop')) return
  throw new Error('Docker Desktop runs the engine in a virtual machine. The demo needs a Docker Engine on this Linux.')
}

async function engineDown(): Promise<void> {
  await exec(join(repository, 'script/engine'), ['down'])
}

/** Aborts on Ctrl-C and on the signals that end a process, so that everything that was started is ended first. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      process.exitCode = 130
      controller.abort(new Error('interrupted'))
    })
  }
  return controller.signal
}

/** The action gets the chance to clean up that a runner gives it, too. */
function endOnAbort(child: ChildProcess, signal: AbortSignal): void {
  const end = (): void => {
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref()
  }
  if (signal.aborted) end()
  signal.addEventListener('abort', end)
  child.once('close', () => signal.removeEventListener('abort', end))
}

function secondsSince(start: number): string {
  return `${((Date.now() - start) / 1000).toFixed(1)} s`
}

await main().catch((error: unknown) => {
  console.error(`script/demo: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode ??= 1
})
