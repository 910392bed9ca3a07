/** The nodes of a builder: which machine builds which platform, and which of them does not answer. Pure. */
import type { Failure } from '../failure/failure.js'
import type { InputProblem } from '../core/problem.js'

/** One machine of a builder, as `docker buildx inspect` tells it. */
export type BuilderNode = {
  readonly name: string
  /** `unix:///var/run/docker.sock`, `tcp://buildkit:1234`, or the name of a docker context. */
  readonly endpoint: string
  /** `running`, `inactive`, `stopped`; empty where buildx could not ask. */
  readonly status: string
  /** Of the form `linux/arm64/v8`; empty for a node that has not been started. */
  readonly platforms: readonly string[]
  /** The ones of them that were given to it by hand: buildx prefers such a node. */
  readonly assigned: readonly string[]
  readonly buildkit?: string
  /** The driver's options, as `--driver-opt` takes them. */
  readonly options: Readonly<Record<string, string>>
  /** Whether its worker keeps images in a containerd store; of the docker driver only one that does exports them. */
  readonly containerdStore: boolean
  /** Why it does not answer, in the words of buildx or of a look at its endpoint. */
  readonly error?: string
}

/** A builder's nodes and what it says of itself as a whole. */
export type Inspection = {
  readonly name: string
  readonly driver: string
  readonly error?: string
  readonly nodes: readonly BuilderNode[]
}

/** Reads the text of `docker buildx inspect`. Text of buildx 0.13 to 0.37. */
export function parseInspection(text: string): Inspection {
  const [head = '', ...rest] = text.split(/^Nodes:[ \t]*$/m)
  const blocks = rest.join('\n').split(/^(?=Name:[ \t])/m)
  const error = field(head, 'Error')
  return {
    name: field(head, 'Name') ?? '',
    driver: field(head, 'Driver') ?? '',
    nodes: blocks.filter((block) => /^Name:[ \t]/.test(block)).map(readNode),
    ...(error === undefined ? {} : { error })
  }
}

function readNode(text: string): BuilderNode {
  const buildkit = field(text, 'BuildKit version') ?? field(text, 'Buildkit')
  const error = field(text, 'Error')
  const platforms = (field(text, 'Platforms') ?? '').split(/,\s*/).filter((platform) => platform !== '')
  const options = [...(field(text, 'Driver Options') ?? '').matchAll(/([\w.-]+)="((?:[^"\\]|\\.)*)"/g)]
  return {
    name: field(text, 'Name') ?? '',
    endpoint: field(text, 'Endpoint') ?? '',
    status: field(text, 'Status') ?? '',
    platforms: platforms.map((platform) => platform.replace(/\*$/, '')),
    assigned: platforms.filter((platform) => platform.endsWith('*')).map((platform) => platform.slice(0, -1)),
    options: Object.fromEntries(options.map(([, name = '', value = '']) => [name, value])),
    // The worker of a containerd store carries containerd's labels; the classic store's is moby's own.
    containerdStore: /org\.mobyproject\.buildkit\.worker\.(?:containerd\.|snapshotter:)/.test(text),
    ...(buildkit === undefined || buildkit.startsWith('v0.0.0') ? {} : { buildkit }),
    ...(error === undefined ? {} : { error })
  }
}

function field(text: string, name: string): string | undefined {
  const value = new RegExp(`^${name}:[ \\t]+(.*\\S)[ \\t]*$`, 'm').exec(text)?.[1]
  return value === undefined || value === '' ? undefined : value
}

/** Whether a node does not answer. One of the remote driver that is not running cannot be started by anybody here. */
export function isDead(driver: string, { error, status }: Pick<BuilderNode, 'error' | 'status'>): boolean {
  return error !== undefined || (driver === 'remote' && status !== 'running')
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
  armhf: 'arm',
  armel: 'arm'
}

/** `linux/arm64` of `arm64`, `linux/aarch64` and `linux/arm64/v8`: a node that builds one variant takes the others. */
export function platformFamily(platform: string): string {
  const [first = '', second] = platform.toLowerCase().split('/')
  const [os, architecture] =
    second === undefined || /^v\d/.test(second) ? ['linux', first] : [first === 'macos' ? 'darwin' : first, second]
  return `${os}/${ARCHITECTURES[architecture] ?? architecture}`
}

