/**
 * The inputs of action.yml as values. Everything is parsed and checked here, once, with all problems reported together;
 * the rest of the program trusts what it gets.
 */
import path from 'node:path'
import { noLinks, type Links } from '../core/linked.js'
import { splitPair } from '../core/pair.js'
import { dockerfilePath, dockerfilePlaces, type BuildContext } from '../core/source.js'
import type { InputProblem } from '../core/problem.js'
import type { BakeOrigin } from './bake.js'
import { readBudget, type Budget } from '../judge/index.js'
import { parseLeakIgnore } from './leak_ignore.js'
import { createGrammar, didYouMean, leftOver, type Grammar, type ReadInput } from './grammar.js'
import { cacheReference, isRegistryCache, isShortCache } from './cache_value.js'
import { parseCompareTo, type CompareTo } from './compare_to.js'
import { canonicalName, canonicalRepository, parseReference, repositoryOf } from '../core/reference.js'
import { namesBake } from './bake.js'
import {
  checkAnnotations,
  checkContext,
  parseAllow,
  parseAttests,
  parseBuildArgs,
  parseBuildContexts
} from './build_values.js'
import { checkOutputs, parseOutputs, type OutputEntry } from './outputs.js'
import { parseAddHosts, parseShmSize, parseUlimits } from './run_values.js'
import type { Folders, Look } from '../ports.js'
import { parseTrial, type TrialInputs } from './trial.js'
import { parseSecretList, parseSecrets, type SecretSource } from './secrets.js'

/** `--ssh` entries: an id, and a socket or key files, or neither for "the agent". */
export type SSHEntry = { readonly id: string; readonly path?: string }

export type Inputs = {
  /** `build`, or a question to the Dockerfile that is answered instead. */
  readonly call: 'build' | 'check' | 'outline' | 'targets'
  readonly context: BuildContext
  /** As given; empty means `Dockerfile` in the context. */
  readonly file: string
  readonly target: string
  /** The stage of `test-report-target` is one of them. */
  readonly testTargets: readonly string[]
  /** Empty for none. */
  readonly testReportTarget: string
  readonly testCache: 'reuse' | 'rerun'
  /** What a run is whose test stage could not be built for want of a credential. */
  readonly untested: 'fail' | 'pass'

  readonly tags: readonly string[]
  readonly push: boolean
  readonly load: boolean
  readonly outputs: readonly OutputEntry[]

  readonly buildArgs: readonly string[]
  readonly buildContexts: readonly string[]
  /** Where they come from, if it is a bake file. */
  readonly bake?: BakeOrigin
  /** The other targets of a bake file that this one starts or copies from. */
  readonly links: Links
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
  readonly platforms: readonly string[]
  readonly pull: boolean
  readonly noCache: boolean
  readonly noCacheFilters: readonly string[]
  /** Seconds that a cached layer may be old before its stage is built again; absent for any age. */
  readonly refreshAfter: number | undefined
  readonly network: string
  readonly addHosts: readonly string[]
  readonly allow: readonly string[]
  readonly shmSize: string
  readonly ulimit: readonly string[]
  readonly cgroupParent: string
  /** Value for `--provenance`; empty for what docker/build-push-action writes. */
  readonly provenance: string
  readonly sbom: string
  readonly attests: readonly string[]
  /** The times in the image are those of the commit, which `buildArgs` then has as `SOURCE_DATE_EPOCH`. */
  readonly reproducible: boolean
  /** The image is built a second time before it leaves, and has to be the same. */
  readonly verifyReproducible: boolean

  readonly builder: string
  readonly cacheImage: string
  readonly cacheMode: 'auto' | 'read-write' | 'read' | 'off'
  readonly cacheFrom: readonly string[]
  readonly cacheTo: readonly string[]
  readonly cacheMounts: boolean

  readonly secrets: readonly SecretSource[]
  readonly ssh: readonly SSHEntry[]
  readonly sshPrivateKey: string
  readonly sshPassphrase: string
  readonly sshKnownHosts: string
  readonly sshAgentScope: 'build' | 'job'
  readonly githubToken: string
  readonly budget: Budget
  /** Paths, `/folder/**` and fingerprints of private keys that may be in the image. */
  readonly leakIgnore: readonly string[]
  readonly reportName: string
  readonly compareTo: CompareTo
  readonly comment: 'auto' | 'true' | 'false'
  readonly trial: TrialInputs
  /** Context name of the commit status; empty for none. */
  readonly commitStatus: string
}

