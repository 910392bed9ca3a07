/**
 * The inputs of action.yml as values. Everything is parsed and checked here, once, with all problems reported together;
 * the rest of the program trusts what it gets.
 */
import path from 'node:path'
import { noLinks } from '../core/linked.js'
import type { InputProblem } from '../core/problem.js'
import { parseReference, repositoryOf } from '../core/reference.js'
import { dockerfilePath, dockerfilePlaces, type BuildContext } from '../core/source.js'
import { readBudget, type Budget } from '../judge/index.js'
import type { Folders, Look } from '../ports.js'
import { namesBake } from './bake.js'
import {
  checkAnnotations,
  checkContext,
  parseAllow,
  parseAttests,
  parseBuildArgs,
  parseBuildContexts
} from './build_values.js'
import { isShortCache } from './cache_value.js'
import { checkCombinations } from './combinations.js'
import { parseCompareTo } from './compare_to.js'
import { createGrammar, leftOver, type Grammar, type ReadInput } from './grammar.js'
import type { Inputs } from './inputs.js'
import { parseLeakIgnore } from './leak_ignore.js'
import { checkOutputs, parseOutputs } from './outputs.js'
import { parseAddHosts, parseShmSize, parseUlimits } from './run_values.js'
import { parseSecretList, parseSecrets } from './secrets.js'
import { parseSSH } from './ssh.js'
import { parseTrial } from './trial.js'

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
  checkCombinations(inputs, grammar.report)
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

function checkOnce(input: string, what: string, ids: readonly string[], { report }: Grammar): void {
  const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index))
  for (const id of twice) report(input, `the ${what} "${id}" is given more than once`, 'Keep one of them.')
}
