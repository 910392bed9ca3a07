/** A private package index: PEP 503 pages over wheels, for those who have the token. */
import { execFile } from 'node:child_process'
import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { cp, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A wheel by its file name, such as `acme_money-1.4.0-py3-none-any.whl`. */
export type Wheel = { readonly file: string; readonly content: Buffer }

/** An index that listens on 127.0.0.1 until it is disposed of. */
export type PackageIndex = AsyncDisposable & {
  /** For `pip --index-url`, with the token in it. */
  readonly url: string
}

/** Makes a wheel of an unpacked one. git writes zip files, so that neither Python nor zip is needed here. */
export async function packWheel(source: string, file: string, scratch: string): Promise<Wheel> {
  const tree = join(scratch, file)
  const wheel = join(scratch, `${file}.zip`)
  const git = (...args: readonly string[]) => run('git', ['-C', tree, ...args])
  await cp(source, tree, { recursive: true })
  await git('init', '--quiet')
  await git('add', '--all', '--force')
  const { stdout } = await git('write-tree')
  await git('archive', '--format=zip', '--output', wheel, stdout.trim())
  return { file, content: await readFile(wheel) }
}

/** Serves wheels to those who give `token` as the password. */
export async function startPackageIndex(wheels: readonly Wheel[], token: string): Promise<PackageIndex> {
  const wanted = `Basic ${Buffer.from(`ci:${token}`).toString('base64')}`
  const server = createServer((incoming, response) => {
    if (isSame(incoming.headers.authorization ?? '', wanted)) {
      answer(wheels, incoming, response)
    } else {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="packages"' }).end('a token is needed\n')
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the package index got no port')
  return {
    url: `http://ci:${token}@127.0.0.1:${address.port}/simple/`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

/** https://peps.python.org/pep-0503/ */
function answer(wheels: readonly Wheel[], { url = '' }: IncomingMessage, response: ServerResponse): void {
  const project = /^\/simple\/([^/]+)\/$/.exec(url)?.[1]
  const offered = wheels.filter(({ file }) => projectOf(file) === project)
  const wheel = wheels.find(({ file }) => url === `/files/${file}`)
  if (offered.length > 0) {
    const links = offered.map(({ file }) => `<a href="/files/${file}">${file}</a>`)
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<!doctype html>\n${links.join('\n')}\n`)
  } else if (wheel !== undefined) {
    response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(wheel.content)
  } else {
    response.writeHead(404).end('no such package\n')
  }
}

/** The normalised name: `acme_money-1.4.0-py3-none-any.whl` is of `acme-money`. */
function projectOf(file: string): string {
  return (file.split('-')[0] ?? '').toLowerCase().replaceAll(/[-_.]+/g, '-')
}

function isSame(given: string, wanted: string): boolean {
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted))
}
