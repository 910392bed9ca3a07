/** Where a registry's web interface is: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints */
import { parseReference } from '../core/reference.js'

/** A repository as its registry is asked about it. */
export type Repository = {
  /** `https://ghcr.io/v2/acme/app` */
  readonly url: string
  /** As a token is asked for: `acme/app`. */
  readonly path: string
  /** Under which docker keeps the login. */
  readonly loginKey: string
  readonly tag: string
}

/** Reads a reference; `undefined` for one that is none. Plain HTTP on this machine only, as docker does it. */
export function repositoryAt(text: string): Repository | undefined {
  const reading = parseReference(text)
  if (!reading.ok) return undefined
  const { domain, path, tag = 'latest' } = reading.reference
  if (domain === undefined || domain === 'docker.io') {
    const full = path.includes('/') ? path : `library/${path}`
    return {
      url: `https://registry-1.docker.io/v2/${full}`,
      path: full,
      loginKey: 'https://index.docker.io/v1/',
      tag
    }
  }
  const scheme = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(domain) ? 'http' : 'https'
  return { url: `${scheme}://${domain}/v2/${path}`, path, loginKey: domain, tag }
}
