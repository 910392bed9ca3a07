/**
 * A whole run without an engine: real inputs, files, keys, inspection and publishing, and a docker by script that says what
 * the real one would and writes the image where it is told to. What is asked of it, and in which order, is what a run is.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { folders, look } from '../../src/adapters/disk.js'
import { asArray, asString, dig, parseJSON } from '../../src/core/json.js'
import type { Failure } from '../../src/failure/failure.js'
import { endLeftovers, parseLeftovers } from '../../src/leftovers.js'
import { planOutputs } from '../../src/outputs.js'
import { Cancelled, type Command, type Exec, type ExecOptions, type ExecResult, type Ports } from '../../src/ports.js'
import { run, type RunResult } from '../../src/run.js'
import { keptLog, redEnd, streamOf, type Told } from '../buildkit/support/buildx.js'
import { recordedText } from '../fixtures/recorded.js'
import { digestOf, layoutOf, writeFiles } from '../image/support/image-builder.js'
import { action, readGiven, type Given } from '../inputs/support.js'
import { makeExec, processesWith } from '../ssh/support.js'

const DOCKERFILE = `FROM scratch AS build
RUN make
FROM build AS test
RUN pytest
FROM build AS production
COPY --from=build /app /app
`

const stages = [
  { name: 'build' },
  { name: 'test', base: 'build' },
  { name: 'production', base: 'build', default: true }
]

/** Steps of the image, and of the stages that it shares with the tests. */
export const steps: readonly Told[] = [
  { vertex: 'make', name: '[_test0-0 build 2/2] RUN make' },
  { vertex: 'make', name: '[_image-0 build 2/2] RUN make' },
  { vertex: 'copy', name: '[_image-0 production 1/1] COPY --from=build /app /app', inputs: ['make'] },
  { vertex: 'export', name: '[_image-0] exporting to oci image format' }
]
/** The step of the tests. */
export const tested: Told = { vertex: 'test', name: '[_test0-0 test 1/1] RUN pytest', inputs: ['make'] }

/** How one call of buildx ends. */
export type Baked = Partial<ExecResult> & { readonly stream: string }

/** All targets of a call are built. */
export function green(targets: readonly string[]): Baked {
  const plain = targets.length === 1
  const own = [...steps, tested].filter(({ name }) => targets.some((target) => name.startsWith(`[${target}`)))
  return { stream: streamOf(plain ? own.map((step) => ({ ...step, name: step.name.replace(/_\w+-0 /, '') })) : own) }
}

/** One step of a target ends with an exit code. */
export function redAt(vertex: 'test' | 'copy'): Baked {
  const command = vertex === 'test' ? 'pytest' : 'cp'
  const error = `process "/bin/sh -c ${command}" did not complete successfully: exit code: 1`
  const told = [...steps.filter(({ vertex: other }) => other !== 'export'), tested]
  const stream = streamOf(told.map((step) => (step.vertex === vertex ? { ...step, state: 'failed', error } : step)))
  return { stream: stream + redEnd(vertex === 'test' ? '_test0-0' : '_image-0', error), exitCode: 1 }
}

type Answer = Partial<ExecResult> | undefined

/** What happens otherwise than in a green run. */
export type Script = {
  readonly given?: Given
  /** The Dockerfile from the usual one. */
  readonly dockerfile?: (text: string) => string
  /** What the image has in a file, build by build; the last one stays. */
  readonly content?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly event?: { readonly name: string; readonly payload: unknown }
  /** What a program says otherwise. The line of docker is without its name. */
  readonly answer?: (line: string, cancel: () => void) => Answer | Promise<Answer>
  /** How a call of bake ends, once the image is written; `definition` is the bake file. */
  readonly bake?: (targets: readonly string[], cancel: () => void, definition: unknown) => Baked
  /** How a call ends that writes the layer cache. */
  readonly cache?: (cancel: () => void) => Baked
  /** Told of each line of the log. */
  readonly onLine?: (line: string, cancel: () => void) => void
}

