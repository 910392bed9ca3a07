/**
 * Starts the inspected image before it leaves, and waits until it answers as it should. What is made for that in the
 * engine, a container and a network, goes again whatever happens; `post` is told of it before it exists.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SmokeProbe, SmokeVariable, Wrong } from '../inputs/smoke.js'
import { Cancelled, type Command, type ExecResult, type Ports } from '../ports.js'
import { adviseSmoke, readSockets, type Listener } from './advise.js'
import {
  loadedName,
  planInspect,
  planLoad,
  planLogs,
  planNetwork,
  planPull,
  planRemoveContainer,
  planRemoveImage,
  planRemoveNetwork,
  planSockets,
  planStart,
  planVersion,
  smokeName,
  type SmokeContainer
} from './plan.js'
import { askOnce } from './probe.js'
import { readState, type ContainerState } from './state.js'

/** How a platform's image did. Times are seconds from the start of the container. */
export type SmokeResult = { readonly platform: string; readonly seconds: number } & (
  | { readonly result: 'passed'; readonly words: string }
  | { readonly result: 'skipped'; readonly reason: string }
  | {
      readonly result: 'failed'
      /** What was seen, as a clause: `it ended with exit code 3`. */
      readonly reason: string
      readonly exitCode?: number
      /** The last lines of the container's log. */
      readonly log: readonly string[]
      readonly advice: readonly string[]
    }
)

export type SmokeOptions = {
  readonly probe: SmokeProbe
  readonly variables: readonly SmokeVariable[]
  readonly timeoutSeconds: number
  readonly platform: string
  /**
   * The image in a registry that the engine may or may not reach: `127.0.0.1:PORT/…@sha256:…`. Whoever gives it removes it from
   * the engine, once nobody uses it any more.
   */
  readonly reference: string
  /** Private folder of the run, for the variables while the container starts. */
  readonly folder: string
  /** Writes an archive in which the image has this name, for an engine that does not reach it. */
  readonly writeArchive: (tag: string) => Promise<string>
  /** Told of a name before it exists in the engine. */
  readonly leftovers: { readonly addSmoke: (name: string) => void; readonly addImage: (reference: string) => void }
}

const LOG_LINES = 60
const LINE_LENGTH = 500
const CALL_SECONDS = 60
const PULL_SECONDS = 600
/** What is read of a container's own words at most: it may say more than a runner has memory for. */
const MOST_OUTPUT = 2 ** 20
/** Up to Docker 24 the engine knows no interval of its own for the start: API 1.44. */
const START_INTERVAL_SINCE = 44

/** What is wrong with a probe for this image; asked before anything starts. */
export function checkProbe(probe: SmokeProbe, healthcheck: readonly string[]): Wrong | undefined {
  const [first] = healthcheck
  if (probe.kind !== 'healthy' || (first !== undefined && first !== 'NONE')) return undefined
  return {
    problem: '"healthy" asks the HEALTHCHECK of the image, and the image has none',
    fix: 'Add a HEALTHCHECK to the Dockerfile, or write a URL ("http://:8080/healthz") or arguments ("--version").'
  }
}