/** Folders nobody looked at. */
const anyFolder: Folders = { isEmpty: () => true, isWritable: () => true }

/** Parses every input. `problems` is empty when all of them can be used. */
export function parseInputs(
  read: ReadInput,
  look: Look,
  folders: Folders = anyFolder
): { inputs: Inputs; problems: readonly InputProblem[] } {
  const problems: InputProblem[] = []
  const grammar = createGrammar(read, problems)
  const { text, lines, list, word, flag, pairs } = grammar

  const secrets = parseSecrets(read('secrets'))
  const secretEnvs = parseSecretList('secret-envs', list('secret-envs'))
  const secretFiles = parseSecretList('secret-files', lines('secret-files'))
  for (const reading of [secrets, secretEnvs, secretFiles]) problems.push(...reading.problems)
  const allSecrets = [...secrets.sources, ...secretEnvs.sources, ...secretFiles.sources]

  const typed: Inputs = {
    call: parseCall(grammar),
    context: parseContext(text('context')),
    file: text('file'),
    target: text('target'),
    testTargets: withReport(list('test-target'), text('test-report-target')),
    testReportTarget: text('test-report-target'),
    testCache: word('test-cache', ['reuse', 'rerun'], 'reuse'),
    untested: word('untested', ['fail', 'pass'], 'fail'),

    tags: grammar.references('tags'),
    push: flag('push'),
    load: flag('load'),
    outputs: parseOutputs(grammar),

    buildArgs: parseBuildArgs(grammar),
    buildContexts: parseBuildContexts(grammar, look),
    links: noLinks,
    // As with buildx, a name alone is an empty label; a sentence is one that lost its beginning.
    labels: pairs('labels', 'label', /^\S+$/).map((line) => (line.includes('=') ? line : `${line}=`)),
    annotations: pairs('annotations', 'annotation'),
    platforms: grammar.platforms('platforms'),
    pull: flag('pull'),
    noCache: flag('no-cache'),
    noCacheFilters: list('no-cache-filters'),
    refreshAfter: parseAge(grammar),
    network: text('network'),
    addHosts: parseAddHosts(grammar),
    allow: parseAllow(grammar),
    shmSize: parseShmSize(grammar),
    ulimit: parseUlimits(grammar),
    cgroupParent: text('cgroup-parent'),
    provenance: parseAttestation(grammar, 'provenance'),
    sbom: parseAttestation(grammar, 'sbom'),
    attests: parseAttests(grammar),
    reproducible: flag('reproducible'),
    verifyReproducible: flag('verify-reproducible'),

    builder: text('builder') || 'auto',
    cacheImage: parseCacheImage(grammar),
    cacheMode: word('cache-mode', ['auto', 'read-write', 'read', 'off'], 'auto'),
    cacheFrom: grammar.typed('cache-from', 'type=registry,ref=ghcr.io/owner/app-cache:main', isShortCache),
    cacheTo: grammar.typed('cache-to', 'type=registry,ref=ghcr.io/owner/app-cache:main,mode=max', isShortCache),
    cacheMounts: grammar.optionalFlag('cache-mounts') ?? true,

    secrets: allSecrets,
    ssh: parseSSH(grammar),
    sshPrivateKey: read('ssh-private-key'),
    sshPassphrase: read('ssh-passphrase'),
    sshKnownHosts: read('ssh-known-hosts'),
    sshAgentScope: word('ssh-agent-scope', ['build', 'job'], 'build'),
    githubToken: text('github-token'),
    budget: parseBudget(grammar),
    leakIgnore: parseLeakIgnore(grammar),
    reportName: text('report-name'),
    compareTo: parseCompareTo(grammar),
    comment: word('comment', ['auto', 'true', 'false'], 'auto'),
    trial: parseTrial(read, grammar),
    commitStatus: text('commit-status')
  }

  const inputs = withoutBuild(withFoundFile(typed, look))
  checkPaths(inputs, look, grammar)
  const { tags, push, platforms } = inputs
  // A tag that was refused is told of once.
  const meant = tags.length === 0 && text('tags') !== '' ? ['refused'] : tags
  checkOutputs(
    inputs.outputs,
    { tags: meant, push, platforms, look, folders, isBake: namesBake(grammar) },
    grammar.report
  )
  checkContext(text('context'), grammar.report)
  checkAnnotations(inputs, grammar.report)
  checkTogether(inputs, grammar)
  checkOnce(
    'secrets',
    'secret id',
    allSecrets.map(({ id }) => id),
    grammar
  )
  checkOnce(
    'ssh',
    'ssh id',
    inputs.ssh.map(({ id }) => id),
    grammar
  )
  return { inputs, problems }
}

