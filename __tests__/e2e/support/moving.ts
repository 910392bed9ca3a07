/** Inputs of a build that change under it: a branch of a git repository, a URL. Both on loopback, both gone with the test. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { fresh } from './workspace.js'

const run = promisify(execFile)

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    end: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }
}

/** A URL whose body is another one each time. */
export async function serveBodies(): Promise<AsyncDisposable & { readonly url: string }> {
  let count = 0
  const name = fresh('body-')
  const { url, end } = await serve((_, response) => response.end(`${name}-${(count += 1)}\n`))
  return { url: `${url}/r`, [Symbol.asyncDispose]: end }
}

/** A URL with a build context as a tar, which can be changed. */
export async function serveContext(
  files: Readonly<Record<string, string>>
): Promise<
  AsyncDisposable & { readonly url: string; readonly write: (files: Readonly<Record<string, string>>) => Promise<void> }
> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-context-'))
  const write = async (more: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, content] of Object.entries(more)) await writeFile(path.join(folder, name), content)
  }
  await write(files)
  const { url, end } = await serve((_, response) => {
    execFile('tar', ['-C', folder, '-c', '.'], { encoding: 'buffer' }, (error, tar) => {
      if (error !== null) response.destroy(error)
      else response.writeHead(200, { 'Content-Type': 'application/x-tar' }).end(tar)
    })
  })
  return {
    url: `${url}/context.tar`,
    write,
    [Symbol.asyncDispose]: async () => {
      await end()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** The branch `main` of a repository, served as GitHub does: over HTTP, by git's own server. */
export type Branch = AsyncDisposable & {
  readonly url: string
  /** One more commit; resolves when the branch has it. */
  readonly commit: (files: Readonly<Record<string, string>>) => Promise<void>
}

export async function serveBranch(files: Readonly<Record<string, string>>): Promise<Branch> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-branch-'))
  const work = path.join(folder, 'app.git')
  // The settings of whoever runs the tests (signing, hooks, templates) are none of ours.
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const git = (...args: readonly string[]) =>
    run('git', ['-C', folder, '-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], { env })
  await git('init', '-q', '-b', 'main', work)
  const commit = async (more: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, content] of Object.entries(more)) {
      await mkdir(path.dirname(path.join(work, name)), { recursive: true })
      await writeFile(path.join(work, name), content)
    }
    await git('-C', work, 'add', '--all')
    await git('-C', work, 'commit', '-q', '-m', 'Content')
  }
  await commit(files)
  const { url, end } = await serve((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://localhost')
    const backend = spawn('git', ['http-backend'], {
      env: {
        ...env,
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: asked.pathname,
        QUERY_STRING: asked.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_ADDR: '127.0.0.1'
      },
      stdio: ['pipe', 'pipe', 'ignore']
    })
    request.pipe(backend.stdin)
    backend.stdin.on('error', () => undefined) // it has read what it needs
    const chunks: Buffer[] = []
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    backend.once('close', () => {
      const answer = Buffer.concat(chunks)
      const at = answer.indexOf('\r\n\r\n')
      const headers = answer.subarray(0, Math.max(at, 0)).toString().split('\r\n')
      let status = 200
      for (const header of headers) {
        const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(header) ?? []
        if (name === 'Status') status = Number(value.slice(0, 3))
        else if (name !== '') response.setHeader(name, value)
      }
      response.writeHead(status).end(answer.subarray(at + 4))
    })
  })
  return {
    url: `${url}/app.git`,
    commit,
    [Symbol.asyncDispose]: async () => {
      await end()
      await rm(folder, { recursive: true, force: true })
    }
  }
}
