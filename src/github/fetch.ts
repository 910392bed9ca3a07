/** The real `fetch`. Node's own does not look at `https_proxy`, and self-hosted runners live behind proxies. */
import { HttpClient } from '@actions/http-client'
import { checkBypass } from '@actions/http-client/lib/proxy'
import { asString, dig } from '../core/json.js'
import { readProxy, readProxyRefusal, type Proxy } from '../core/proxy.js'
import { ProxyTrouble, type Fetch } from './attempt.js'

/** Goes through the proxy that `https_proxy`, `http_proxy` and `no_proxy` name for the address, and else directly. */
export const fetchThroughProxy: Fetch = async (url, init) => {
  const proxy = findProxy(new URL(url))
  if (proxy === undefined) return await fetch(url, init)
  const client = new HttpClient(undefined, undefined, { allowRedirects: false, allowRetries: false })
  // The toolkit's client knows no signal; disposing of its agents ends what is under way.
  const ended = Promise.withResolvers<never>()
  const end = (): void => ended.reject(init.signal.reason)
  ended.promise.catch(() => undefined)
  init.signal.addEventListener('abort', end, { once: true })
  try {
    init.signal.throwIfAborted()
    const asked = client.request(init.method, url, init.body ?? '', { ...init.headers })
    const response = await Promise.race([asked, ended.promise])
    const text = await Promise.race([response.readBody(), ended.promise])
    const { statusCode = 0, headers } = response.message
    return {
      status: statusCode,
      headers: { get: (name) => [headers[name.toLowerCase()]].flat()[0] ?? null },
      text: () => Promise.resolve(text)
    }
  } catch (error) {
    throw tunnelTrouble(error, proxy) ?? error
  } finally {
    init.signal.removeEventListener('abort', end)
    client.dispose()
  }
}

/** The toolkit goes directly where it cannot read the address, and to this machine where it has no scheme. */
function findProxy(url: URL): Proxy | undefined {
  const variables = url.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY']
  const variable = variables.find((name) => (process.env[name] ?? '') !== '')
  if (variable === undefined || checkBypass(url)) return undefined
  const text = process.env[variable] ?? ''
  const reading = readProxy(variable, text)
  if (!reading.ok) throw new ProxyTrouble(reading.problem, true)
  // 10.0.0.1:3128 is no URL, which the toolkit completes; proxy:3128 is one, whose scheme is "proxy".
  if (URL.canParse(text) && !/^https?:\/\//i.test(text)) {
    throw new ProxyTrouble(`${variable} does not begin with http:// or https://`, true)
  }
  return { variable, address: reading.proxy }
}

/** The toolkit's tunnel has one code, ECONNRESET, for all that a proxy does not do, and tells it apart in its message. */
function tunnelTrouble(error: unknown, proxy: Proxy): ProxyTrouble | undefined {
  const message = asString(dig(error, 'message')) ?? ''
  const told = /^tunneling socket could not be established, (?:statusCode=(\d+)|cause=)/.exec(message)
  if (told === null) return undefined
  const [, status] = told
  if (status === undefined) return new ProxyTrouble(`the proxy in ${proxy.variable} cannot be reached`, false)
  const { problem, kind } = readProxyRefusal(proxy, Number(status))
  return new ProxyTrouble(problem, kind !== 'passing')
}