/** The node that builds a platform, as buildx chooses: one that was given it by hand, else the first that can. */
export function nodeFor(nodes: readonly BuilderNode[], platform: string): BuilderNode | undefined {
  const family = platformFamily(platform)
  const has = (list: readonly string[]): boolean => list.some((one) => platformFamily(one) === family)
  return nodes.find(({ assigned }) => has(assigned)) ?? nodes.find(({ platforms }) => has(platforms))
}

/** What a run wants to build, as far as its nodes are concerned. */
export type PlatformNeeds = {
  readonly platforms: readonly string[]
  /** The Dockerfile's text where it lies on the runner. */
  readonly dockerfile?: string
}

/** What the nodes of a builder mean for a run: what stops it before anything is built, and what is only said. */
export type NodeVerdict = { readonly failure?: Failure; readonly notes: readonly string[] }

/** Holds the platforms of a run against the nodes of its builder. */
export function judgeNodes(
  { name, driver, nodes }: Pick<Inspection, 'name' | 'driver' | 'nodes'>,
  needs: PlatformNeeds
): NodeVerdict {
  const dead = nodes.filter((node) => isDead(driver, node))
  const alive = nodes.filter((node) => !dead.includes(node))
  if (nodes.length > 0 && alive.length === 0) return { failure: unreachable(name, driver, dead), notes: [] }
  const notes = dead.map(
    (node) => `${describe(node)} of the builder "${name}" does not answer: ${node.error ?? 'no reason is known'}.`
  )
  // What a node that has not been started can build is not known yet.
  const known = nodes.length > 0 && alive.every(({ platforms }) => platforms.length > 0)
  const homeless = needs.platforms.filter((platform) => nodeFor(alive, platform) === undefined)
  const orphan = homeless.find((platform) => nodeFor(dead, platform) !== undefined)
  if (orphan !== undefined) {
    const node = nodeFor(dead, orphan)
    return { failure: unreachable(name, driver, node === undefined ? dead : [node], orphan), notes }
  }
  if (!known || homeless.length === 0) return { notes }
  const problem = noNode(name, alive, homeless)
  if (needsTargetPlatform(needs.dockerfile)) return { failure: { kind: 'input', problems: [problem] }, notes }
  return {
    notes: [...notes, `${problem.problem}. Only steps that run on the builder's own platform can run for it.`]
  }
}

/** Whether every `RUN` of this Dockerfile runs on the platform it builds for, so that it needs a node or QEMU. */
function needsTargetPlatform(dockerfile: string | undefined): boolean {
  if (dockerfile === undefined || /BUILDPLATFORM|--platform|^#\s*syntax\s*=/im.test(dockerfile)) return false
  return /^[ \t]*RUN[ \t]/im.test(dockerfile)
}

function noNode(name: string, nodes: readonly BuilderNode[], homeless: readonly string[]): InputProblem {
  const has = nodes.map((node) => `${node.name} has ${families(node.platforms).join(', ')}`).join('; ')
  return {
    input: 'platforms',
    problem: `no node of the builder "${name}" builds ${homeless.join(', ')} (${has})`,
    fix: 'Run docker/setup-qemu-action before the builder is made, or give the builder a node of this platform.'
  }
}

function families(platforms: readonly string[]): readonly string[] {
  return [...new Set(platforms.map(platformFamily))]
}

function unreachable(name: string, driver: string, dead: readonly BuilderNode[], platform?: string): Failure {
  const which = dead.map((node) => `${node.endpoint} (${node.error ?? 'it does not answer'})`).join(', ')
  const alone = platform === undefined ? '' : `, which builds ${platform},`
  const what =
    platform === undefined
      ? `the builder "${name}" (driver ${driver}) cannot be reached at ${which}`
      : `the node ${dead[0]?.name ?? ''} of the builder "${name}" (driver ${driver})${alone} cannot be reached at ${which}`
  return { kind: 'engine', message: what, fix: adviceFor(dead.map(({ error = '' }) => error).join('\n')) }
}

function adviceFor(reason: string): string {
  if (/certificate|tls|alert|x509/i.test(reason)) {
    return 'Check the certificates of the builder: `cacert`, `cert`, `key` and `servername` among its driver options.'
  }
  if (/ENOTFOUND|EAI_AGAIN|no such host|no address/i.test(reason)) {
    return 'Check the name in the endpoint, and whether this runner can resolve it.'
  }
  return 'Check that the builder is up, and that this runner may reach its endpoint.'
}

function describe(node: BuilderNode): string {
  return `The node ${node.name} (${node.endpoint})`
}
