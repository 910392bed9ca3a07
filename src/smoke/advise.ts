/** Why an image did not start or answer, for the reasons that are the usual ones. Pure. */
import { isLoopback } from '../core/host.js'
import type { SmokeProbe } from '../inputs/smoke.js'
import { SMOKE_MEMORY } from './plan.js'
import type { ContainerState } from './state.js'

/** A socket on which a container listens. */
export type Listener = { readonly address: string; readonly port: number }

/** All that is known of a container that failed. */
export type SmokeFacts = {
  readonly probe: SmokeProbe
  readonly state?: ContainerState
  /** The container's log, and what docker said. */
  readonly text: string
  /** Absent where it cannot be told. */
  readonly listeners?: readonly Listener[]
  /** Status of the last answer to the probe. */
  readonly httpStatus?: number
}

/** Sentences that say what to do, the likeliest first; none where nothing is known. */
export function adviseSmoke(facts: SmokeFacts): readonly string[] {
  const { state, text } = facts
  const exitCode = state?.running === false ? state.exitCode : undefined
  const variable = missingVariable(text)
  const advice = [
    state?.outOfMemory === true
      ? `The kernel ended it: it took more than the ${SMOKE_MEMORY} of memory that a smoke test gives.`
      : undefined,
    /exec format error/i.test(text)
      ? 'Its program is for another platform, or a script without a "#!" line.'
      : exitCode === 127 ||
          /executable file not found|no such file or directory(?:(?!no such file or directory).)*unknown|tini(?:(?!tini).)*no such file/i.test(
            text
          )
        ? 'What ENTRYPOINT or CMD names is not in the image, or its interpreter is not; a script with Windows line ends looks the same.'
        : exitCode === 126 || /tini(?:(?!tini).)*permission denied/i.test(text)
          ? 'What ENTRYPOINT or CMD names is not executable: COPY --chmod=0755 sets the bit.'
          : undefined,
    variable === undefined ? undefined : `It needs the variable ${variable}: give it a value in smoke-env.`,
    /read-only file ?system|EROFS/i.test(text) ? 'It writes where nothing may be written.' : undefined,
    /permission denied|EACCES/i.test(text) && exitCode !== 126
      ? 'It may not read or write a file: compare USER with the owner of what COPY brings.'
      : undefined,
    /getaddrinfo|name or service not known|could not translate host|temporary failure in name resolution|no such host/i.test(
      text
    )
      ? 'It looks for another service. In a smoke test the image is alone: let it start without that service, or run it with arguments (smoke: --version).'
      : undefined,
    ...(state?.running === true ? stillRunning(facts) : [])
  ]
  return [...new Set(advice.filter((sentence) => sentence !== undefined))].slice(0, 3)
}

function stillRunning({ probe, state, listeners, httpStatus }: SmokeFacts): readonly string[] {
  if (probe.kind === 'arguments')
    return ['It is still running: give arguments with which it ends, or use "healthy" or a URL.']
  if (probe.kind === 'healthy') {
    const last = state?.health?.last
    if (last === undefined)
      return ['Its HEALTHCHECK has not been asked once: raise smoke-timeout or lower its interval.']
    return last.exitCode === 126 || last.exitCode === 127 || /not found/i.test(last.output)
      ? ['The program that HEALTHCHECK calls is not in the image.']
      : []
  }
  if (httpStatus === 404) return [`Nothing is at ${probe.path}: correct the path in smoke.`]
  if (httpStatus === 401 || httpStatus === 403) return [`${probe.path} requires a login: use a path that needs none.`]
  if (httpStatus !== undefined || listeners === undefined) return []
  const onPort = listeners.filter(({ port }) => port === probe.port)
  if (onPort.length > 0 && onPort.every(({ address }) => isLoopback(address))) {
    return [
      `It listens on port ${probe.port} of localhost only, which nobody outside the container reaches: bind it to 0.0.0.0.`
    ]
  }
  if (onPort.length > 0) return []
  const ports = [...new Set(listeners.map(({ port }) => port))].slice(0, 5)
  return ports.length === 0
    ? ['It listens on no port yet: raise smoke-timeout, or look into its log.']
    : [`It listens on port ${ports.join(', ')}, not on ${probe.port}.`]
}

const variablePatterns: readonly RegExp[] = [
  /KeyError: ['"]([A-Z][A-Z0-9_]{2,60})['"]/,
  /\b([A-Z][A-Z0-9_]{2,60})\b['"`]?(?: environment variable)? (?:is|was|must be|not|needs to be|has to be) ?(?:not |un)?(?:set|defined|specified|required|provided|missing)/,
  /(?:environment variable|env(?:ironment)? var|missing|required|set)s?:? ['"`$]?([A-Z][A-Z0-9]*_[A-Z0-9_]{1,60})\b/i
]

function missingVariable(text: string): string | undefined {
  return variablePatterns
    .flatMap((pattern) => pattern.exec(text)?.[1] ?? [])
    .find((name) => name === name.toUpperCase())
}

/**
 * The listening sockets in `/proc/net/tcp` and `tcp6`, without docker's own name server.
 * https://docs.kernel.org/networking/proc_net_tcp.html
 */
export function readSockets(text: string): readonly Listener[] {
  return text.split('\n').flatMap((line) => {
    const [, hex = '', port = ''] =
      /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:0000 0A /.exec(line) ?? []
    if (hex === '') return []
    const address = hex.length === 8 ? dotted(hex) : sixOf(hex)
    return address === '127.0.0.11' ? [] : [{ address, port: parseInt(port, 16) }]
  })
}

/** Little-endian. */
function dotted(hex: string): string {
  return [6, 4, 2, 0].map((at) => parseInt(hex.slice(at, at + 2), 16)).join('.')
}

/** As far as it matters: loopback, everything, IPv4 in IPv6. */
function sixOf(hex: string): string {
  if (/^0+$/.test(hex)) return '::'
  if (hex === '00000000000000000000000001000000') return '::1'
  return hex.startsWith('0000000000000000FFFF0000') ? dotted(hex.slice(24)) : hex
}