/** What was done, said and left. */
export type Outcome = {
  readonly result: RunResult
  readonly failure: Failure | undefined
  /** Commands in their order, their first two words, without what only asks. */
  readonly did: readonly string[]
  /** All of them in full. Names made by chance are the same in each run. */
  readonly asked: readonly string[]
  /** Of each bake call its definition. */
  readonly definitions: readonly unknown[]
  readonly lines: readonly string[]
  readonly masked: readonly string[]
  readonly outputs: Readonly<Record<string, string>>
  /** What `post` is told. */
  readonly saved: ReadonlyMap<string, string>
  /** Runs `post`; resolves to its commands. */
  readonly post: () => Promise<readonly string[]>
}

/** A checkout and a runner's temporary folder. */
export type Stage = Disposable & {
  readonly at: (...parts: readonly string[]) => string
  readonly play: (script?: Script) => Promise<Outcome>
  /** What lies in the runner's temporary folder, and processes that name it. */
  readonly left: () => readonly string[]
}

/** Opens one. */
export function openStage(): Stage {
  const root = mkdtempSync(path.join(os.tmpdir(), 'sg-run-'))
  const at = (...parts: readonly string[]): string => path.join(root, ...parts)
  mkdirSync(at('temporary'))
  mkdirSync(at('app'))
  writeFileSync(at('app/Dockerfile'), DOCKERFILE)
  return {
    at,
    play: (script = {}) => play(at, script),
    left: () => [...readdirSync(at('temporary')), ...processesWith(at('temporary')).map(String)],
    [Symbol.dispose]: () => rmSync(root, { recursive: true })
  }
}

async function play(at: Stage['at'], script: Script): Promise<Outcome> {
  const { given = {}, env = {}, event, onLine, dockerfile } = script
  if (dockerfile !== undefined) writeFileSync(at('app/Dockerfile'), dockerfile(DOCKERFILE))
  const cancelling = new AbortController()
  const cancel = (): void => cancelling.abort()
  const commands: string[] = []
  const definitions: unknown[] = []
  const docker = scriptedDocker(script, cancel)
  const exec: Exec = async (command, options = {}) => {
    if (cancelling.signal.aborted) throw new Cancelled()
    const line = lineOf(command)
    commands.push(line)
    if (line.startsWith('buildx bake'))
      definitions.push(parseJSON(typeof options.input === 'string' ? options.input : ''))
    const otherwise = await script.answer?.(line, cancel)
    const result = otherwise ?? (await (command.file === 'docker' ? docker : makeExec())(command, options))
    if (cancelling.signal.aborted) throw new Cancelled()
    return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...result }
  }
  const { log: plain, lines } = keptLog()
  const log: Ports['log'] = {
    ...plain,
    untrusted: (line) => {
      plain.untrusted(line)
      onLine?.(line, cancel)
    }
  }
  const masked: string[] = []
  const saved = new Map<string, string>()
  const ports: Ports = {
    ...{ exec, log, signal: cancelling.signal, now: () => Date.now() },
    show: (command) => exec(command).then(({ exitCode }) => exitCode),
    runner: {
      mask: (value) => void masked.push(value),
      saveState: (name, value) => void saved.set(name, value),
      setOutput: () => undefined,
      exportVariable: () => undefined,
      writeSummary: () => Promise.resolve()
    }
  }
  if (event !== undefined) writeFileSync(at('event.json'), JSON.stringify(event.payload))
  const result = await run(ports, {
    env: {
      ...{ PATH: process.env.PATH, RUNNER_TEMP: at('temporary'), GITHUB_WORKSPACE: at('.'), DOCKER_CONFIG: at('.') },
      ...{ GITHUB_EVENT_NAME: event?.name ?? 'push', GITHUB_REF: 'refs/heads/main', GITHUB_ACTOR: 'octocat' },
      ...{ GITHUB_REPOSITORY: 'acme/app', GITHUB_REF_NAME: 'main' },
      ...(event === undefined ? {} : { GITHUB_EVENT_PATH: at('event.json') }),
      ...env
    },
    read: readGiven({ context: at('app'), 'test-target': 'test', target: 'production', ...given }),
    declaredInputs: Object.keys(action.inputs),
    ...{ look, folders },
    cacheWorker: { file: 'false', args: [] }
  })
  const { outcome } = result.report
  const asked = commands.map(withoutChance)
  return {
    ...{ result, lines, masked, saved, asked, definitions },
    failure: outcome.kind === 'red' ? outcome.failure : undefined,
    did: asked.filter((line) => !isQuestion(line)).map((line) => line.split(' ').slice(0, 2).join(' ')),
    outputs: planOutputs(result),
    async post() {
      const before = commands.length
      const ending: Exec = (command, options = {}) => {
        commands.push(lineOf(command))
        return command.file === 'docker' ? docker(command, options) : makeExec()(command, options)
      }
      const troubles = await endLeftovers({ exec: ending }, parseLeftovers(saved.get('leftovers') ?? ''))
      if (troubles.length > 0) throw new Error(troubles.join('\n'))
      return commands.slice(before).map(withoutChance)
    }
  }
}

