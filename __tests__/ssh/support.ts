/** Real programs and temporary folders for the tests of this room. */
import { spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import ts from 'typescript'
import type { InputProblem } from '../../src/core/problem.js'
import { ProgramMissing, type Exec, type ExecResult, type Log } from '../../src/ports.js'
import { Stop } from '../../src/failure/stop.js'

const root = join(import.meta.dirname, '../..')

/** A short path: sockets below it must stay under 104 bytes. */
export function makeFolder(): { readonly path: string; readonly [Symbol.dispose]: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'sg-'))
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true })
    }
  }
}

/** The exec port on node:child_process, with nothing of the test's environment but PATH. */
export function makeExec(base: Readonly<Record<string, string>> = { PATH: process.env.PATH ?? '' }): Exec {
  return async (command, options = {}) => {
    const child = spawn(command.file, command.args, { env: { ...base, ...options.env }, cwd: options.cwd })
    const result = { stdout: '', stderr: '', timedOut: false }
    child.stdout.on('data', (chunk: Buffer) => (result.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (result.stderr += chunk.toString()))
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    const { promise, resolve, reject } = Promise.withResolvers<ExecResult>()
    const timer = setTimeout(
      () => {
        result.timedOut = true
        child.kill('SIGKILL')
      },
      (options.timeoutSeconds ?? 60) * 1000
    )
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new ProgramMissing(command.file) : error)
    })
    child.once('close', (code) => {
      resolve({ ...result, exitCode: code ?? 137 })
    })
    return promise.finally(() => {
      clearTimeout(timer)
    })
  }
}

/** A log that keeps its lines. */
export function makeLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = []
  const keep = (line: string): void => {
    lines.push(line)
  }
  const log: Log = {
    info: keep,
    untrusted: keep,
    notice: keep,
    warning: keep,
    error: keep,
    debug: keep,
    group: async (title, body) => {
      keep(title)
      return body()
    }
  }
  return { log, lines }
}

/** Runs a program to its end; throws where it fails. */
export function run(
  file: string,
  args: readonly string[],
  options: { input?: string; env?: Record<string, string> } = {}
): string {
  const env = { PATH: process.env.PATH ?? '', ...options.env }
  const result = spawnSync(file, args, { encoding: 'utf8', env, input: options.input ?? '' })
  if (result.status !== 0) throw new Error(`${file} ${args.join(' ')}: ${result.status ?? 'signal'} ${result.stderr}`)
  return result.stdout
}

export type KeyOptions = {
  readonly type?: 'rsa' | 'ecdsa' | 'ed25519'
  readonly bits?: number
  readonly format?: 'RFC4716' | 'PEM' | 'PKCS8'
  readonly passphrase?: string
  readonly comment?: string
}

export type GeneratedKey = {
  readonly text: string
  readonly publicLine: string
  readonly fingerprint: string
  readonly file: string
}

/** A key by the real ssh-keygen (or node, for the one form that ssh-keygen does not write: Ed25519 in PKCS#8). */
export function generateKey(folder: string, options: KeyOptions = {}): GeneratedKey {
  const { type = 'ed25519', bits, format = 'RFC4716', passphrase = '', comment = 'tester@example.com' } = options
  const file = join(mkdtempSync(join(folder, 'key-')), 'id')
  if (type === 'ed25519' && format === 'PKCS8') return generatePkcs8Ed25519(file)
  const size = bits === undefined ? [] : ['-b', String(bits)]
  run('ssh-keygen', ['-q', '-t', type, ...size, '-m', format, '-N', passphrase, '-C', comment, '-f', file])
  const [publicLine, text] = [readFileSync(`${file}.pub`, 'utf8'), readFileSync(file, 'utf8')]
  return { file, text, publicLine, fingerprint: fingerprintOf(`${file}.pub`) }
}

function generatePkcs8Ed25519(file: string): GeneratedKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const blob = Buffer.concat([Buffer.from('0000000b7373682d6564323535313900000020', 'hex'), point])
  const publicLine = `ssh-ed25519 ${blob.toString('base64')} node\n`
  writeFileSync(file, text, { mode: 0o600 })
  writeFileSync(`${file}.pub`, publicLine)
  return { file, text, publicLine, fingerprint: fingerprintOf(`${file}.pub`) }
}

function fingerprintOf(file: string): string {
  return run('ssh-keygen', ['-l', '-f', file]).split(' ')[1] ?? ''
}

/** The base64 body of a key, cut into pieces that no text of ours may show. */
export function shreds(key: string): readonly string[] {
  const body = key
    .split('\n')
    .filter((line) => !line.startsWith('-----') && !line.includes(':'))
    .join('')
  return Array.from({ length: Math.floor(body.length / 16) }, (_, index) =>
    body.slice(index * 16, index * 16 + 16)
  ).filter(
    // The first bytes of every OpenSSH key (magic, cipher, public half) and runs of padding are no secret.
    (shred, index) => index > 12 && !/^A{8}/.test(shred)
  )
}

/** Asks again every few milliseconds; throws after the limit. */
export async function until(what: string, holds: () => boolean, seconds = 20): Promise<void> {
  const deadline = Date.now() + seconds * 1000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain until ${what}.`)
    await sleep(20)
  }
}

/** The command lines of all running processes, NULs as spaces. */
export function commandLines(): readonly { readonly pid: number; readonly line: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      return [{ pid: Number(name), line: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }]
    } catch {
      return [] // It has ended meanwhile.
    }
  })
}

/** The processes whose command line holds the text, e.g. a folder that only one test uses. */
export function processesWith(text: string): readonly number[] {
  return commandLines().flatMap(({ pid, line }) => (line.includes(text) ? [pid] : []))
}

/** Ends what a failed test has left, so that it costs no other test its time. */
export function endAll(text: string): void {
  for (const pid of processesWith(text)) if (pid !== process.pid) process.kill(pid, 'SIGKILL')
}

/** The problems of a promise that must fail with `Stop` of kind input. */
export async function problemsOf(promise: Promise<unknown>): Promise<readonly InputProblem[]> {
  const { failure } = await failureOf(promise)
  if (failure.kind !== 'input') throw new Error(`expected an input failure, got ${JSON.stringify(failure)}`)
  return failure.problems
}

/** The `Stop` of a promise that must fail. */
export async function failureOf(promise: Promise<unknown>): Promise<Stop> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason
  )
  if (!(error instanceof Stop)) throw new Error('expected Stop', { cause: error })
  return error
}

/** Compiles src/ssh into the folder, so that a plain node process can be started on it, and killed. */
export function compile(folder: string): string {
  const sources = [
    'src/ports.ts',
    'src/adapters/processes.ts',
    'src/core/json.ts',
    'src/failure/stop.ts',
    ...readdirSync(join(root, 'src/ssh')).map((name) => `src/ssh/${name}`)
  ]
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true }
  for (const source of sources) {
    const target = join(folder, source.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, ts.transpileModule(readFileSync(join(root, source), 'utf8'), { compilerOptions }).outputText)
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  return join(folder, 'src/ssh')
}
