/**
 * Real engines, registries, git servers and builders for end-to-end tests, on 127.0.0.1 only.
 *
 * Each helper returns an `AsyncDisposable`: take it with `await using`, and it goes when the test ends, green or red.
 * The test process can vanish too (Ctrl-C, SIGKILL, a crash), and jest gives tests a copy of `process` whose `exit` event
 * never fires. So everything we start hangs on a pipe from here: when this end closes, for whatever reason, it is taken down.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer, Socket, type Server } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

// Engines

/** Which engine to start. */
export type EngineOptions = {
  /** `classic` has no OCI exporter and no cache export: what a plain hosted runner may have. */
  readonly store?: 'containerd' | 'classic'
  /** `old` has the oldest buildx that is supported: 0.13, without `--call`. */
  readonly release?: 'current' | 'old'
  /** Part of the engine's folder, to tell it from others in `ps`. */
  readonly name?: string
}

/** What points a docker client at an engine: spread it over the environment of the process under test. */
export type EngineEnv = { readonly DOCKER_HOST: string; readonly DOCKER_CONFIG: string; readonly PATH: string }

/** The engine that docker speaks to here, of which the tests' other engines know nothing. */
export function sharedEngine(): EngineEnv {
  const { DOCKER_HOST = 'unix:///var/run/docker.sock', HOME = '', PATH = '' } = process.env
  return { DOCKER_HOST, DOCKER_CONFIG: process.env.DOCKER_CONFIG ?? `${HOME}/.docker`, PATH }
}

/** A Docker engine of the test's own. */
export type Engine = AsyncDisposable & {
  readonly env: EngineEnv
  /** Ends the engine as a crash would (SIGKILL), in the middle of whatever it does. */
  readonly kill: () => void
}

/** Whether `startEngine` works here: as root on Debian. Elsewhere there is only the engine that runs already. */
export function canStartEngine(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
}

/** Starts one more engine, with an empty store and an empty cache, beside the one that the tests share. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const { store = 'containerd', release = 'current', name = 'second' } = options
  const script = fileURLToPath(new URL('../../script/engine', import.meta.url))
  const child = spawn(script, ['run', '--store', store, '--release', release, '--name', name], { detached: true })
  const ended = once(child, 'exit')
  // A start that fails is reported by engineFacts.
  ended.catch(nothing)
  // Long enough for a first start, which downloads the engine.
  const facts = await within(300, 'an engine', engineFacts(child))
  letGo(child)
  const path = process.env.PATH ?? ''
  return {
    env: { DOCKER_HOST: facts.DOCKER_HOST, DOCKER_CONFIG: facts.DOCKER_CONFIG, PATH: facts.BIN + delimiter + path },
    kill: () => void process.kill(Number(facts.PID), 'SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await within(60, 'the end of an engine', ended)
    }
  }
}

/** The lines that `script/engine run` prints once its engine answers; PID is the last. */
async function engineFacts(
  child: ReturnType<typeof spawn>
): Promise<Record<'DOCKER_HOST' | 'DOCKER_CONFIG' | 'BIN' | 'PID', string>> {
  let lines = ''
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      lines += chunk.toString()
      if (/^PID=.*\n/m.test(lines)) resolve()
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(`no engine could be started:\n${errors}`)))
  })
  const fact = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(lines)?.[1] ?? ''
  return { DOCKER_HOST: fact('DOCKER_HOST'), DOCKER_CONFIG: fact('DOCKER_CONFIG'), BIN: fact('BIN'), PID: fact('PID') }
}

// Registries

/** User name and password of a registry. */
export type Credentials = { readonly user: string; readonly password: string }

/** A registry that can be asked for what it holds; `{ address: process.env.STAGEGATE_REGISTRY }` is the shared one. */
export type RegistryAddress = { readonly address: string; readonly auth?: Credentials }

/** A registry of the test's own. */
export type Registry = AsyncDisposable & RegistryAddress & { readonly storage: string }

