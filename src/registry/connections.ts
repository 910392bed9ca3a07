/** Which connections lead to a registry: TLS or not, with which certificates, through which proxy. */
import http from 'node:http'
import { once } from 'node:events'
import { hostname, isLoopback, matchesHost } from '../core/host.js'
import { isNotTLS, isUnknownAuthority, readCertificates, type Certificates } from './certificates.js'
import { openTunnel, proxyFor } from './proxy.js'
import { exchange, NoAnswer, type Answer, type Exchange } from './transport.js'

type Environment = Readonly<Record<string, string | undefined>>

export type Connections = Disposable & {
  /** Whether a registry is spoken to in TLS: all are, except for those of this machine and insecure ones that do not speak it. */
  readonly schemeFor: (host: string) => Promise<'http' | 'https'>
  /** Sends a request to wherever its address leads. Rejects as `exchange` does, with the host that was asked. */
  readonly send: (exchange: Exchange) => Promise<Answer>
}

/** Connections kept to one host; more would be no faster. */
const MOST_CONNECTIONS = 8

/** Seconds for the question whether TLS is spoken. */
const HANDSHAKE_SECONDS = 5

/** @param insecure registries as docker's `insecure-registries` names them */
export function openConnections(env: Environment, insecure: readonly string[]): Connections {
  const agents = new Map<string, http.Agent>()
  const schemes = new Map<string, Promise<'http' | 'https'>>()
  const certificates = new Map<string, Promise<Certificates>>()
  const isInsecure = (host: string): boolean => isLoopback(host) || matchesHost(host, insecure)
  const certificatesFor = (host: string): Promise<Certificates> =>
    remember(certificates, host, () => readCertificates(env, host))

  /** Nobody has vouched for an insecure registry; a certificate in certs.d does. */
  const mustVerify = async (host: string): Promise<boolean> =>
    !isInsecure(host) || (await certificatesFor(host)).authorities.length > 0

  const agentFor = async (url: URL, system: boolean): Promise<http.Agent> => {
    const key = `${url.origin} ${system ? 'system' : ''}`
    const known = agents.get(key)
    if (known !== undefined) return known
    const settings = { keepAlive: true, maxSockets: MOST_CONNECTIONS }
    const agent = url.protocol === 'http:' ? new http.Agent(settings) : await secureAgent(url, system, settings)
    // Two may have asked at once.
    return remember(agents, key, () => agent)
  }

  const secureAgent = async (url: URL, system: boolean, settings: http.AgentOptions): Promise<http.Agent> => {
    const [{ default: https }, tls] = await Promise.all([import('node:https'), import('node:tls')])
    const { authorities, client } = await certificatesFor(url.host)
    const always = tls.getCACertificates('default')
    const ca = [...always, ...authorities, ...(system ? tls.getCACertificates('system') : [])]
    const secureContext = tls.createSecureContext({
      ...(authorities.length > 0 || system ? { ca } : {}),
      ...(client === undefined ? {} : { cert: client.certificate, key: client.key })
    })
    const secure = { ...settings, secureContext, rejectUnauthorized: await mustVerify(url.host) }
    const proxy = proxyFor(url, env)
    const agent = new https.Agent(secure)
    if (proxy === undefined) return agent
    const servername = hostname(url.host)
    agent.createConnection = (_options, done) => {
      openTunnel(proxy, url, HANDSHAKE_SECONDS * 4).then(
        (socket) => done?.(null, tls.connect({ ...secure, socket, servername })),
        (error: Error) => done?.(error, undefined as never)
      )
      return undefined
    }
    return agent
  }

  const sendWith = async (request: Exchange, system: boolean): Promise<Answer> => {
    const agent = await agentFor(request.url, system)
    if (request.url.protocol === 'http:') return exchange(request, agent)
    const { default: https } = await import('node:https')
    return exchange(request, agent, https.request)
  }

  const needSystem = new Set<string>()
  const sendTrusting: Connections['send'] = async (request) => {
    const { origin } = request.url
    try {
      return await sendWith(request, needSystem.has(origin))
    } catch (error: unknown) {
      // Node brings authorities of its own; reading the system's takes a fifth of a second, so only where it helps.
      if (!(error instanceof NoAnswer) || !isUnknownAuthority(error.code) || needSystem.has(origin)) throw error
      needSystem.add(origin)
      return sendWith(request, true)
    }
  }
  return {
    schemeFor: (host) =>
      remember(schemes, host, async () => (!isInsecure(host) || (await speaksTLS(host)) ? 'https' : 'http')),
    send: (request) =>
      sendTrusting(request).catch((error: unknown) => {
        throw error instanceof NoAnswer ? error.of(request.url.host) : error
      }),
    [Symbol.dispose]: () => {
      for (const agent of agents.values()) agent.destroy()
    }
  }
}

/** Asks in a way that plain HTTP does not understand. */
async function speaksTLS(host: string): Promise<boolean> {
  const tls = await import('node:tls')
  const { port } = new URL(`https://${host}`)
  const socket = tls.connect({ host: hostname(host), port: Number(port || 443), rejectUnauthorized: false })
  socket.setTimeout(HANDSHAKE_SECONDS * 1000, () => socket.destroy(new Error('no handshake')))
  try {
    await once(socket, 'secureConnect')
    return true
  } catch (error: unknown) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    // A server that wants our certificate speaks TLS, too.
    return code.startsWith('ERR_SSL') && !isNotTLS(code)
  } finally {
    socket.destroy()
  }
}

function remember<T>(memory: Map<string, T>, key: string, find: () => T): T {
  const known = memory.get(key)
  if (known !== undefined) return known
  const found = find()
  memory.set(key, found)
  return found
}
