/** Hosts as registries are named by: whether one is this machine, or in a list of insecure ones. Pure. */
import { BlockList, isIP } from 'node:net'

/** `host`, `host:port` and `[::1]:port` without the port and the brackets. */
export function hostname(host: string): string {
  // Node's pattern of an IPv6 address takes ten milliseconds to compile.
  return /:.*:/.test(host) && isIP(host) === 6 ? host : host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}

/** Whether a host is this machine: docker speaks plain HTTP with such a one if it does not speak TLS. */
export function isLoopback(host: string): boolean {
  return matchesHost(host, ['localhost', '127.0.0.0/8', '::1/128'])
}

/** Whether a text names the runner's own address, as the address of a registry, a package index or a service. */
export function namesLoopback(text: string): boolean {
  return /(?:^|[\s=/@"',(])(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d+)?(?:[/\s"',:)]|$)/im.test(text)
}

/**
 * Whether a host is in a list as docker writes its insecure registries: `registry.example.com`, `10.0.0.5:5000`,
 * `10.0.0.0/8`.
 */
export function matchesHost(host: string, list: readonly string[]): boolean {
  const bare = hostname(host)
  return list.some((entry) => {
    if (!entry.includes('/')) return entry === host || entry === bare
    const [, network = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? []
    return bits !== '' && isWithin(bare, network, Number(bits))
  })
}

function isWithin(address: string, network: string, bits: number): boolean {
  if (address.includes(':') !== network.includes(':')) return false
  const family = isIP(network)
  if (family === 0 || isIP(address) !== family || bits > (family === 4 ? 32 : 128)) return false
  const name = family === 4 ? 'ipv4' : 'ipv6'
  const block = new BlockList()
  block.addSubnet(network, bits, name)
  return block.check(address, name)
}
