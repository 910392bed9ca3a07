/**
 * The docker-container builder that `builder: auto` makes where the current one cannot do what is asked. It is as near
 * to the runner as the one it stands in for: its network where that is needed, and the engine's ways to registries.
 * https://docs.docker.com/build/builders/drivers/docker-container/
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isLoopback, matchesHost, namesLoopback } from '../core/host.js'
import { asArray, asObject, asString, dig, parseJSON } from '../core/json.js'
import {
  askDocker,
  inspectBuilder,
  isOlder,
  removeBuilderCommand,
  type Builder,
  type BuilderPorts,
  type Version
} from './builder.js'
import { lastError } from './plain_error.js'

/** How an engine reaches registries, from `docker info`. */
export type EngineRegistries = {
  /** URLs of mirrors of Docker Hub. */
  readonly mirrors: readonly string[]
  /** Hosts that may be spoken to without a certificate, or without TLS. */
  readonly insecure: readonly string[]
  /** Networks whose hosts may, such as `10.0.0.0/8`. */
  readonly insecureNetworks: readonly string[]
}

/** What decides how the builder is made. */
export type AutoBuilderWishes = {
  /** The same for every step of a job, so that the second step finds the first one's builder and its cache. */
  readonly job: string
  /** Of the builds' `RUN` steps. */
  readonly networks: readonly string[]
  readonly allow: readonly string[]
  /** Wherever an address of a registry or a server may stand: tags, cache, contexts, arguments, the Dockerfile. */
  readonly texts: readonly string[]
  readonly registries: EngineRegistries
}

/** How a builder is made, as data. Another network or other rights make another name. */
export type AutoBuilderPlan = {
  readonly name: string
  readonly hostNetwork: boolean
  /** Flags for buildkitd; empty keeps buildx's own. */
  readonly flags: string
  /** Content of buildkitd.toml; empty for none. */
  readonly configuration: string
}

/** Reads `docker info --format json`. */
export function readEngineRegistries(text: string): EngineRegistries {
  const registries = dig(parseJSON(text), 'RegistryConfig')
  const strings = (value: unknown): readonly string[] => asArray(value).flatMap((item) => asString(item) ?? [])
  const indices = Object.entries(asObject(dig(registries, 'IndexConfigs')) ?? {})
  return {
    mirrors: strings(dig(registries, 'Mirrors')),
    insecure: indices.flatMap(([host, index]) => (dig(index, 'Secure') === false ? [host] : [])),
    insecureNetworks: strings(dig(registries, 'InsecureRegistryCIDRs'))
  }
}

/** Plans a builder. Pure. */
export function planAutoBuilder({ job, networks, allow, texts, registries }: AutoBuilderWishes): AutoBuilderPlan {
  const hostNetwork = networks.includes('host') || allow.includes('network.host') || texts.some(namesLoopback)
  const flags = allow.includes('security.insecure')
    ? '--allow-insecure-entitlement network.host --allow-insecure-entitlement security.insecure'
    : ''
  const configuration = writeConfiguration(registries, texts)
  const identity = [job, String(hostNetwork), flags, configuration].join('\n')
  return {
    name: `stagegate-${createHash('sha256').update(identity).digest('hex').slice(0, 12)}`,
    hostNetwork,
    flags,
    configuration
  }
}

/** buildkitd.toml: https://docs.docker.com/build/buildkit/toml-configuration/ */
function writeConfiguration(
  { mirrors, insecure, insecureNetworks }: EngineRegistries,
  texts: readonly string[]
): string {
  const hosts = mirrors.flatMap((mirror) => (URL.canParse(mirror) ? [new URL(mirror)] : []))
  const plain = hosts.filter(({ protocol }) => protocol === 'http:').map(({ host }) => host)
  const inNetworks = texts.flatMap(addresses).filter((address) => matchesHost(address, insecureNetworks))
  const open = [...new Set([...insecure, ...plain, ...inNetworks])].sort()
  const names = hosts.map(({ host, pathname }) => `${host}${pathname.replace(/\/+$/, '')}`)
  return [
    ...(names.length === 0 ? [] : ['[registry."docker.io"]', `  mirrors = [${names.map(quoted).join(', ')}]`]),
    // As the engine does: TLS without a look at the certificate, and without TLS where there is none.
    ...open.flatMap((host) => [`[registry.${quoted(host)}]`, '  http = true', '  insecure = true'])
  ]
    .map((line) => `${line}\n`)
    .join('')
}

/** A string of TOML. */
function quoted(text: string): string {
  return JSON.stringify(text)
}