function lineOf({ file, args }: Command): string {
  return file === 'docker' ? args.join(' ') : [file, ...args].join(' ')
}

/** Names that are drawn by lot, ports and folders are not what a run is. */
function withoutChance(line: string): string {
  return line
    .replaceAll(/127\.0\.0\.1:\d+/g, 'localhost')
    .replaceAll(/sha256:[0-9a-f]{64}/g, 'DIGEST')
    .replaceAll(/stagegate-(smoke-)?[0-9a-f]{12,32}\b/g, 'stagegate-$1NAME')
    .replaceAll(/\/\S*\/(?=[^/\s]+(?: |$))/g, '')
}

function isQuestion(line: string): boolean {
  return /^(?:buildx (?:version|inspect|imagetools)|info|version|(?:image|container|network) (?:inspect|logs|ls)|ssh-add -L|git )|--call=/.test(
    line
  )
}

/** A docker with the containerd image store, and on demand a builder of the container driver. */
function scriptedDocker({ content = ['hello'], bake = green, cache, given = {} }: Script, cancel: () => void) {
  const layouts = content.map((text) =>
    layoutOf([{ layers: [{ entries: [{ path: 'app/a', content: Buffer.from(text) }] }] }])
  )
  let files = layouts[0] ?? layoutOf([])
  const manifest = asString(dig(asArray(dig(parseJSON(String(rootIndexOf(files))), 'manifests'))[0], 'digest')) ?? ''
  const builders = new Set<string>()
  const inspected = (name = 'default'): Partial<ExecResult> => {
    const text = recordedText(given.builder === 'auto' ? 'inspect-classic.txt' : 'inspect-containerd.txt')
    if (name === 'default') return { stdout: text }
    if (!builders.has(name)) return { exitCode: 1, stderr: recordedText('inspect-missing.txt') }
    return { stdout: text.replaceAll('default', name).replace(/(Driver: +)docker/, '$1docker-container') }
  }
  return async ({ args }: Command, { input = '', onStderr }: ExecOptions = {}): Promise<ExecResult> => {
    const line = args.join(' ')
    const done = (more: Partial<ExecResult> = {}): ExecResult => ({
      ...{ exitCode: 0, stdout: '', stderr: '', timedOut: false },
      ...more
    })
    if (line === 'buildx version') return done({ stdout: recordedText('version.txt') })
    if (line.startsWith('buildx inspect')) return done(inspected(/ (stagegate-\S+)$/.exec(line)?.[1]))
    if (line.startsWith('buildx create')) {
      builders.add(args[args.indexOf('--name') + 1] ?? '')
      return done()
    }
    if (line.startsWith('buildx rm')) {
      const name = args.at(-1) ?? ''
      return done(builders.delete(name) ? {} : { exitCode: 1, stderr: `ERROR: no builder "${name}" found` })
    }
    if (line.includes('--call=targets')) return done({ stdout: JSON.stringify({ targets: stages }) })
    if (line.includes('--call=')) return done({ stdout: '{}' })
    if (line.startsWith('info')) {
      return done({ stdout: '{"DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]]}' })
    }
    if (/^buildx (?:bake|build) /.test(line)) {
      const definition = parseJSON(typeof input === 'string' ? input : '')
      const targets = asArray(dig(definition, 'group', 'default', 'targets')).map(String)
      if (line.startsWith('buildx bake')) files = layouts.shift() ?? files
      const outputs = targets.flatMap((target) => asArray(dig(definition, 'target', target, 'output')).map(String))
      for (const output of outputs) {
        const dest = /dest=(.*)$/.exec(output)?.[1]
        if (dest !== undefined && output.startsWith('type=oci,tar=false')) await writeFiles(dest, files)
        else if (dest !== undefined) writeFileSync(dest, 'a file')
      }
      const metadata = args.indexOf('--metadata-file')
      const writesCache = line.includes('type=cacheonly')
      const { stream, ...more } = writesCache ? (cache ?? cached)(cancel) : bake(targets, cancel, definition)
      onStderr?.(Buffer.from(stream))
      const told = JSON.stringify({ '_image-0': { 'containerimage.digest': digestOf(Buffer.from('')) } })
      if (metadata !== -1) writeFileSync(args[metadata + 1] ?? '', told)
      return done(more)
    }
    if (line.startsWith('buildx imagetools inspect')) return done({ stdout: '{"layers":[]}' })
    if (line.startsWith('image inspect --format {{.Id}}')) return done({ stdout: `${manifest}\n` })
    if (line.startsWith('image inspect')) return done({ stdout: JSON.stringify({ Descriptor: { digest: manifest } }) })
    if (line.startsWith('version')) return done({ stdout: 'linux/amd64 1.48' })
    if (line.startsWith('container inspect')) return done({ stdout: '[{"State":{"Status":"exited","ExitCode":0}}]' })
    if (/^(?:image (?:ls|pull|tag|rm)|network (?:ls|create|rm)|container (?:ls|run|rm|logs))/.test(line)) return done()
    throw new Error(`nobody expected docker ${line}`)
  }
}

