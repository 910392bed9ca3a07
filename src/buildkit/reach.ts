/**
 * A look at the endpoint of a builder that buildx calls inactive: buildx waits 20 s and then says only "context deadline
 * exceeded". Speaks no more than the greeting of HTTP/2, which every BuildKit answers.
 * https://docs.docker.com/build/builders/drivers/remote/
 */
import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'

/** Milliseconds until an endpoint that says nothing counts as one that does not answer. */
const PATIENCE = 4000

/** Connection preface and an empty SETTINGS frame: https://www.rfc-editor.org/rfc/rfc9113#section-3.4 */
const GREETING = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])
])

/** Why nothing answers at `endpoint`; `undefined` if something does, or if it is of a kind that cannot be looked at. */
export async function findUnreachable(
  endpoint: string,
  options: Readonly<Record<string, string>> = {},
  patience = PATIENCE
): Promise<string | undefined> {
  const target = parseEndpoint(endpoint)
  if (target === undefined) return undefined
  const secure = secureOptions(options, target)
  if (typeof secure === 'string') return secure
  return new Promise((resolve) => {
    const socket = secure === undefined ? net.connect(target) : tls.connect({ ...target, ...secure })
    const end = (reason: string | undefined): void => {
      socket.destroy()
      resolve(reason)
    }
    socket.setTimeout(patience, () => end(`it did not answer within ${patience / 1000} s`))
    socket.once(secure === undefined ? 'connect' : 'secureConnect', () => socket.write(GREETING))
    socket.once('data', () => end(undefined))
    socket.once('error', (error: NodeJS.ErrnoException) => end(reasonOf(error)))
    socket.once('close', () =>
      end('it closed the connection: the other side is not BuildKit, or it requires a certificate')
    )
  })
}

type Target = { readonly path: string } | { readonly host: string; readonly port: number }

function parseEndpoint(endpoint: string): Target | undefined {
  const socket = /^unix:\/\/(\/.*)$/.exec(endpoint)?.[1]
  if (socket !== undefined) return { path: socket }
  if (!endpoint.startsWith('tcp://') || !URL.canParse(endpoint)) return undefined
  const { hostname, port } = new URL(endpoint)
  return port === '' ? undefined : { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}

/** TLS as the remote driver does it, if its options say so; a sentence where one of its files cannot be read or used. */
function secureOptions(
  options: Readonly<Record<string, string>>,
  target: Target
): tls.ConnectionOptions | string | undefined {
  const { cacert, cert, key, servername } = options
  if (cacert === undefined && cert === undefined && key === undefined) return undefined
  const host = 'host' in target && net.isIP(target.host) === 0 ? target.host : undefined
  const name = servername ?? host
  try {
    const secure = {
      ALPNProtocols: ['h2'],
      ...(cacert === undefined ? {} : { ca: readFileSync(cacert) }),
      ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
      ...(key === undefined ? {} : { key: readFileSync(key) }),
      ...(name === undefined ? {} : { servername: name })
    }
    return findFlaw(secure, options) ?? secure
  } catch (error) {
    return `a file of its certificates cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** What keeps the certificate and the key of the options from being used; connecting with them would throw. */
function findFlaw(
  { cert, key }: tls.SecureContextOptions,
  options: Readonly<Record<string, string>>
): string | undefined {
  const isUsable = (part: tls.SecureContextOptions): boolean => {
    try {
      tls.createSecureContext(part)
      return true
    } catch {
      return false
    }
  }
  if (!isUsable({ cert })) return `its driver option "cert" names ${options.cert}, which holds no certificate in PEM`
  if (!isUsable({ key })) {
    return `its driver option "key" names ${options.key}, which holds no key in PEM for a certificate, or one with a passphrase`
  }
  return isUsable({ cert, key }) ? undefined : 'its driver option "key" names another key than that of the certificate'
}

function reasonOf(error: NodeJS.ErrnoException): string {
  const { code = '' } = error
  switch (code) {
    case 'ECONNREFUSED':
      return 'the connection was refused: nothing listens there'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `its name has no address (${code})`
    case 'ENOENT':
      return 'there is no such socket'
    case 'EACCES':
      return 'this user may not use the socket'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no route to it (${code})`
    default:
      // The names of TLS errors are Node's and OpenSSL's, and too many to list.
      return /certificate|tls|ssl|alert|altnames/i.test(`${code} ${error.message}`)
        ? `the certificate was refused: ${error.message}`
        : error.message
  }
}
