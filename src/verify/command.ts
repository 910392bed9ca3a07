/**
 * Runs a `verify` command as a `run:` step with `shell: bash` is run: a script file, `bash -eo pipefail`, the workspace. It
 * leads a process group of its own, so that whatever it leaves behind ends with it; what has left the group is known by its
 * environment.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
 */
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import { exitCodeOf, releasePipes } from '../adapters/exec.js'
import { endGroup, findByEnvironment, send } from '../adapters/processes.js'
import { Cancelled, type Command } from '../ports.js'

export type VerifyCommand = {
  /** The text of the input. */
  readonly script: string
  /** The whole environment: nothing of this process's own is added. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Private folder for the script. */
  readonly folder: string
  readonly timeoutSeconds: number
  /** Takes each line of the output, without its end. */
  readonly onLine: (line: string) => void
  /** Told of the process group before anything else; `post` ends it when the run could not. */
  readonly onStart: (pid: number) => void
  readonly signal: AbortSignal
}

/** How it ended, and the last lines it printed. */
export type VerifyEnd = {
  readonly exitCode: number
  readonly timedOut: boolean
  readonly log: readonly string[]
  /** Lines that were not shown because there were too many. */
  readonly hidden: number
}

/** Lines that go to the job log, and characters of one: what is beyond is counted. */
const MOST_LINES = 20_000
const LINE_LENGTH = 8_000
const LAST_LINES = 60
const GRACE_MILLISECONDS = 2_000

/** As timeout(1) has it. */
const TIMED_OUT = 124

/** Runs the command to its end. Throws `Cancelled` when the run is cancelled. */
export async function runVerify(options: VerifyCommand): Promise<VerifyEnd> {
  const { script, env, cwd, folder, timeoutSeconds, signal } = options
  if (signal.aborted) throw new Cancelled()
  const file = path.join(folder, 'verify.sh')
  await writeFile(file, script.endsWith('\n') ? script : `${script}\n`, { mode: 0o700 })
  const output = readLines(options.onLine)
  const command = planShell(file, env.PATH ?? '')
  const child = spawn(command.file, command.args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const group = child.pid
  if (group !== undefined) options.onStart(group)
  let timedOut = false
  const end = (): void => void endGroup(group)
  const timer = setTimeout(() => {
    timedOut = true
    end()
  }, timeoutSeconds * 1000)
  signal.addEventListener('abort', end, { once: true })
  releasePipes(child) // a child of its own that still holds them must not keep us
  child.stdout.on('data', output.stdout)
  child.stderr.on('data', output.stderr)
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, ended) => resolve(exitCodeOf(code, ended)))
    })
    await endGroup(group)
    await endStrays(env.STAGEGATE_OCI_LAYOUT)
    // What it says once it is ended is no verdict: a trap may well end with 0.
    return { exitCode: timedOut && exitCode === 0 ? TIMED_OUT : exitCode, timedOut, ...output.end() }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    child.stdout.destroy()
    child.stderr.destroy()
    await rm(file, { force: true })
    if (signal.aborted) throw new Cancelled()
  }
}

/** The shell of a `run:` step with `shell: bash`; `sh` as a step has it that names none, where there is no bash. */
export function planShell(file: string, searchPath: string): Command {
  const hasBash = searchPath.split(path.delimiter).some((folder) => isProgram(path.join(folder, 'bash')))
  return hasBash
    ? { file: 'bash', args: ['--noprofile', '--norc', '-eo', 'pipefail', file] }
    : { file: 'sh', args: ['-e', file] }
}

/** Ends what a command has started and let go of, such as a daemon: the folder of its layout is the command's alone. */
async function endStrays(layout: string | undefined): Promise<void> {
  if (layout === undefined) return
  const mark = `STAGEGATE_OCI_LAYOUT=${layout}\0`
  const find = () => findByEnvironment((environment) => environment.includes(mark))
  const deadline = Date.now() + GRACE_MILLISECONDS
  let left = await find()
  left.forEach((pid) => send(pid, 'SIGTERM'))
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(20)
    left = await find()
  }
  left.forEach((pid) => send(pid, 'SIGKILL'))
}

/** Two streams as lines; what is too long or too much is cut, and counted. */
function readLines(onLine: (line: string) => void) {
  const last: string[] = []
  let shown = 0
  let hidden = 0
  const take = (line: string): void => {
    const text = line.replace(/\r$/, '').slice(0, LINE_LENGTH)
    last.push(text)
    if (last.length > LAST_LINES) last.shift()
    shown += 1
    if (shown > MOST_LINES) hidden += 1
    else onLine(text)
  }
  const reader = () => {
    const decoder = new StringDecoder('utf8')
    let rest = ''
    return {
      feed: (chunk: Buffer): void => {
        const lines = (rest + decoder.write(chunk)).split('\n')
        rest = (lines.pop() ?? '').slice(0, LINE_LENGTH)
        lines.forEach(take)
      },
      end: (): void => {
        if (rest !== '') take(rest)
        rest = ''
      }
    }
  }
  const [stdout, stderr] = [reader(), reader()]
  return {
    stdout: stdout.feed,
    stderr: stderr.feed,
    end() {
      stdout.end()
      stderr.end()
      return { log: [...last], hidden }
    }
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