/** How a registry of the test's own behaves. */
export type RegistryOptions = {
  /** Without these credentials it answers 401. */
  readonly auth?: Credentials
  /** It refuses pushes with 405. */
  readonly readOnly?: boolean
  /** It keeps what it gets in its memory, which is faster by far; small images only. */
  readonly inMemory?: boolean
  /** `storage` of another registry, to serve the same content under other rules. */
  readonly storage?: string
  /** It speaks TLS with this certificate and key, both paths. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** It takes the tokens of this service alone; `bundle` is the path of the certificate that signs them. */
  readonly tokens?: {
    readonly realm: string
    readonly service: string
    readonly issuer: string
    readonly bundle: string
  }
}

/** Starts an empty registry on a port of its own: the docker-registry program, or else its image on the running engine. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'stagegate-registry-'))
  const { auth, tls, tokens, readOnly = false, inMemory = false, storage = join(folder, 'data') } = options
  const address = `127.0.0.1:${await freePort()}`
  const config = join(folder, 'config.yml')
  await mkdir(storage, { recursive: true })
  if (auth !== undefined) await writeFile(join(folder, 'htpasswd'), `${auth.user}:${await bcrypt(auth.password)}\n`)
  // JSON is YAML.
  await writeFile(
    config,
    JSON.stringify({
      version: '0.1',
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: {
        ...(inMemory ? { inmemory: {} } : { filesystem: { rootdirectory: storage } }),
        delete: { enabled: true },
        maintenance: { readonly: { enabled: readOnly } }
      },
      http: { addr: address, ...(tls && { tls }) },
      ...(tokens && { auth: { token: { ...tokens, rootcertbundle: tokens.bundle } } }),
      ...(auth && { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } })
    })
  )
  const program = findProgram('docker-registry')
  const daemon = await startDaemon(
    folder,
    program === undefined ? registryContainer(folder, storage, config) : [program, 'serve', config]
  )
  const greeting = tls !== undefined ? 400 : auth === undefined && tokens === undefined ? 200 : 401
  await daemon.ready(async () => (await fetch(`http://${address}/v2/`)).status === greeting)
  return { address, storage, ...(auth && { auth }), [Symbol.asyncDispose]: daemon.end }
}

function registryContainer(folder: string, storage: string, config: string): readonly string[] {
  const { uid, gid } = userInfo()
  const mounts = [folder, storage].flatMap((path) => ['--volume', `${path}:${path}`])
  return ['docker', 'run', '--rm', '--network', 'host', '--user', `${uid}:${gid}`, ...mounts, 'registry:2', config]
}

/** The only hash that docker-registry takes. Perl's crypt is libxcrypt's, and Perl is on each Debian: no package for this. */
async function bcrypt(password: string): Promise<string> {
  const salt = randomBytes(32).toString('base64').replaceAll(/[+=]/g, '.').slice(0, 21) + 'O'
  const env = { PATH: process.env.PATH, PASSWORD: password, SALT: `$2b$05$${salt}` }
  const { stdout } = await run('perl', ['-e', 'print crypt($ENV{PASSWORD}, $ENV{SALT})'], { env })
  if (!stdout.startsWith('$2b$')) throw new Error('the crypt of this machine knows no bcrypt')
  return stdout
}

/** A part of a manifest. */
export type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number }

/** A manifest as the registry serves it; an index has `manifests`, an image `config` and `layers`. */
export type RegistryManifest = {
  readonly digest: string
  readonly mediaType: string
  readonly manifests: readonly Descriptor[]
  readonly config?: Descriptor
  readonly layers: readonly Descriptor[]
  /** The document itself, for what the fields above leave out. */
  readonly document: unknown
}

/** The tags of a repository, sorted; none when nothing was ever pushed there. */
export async function registryTags(registry: RegistryAddress, repository: string): Promise<readonly string[]> {
  const response = await askRegistry(registry, `${repository}/tags/list`)
  if (response === undefined) return []
  const tags = field(await response.json(), 'tags')
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string').sort() : []
}

