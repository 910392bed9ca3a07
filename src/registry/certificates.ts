/** Certificates for a registry: https://docs.docker.com/engine/security/certificates/ */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { dockerConfigFolder, homeFolder } from '../core/docker_config.js'

type Environment = Readonly<Record<string, string | undefined>>

/** What lies in `certs.d` for a registry, as PEM. */
export type Certificates = {
  /** Certificate authorities to trust beside those that are always trusted. */
  readonly authorities: readonly string[]
  /** How to show who we are. */
  readonly client?: { readonly certificate: string; readonly key: string }
}

/** Reads `certs.d/HOST` of the engine, of a rootless engine and of docker's configuration. Never throws. */
export async function readCertificates(env: Environment, host: string): Promise<Certificates> {
  const configHome = env.XDG_CONFIG_HOME ?? ''
  const rootless = configHome === '' ? path.join(homeFolder(env) ?? '/', '.config') : configHome
  const bases = ['/etc/docker', dockerConfigFolder(env), path.join(rootless, 'docker')]
  const folders = await Promise.all(
    bases.map(async (base) => {
      const folder = path.join(base, 'certs.d', host)
      const names = (await readdir(folder).catch(() => [])).sort()
      const read = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8').catch(() => '')
      const authorities = await Promise.all(names.filter((name) => name.endsWith('.crt')).map(read))
      const pair = names.find((name) => name.endsWith('.cert') && names.includes(name.replace(/cert$/, 'key')))
      if (pair === undefined) return { authorities }
      return { authorities, client: { certificate: await read(pair), key: await read(pair.replace(/cert$/, 'key')) } }
    })
  )
  const client = folders.find((folder) => folder.client !== undefined)?.client
  return {
    authorities: folders.flatMap(({ authorities }) => authorities).filter((text) => text.trim() !== ''),
    ...(client === undefined ? {} : { client })
  }
}

/** Whether a failed handshake says that an authority is not known: the system may know it. */
export function isUnknownAuthority(code: string): boolean {
  return [
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT'
  ].includes(code)
}

/** Whether a failed connection is about certificates, which no other attempt will mend. */
export function isCertificateError(code: string): boolean {
  return (
    isUnknownAuthority(code) ||
    /^(?:CERT_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_SSL_.*(?:CERTIFICATE|UNKNOWN_CA))/.test(
      code
    )
  )
}

/** Whether the other side answered a TLS handshake with something that is no TLS. */
export function isNotTLS(code: string): boolean {
  return /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNSUPPORTED_PROTOCOL))$/.test(
    code
  )
}