/**
 * Inputs the workflow set that action.yml does not declare. One that is nearly a known name is a problem: a mistyped
 * `test-target` would publish what was never tested. Anything else has no effect.
 */
export function findUnknownInputs(
  given: readonly string[],
  declared: readonly string[]
): { readonly mistyped: readonly InputProblem[]; readonly foreign: readonly string[] } {
  const unknown = given.filter((name) => !declared.includes(name))
  // Of four letters two may differ, and nothing is meant: `call` is not a mistyped `pull`.
  const suggest = (name: string): string => (name.length <= 4 ? '' : didYouMean(name, declared))
  const fixOf = (name: string): string => {
    const meant = otherNames[name]
    if (meant !== undefined) return `The input is called "${meant}".`
    const renamed = bakeActionNames[name]
    if (renamed !== undefined) return `What docker/bake-action calls "${name}" is "${renamed}" here.`
    if (bakeActionFixes[name] !== undefined) return bakeActionFixes[name]
    return suggest(name) === '' ? '' : `Correct its name.${suggest(name)}`
  }
  return {
    mistyped: unknown
      .filter((name) => fixOf(name) !== '')
      .map((name) => ({ input: name, problem: 'there is no such input', fix: fixOf(name) })),
    foreign: unknown.filter((name) => fixOf(name) === '')
  }
}

/** What people call inputs of ours, and would miss in silence. */
const otherNames: Readonly<Record<string, string>> = {
  ...{ tag: 'tags', test: 'test-target', tests: 'test-target' },
  ...{ dockerfile: 'file', path: 'context', 'build-arg': 'build-args' }
}

/** Nearly names of ours, and meant otherwise. */
const bakeActionNames: Readonly<Record<string, string>> = {
  files: 'bake-files',
  targets: 'bake-targets',
  set: 'bake-set'
}

/** Whether an input that does not exist means a bake file, of which nothing is known then. */
export function meansBake({ input }: InputProblem): boolean {
  return bakeActionNames[input] !== undefined
}

/** Without these, docker/bake-action's own, another image would be built. */
const bakeActionFixes: Readonly<Record<string, string>> = {
  source: 'Leave it out, and run actions/checkout before this step: bake-files are paths in the checkout.',
  workdir: 'Leave it out, and write bake-files and the contexts of the bake file relative to the checkout.',
  vars: 'Leave it out, and give the variables of the bake file in the env: of this step.'
}

/** The Dockerfile where buildx finds it. */
function withFoundFile(inputs: Inputs, look: Look): Inputs {
  const [file = '', lower] = dockerfilePlaces(inputs)
  if (inputs.context.kind === 'remote' || lower === undefined || look(file) !== undefined) return inputs
  return look(lower) === 'file' ? { ...inputs, file: lower } : inputs
}

/** A question leaves nothing behind: no cache, no comment and no status that speak of a build. */
function withoutBuild(inputs: Inputs): Inputs {
  if (inputs.call === 'build') return inputs
  return {
    ...inputs,
    ...{ cacheImage: '', cacheFrom: [], cacheTo: [], cacheMounts: false, comment: 'false', commitStatus: '' }
  }
}