/** The manifest of a tag or digest, or `undefined` when the registry has none. */
export async function registryManifest(
  registry: RegistryAddress,
  repository: string,
  reference: string
): Promise<RegistryManifest | undefined> {
  const response = await askRegistry(registry, `${repository}/manifests/${reference}`)
  if (response === undefined) return undefined
  const document: unknown = await response.json()
  const [config] = descriptors([field(document, 'config')])
  return {
    digest: response.headers.get('docker-content-digest') ?? '',
    mediaType: response.headers.get('content-type') ?? '',
    manifests: descriptors(field(document, 'manifests')),
    ...(config && { config }),
    layers: descriptors(field(document, 'layers')),
    document
  }
}

/** The bytes of a blob, such as an image's config or a layer. */
export async function registryBlob(registry: RegistryAddress, repository: string, digest: string): Promise<Buffer> {
  const response = await askRegistry(registry, `${repository}/blobs/${digest}`)
  if (response === undefined) throw new Error(`${registry.address}/${repository} has no blob ${digest}`)
  return Buffer.from(await response.arrayBuffer())
}

const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json'
].join(', ')

async function askRegistry({ address, auth }: RegistryAddress, path: string): Promise<Response | undefined> {
  const basic = auth && { Authorization: `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}` }
  const response = await fetch(`http://${address}/v2/${path}`, { headers: { Accept: MANIFEST_TYPES, ...basic } })
  if (response.ok) return response
  const body = await response.text()
  if (response.status === 404) return undefined
  throw new Error(`${address} answers ${response.status} to ${path}: ${body}`)
}

function descriptors(value: unknown): readonly Descriptor[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((item: unknown) => {
    const [mediaType, digest, size] = [field(item, 'mediaType'), field(item, 'digest'), field(item, 'size')]
    if (typeof mediaType !== 'string' || typeof digest !== 'string' || typeof size !== 'number') return []
    return [{ mediaType, digest, size }]
  })
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

// Git over SSH

/** An SSH server that serves git repositories, and nothing else, to the holders of some keys. */
export type Sshd = AsyncDisposable & {
  readonly port: number
  /** What belongs into known_hosts. */
  readonly hostKeyLine: string
  /** Makes a bare repository with one commit of these files on `main`, and returns its ssh:// URL. */
  readonly addRepository: (name: string, files: Readonly<Record<string, string>>) => Promise<string>
  /** Lets one more key in, as a deploy key: it reads the repository of that URL and no other. */
  readonly addDeployKey: (publicKey: string, url: string) => Promise<void>
}

/** Starts an SSH server with a host key of its own. `authorizedKeys` are public keys, one line each. */
export async function startSshd({ authorizedKeys }: { readonly authorizedKeys: readonly string[] }): Promise<Sshd> {
  const program = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find((path) => existsSync(path))
  if (program === undefined)
    throw new Error('sshd is missing: apt-get install openssh-server, or script/bootstrap --engine')
  const folder = await mkdtemp(join(tmpdir(), 'stagegate-sshd-'))
  const port = await freePort()
  const hostKey = join(folder, 'host_key')
  const user = userInfo()
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', hostKey])
  const authorized = join(folder, 'authorized_keys')
  // The keys of a test open its repositories, not a shell on the machine.
  const lines = authorizedKeys.map((key) => `command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" ${key.trim()}\n`)
  await writeFile(authorized, lines.join(''))
  await writeFile(
    join(folder, 'sshd_config'),
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      `AllowUsers ${user.username}`,
      // The folder is in /tmp, which strict mode rejects.
      'StrictModes no',
      'PermitRootLogin prohibit-password',
      'AuthenticationMethods publickey',
      'UsePAM no',
      'PidFile none',
      'LogLevel VERBOSE',
      'DisableForwarding yes',
      ''
    ].join('\n')
  )
  // Where there is no systemd, nobody else has made the folder that sshd, as root, wants to see.
  if (user.uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const daemon = await startDaemon(folder, [program, '-D', '-e', '-f', join(folder, 'sshd_config')])
  await daemon.ready(() => greets(port, 'SSH-'))
  const [type, key] = (await readFile(`${hostKey}.pub`, 'utf8')).split(' ')
  return {
    port,
    hostKeyLine: `[127.0.0.1]:${port} ${type ?? ''} ${key?.trim() ?? ''}`,
    addRepository: async (name, files) => {
      const bare = join(folder, 'repositories', `${name}.git`)
      await createRepository(bare, files)
      return `ssh://${user.username}@127.0.0.1:${port}${bare}`
    },
    addDeployKey: async (publicKey, url) => {
      const script = join(folder, `deploy-${createHash('sha256').update(publicKey).digest('hex').slice(0, 8)}`)
      const { pathname } = new URL(url)
      // In the words of GitHub, which lets the key in and then refuses the repository.
      const refused = "echo 'ERROR: Repository not found.' >&2; exit 1"
      const text = `#!/bin/sh\ncase $SSH_ORIGINAL_COMMAND in *"'${pathname}'"*) exec git-shell -c "$SSH_ORIGINAL_COMMAND" ;; esac\n${refused}\n`
      await writeFile(script, text, { mode: 0o755 })
      await appendFile(authorized, `command="${script}" ${publicKey.trim()}\n`)
    },
    [Symbol.asyncDispose]: daemon.end
  }
}

async function createRepository(bare: string, files: Readonly<Record<string, string>>): Promise<void> {
  const work = `${bare}.work`
  // The settings of whoever runs the tests (signing, hooks, templates) are none of ours.
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const git = (...args: readonly string[]) =>
    run('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], { env })
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true })
    await writeFile(join(work, path), content)
  }
  await git('init', '-q', '-b', 'main', work)
  await git('-C', work, 'add', '--all')
  await git('-C', work, 'commit', '-q', '-m', 'Content')
  await git('clone', '-q', '--bare', work, bare)
  await rm(work, { recursive: true })
}

