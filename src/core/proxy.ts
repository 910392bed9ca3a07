/** The address of a proxy, as variables of the environment hold it. */

/** The address, or what is wrong with it: a clause that names the variable, and never its value, which may hold a password. */
export type ProxyReading = { readonly ok: true; readonly proxy: URL } | { readonly ok: false; readonly problem: string }

/** Reads what the variable holds; without a scheme it is `http://`, as for docker. */
export function readProxy(variable: string, text: string): ProxyReading {
  const proxy = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  if (proxy === null) return { ok: false, problem: `${variable} is not the address of a proxy` }
  if (!/^https?:$/.test(proxy.protocol)) {
    return { ok: false, problem: `${variable} names a proxy that is neither http:// nor https://` }
  }
  try {
    loginOf(proxy)
  } catch {
    return { ok: false, problem: `the user or the password in ${variable} is not percent-encoded` }
  }
  return { ok: true, proxy }
}

/** `user:password` in clear; `:` where there is none. Throws where a `%` begins no escape. */
export function loginOf({ username, password }: URL): string {
  return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
}

/** A proxy, and the variable that names it. */
export type Proxy = { readonly variable: string; readonly address: URL }

/** What a proxy says where it makes no way: a clause that names the variable, and never its value. */
export type ProxyRefusal = {
  readonly problem: string
  /** `passing`: another attempt may come to something else. */
  readonly kind: 'login' | 'denied' | 'passing'
}

/** Reads the status with which a proxy has refused to lead to a host. */
export function readProxyRefusal({ variable, address }: Proxy, status: number): ProxyRefusal {
  if (status === 407) {
    const hasLogin = address.username !== '' || address.password !== ''
    return {
      kind: 'login',
      problem: hasLogin
        ? `the proxy does not accept the login in ${variable} (407)`
        : `the proxy requires a login, which ${variable} does not have (407)`
    }
  }
  if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) {
    return { kind: 'denied', problem: `the proxy in ${variable} does not let this host through (${status})` }
  }
  return { kind: 'passing', problem: `the proxy in ${variable} answers ${status}` }
}