/** Whether anything is to leave the builder: a push, a load, or an output of the user's. */
export function wantsExport(inputs: Pick<Inputs, 'push' | 'load' | 'outputs'>): boolean {
  return inputs.push || inputs.load || inputs.outputs.length > 0
}

/**
 * Tests, and nothing that asks for an image: no target, nothing to publish, no tags that another event would publish, no
 * limit that only an image can keep, and nobody to try it. "Run the tests on every commit."
 */
export function isGateOnly(inputs: Inputs): boolean {
  const isLimited = Object.entries(inputs.budget).some(([rule, limit]) => rule !== 'leakCheck' && limit !== undefined)
  const names = inputs.target !== '' || inputs.tags.length > 0
  const isTried = inputs.trial.smoke !== undefined || inputs.trial.verify !== ''
  return inputs.testTargets.length > 0 && !names && !isLimited && !isTried && !wantsExport(inputs)
}

function parseContext(text: string): BuildContext {
  const context = text === '' ? '.' : text
  // What buildx takes for a remote context: https://docs.docker.com/build/concepts/context/
  const remote = /^(?:https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/.test(context)
  return remote ? { kind: 'remote', url: context } : { kind: 'local', path: context }
}

function parseCacheImage({ text, report }: Grammar): string {
  const value = text('cache-image')
  if (value === '') return ''
  const refuse = (problem: string, fix: string): string => {
    report('cache-image', problem, fix)
    return ''
  }
  const left = leftOver(value)
  if (left !== undefined) return refuse(left.problem, left.fix)
  const shown = value.replace(/\s+/g, ' ')
  if (shown.includes(' ')) return refuse(`"${shown}" is more than one word`, 'Name one repository.')
  if (value.endsWith('/')) return refuse(`"${value}" ends in a slash`, `Write "${value.replace(/\/+$/, '')}".`)
  // To docker a name without a slash is one on Docker Hub.
  if (/^(?:localhost|[^/]*\.[^/]*)(?::\d+)?$/.test(value)) {
    return refuse(`"${value}" is a registry without a repository`, `Write it as "${value}/owner/app-cache".`)
  }
  const reading = parseReference(value)
  if (!reading.ok) return refuse(`"${value}": ${reading.problem}`, reading.fix)
  const { reference } = reading
  if (reference.tag === undefined && reference.digest === undefined) return value
  return refuse(
    `"${value}" has a tag or digest`,
    `Give the repository alone ("${repositoryOf(reference)}"): the tags are planned per branch and target.`
  )
}

/** A boolean as Go reads it, or attributes: `mode=max,version=v1`. */
function parseAttestation({ text, report }: Grammar, input: 'provenance' | 'sbom'): string {
  const value = text(input)
  if (
    value === '' ||
    /^(?:1|t|true|0|f|false)$/i.test(value) ||
    value.split(',').every((field) => field.includes('='))
  ) {
    return value
  }
  const example = input === 'provenance' ? 'mode=max' : 'generator=docker/scout-sbom-indexer'
  report(input, `"${value}" is neither true nor false nor an attribute`, `Write it as true, false or "${example}".`)
  return ''
}

const SECONDS_OF: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 604_800 }

/** An age as in `7d`, in seconds. */
function parseAge({ text, report }: Grammar): number | undefined {
  const value = text('refresh-after')
  if (value === '') return undefined
  const [, number = '', unit = ''] = /^([1-9]\d{0,3})([hdw])$/.exec(value) ?? []
  if (unit !== '') return Number(number) * (SECONDS_OF[unit] ?? 0)
  report(
    'refresh-after',
    `"${value}" is not an age`,
    'Write a whole number from 1 to 9999 and its unit, h, d or w, as in "7d"; leave it empty for any age.'
  )
  return undefined
}

/** buildx asks for `lint` where it is given `check`, and takes either. */
function parseCall({ text, word }: Grammar): Inputs['call'] {
  return text('call') === 'lint' ? 'check' : word('call', ['build', 'check', 'outline', 'targets'], 'build')
}

