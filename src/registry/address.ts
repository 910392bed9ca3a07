/** Where a registry's web interface is: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints */
import { BlockList, isIP } from 'node:net'
import { canonicalRepository, dockerHub, isDockerHub, parseReference } from '../core/reference.js'

/** A repository as its registry is asked about it. */
export type Repository = {
  /** As people write it, for messages: `ghcr.io/acme/app`; `docker.io/library/alpine` on Docker Hub. */
  readonly name: string
  /** Whom to ask: `ghcr.io`, `127.0.0.1:5000`, `registry-1.docker.io`. */
  readonly host: string
  /** As a token is asked for: `acme/app`. */
  readonly path: string
  /** `latest` where the reference has neither tag nor digest. */
  readonly tag: string
  /** The digest of the reference, if it has one. */
  readonly digest?: string
}

/** Reads a reference; `undefined` for one that is none. */
export function repositoryAt(text: string): Repository | undefined {
  const reading = parseReference(text)
  if (!reading.ok) return undefined
  const { reference } = reading
  const { domain = dockerHub.name, path, tag = 'latest', digest } = reference
  const isHub = isDockerHub(domain)
  const name = canonicalRepository(isHub ? { path } : reference)
  return {
    name,
    host: isHub ? dockerHub.host : domain,
    path: name.slice(name.indexOf('/') + 1),
    tag,
    ...(digest === undefined ? {} : { digest })
  }
}

/** `host`, `host:port` and `[::1]:port` without the port and the brackets. */
export function hostname(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}

/** Whether a host is this machine: docker speaks plain HTTP with such a one if it does not speak TLS. */
export function isLoopback(host: string): boolean {
  return matchesHost(host, ['localhost', '127.0.0.0/8', '::1/128'])
}

/**
 * Whether a host is in a list as docker writes its insecure registries: `registry.example.com`, `10.0.0.5:5000`,
 * `10.0.0.0/8`.
 */
export function matchesHost(host: string, list: readonly string[]): boolean {
  const bare = hostname(host)
  return list.some((entry) => {
    const [address = '', bits] = entry.split('/')
    if (bits === undefined) return entry === host || entry === bare
    return isWithin(bare, address, Number(bits))
  })
}

function isWithin(address: string, network: string, bits: number): boolean {
  const family = isIP(network)
  if (family === 0 || isIP(address) !== family || !(bits >= 0 && bits <= (family === 4 ? 32 : 128))) return false
  const name = family === 4 ? 'ipv4' : 'ipv6'
  const block = new BlockList()
  block.addSubnet(network, bits, name)
  return block.check(address, name)
}
