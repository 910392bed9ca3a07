/** A bake file in the place of inputs: asked of bake itself, before anything else is read. */
import { once } from 'node:events'
import { lstat, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { inCheckout } from '../adapters/environment.js'
import { planResolve } from '../buildkit/bake.js'
import { lastError } from '../buildkit/plain_error.js'
import { BAKE_FILES, readsOthers, writesOthers } from '../builds/compose.js'
import {
  askedTargets,
  inlineOf,
  outputFiles,
  parseDefinition,
  sourceOf,
  type BakeDefinition
} from '../builds/bake_definition.js'
import { readDefinition, type BakeImage, type BakeQuestion } from '../builds/from_bake.js'
import type { Links } from '../core/linked.js'
import type { InputProblem } from '../core/problem.js'
import { dockerfilePath, localPlace } from '../core/source.js'
import { bytes } from '../core/units.js'
import { findStage, parseDockerfile, type Dockerfile } from '../dockerfile/index.js'
import { checkTemporaryFolder } from '../failure/disk.js'
import { findLinksOut } from '../gate/links.js'
import { parseBakeSource, type BakeOrigin, type BakeSource } from '../inputs/bake.js'
import { createGrammar, type ReadInput } from '../inputs/grammar.js'
import type { Occasion } from '../occasion/occasion.js'
import type { Trust } from '../occasion/trust.js'
import type { LeftoverList } from '../leftovers.js'
import type { Ports } from '../ports.js'

type Step = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly trust: Trust
  /** Whether bake may see the outputs of the file. It creates and empties the files that they name. */
  readonly seesOutputs: boolean
}

/** The inputs of one image, with what the file says of it read into them. */
export type BakedImage = {
  readonly read: ReadInput
  /** Its target, where the step builds several images. */
  readonly name?: string
  /** Absent without a file. */
  readonly from?: { readonly bake: BakeOrigin; readonly links: Links }
}

/** The images that a step asks for, or what is wrong with the file. */
export type BakedInputs = {
  readonly images: readonly [BakedImage, ...BakedImage[]]
  readonly problems: readonly InputProblem[]
}

/** With the run goes what is given to the one; the other is for a run that cannot. */
type Kept = { readonly cleanup: AsyncDisposableStack; readonly leftovers: Pick<LeftoverList, 'addFolder'> }

type Resolved = { readonly definition: BakeDefinition } | { readonly error: string }

/**
 * Reads the file that `bake-files`, `bake-targets` and `bake-set` name; without them the inputs are as they are.
 * @param kept what removes what is written for the run
 */
export async function readBake(
  ports: Pick<Ports, 'exec' | 'log'>,
  { read, env }: { readonly read: ReadInput; readonly env: Step['env'] },
  { trust, workspace, temporaryFolder }: Pick<Occasion, 'trust' | 'workspace' | 'temporaryFolder'>,
  kept: Kept
): Promise<BakedInputs> {
  const problems: InputProblem[] = []
  const grammar = createGrammar(read, problems)
  const source = parseBakeSource(grammar)
  const asGiven = (problems: readonly InputProblem[]): BakedInputs => ({ images: [{ read }], problems })
  if (source === undefined || problems.length > 0) return asGiven(problems)
  const tests = grammar.list('test-target')
  const testReport = grammar.text('test-report-target')

  const remote = source.files.filter((file) => /^(?:(?!cwd:)[a-z][a-z0-9+.-]*:\/\/|git@)/i.test(file))
  if (remote.length > 0) {
    const problem = `${remote.map((file) => `"${file.replace(/\/\/[^/]*@/, '//')}"`).join(', ')} is not on the runner`
    const fix = 'Check its repository out before this step, with actions/checkout, and name the file in it.'
    return asGiven([{ input: 'bake-files', problem, fix }])
  }
  const places = (source.files.length > 0 ? source.files : BAKE_FILES).map((file) => localPlace(file))
  const links = trust.trusted ? [] : await findLinks(places, workspace)
  if (links.length > 0) return asGiven(links)
  // The workflow's own are read by bake alone.
  const unfit = await findUnfit(places, trust.trusted ? Infinity : MOST_BYTES)
  if (unfit.length > 0) return asGiven(unfit)
  const strangers = trust.trusted ? [] : await Promise.all(places.map(readText))
  const strange = strangers.flatMap(findStrange)
  if (strange.length > 0) return asGiven(strange)
  // What does not leave has no outputs. Those that write nothing tell a test from an image.
  const step: Step = { env, trust, seesOutputs: !strangers.some(({ file, text }) => writesOthers(file, text)) }
  const asked = await resolve(ports, source, step)
  if ('error' in asked) {
    // Bake's words seldom tell whose value it is.
    const plain = source.set.length === 0 ? asked : await resolve(ports, { ...source, set: [] }, step)
    return asGiven([refusal(source, asked.error, 'error' in plain ? 'bake-files' : 'bake-set')])
  }
  let { definition } = asked
  const members = new Map<string, readonly string[]>()
  for (const test of new Set([...tests, ...(testReport === '' ? [] : [testReport])])) {
    if (definition.targets[test] !== undefined) continue
    const other = await resolve(ports, { ...source, targets: [test] }, step)
    // Where the file has nothing of that name it is a stage, which the pre-flight looks for.
    if ('error' in other) continue
    members.set(test, askedTargets(other.definition))
    definition = { ...definition, targets: { ...other.definition.targets, ...definition.targets } }
  }
  const isInside = inCheckout(env)
  const mayUse: BakeQuestion['mayUse'] = (place) => trust.trusted || isInside(place)
  const reading = readDefinition(definition, {
    // A group stands for all in it.
    tests: tests.flatMap((test) => members.get(test) ?? [test]),
    testReport,
    given: read,
    hasStage: await readStages(definition, mayUse),
    hasVariable: (name) => env[name] !== undefined,
    mayUse
  })
  const [first, ...others] = reading.images
  if (first === undefined) return asGiven(reading.problems)
  const inlineFiles = await placeInline(reading.images, temporaryFolder, kept)
  const of = ({ name, texts: said, links, inline }: BakeImage): BakedImage => {
    const file = inlineFiles.get(name)
    const texts = file === undefined ? said : { ...said, file }
    return {
      read: (input) => texts[input] ?? read(input),
      from: { bake: { files: source.files, target: name, set: source.set, isInline: inline !== undefined }, links },
      ...(others.length === 0 ? {} : { name })
    }
  }
  const names = reading.images.map(({ name }) => name).join(', ')
  ports.log.info(
    `${others.length === 0 ? 'Target' : 'Targets'} ${names} of ${source.files.join(', ') || 'the bake file'}`
  )
  return { images: [of(first), ...others.map(of)], problems: [] }
}