function parseBudget({ text, report }: Grammar): Budget {
  const { budget, problems } = readBudget(text)
  for (const { input, problem, fix } of problems) report(input, problem, fix)
  return budget
}

function parseSSH({ lines, report }: Grammar): readonly SSHEntry[] {
  const entries = lines('ssh')
  // Nothing of a key may be shown, and its lines look like anything.
  if (entries.some((entry) => /-----BEGIN|^ssh-|PRIVATE KEY/.test(entry))) {
    report('ssh', 'it holds a key', 'Put the key into ssh-private-key; ssh takes ids, as in "default".')
    return []
  }
  return entries.flatMap(separateSSH).flatMap((entry) => {
    const { name: id, value } = splitPair(entry)
    if (!/^[A-Za-z0-9_.-]+$/.test(id)) {
      report('ssh', `"${id}" is not an ssh id`, 'Write one entry per line: ID, ID=SOCKET or ID=KEYFILE.')
      return []
    }
    if (/^[^=]*=(?:.*,)?~[^/]*\//.test(entry)) {
      report(
        'ssh',
        `nothing replaces the "~" of "${id}" by a folder`,
        'Write the whole path, or put the key into ssh-private-key.'
      )
      return []
    }
    if (value === '') {
      report(
        'ssh',
        `nothing follows "${id}="`,
        `Write "${id}" alone for the agent, or the path of a socket or key file.`
      )
      return []
    }
    return [value === undefined ? { id } : { id, path: value }]
  })
}

/** A comma begins another entry, as it does for build-push-action, unless a further key file follows it. */
function separateSSH(entry: string): readonly string[] {
  const [first = ''] = entry.split(',')
  const entries = first.includes('=') ? entry.split(/,(?=\s*[A-Za-z0-9_.-]+=)/) : entry.split(',')
  return entries.map((one) => one.trim()).filter((one) => one !== '')
}

function checkPaths(inputs: Inputs, look: Look, { report }: Grammar): void {
  const { context, file } = inputs
  if (/^https?:\/\//.test(file)) {
    report('file', `"${file}" is a URL`, 'Download it in an earlier step, and give its path.')
    return
  }
  if (context.kind === 'remote' || context.path.startsWith('{{')) return // said by checkContext
  if (context.path === '-' || file === '-') {
    const input = file === '-' ? 'file' : 'context'
    report(input, 'standard input ("-") cannot be used in a workflow step', 'Give a path.')
    return
  }
  if (look(context.path) !== 'folder') {
    const seen = look(context.path) === 'file' ? 'is a file' : 'does not exist'
    report(
      'context',
      `"${context.path}" ${seen} (looked from ${path.resolve('.')})`,
      'Give the folder that holds the sources, and check that actions/checkout runs before this step.'
    )
    return
  }
  const dockerfile = dockerfilePath(inputs)
  if (look(dockerfile) === 'file') return
  report(
    'file',
    look(dockerfile) === 'folder' ? `"${dockerfile}" is a folder` : `there is no Dockerfile at "${dockerfile}"`,
    file === ''
      ? 'Name it in the input file; its path is relative to the working directory, not to the context.'
      : 'The path is relative to the working directory, not to the context.'
  )
}

/** The tests, with the stage that has their report. */
function withReport(tests: readonly string[], report: string): readonly string[] {
  const isNamed = tests.some((test) => test.toLowerCase() === report.toLowerCase())
  return report === '' || isNamed ? tests : [...tests, report]
}

