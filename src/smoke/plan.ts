/** The docker calls of a smoke test, as data. */
import type { SmokeProbe } from '../inputs/smoke.js'
import type { Command } from '../ports.js'
import { randomBytes } from 'node:crypto'
import { processMark } from '../core/process_mark.js'
import { isServed } from '../serve/name.js'

/** Names of what a smoke test makes in the engine; `post` removes nothing that is not called like this. */
export const SMOKE_PREFIX = 'stagegate-smoke-'

/** The label of its container and network. */
export const SMOKE_LABEL = 'stagegate=smoke'

/** The tag of an image that came in an archive, under the name of the smoke test. */
export const LOADED_TAG = 'inspected'

/** Memory that a container may take: more than any service needs to start, less than a runner has. */
export const SMOKE_MEMORY = '2g'

/** Processes that it may have: a fork bomb ends itself, a JVM does not. */
const PROCESSES = 4096

/** One container and its network, both of this name. */
export type SmokeContainer = {
  readonly name: string
  /** What `docker run` starts: a reference by digest, a tag or an id. */
  readonly image: string
  readonly platform: string
  readonly probe: SmokeProbe
  /** A file of `NAME=VALUE` lines, so that no value is on the command line; absent where there are none. */
  readonly variablesFile?: string
  /** Without an init of the engine's own, which not every engine has. */
  readonly bare?: boolean
  /** Seconds in which a failing HEALTHCHECK does not count, and is asked each second; absent where the engine knows none. */
  readonly startSeconds?: number
}

export function planPull(image: string, platform: string): Command {
  return docker('image', 'pull', '--quiet', '--platform', platform, image)
}

export function planLoad(archive: string): Command {
  return docker('image', 'load', '--input', archive)
}

export function planNetwork(name: string): Command {
  return docker('network', 'create', '--label', SMOKE_LABEL, name)
}

export function planStart({
  name,
  image,
  platform,
  probe,
  variablesFile,
  startSeconds,
  bare
}: SmokeContainer): Command {
  return docker(
    ...['container', 'run', '--detach', '--name', name, '--network', name, '--label', SMOKE_LABEL],
    ...(bare === true ? [] : ['--init']),
    // Without a limit of their own for swap it would be as much again.
    ...['--memory', SMOKE_MEMORY, '--memory-swap', SMOKE_MEMORY, '--pids-limit', String(PROCESSES)],
    // The engine keeps no more of the log than can be shown.
    ...['--log-driver', 'json-file', '--log-opt', 'max-size=1m', '--log-opt', 'max-file=1'],
    ...['--pull', 'never', '--platform', platform],
    ...(probe.kind === 'http' ? ['--publish', `127.0.0.1::${probe.port}`] : []),
    ...(probe.kind === 'healthy' ? [] : ['--no-healthcheck']),
    ...(probe.kind === 'healthy' && startSeconds !== undefined
      ? ['--health-start-period', `${startSeconds}s`, '--health-start-interval', '1s']
      : []),
    ...(variablesFile === undefined ? [] : ['--env-file', variablesFile]),
    image,
    ...(probe.kind === 'arguments' ? probe.args : [])
  )
}

/** What the engine is, and what its API knows. */
export function planVersion(): Command {
  return docker('version', '--format', '{{.Server.Os}}/{{.Server.Arch}} {{.Server.APIVersion}}')
}

export function planInspect(name: string): Command {
  return docker('container', 'inspect', name)
}

export function planLogs(name: string, lines: number): Command {
  return docker('container', 'logs', '--tail', String(lines), name)
}

/** Listening sockets, where the image has a `cat`. */
export function planSockets(name: string): Command {
  return docker('container', 'exec', name, 'cat', '/proc/net/tcp', '/proc/net/tcp6')
}

export function planRemoveContainer(name: string): Command {
  return docker('container', 'rm', '--force', '--volumes', name)
}

export function planRemoveNetwork(name: string): Command {
  return docker('network', 'rm', name)
}

export function planRemoveImage(reference: string): Command {
  return docker('image', 'rm', reference)
}

/** A name that nobody has, with the mark of this process. */
export function smokeName(): string {
  return `${SMOKE_PREFIX}${processMark()}${randomBytes(6).toString('hex')}`
}

/** What the image of a smoke test is called that comes in an archive. */
export function loadedName(name: string): string {
  return `${name}:${LOADED_TAG}`
}

/** Whether a name is one that a smoke test gives to its container and network. */
export function isSmokeName(name: string): boolean {
  return new RegExp(`^${SMOKE_PREFIX}[0-9a-f]{28}$`).test(name)
}

/** Whether a reference is one that a smoke test pulls or loads. */
export function isSmokeImage(reference: string): boolean {
  const [name = ''] = reference.split(':')
  return isServed(reference) || (isSmokeName(name) && reference === loadedName(name))
}

function docker(...args: readonly string[]): Command {
  return { file: 'docker', args }
}