/** The layer cache is written. */
export function cached(): Baked {
  return { stream: streamOf([{ vertex: 'cache', name: 'exporting cache to registry' }]) }
}

/** The index that `index.json` names. */
function rootIndexOf(files: ReadonlyMap<string, Buffer>): Buffer {
  const digest = asString(dig(asArray(dig(parseJSON(String(files.get('index.json'))), 'manifests'))[0], 'digest')) ?? ''
  return files.get(`blobs/sha256/${digest.slice('sha256:'.length)}`) ?? Buffer.from('')
}

/** A registry that takes everything. */
export type ScriptedRegistry = AsyncDisposable & {
  readonly address: string
  /** Tags that were written. */
  readonly tags: () => readonly string[]
}

/**
 * Starts one.
 * @param refuse told of each request as `PUT /v2/app/manifests/1`; a status that it returns is the answer
 */
export async function openRegistry(
  refuse: (request: string) => number | undefined = () => undefined
): Promise<ScriptedRegistry> {
  const tags = new Map<string, string>()
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request
    const hash = createHash('sha256')
    request.on('data', (chunk: Buffer) => hash.update(chunk))
    request.once('end', () => {
      const tag = /\/manifests\/(?!sha256:)(.*)$/.exec(url)?.[1] ?? ''
      const status = refuse(`${method} ${url}`)
      if (status !== undefined) response.writeHead(status).end('{"errors":[{"code":"DENIED","message":"not for you"}]}')
      else if (method === 'POST') response.writeHead(202, { location: `${url}upload` }).end()
      else if (method === 'PUT' || method === 'PATCH') {
        const digest = `sha256:${hash.digest('hex')}`
        if (tag !== '') tags.set(tag, digest)
        response.writeHead(method === 'PUT' ? 201 : 202, { location: url, 'docker-content-digest': digest }).end()
      } else if (tags.has(tag)) response.writeHead(200, { 'docker-content-digest': tags.get(tag) }).end()
      else response.writeHead(method === 'DELETE' ? 204 : url === '/v2/' ? 200 : 404).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    tags: () => [...tags.keys()],
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  }
}
