/** The proxy between us and a registry, as Go's programs choose it: https://pkg.go.dev/golang.org/x/net/http/httpproxy */
import http from 'node:http'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { hostname, isLoopback, matchesHost } from '../core/host.js'
import { loginOf, readProxy, readProxyRefusal, type Proxy } from '../core/proxy.js'
import { NoAnswer } from './transport.js'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy for an address; `undefined` where it is asked directly. This machine never goes through one. Throws `NoAnswer`
 * where the address of the proxy cannot be used.
 */
export function proxyFor(url: URL, env: Environment): Proxy | undefined {
  if (isLoopback(url.host) || isExcepted(url, either(env, 'no_proxy').text)) return undefined
  const { name, text } = either(env, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy')
  if (text === '') return undefined
  const reading = readProxy(name, text)
  if (!reading.ok) throw new NoAnswer('failed', 'PROXY', reading.problem)
  return { variable: name, address: reading.proxy }
}

/** What a variable holds, and how its name is written where it is set. */
function either(env: Environment, name: string): { readonly name: string; readonly text: string } {
  const variables = [name.toUpperCase(), name].map((each) => ({ name: each, text: env[each]?.trim() ?? '' }))
  return variables.find(({ text }) => text !== '') ?? { name, text: '' }
}

/** `example.com` stands for itself and all below it, `.example.com` for what is below; also addresses, networks and ports. */
function isExcepted(url: URL, list: string): boolean {
  const host = hostname(url.host)
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const entries = list
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
  return entries.some((entry) => {
    if (entry === '*') return true
    if (entry.includes('/')) return matchesHost(host, [entry])
    const [, name = '', wanted] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? []
    if (wanted !== undefined && wanted !== port) return false
    const bare = hostname(name).replace(/^\*/, '')
    return bare.startsWith('.') ? host.endsWith(bare) : host === bare || host.endsWith(`.${bare}`)
  })
}

/** As `NoAnswer` has them. */
const PROXY_CODES = { login: 'PROXY', denied: 'PROXY_DENIES' } as const

/** Opens a tunnel through a proxy (RFC 9110, section 9.3.6). Rejects when the proxy does not make one, for good with `NoAnswer`. */
export function openTunnel(proxy: Proxy, target: URL, seconds: number): Promise<Duplex> {
  const { address } = proxy
  const place = `${target.hostname}:${target.port || 443}`
  const login = loginOf(address)
  const headers = {
    Host: place,
    ...(login === ':' ? {} : { 'Proxy-Authorization': `Basic ${Buffer.from(login).toString('base64')}` })
  }
  return new Promise((resolve, reject) => {
    const begin = async (): Promise<http.ClientRequest> => {
      const options = { host: address.hostname, method: 'CONNECT', path: place, headers, timeout: seconds * 1000 }
      if (address.protocol === 'http:') return http.request({ ...options, port: address.port || 80 })
      const { default: https } = await import('node:https')
      return https.request({ ...options, port: address.port || 443 })
    }
    begin().then((request) => {
      request.once('connect', ({ statusCode = 0 }, socket) => {
        if (statusCode === 200) resolve(socket)
        else {
          socket.destroy()
          const { kind, problem } = readProxyRefusal(proxy, statusCode)
          reject(kind === 'passing' ? new Error(problem) : new NoAnswer('failed', PROXY_CODES[kind], problem))
        }
      })
      request.once('timeout', () => request.destroy(new Error(`the proxy ${address.host} does not answer`)))
      request.once('error', reject)
      request.end()
    }, reject)
  })
}