/** Whether a server at `port` says hello with these words. */
async function greets(port: number, words: string): Promise<boolean> {
  const socket = new Socket().setTimeout(1000, () => socket.destroy(new Error('no answer')))
  try {
    socket.connect(port, '127.0.0.1')
    const [greeting] = (await once(socket, 'data')) as [Buffer]
    return greeting.toString().startsWith(words)
  } finally {
    socket.destroy()
  }
}

// Builders

/** One machine behind a builder. */
export type BuilderNode = {
  /** `DOCKER_HOST` of an engine, a unix socket. */
  readonly host: string
  /** Such as `linux/arm64`. An engine without QEMU builds it with a base image of its own platform. */
  readonly platform?: string
}

/** A builder with the `remote` driver. */
export type Builder = AsyncDisposable & { readonly name: string }

/**
 * Makes a builder of one or several engines, each reached as a BuildKit on a socket of its own (the `remote` driver),
 * since no BuildKit image can be had everywhere. `env` says whose `DOCKER_CONFIG` it is listed in.
 * The sockets are served by this process, so don't block it (`execFileSync`) while a build runs.
 */
export async function startProxyBuilder({
  env,
  nodes = [{ host: env.DOCKER_HOST }]
}: {
  readonly env: EngineEnv
  readonly nodes?: readonly BuilderNode[]
}): Promise<Builder> {
  const folder = await mkdtemp(join(tmpdir(), 'stagegate-builder-'))
  const name = `proxy-${randomBytes(4).toString('hex')}`
  const buildx = (...args: readonly string[]) => run('docker', ['buildx', ...args], { env: { ...process.env, ...env } })
  const remove = tether(folder)
  const sockets: AsyncDisposable[] = []
  const dispose = async (): Promise<void> => {
    // First, as long as the nodes can be reached. It fails only when the builder was never made.
    await buildx('rm', '--force', name).catch(nothing)
    for (const socket of sockets) await socket[Symbol.asyncDispose]()
    await remove()
  }
  try {
    for (const [index, { host, platform }] of nodes.entries()) {
      const socket = join(folder, `node${index}.sock`)
      sockets.push(await serveBuildkit(socket, host.replace(/^unix:\/\//, '')))
      const options = [
        ...(platform === undefined ? [] : ['--platform', platform]),
        ...(index === 0 ? [] : ['--append'])
      ]
      const node = ['--name', name, '--node', `node${index}`, ...options, `unix://${socket}`]
      await buildx('create', '--driver', 'remote', ...node)
    }
  } catch (error) {
    await dispose()
    throw error
  }
  return { name, [Symbol.asyncDispose]: dispose }
}

/** Serves, at `path`, the BuildKit that an engine keeps behind an upgrade of `POST /grpc` on its own socket. */
async function serveBuildkit(path: string, engineSocket: string): Promise<AsyncDisposable> {
  const open = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const upgrade = request({
      socketPath: engineSocket,
      method: 'POST',
      path: '/grpc',
      headers: { Connection: 'Upgrade', Upgrade: 'h2c' }
    })
    upgrade.once('upgrade', (_response, engine, head) => {
      tie(client, engine, open)
      if (head.length > 0) client.write(head)
      client.pipe(engine).pipe(client)
    })
    // Anything but an upgrade is a refusal, and the client has no other way to be told.
    upgrade.once('response', () => client.destroy())
    upgrade.once('error', () => client.destroy())
    upgrade.end()
  })
  server.listen(path)
  await once(server, 'listening')
  server.unref()
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      await close(server)
    }
  }
}

