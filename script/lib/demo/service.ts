/** What a service has around it: a checkout of its repository, a private package to clone, an index, a registry. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { startRegistry, startSshd, type Registry } from '../../../__tests__/support/engine.ts'
import { packWheel, startPackageIndex, type PackageIndex } from './package-index.ts'

const run = promisify(execFile)
const repository = resolve(import.meta.dirname, '../../..')
const packages = join(import.meta.dirname, 'packages')

/** Everything that the demo's service needs; all of it goes when it is disposed of. */
export type Service = AsyncDisposable & {
  readonly checkout: Checkout
  readonly registry: Registry
  readonly index: PackageIndex
  readonly token: string
  readonly deployKey: string
  readonly hostKeyLine: string
  /** Where pip gets the private package from. */
  readonly pricing: string
}

/** A git checkout, as actions/checkout leaves it. */
export type Checkout = {
  readonly folder: string
  /** Commits whatever has changed and returns the commit. */
  readonly commit: (message: string) => Promise<string>
  /** Replaces a text that a file has exactly once. */
  readonly replace: (change: { readonly file: string; readonly text: string; readonly by: string }) => Promise<void>
}

/** Starts the servers and makes the checkout, the deploy key and the token. */
export async function startService(): Promise<Service> {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'stagegate-demo-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))

  const keyFile = join(folder, 'deploy-key')
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'deploy key of the demo', '-f', keyFile])
  const sshd = started.use(await startSshd({ authorizedKeys: [await readFile(`${keyFile}.pub`, 'utf8')] }))
  const pricing = await sshd.addRepository('pricing', await readFolder(join(packages, 'acme-pricing')))

  const token = randomBytes(24).toString('hex')
  const wheel = await packWheel(join(packages, 'acme-money'), 'acme_money-1.4.0-py3-none-any.whl', folder)
  const index = started.use(await startPackageIndex([wheel], token))
  const registry = started.use(await startRegistry())
  started.defer(() => removeImages(registry.address))
  const checkout = await makeCheckout(join(repository, 'examples/fastapi'), join(folder, 'quotes'))

  const owned = started.move()
  return {
    checkout,
    registry,
    index,
    token,
    deployKey: await readFile(keyFile, 'utf8'),
    hostKeyLine: sshd.hostKeyLine,
    pricing: `git+${pricing}@main`,
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** The engine keeps what it pushes, and may be somebody's own. */
async function removeImages(address: string): Promise<void> {
  const { stdout } = await run('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'])
  const ours = stdout.split('\n').filter((name) => name.startsWith(`${address}/`))
  if (ours.length > 0) await run('docker', ['image', 'rm', ...ours])
}

async function makeCheckout(source: string, folder: string): Promise<Checkout> {
  // The settings of whoever runs the demo (signing, hooks, templates) are none of ours.
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const identity = ['-c', 'user.name=Demo', '-c', 'user.email=demo@localhost']
  const git = (...args: readonly string[]) => run('git', ['-C', folder, ...identity, ...args], { env })
  await mkdir(folder)
  await cp(source, folder, { recursive: true })
  await git('init', '--quiet', '--initial-branch=main')
  return {
    folder,
    commit: async (message) => {
      await git('add', '--all')
      await git('commit', '--quiet', '--message', message)
      return (await git('rev-parse', 'HEAD')).stdout.trim()
    },
    replace: async ({ file, text, by }) => {
      const path = join(folder, file)
      const parts = (await readFile(path, 'utf8')).split(text)
      if (parts.length !== 2) throw new Error(`examples/fastapi/${file} has ${parts.length - 1} times: ${text}`)
      await writeFile(path, parts.join(by))
    }
  }
}

/** The files of a folder and its folders, by their path within it. */
async function readFolder(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = await Promise.all(
    paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')])
  )
  return Object.fromEntries(files) as Record<string, string>
}