/** Writes the Dockerfiles that stand in a bake file, each into a folder of its own; returns their paths by image. */
async function placeInline(
  images: readonly BakeImage[],
  temporaryFolder: string,
  { cleanup, leftovers }: Kept
): Promise<ReadonlyMap<string, string>> {
  const texts = images.flatMap(({ name, inline }) => (inline === undefined ? [] : [{ name, text: inline }]))
  if (texts.length === 0) return new Map()
  await checkTemporaryFolder(temporaryFolder)
  const folder = await mkdtemp(path.join(temporaryFolder, 'stagegate-'))
  leftovers.addFolder(folder)
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const placed = texts.map(async ({ name, text }, nth): Promise<readonly [string, string]> => {
    const file = path.join(folder, String(nth), 'Dockerfile')
    await mkdir(path.dirname(file))
    await writeFile(file, text)
    return [name, file]
  })
  return new Map(await Promise.all(placed))
}

/** Dockerfiles; of more it is not known which stages they have. */
const MOST_READ = 100

/** The stages of the Dockerfiles that several images are built from; what cannot be read here is not known. */
async function readStages(
  definition: BakeDefinition,
  mayUse: BakeQuestion['mayUse']
): Promise<BakeQuestion['hasStage']> {
  const names = Object.keys(definition.targets)
  const read = async (name: string): Promise<readonly [string, Dockerfile] | undefined> => {
    const target = definition.targets[name] ?? {}
    const [source, inline] = [sourceOf(target), inlineOf(target)]
    if (inline !== undefined) return [name, parseDockerfile(inline)]
    const file = source.context.kind === 'local' ? dockerfilePath(source) : undefined
    if (file === undefined || !mayUse(file) || (await findUnfit([file], MOST_BYTES)).length > 0) return undefined
    const text = await readFile(file).catch(() => undefined)
    return text === undefined ? undefined : [name, parseDockerfile(text)]
  }
  const found = names.length < 2 ? [] : await Promise.all(names.slice(0, MOST_READ).map(read))
  const dockerfiles = new Map(found.filter((each) => each !== undefined))
  return (target, stage) => {
    const dockerfile = dockerfiles.get(target)
    return dockerfile === undefined ? undefined : findStage(dockerfile, stage) !== undefined
  }
}

/** What would have bake read the runner's own, and show it in an error. */
function findLinks(places: readonly string[], workspace: string): Promise<readonly InputProblem[]> {
  // Compose files have values of `.env` of the working directory.
  return findLinksOut(
    [...places, '.env'].map((place) => ({ input: 'bake-files', place })),
    workspace
  )
}

/** More than anybody writes by hand. */
const MOST_BYTES = 4_000_000

