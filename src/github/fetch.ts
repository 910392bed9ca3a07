/** The real `fetch`. Node's own does not look at `https_proxy`, and self-hosted runners live behind proxies. */
import { getProxyUrl, HttpClient } from '@actions/http-client'
import { checkBypass } from '@actions/http-client/lib/proxy'
import { readProxy } from '../core/proxy.js'
import { UnusableProxy, type Fetch } from './attempt.js'

/** Goes through the proxy that `https_proxy`, `http_proxy` and `no_proxy` name for the address, and else directly. */
export const fetchThroughProxy: Fetch = async (url, init) => {
  checkProxy(new URL(url))
  if (getProxyUrl(url) === '') return await fetch(url, init)
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
  } finally {
    init.signal.removeEventListener('abort', end)
    client.dispose()
  }
}

/** The toolkit goes directly where it cannot read the address, and to this machine where it has no scheme. */
function checkProxy(url: URL): void {
  const variables = url.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY']
  const name = variables.find((variable) => (process.env[variable] ?? '') !== '')
  if (name === undefined || checkBypass(url)) return
  const text = process.env[name] ?? ''
  const reading = readProxy(name, text)
  if (!reading.ok) throw new UnusableProxy(reading.problem)
  // 10.0.0.1:3128 is no URL, which the toolkit completes; proxy:3128 is one, whose scheme is "proxy".
  if (URL.canParse(text) && !/^https?:\/\//i.test(text)) {
    throw new UnusableProxy(`${name} does not begin with http:// or https://`)
  }
}