/** When one of the two goes, so does the other. */
function tie(one: Socket, other: Socket, open: Set<Socket>): void {
  for (const [socket, peer] of [
    [one, other],
    [other, one]
  ] as const) {
    open.add(socket)
    socket.once('error', () => socket.destroy())
    socket.once('close', () => {
      open.delete(socket)
      peer.destroy()
    })
  }
}

// Processes

type Daemon = {
  /** Waits until `probe` is true; fails, with the log, when the process ends before or half a minute is over. */
  readonly ready: (probe: () => Promise<boolean>) => Promise<void>
  readonly end: () => Promise<void>
}

/** Starts a server in the background that goes, together with its folder, at `end` or with this process. */
async function startDaemon(folder: string, [command = '', ...args]: readonly string[]): Promise<Daemon> {
  const path = join(folder, 'log')
  const log = await open(path, 'a')
  // A session of its own: Ctrl-C reaches this process first, and the pipe below then does the rest.
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log.fd, log.fd] })
  const ended = once(child, 'exit')
  ended.catch(nothing)
  await log.close()
  if (child.pid === undefined) {
    await rm(folder, { recursive: true })
    // Rejects with the reason.
    await ended
  }
  letGo(child)
  const remove = tether(folder, child.pid)
  const alive = () => child.exitCode === null && child.signalCode === null
  const end = async (): Promise<void> => {
    if (alive()) {
      child.kill('SIGTERM')
      await within(5, `the end of ${command}`, ended).catch(() => child.kill('SIGKILL'))
      await within(5, `the end of ${command}`, ended)
    }
    await remove()
  }
  return {
    end,
    ready: async (probe) => {
      const deadline = Date.now() + 30_000
      while (!(await probe().catch(() => false))) {
        if (!alive() || Date.now() > deadline) {
          const text = await readFile(path, 'utf8')
          await end()
          throw new Error(`${command} did not start:\n${text.slice(-4000)}`)
        }
        await sleep(20)
      }
    }
  }
}

/** Has `folder` removed, and the process ended, when this process vanishes; the returned function removes it now. */
function tether(folder: string, pid?: number): () => Promise<void> {
  // Told "done", the process has ended already, and its pid may be a stranger's.
  const script = 'read -r _ || [ -z "$2" ] || kill -KILL "$2"; rm -rf "$1"'
  const watchdog = spawn('/bin/sh', ['-c', script, 'tether', folder, String(pid ?? '')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore']
  })
  const gone = once(watchdog, 'exit')
  letGo(watchdog)
  return async () => {
    watchdog.stdin.end('done\n')
    await within(30, `the removal of ${folder}`, gone)
  }
}

/** A helper that a test forgot must not keep the test process from ending; that is what ends the helper. */
function letGo(child: ChildProcess): void {
  child.unref()
  for (const stream of child.stdio) if (stream instanceof Socket) stream.unref()
}

const nothing = (): void => undefined

async function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = sleep(seconds * 1000, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`waited ${seconds} s for ${what}`)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    stop.abort()
    late.catch(nothing)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await close(server)
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1')
  return address.port
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await closed
}

function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
