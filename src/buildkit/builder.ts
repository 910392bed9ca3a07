/** What docker tells about buildx and a builder: versions, driver, nodes. Nothing is started. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildxConfigFolder } from '../core/docker_config.js'
import { asArray, asObject, asString, dig, parseJSON } from '../core/json.js'
import type { Command, ExecResult, Ports } from '../ports.js'
import { ProgramMissing } from '../ports.js'
import { engineFix } from './causes.js'
import { Stop } from '../failure/stop.js'
import { isDead, judgeNodes, parseInspection, type BuilderNode, type Inspection } from './nodes.js'
import { findUnreachable } from './reach.js'

/** A version as far as it matters here. */
export type Version = { readonly major: number; readonly minor: number; readonly text: string }

export type Builder = {
  /** Name for `--builder`; absent for buildx's current one. */
  readonly flag?: string
  readonly name: string
  readonly driver: string
  readonly buildx: Version
  readonly buildkit?: string
  /**
   * The classic image store of the docker driver: no cache export, no OCI export, no attestations, one platform.
   * https://docs.docker.com/engine/storage/containerd/
   */
  readonly classicStore: boolean
  /** Of all nodes that answer. */
  readonly platforms: readonly string[]
  /** At least one for a builder that can be used; a dead one among several says why it is. */
  readonly nodes: readonly BuilderNode[]
  /** Made by this run: `post` removes it. */
  readonly created: boolean
}

/** What a run asks of its builder beyond building. */
export type BuilderNeeds = {
  readonly cacheExport: boolean
  readonly platforms: readonly string[]
  /** Outputs or attestations that the classic store cannot make. */
  readonly exports: readonly Lack[]
}

/** What a builder cannot do, as the user would recognise it, and the input that asks for it. */
export type Lack = { readonly input: string; readonly what: string }

/** `--progress=rawjson` and several outputs in one build came with it. */
const oldestBuildx = { major: 0, minor: 13 }
/** `--call` came with it; an older buildx goes without the pre-flight. */
const callSince = { major: 0, minor: 15 }

export function knowsCall(builder: Pick<Builder, 'buildx'>): boolean {
  return !isOlder(builder.buildx, callSince)
}

export type BuilderPorts = Pick<Ports, 'exec' | 'show' | 'log'>
type Environment = Readonly<Record<string, string | undefined>>

/** For `--builder`; `undefined` is buildx's current one, which `auto` begins with. */
export function builderFlag(requested: string): string | undefined {
  return requested === 'auto' ? undefined : requested
}

/** Looks at buildx and at a builder (`auto`: the current one), without starting anything. */
export async function inspectBuilder(ports: BuilderPorts, requested: string, env: Environment = {}): Promise<Builder> {
  const flag = builderFlag(requested)
  const [version, inspection] = await Promise.all([
    askDocker(ports, ['buildx', 'version']),
    askForBuilder(ports, flag, env)
  ])
  if (version.exitCode !== 0) {
    throw new Stop({
      kind: 'engine',
      message: `docker has no buildx (${firstLine(version.stderr) || `exit code ${version.exitCode}`})`,
      fix: 'Install the docker-buildx plugin, or run docker/setup-buildx-action before this step.'
    })
  }
  const buildx = parseVersion(version.stdout)
  if (buildx === undefined || isOlder(buildx, oldestBuildx)) {
    throw new Stop({
      kind: 'engine',
      message: `buildx ${buildx?.text ?? firstLine(version.stdout)} is too old`,
      fix: `Use buildx ${oldestBuildx.major}.${oldestBuildx.minor} or newer; docker/setup-buildx-action installs one.`
    })
  }
  if (inspection.exitCode !== 0) throw new Stop(unusable(requested, inspection.stderr, env))
  const seen = parseInspection(inspection.stdout)
  if (seen.error !== undefined) throw new Stop(unusable(requested, seen.error, env))
  const nodes = await Promise.all(seen.nodes.map((node) => explainNode(seen.driver, node)))
  const only = nodes.length === 1 ? nodes[0]?.error : undefined
  if (only !== undefined && seen.driver === 'docker') throw new Stop(unusable(requested, only, env))
  return { ...describeBuilder({ ...seen, nodes }), buildx, created: false, ...(flag === undefined ? {} : { flag }) }
}

/** What an inspection says of a builder as a whole. */
export function describeBuilder({ name, driver, nodes }: Inspection): Omit<Builder, 'buildx' | 'created' | 'flag'> {
  const alive = nodes.filter((node) => !isDead(driver, node))
  const buildkit = alive.find((node) => node.buildkit !== undefined)?.buildkit
  return {
    name,
    driver,
    nodes,
    classicStore: driver === 'docker' && !nodes.some(({ containerdStore }) => containerdStore),
    platforms: [...new Set(alive.flatMap(({ platforms }) => platforms))],
    ...(buildkit === undefined ? {} : { buildkit })
  }
}

/** The node with the reason why it does not answer, which buildx does not tell of one of the remote driver. */
async function explainNode(driver: string, node: BuilderNode): Promise<BuilderNode> {
  if (driver !== 'remote' || node.status === 'running' || node.error !== undefined) return node
  const reason = await findUnreachable(node.endpoint, node.options)
  return reason === undefined ? { ...node, status: 'running' } : { ...node, error: reason }
}

/** Milliseconds after which buildx, which waits 20 s for a remote BuildKit, is no longer waited for alone. */
const SLOW = 1000

