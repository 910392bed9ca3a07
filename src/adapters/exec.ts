/** Running other programs. */
import { spawn, type ChildProcess } from 'node:child_process'
import { Readable } from 'node:stream'
import { Cancelled, ProgramMissing, type Exec, type Log, type Show } from '../ports.js'
import { endGroup } from './processes.js'

/** How long a child, and then what it leaves behind, may take to end after SIGTERM before it gets SIGKILL. */
const graceMilliseconds = 500

/** How long what a child has printed last may take to come after its exit. */
const lastOutputMilliseconds = 200

/**
 * The environment for children: ours without the inputs and the saved state, which hold what no other program needs.
 */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const clean: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !name.startsWith('INPUT_') && !name.startsWith('STATE_')) clean[name] = value
  }
  return clean
}

/**
 * Runs commands so that a cancel ends them at once. @actions/exec offers neither a signal nor its child's pid, so
 * whatever may wait for a network or a person is spawned here. Each leads a process group of its own: what is left of it
 * ends with a command that is ended or that fails, and not with one that succeeds.
 */
export function createExec(env: Readonly<Record<string, string>>, signal: AbortSignal): Exec {
  return (command, options = {}) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new Cancelled())
        return
      }
      const child = spawn(command.file, command.args, {
        env: options.alone === true ? { ...options.env } : { ...env, ...options.env },
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd })
      })
      let timedOut = false
      let ending: Promise<void> | undefined
      const end = (): void => {
        ending ??= endChild(child)
      }
      const timer =
        options.timeoutSeconds === undefined
          ? undefined
          : setTimeout(() => {
              timedOut = true
              end()
            }, options.timeoutSeconds * 1000)
      signal.addEventListener('abort', end, { once: true })
      options.signal?.addEventListener('abort', end, { once: true })
      if (options.signal?.aborted === true) end()
      const release = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', end)
        options.signal?.removeEventListener('abort', end)
      }

      const stdout = collect(options.onStdout)
      const stderr = collect(options.onStderr)
      child.stdout.on('data', stdout.take)
      child.stderr.on('data', stderr.take)
      child.stdin.on('error', () => undefined) // A child that ends without reading closes the pipe; its exit code says why.
      if (options.input instanceof Readable) options.input.pipe(child.stdin)
      else child.stdin.end(options.input ?? '')

      child.once('error', (error: NodeJS.ErrnoException) => {
        release()
        reject(error.code === 'ENOENT' ? new ProgramMissing(command.file) : error)
      })
      child.once('close', (code, ended) => {
        release()
        const settle = (): void => {
          if (signal.aborted) reject(new Cancelled())
          else resolve({ exitCode: exitCodeOf(code, ended), stdout: stdout.text(), stderr: stderr.text(), timedOut })
        }
        if (ending === undefined && code === 0) settle()
        else void (ending ?? endGroup(child.pid, graceMilliseconds)).then(settle)
      })
    })
}

/** Runs a command with its output in the log, line by line, as what a program printed. */
export function createShow(exec: Exec, log: Pick<Log, 'untrusted'>): Show {
  return async (command) => {
    const { exitCode, stdout, stderr } = await exec(command)
    for (const line of `${stdout}${stderr}`.split('\n')) if (line.trim() !== '') log.untrusted(line)
    return exitCode
  }
}

/** The signal goes to the child alone, which may have to tell others in an orderly way; what it leaves behind ends after it. */
async function endChild(child: ChildProcess): Promise<void> {
  releasePipes(child)
  if (child.pid === undefined) return // It could not be started.
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds).unref()
    await exited
    clearTimeout(timer)
  }
  await endGroup(child.pid, graceMilliseconds)
}

/**
 * Lets go of a child's pipes a moment after its exit, so that `close` comes then at the latest. A process that the child has
 * started may hold them for long after it.
 */
export function releasePipes(child: ChildProcess): void {
  const release = (): void => {
    const timer = setTimeout(() => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, lastOutputMilliseconds)
    child.once('close', () => clearTimeout(timer))
  }
  if (child.exitCode === null && child.signalCode === null) child.once('exit', release)
  else release()
}

function collect(listener: ((chunk: Buffer) => void) | undefined): {
  take: (chunk: Buffer) => void
  text: () => string
} {
  const chunks: Buffer[] = []
  let kept = 0
  const keep = (chunk: Buffer): void => {
    const part = chunk.subarray(0, MOST_KEPT - kept)
    kept += part.length
    if (part.length > 0) chunks.push(part)
  }
  return { take: listener ?? keep, text: () => Buffer.concat(chunks).toString() }
}

/** Bytes that are kept of what a program prints: of one that prints without end the beginning says enough. */
const MOST_KEPT = 64 * 2 ** 20

/** The exit code of a child; for one ended by a signal, the code that a shell would give. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 137)
}