/** What has no end, as a pipe or a device may, and what is too large. What is not there bake itself tells. */
async function findUnfit(places: readonly string[], mostBytes: number): Promise<readonly InputProblem[]> {
  const fix = 'Name a bake or compose file of the checkout.'
  const problems = await Promise.all(
    places.map(async (place): Promise<readonly InputProblem[]> => {
      const found = await stat(place).catch(() => undefined)
      if (found === undefined || (found.isFile() && found.size <= mostBytes)) return []
      const problem = found.isFile() ? `is larger than ${bytes(mostBytes)}` : 'is not a regular file'
      return [{ input: 'bake-files', problem: `"${place}" ${problem}`, fix }]
    })
  )
  return problems.flat()
}

/** A file that the step names, or one of those that bake looks for, with its text; empty where it cannot be read. */
type BakeText = { readonly file: string; readonly text: string }

async function readText(file: string): Promise<BakeText> {
  return { file, text: await readFile(file, 'latin1').catch(() => '') }
}

/** What of a stranger's file would have bake read the runner's own, and show it to their Dockerfile. */
function findStrange({ file, text }: BakeText): readonly InputProblem[] {
  if (!readsOthers(file, text)) return []
  const problem = `"${file}" has env_file, include or extends, or is written in a way that may hide them`
  const fix =
    "In an untrusted run, a compose file may not have other files read: write out what the image's build needs."
  return [{ input: 'bake-files', problem, fix }]
}

/** What docker itself needs: a stranger's file sees none of the step's variables. */
const plainVariables = [
  ...['PATH', 'HOME', 'TMPDIR', 'XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR', 'BUILDX_CONFIG', 'BUILDX_BUILDER'],
  ...['DOCKER_HOST', 'DOCKER_CONFIG', 'DOCKER_CONTEXT', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY']
]

async function resolve(
  { exec }: Pick<Ports, 'exec'>,
  source: BakeSource,
  { env, trust, seesOutputs }: Step
): Promise<Resolved> {
  const plain = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && plainVariables.includes(name) ? [[name, value]] : []
  )
  const ask = (set: readonly string[], given: Readonly<Record<string, string>> = {}) =>
    exec(planResolve({ ...source, set: [...source.set, ...set] }), {
      timeoutSeconds: 60,
      ...(trust.trusted ? { env: given } : { env: Object.fromEntries(plain) as Record<string, string>, alone: true })
    })
  // Bake looks for what secrets and agents name. An untrusted run has none of it, and the step's own agent starts later.
  const left = [...(trust.trusted ? [] : ['*.ssh=', '*.secrets=']), ...(seesOutputs ? [] : ['*.output='])]
  let answer = await ask(left)
  if (trust.trusted && answer.exitCode !== 0 && answer.stderr.includes('agent config')) {
    answer = await withStandIn((socket) => ask([], { SSH_AUTH_SOCK: socket }))
  }
  if (answer.exitCode === 0) {
    const definition = parseDefinition(answer.stdout)
    for (const file of outputFiles(definition)) await removeEmpty(file)
    return { definition }
  }
  return { error: lastError(answer.stderr) }
}

/** Removes what bake has made of an output's file: it is there when the image may leave, and not before. */
async function removeEmpty(file: string): Promise<void> {
  const found = await lstat(file).catch(() => undefined)
  if (found?.isFile() === true && found.size === 0) await rm(file).catch(() => undefined)
}

/** A socket in the place of the agent that the step starts later: bake only looks whether there is one. */
async function withStandIn<T>(body: (socket: string) => Promise<T>): Promise<T> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bake-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const socket = path.join(folder, 'agent')
  const server = createServer((connection) => connection.destroy()).listen(socket)
  stack.defer(() => void server.close())
  await once(server, 'listening')
  return await body(socket)
}

/** @param input whose value is at fault */
function refusal({ targets }: BakeSource, error: string, input: 'bake-files' | 'bake-set'): InputProblem {
  const [, target] = /^failed to find target (\S+)/.exec(error) ?? []
  if (target === 'default' && targets.length === 0) {
    const problem = 'the file has no group "default"' // what bake builds where nothing is named
    return { input: 'bake-targets', problem, fix: 'Name a target or group of the file.' }
  }
  if (target !== undefined) {
    const problem = `there is no target "${target}"`
    return targets.includes(target)
      ? { input: 'bake-targets', problem, fix: 'Name a target or group of the file.' }
      : {
          input,
          problem,
          fix: 'What a group, "inherits" or a context "target:NAME" names has to be in one of the files.'
        }
  }
  const fix =
    input === 'bake-set'
      ? 'Write TARGET.KEY=VALUE, such as app.args.VERSION=1.2 or *.platform=linux/amd64, one per line.'
      : /no such file|stat /.test(error)
        ? 'Paths are relative to the working directory; check that actions/checkout runs before this step.'
        : 'Try it with "docker buildx bake --print".'
  return { input, problem: `bake says: ${error}`, fix }
}