/** Asks for a builder. Where none of its machines answers, that is found out sooner than by buildx. */
async function askForBuilder(ports: BuilderPorts, flag: string | undefined, env: Environment): Promise<ExecResult> {
  const stop = new AbortController()
  const asking = askDocker(ports, ['buildx', 'inspect', ...(flag === undefined ? [] : [flag])], stop.signal)
  asking.catch(() => undefined) // awaited below
  try {
    const quick = await Promise.race([asking, sleep(SLOW, undefined, { signal: stop.signal })])
    if (quick !== undefined) return quick
    const listed = await readInstance(env, flag)
    const nodes = await Promise.all(
      (listed?.nodes ?? []).map((node) => explainNode(listed?.driver ?? '', { ...node, status: '' }))
    )
    const verdict = listed === undefined ? undefined : judgeNodes({ ...listed, nodes }, { platforms: [] })
    if (listed?.driver !== 'remote' || verdict?.failure === undefined) return await asking
    throw new Stop(verdict.failure)
  } finally {
    stop.abort()
  }
}

/** A builder as buildx keeps it in a file of its own; `undefined` where there is none, or none that can be read. */
async function readInstance(env: Environment, flag: string | undefined): Promise<Inspection | undefined> {
  const folder = buildxConfigFolder(env)
  const read = async (...names: readonly string[]): Promise<unknown> =>
    parseJSON(await readFile(path.join(folder, ...names), 'utf8').catch(() => ''))
  const { BUILDX_BUILDER: current = '' } = env
  const name = flag ?? (current === '' ? asString(dig(await read('current'), 'Name')) : current)
  if (name === undefined || !/^[\w.-]+$/.test(name)) return undefined
  const json = await read('instances', name)
  const driver = asString(dig(json, 'Driver'))
  if (driver === undefined) return undefined
  const nodes = asArray(dig(json, 'Nodes')).map((node) => ({
    name: asString(dig(node, 'Name')) ?? '',
    endpoint: asString(dig(node, 'Endpoint')) ?? '',
    status: '',
    platforms: [],
    assigned: [],
    containerdStore: false,
    options: Object.fromEntries(
      Object.entries(asObject(dig(node, 'DriverOpts')) ?? {}).flatMap(([option, value]) => {
        const text = asString(value)
        return text === undefined ? [] : [[option, text]]
      })
    )
  }))
  return { name, driver, nodes }
}

/** What the builder lacks for the run; empty if it will do. */
export function findLacks(builder: Pick<Builder, 'classicStore'>, needs: BuilderNeeds): readonly Lack[] {
  if (!builder.classicStore) return []
  return [
    ...(needs.cacheExport ? [{ input: 'cache-to', what: 'writing a registry cache' }] : []),
    ...(needs.platforms.length > 1 ? [{ input: 'platforms', what: 'building several platforms' }] : []),
    ...needs.exports
  ]
}

export function removeBuilderCommand(name: string): Command {
  return { file: 'docker', args: ['buildx', 'rm', '--force', name] }
}

export function removeImageCommand(tag: string): Command {
  return { file: 'docker', args: ['image', 'rm', tag] }
}

/** Reads `github.com/docker/buildx v0.29.1 ...`. */
export function parseVersion(text: string): Version | undefined {
  const match = /\bv?(\d+)\.(\d+)(?:\.\d+)?\S*/.exec(text.replace(/^\S+\s+/, ''))
  if (match === null) return undefined
  return { major: Number(match[1]), minor: Number(match[2]), text: match[0] }
}

export function isOlder(version: Pick<Version, 'major' | 'minor'>, than: Pick<Version, 'major' | 'minor'>): boolean {
  return version.major < than.major || (version.major === than.major && version.minor < than.minor)
}

/** Asks docker something that it answers soon; stops the run where there is no docker. */
export async function askDocker(
  { exec }: Pick<Ports, 'exec'>,
  args: readonly string[],
  signal?: AbortSignal
): Promise<ExecResult> {
  try {
    return await exec({ file: 'docker', args }, { timeoutSeconds: 30, ...(signal === undefined ? {} : { signal }) })
  } catch (error) {
    if (!(error instanceof ProgramMissing)) throw error
    throw new Stop({
      kind: 'engine',
      message: 'there is no docker command on this runner',
      fix: 'Run the job on a runner with Docker (ubuntu-latest has it), or install the docker CLI with buildx.'
    })
  }
}

function unusable(requested: string, message: string, env: Environment): Stop['failure'] {
  const seen = firstLine(message).replace(/^ERROR: /, '')
  if (seen === '') {
    return {
      kind: 'engine',
      message: `the builder${requested === 'auto' ? '' : ` "${requested}"`} did not answer within 30 s`,
      fix: 'See what `docker buildx inspect` says in a step before this one.'
    }
  }
  if (/no builder|not found/.test(seen) && requested !== 'auto') {
    return {
      kind: 'input',
      problems: [
        {
          input: 'builder',
          problem: `there is no builder "${requested}"`,
          fix: 'Create it in an earlier step (docker/setup-buildx-action), or leave builder empty.'
        }
      ]
    }
  }
  const absent = /^no builder "(.*)" found/.exec(seen)?.[1]
  const variable = ['BUILDX_BUILDER', 'DOCKER_CONTEXT'].find((name) => absent !== undefined && env[name] === absent)
  if (variable !== undefined) {
    return {
      kind: 'input',
      problems: [
        {
          input: variable,
          problem: `this variable of the step's environment names "${absent}", which is not there`,
          fix: 'Create it in an earlier step, or take the variable out of env.'
        }
      ]
    }
  }
  return {
    kind: 'engine',
    message: `the builder cannot be used: ${seen}`,
    fix: engineFix(seen) ?? 'Check that the Docker engine is running and that this user may talk to it.'
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}

/** Whether a builder ends with the job, so that nobody else finds what is left in it. */
export function isOfTheJob({ created, driver }: Pick<Builder, 'created' | 'driver'>, freshMachine: boolean): boolean {
  return created || (freshMachine && ['docker', 'docker-container'].includes(driver))
}