/** Starts the image and waits for what the probe wants to see. Throws `Cancelled` only. */
export async function smokeImage(
  ports: Pick<Ports, 'exec' | 'log' | 'now' | 'signal'>,
  options: SmokeOptions
): Promise<SmokeResult> {
  const { platform, probe, timeoutSeconds, variables, leftovers } = options
  const name = smokeName()
  const call = caller(ports)
  const startedAt = ports.now()
  let since = startedAt
  const secondsSince = (): number => (ports.now() - since) / 1000
  const failed = (reason: string, said = ''): SmokeResult => ({
    ...{ platform, seconds: secondsSince(), result: 'failed', reason, log: lastLines(said) },
    advice: adviseSmoke({ probe, text: said })
  })

  const version = await call(planVersion())
  const [, os, engine, minor] = /^(\w+)\/(\w+) 1\.(\d+)/.exec(version.stdout) ?? []
  if (os === undefined || engine === undefined) return failed('no engine is there to start it', version.stderr)
  if (!platform.startsWith(`${os}/`)) {
    return { platform, seconds: 0, result: 'skipped', reason: `the engine runs ${os} only` }
  }

  leftovers.addSmoke(name)
  await using cleanup = new AsyncDisposableStack()
  const image = await bring(ports, options, name, cleanup)
  if ('reason' in image) return failed(image.reason, image.said)
  cleanup.defer(async () => {
    await quietly(call(planRemoveContainer(name)))
    await quietly(call(planRemoveNetwork(name)))
  })
  const network = await call(planNetwork(name))
  if (network.exitCode !== 0) return failed('the engine could not make a network for it', network.stderr)
  since = ports.now()
  const variablesFile = variables.length === 0 ? undefined : path.join(options.folder, `${name}.env`)
  if (variablesFile !== undefined) {
    const lines = variables.map((variable) => `${variable.name}=${variable.value}\n`)
    await writeFile(variablesFile, lines.join(''), { mode: 0o600 })
    cleanup.defer(() => rm(variablesFile, { force: true }))
  }
  const container: SmokeContainer = {
    ...{ name, image: image.reference, platform, probe },
    ...(variablesFile === undefined ? {} : { variablesFile }),
    ...(Number(minor) >= START_INTERVAL_SINCE ? { startSeconds: timeoutSeconds } : {})
  }
  const withInit = await call(planStart(container))
  const lacksInit = withInit.exitCode !== 0 && withInit.stderr.includes('"docker-init": executable file not found')
  if (lacksInit) await call(planRemoveContainer(name)) // it was made, and not started
  const started = lacksInit ? await call(planStart({ ...container, bare: true })) : withInit
  const end = started.exitCode === 0 ? await watch(ports, options, name) : { reason: 'the engine could not start it' }
  const seconds = secondsSince()
  if ('words' in end) return { platform, seconds, result: 'passed', words: end.words }

  const logs = await readBounded(ports, planLogs(name, LOG_LINES))
  const said = `${logs.exitCode === 0 ? `${logs.stdout}${logs.stderr}` : ''}${started.exitCode === 0 ? '' : started.stderr}`
  const text = `${said}\n${end.state?.error ?? ''}`
  if (!isNative(platform, engine) && /exec format error/i.test(text)) {
    return { platform, seconds, result: 'skipped', reason: `the engine is ${os}/${engine} and does not emulate it` }
  }
  const listeners = end.state?.running === true ? await listenersOf(ports, name) : undefined
  return {
    ...{ platform, seconds, result: 'failed', reason: end.reason, log: lastLines(said) },
    ...(end.state === undefined || end.state.running ? {} : { exitCode: end.state.exitCode }),
    advice: adviseSmoke({
      ...{ probe, text },
      ...(end.state === undefined ? {} : { state: end.state }),
      ...(listeners === undefined ? {} : { listeners }),
      ...(end.httpStatus === undefined ? {} : { httpStatus: end.httpStatus })
    })
  }
}

type End =
  | { readonly words: string }
  | { readonly reason: string; readonly state?: ContainerState; readonly httpStatus?: number }

/** Looks at the container until it has done what it should, or cannot any more. */
async function watch(
  ports: Pick<Ports, 'exec' | 'now' | 'signal'>,
  { probe, timeoutSeconds }: SmokeOptions,
  name: string
): Promise<End> {
  const deadline = ports.now() + timeoutSeconds * 1000
  let last = 'it never appeared'
  let httpStatus: number | undefined
  for (let pause = 100; ; pause = Math.min(pause * 1.5, 1000)) {
    const inspected = await caller(ports)(planInspect(name))
    const state = inspected.exitCode === 0 ? readState(inspected.stdout) : undefined
    if (state === undefined) return { reason: 'the engine has lost it' }
    if (!state.running && state.status !== 'created') {
      if (probe.kind === 'arguments' && state.exitCode === 0) return { words: 'it ended with exit code 0' }
      return { reason: `it ended with exit code ${state.exitCode}`, state }
    }
    if (probe.kind === 'arguments') last = 'it did not end'
    else if (probe.kind === 'healthy') {
      if (state.health?.status === 'healthy') return { words: 'its HEALTHCHECK says that it is healthy' }
      const { exitCode, output } = state.health?.last ?? { exitCode: undefined, output: '' }
      last = exitCode === undefined ? 'its HEALTHCHECK said nothing' : `its HEALTHCHECK ended with ${exitCode}`
      if (output !== '') last += ` and said: ${output.split('\n').at(-1) ?? ''}`
    } else if (state.published !== undefined) {
      const answer = await askOnce({ port: state.published, path: probe.path }, ports.signal)
      if ('status' in answer) httpStatus = answer.status
      else httpStatus = undefined
      if (httpStatus !== undefined && httpStatus >= 200 && httpStatus < 400) {
        return { words: `port ${probe.port} answered ${probe.path} with ${httpStatus}` }
      }
      last = `port ${probe.port} ${'status' in answer ? `answered ${probe.path} with ${answer.status}` : answer.problem}`
    } else last = `the engine does not publish port ${probe.port}`
    if (ports.now() >= deadline) {
      return {
        reason: `${last} within ${timeoutSeconds} s`,
        state,
        ...(httpStatus === undefined ? {} : { httpStatus })
      }
    }
    await sleep(Math.max(1, Math.min(pause, deadline - ports.now())))
  }
}