function checkTogether(inputs: Inputs, { report, text }: Grammar): void {
  const kept = inputs.outputs.find(({ attributes }) => (attributes.get('rewrite-timestamp') ?? 'true') !== 'true')
  if (inputs.reproducible && kept !== undefined) {
    report(
      'reproducible',
      `the output "${kept.text}" keeps the times of the build`,
      'Remove its rewrite-timestamp, or reproducible.'
    )
  }
  if (inputs.verifyReproducible && isGateOnly(inputs)) {
    const problem = 'only the tests are built: there is no image to build twice'
    report('verify-reproducible', problem, 'Name the stage of the image in target, or remove verify-reproducible.')
  }
  if (inputs.verifyReproducible && inputs.cacheTo.some((entry) => /(?:^|,)\s*type=inline/.test(entry))) {
    const problem = 'cache-to has type=inline, which writes the time of each step into the image'
    report(
      'verify-reproducible',
      problem,
      'Use another type of cache, such as cache-image, or remove verify-reproducible.'
    )
  }
  // The times of the layers are then no times of a build.
  const timed = inputs.reproducible
    ? 'reproducible: true'
    : inputs.buildArgs.some((argument) => argument.startsWith('SOURCE_DATE_EPOCH='))
      ? 'SOURCE_DATE_EPOCH in build-args'
      : undefined
  if (inputs.refreshAfter !== undefined && timed !== undefined) {
    report(
      'refresh-after',
      `${timed} sets the times in the image, so that nothing tells how old a cached layer is`,
      'Remove it, and build with no-cache or no-cache-filters on a schedule of your own.'
    )
  }
  if (inputs.cgroupParent !== '') {
    report(
      'cgroup-parent',
      'tests and image are built in one bake call, which cannot set it',
      'Set it on the builder: docker/setup-buildx-action with driver-opts "cgroup-parent=…".'
    )
  }
  if (/[\s,]/.test(inputs.testReportTarget)) {
    const problem = `"${inputs.testReportTarget.replace(/\s+/g, ' ')}" is more than one stage`
    report(
      'test-report-target',
      problem,
      'Name one stage, and let it collect the files of the others with COPY --from.'
    )
  }
  if (inputs.testCache === 'rerun' && inputs.testTargets.length === 0) {
    report('test-cache', 'rerun has no test to run again', 'Name the test stage in test-target.')
  }
  if (inputs.testTargets.some((test) => test.toLowerCase() === inputs.target.toLowerCase())) {
    report(
      'target',
      `"${inputs.target}" is also a test target`,
      'The target is the stage to ship, test-target the stage to pass.'
    )
  }
  if (inputs.cacheImage !== '' && inputs.cacheTo.length > 0) {
    report('cache-to', 'cache-image already plans where the cache is written', 'Remove either cache-to or cache-image.')
  }
  const canonical = (text: string): string | undefined => {
    const reading = parseReference(text)
    return reading.ok ? canonicalRepository(reading.reference) : undefined
  }
  const cacheRepository = canonical(inputs.cacheImage)
  const published =
    cacheRepository === undefined ? undefined : inputs.tags.find((tag) => canonical(tag) === cacheRepository)
  if (published !== undefined) {
    report(
      'cache-image',
      `it is the repository that "${published}" is published to`,
      `Use a repository of its own, for example "${inputs.cacheImage}-cache": cache and image tags must not collide.`
    )
  }
  if (inputs.budget.maxIncrease !== undefined && inputs.compareTo.kind === 'none') {
    report(
      'max-increase',
      'compare-to is none, so there is no baseline to grow from',
      'Remove compare-to, or limit the image itself with max-size.'
    )
  }
  // A registry holds one thing under a reference: whichever is written last, an image or its cache.
  const written = inputs.cacheTo.filter(isRegistryCache)
  const clash = inputs.tags.find((tag) =>
    written.some((value) => canonicalName(cacheReference(value)) === canonicalName(tag))
  )
  if (clash !== undefined) {
    report(
      'cache-to',
      `it writes the cache to "${clash}", which is also published`,
      'Give the cache a tag or a repository of its own: one would overwrite the other.'
    )
  }
  if (text('ssh-passphrase') !== '' && text('ssh-private-key') === '') {
    report('ssh-passphrase', 'there is no ssh-private-key to open with it', 'Remove it or add ssh-private-key.')
  }
}

function checkOnce(input: string, what: string, ids: readonly string[], { report }: Grammar): void {
  const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index))
  for (const id of twice) report(input, `the ${what} "${id}" is given more than once`, 'Keep one of them.')
}