/** Hosts of a text that are IPv4 addresses, with their ports; those of the runner itself need no leave. */
function addresses(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|[\s=/@"'])(\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?)(?=\/)/g)]
    .map(([, address = '']) => address)
    .filter((address) => !isLoopback(address))
}

/** A builder that was had, with what is to be told; or why it was not. */
export type AutoBuilt =
  | { readonly builder: Builder; readonly notes: readonly string[] }
  | { readonly builder?: undefined; readonly reason: string }

export type AutoBuilderOptions = {
  readonly buildx: Version
  /** Existing folder for the configuration, which buildx reads once. */
  readonly folder: string
  /** Told before the builder is made, and again if another step of the job turns out to have made it. */
  readonly onCreate: (name: string) => void
  readonly onShared: (name: string) => void
  /** Milliseconds between the tries to start it. */
  readonly pauses?: readonly number[]
}

const PAUSES = [1000, 4000]

/** Makes the builder, or finds the one that another step of the job has made, and starts it. */
export async function makeBuilder(
  ports: BuilderPorts,
  plan: AutoBuilderPlan,
  options: AutoBuilderOptions
): Promise<AutoBuilt> {
  const { name } = plan
  const isThere = async (): Promise<boolean> => (await askDocker(ports, ['buildx', 'inspect', name])).exitCode === 0
  let own = false
  if (!(await isThere())) {
    options.onCreate(name)
    const reason = await create(ports, plan, options)
    // Two steps that start at once: the builder is the other's, and so is its end.
    own = reason === undefined
    if (!own) {
      if (!(await isThere())) return { reason: reason ?? '' }
      options.onShared(name)
    }
  }
  const { tries, seconds, reason } = await boot(ports, name, options.pauses ?? PAUSES)
  if (reason !== undefined) {
    if (own) await ports.show(removeBuilderCommand(name))
    return { reason }
  }
  const notes = tries > 1 ? [`The builder started at the ${ordinal(tries)} try, after ${seconds.toFixed(1)} s.`] : []
  return { builder: { ...(await inspectBuilder(ports, name)), created: own }, notes }
}

async function create(
  ports: BuilderPorts,
  { name, hostNetwork, flags, configuration }: AutoBuilderPlan,
  { buildx, folder }: AutoBuilderOptions
): Promise<string | undefined> {
  const own = await mkdtemp(path.join(folder, 'stagegate-builder-'))
  try {
    const file = path.join(own, 'buildkitd.toml')
    if (configuration !== '') await writeFile(file, configuration)
    const configFlag = isOlder(buildx, { major: 0, minor: 14 }) ? '--config' : '--buildkitd-config'
    const args = [
      ...['buildx', 'create', '--name', name, '--driver', 'docker-container'],
      // A container of its own does not reach what listens on the runner's loopback address.
      ...(hostNetwork ? ['--driver-opt', 'network=host'] : []),
      ...(flags === '' ? [] : ['--buildkitd-flags', flags]),
      ...(configuration === '' ? [] : [configFlag, file])
    ]
    ports.log.info(`docker ${args.join(' ')}`)
    const { exitCode, stderr } = await askDocker(ports, args)
    if (exitCode === 0) return undefined
    ports.log.untrusted(stderr.trim())
    return lastError(stderr)
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}

/** Seconds that the image of BuildKit may take to come. */
const BOOT_SECONDS = 300

async function boot(
  { exec, log }: BuilderPorts,
  name: string,
  pauses: readonly number[]
): Promise<{ readonly tries: number; readonly seconds: number; readonly reason?: string }> {
  const start = performance.now()
  for (let tries = 1; ; tries += 1) {
    const { exitCode, stderr, timedOut } = await exec(
      { file: 'docker', args: ['buildx', 'inspect', '--bootstrap', name] },
      { timeoutSeconds: BOOT_SECONDS }
    )
    const seconds = (performance.now() - start) / 1000
    if (exitCode === 0) return { tries, seconds }
    log.untrusted(stderr.trim())
    const reason = timedOut ? `it did not start within ${BOOT_SECONDS} s` : lastError(stderr)
    const pause = pauses[tries - 1]
    if (pause === undefined || timedOut || !isPassing(stderr)) return { tries, seconds, reason }
    log.info(`The builder did not start. It is tried again in ${pause / 1000} s.`)
    await sleep(pause)
  }
}

/** Whether a builder that did not start may do so a moment later: networks, registries, another step's container. */
function isPassing(stderr: string): boolean {
  return (
    /timeout|timed out|deadline exceeded|connection (?:refused|reset)|EOF|no such host|temporary failure|\b(?:429|50[0234])\b|toomanyrequests|already in use|is not running|failed to list workers|Unavailable/i.test(
      stderr
    ) && !/denied|unauthori[sz]ed|manifest unknown/i.test(stderr)
  )
}

function ordinal(count: number): string {
  return count === 2 ? 'second' : count === 3 ? 'third' : `${count}th`
}