/** Brings the image into the engine: from the registry on loopback or, where it does not reach that, from an archive. */
async function bring(
  ports: Pick<Ports, 'exec' | 'log'>,
  { reference, platform, writeArchive, leftovers }: SmokeOptions,
  name: string,
  cleanup: AsyncDisposableStack
): Promise<{ readonly reference: string } | { readonly reason: string; readonly said: string }> {
  const call = caller(ports)
  const pulled = await ports.exec(planPull(reference, platform), { timeoutSeconds: PULL_SECONDS })
  if (pulled.exitCode === 0) return { reference }
  ports.log.debug(`The engine does not pull from here: ${pulled.stderr.trim()}`)
  const tag = loadedName(name)
  leftovers.addImage(tag)
  cleanup.defer(() => quietly(call(planRemoveImage(tag))))
  const loaded = await ports.exec(planLoad(await writeArchive(tag)), { timeoutSeconds: PULL_SECONDS })
  if (loaded.exitCode === 0) return { reference: tag }
  return { reason: 'the engine could not take the image', said: `${pulled.stderr}\n${loaded.stderr}` }
}

/** From the runner's own view of the container's network, or from inside it. */
async function listenersOf(ports: Pick<Ports, 'exec'>, name: string): Promise<readonly Listener[] | undefined> {
  const inside = await readBounded(ports, planSockets(name))
  if (inside.exitCode === 0 || inside.stdout !== '') return readSockets(inside.stdout)
  const { stdout } = await caller(ports)({
    file: 'docker',
    args: ['container', 'inspect', '--format', '{{.State.Pid}}', name]
  })
  const pid = Number(stdout.trim())
  if (!Number.isInteger(pid) || pid < 2) return undefined
  const files = await Promise.all(
    ['tcp', 'tcp6'].map((file) => readFile(`/proc/${pid}/net/${file}`, 'latin1').catch(() => ''))
  )
  return files.join('') === '' ? undefined : readSockets(files.join('\n'))
}

function caller({ exec }: Pick<Ports, 'exec'>) {
  return (command: Command): Promise<ExecResult> => exec(command, { timeoutSeconds: CALL_SECONDS })
}

/** A call whose output is the container's own: the program that writes it is ended once there is too much. */
async function readBounded({ exec }: Pick<Ports, 'exec'>, command: Command): Promise<ExecResult> {
  const enough = new AbortController()
  const reader = () => {
    const chunks: Buffer[] = []
    let room = MOST_OUTPUT
    return {
      take: (chunk: Buffer): void => {
        chunks.push(chunk.subarray(0, room))
        room = Math.max(0, room - chunk.length)
        if (room === 0) enough.abort()
      },
      text: () => Buffer.concat(chunks).toString()
    }
  }
  const [stdout, stderr] = [reader(), reader()]
  const result = await exec(command, {
    ...{ timeoutSeconds: CALL_SECONDS, signal: enough.signal, onStdout: stdout.take, onStderr: stderr.take }
  })
  const exitCode = enough.signal.aborted ? 0 : result.exitCode
  return { ...result, exitCode, stdout: stdout.text(), stderr: stderr.text() }
}

/** A cancelled run removes nothing any more; its `post` does. */
async function quietly(call: Promise<ExecResult>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof Cancelled)) throw error
  })
}

function isNative(platform: string, architecture: string): boolean {
  return platform.split('/')[1] === architecture
}

function lastLines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.slice(0, LINE_LENGTH))
    .filter((line, index, all) => line.trim() !== '' || index < all.length - 1)
    .slice(-LOG_LINES)
}
