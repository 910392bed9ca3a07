/**
 * What the program needs from the world outside, as parameters. The entries (`start.ts`, `comment/main.ts`) pass the real ones from
 * `src/adapters/`; tests pass real ones too, bound to temporary folders and captured logs.
 */

import type { Readable } from 'node:stream'

/** A program and its arguments. Commands are data: planned by pure code, run by `Exec`. */
export type Command = { readonly file: string; readonly args: readonly string[] }

export type ExecOptions = {
  /** Variables added to the cleaned environment (see `src/adapters/exec.ts`). */
  readonly env?: Readonly<Record<string, string>>
  /** The child gets `env` and nothing else. */
  readonly alone?: boolean
  /** Written to standard input, which is then closed; a stream is written as it comes. */
  readonly input?: string | Uint8Array | Readable
  readonly onStdout?: (chunk: Buffer) => void
  readonly onStderr?: (chunk: Buffer) => void
  /** The child is ended after this many seconds and the result says `timedOut`. */
  readonly timeoutSeconds?: number
  /** The child is ended when this is aborted; its result is that of any child that was ended. */
  readonly signal?: AbortSignal
  readonly cwd?: string
}

/** How a child ended. `stdout` and `stderr` hold what no listener took. */
export type ExecResult = {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
}

/**
 * Runs a command to its end. A non-zero exit code is a result, not an error. Rejects with `Cancelled` when the run is
 * cancelled and with `ProgramMissing` when the program is not there.
 */
export type Exec = (command: Command, options?: ExecOptions) => Promise<ExecResult>

/** The same; what still runs when the signal is aborted is ended. */
export function endedBy(signal: AbortSignal, exec: Exec): Exec {
  return (command, options) => {
    const signals = [signal, options?.signal].filter((each) => each !== undefined)
    return exec(command, { ...options, signal: AbortSignal.any(signals) })
  }
}

/** Runs a command whose output belongs in the job log as it is; resolves to its exit code. */
export type Show = (command: Command) => Promise<number>

/** Where an annotation points: a file of the repository and a 1-based line. */
export type AnnotationPlace = {
  readonly title: string
  readonly file?: string
  readonly line?: number
}

/**
 * The job log. `info` writes our own words; `untrusted` writes what a build printed, with workflow commands stopped. No
 * text given to any of them is a command to the runner.
 */
export type Log = {
  readonly info: (line: string) => void
  readonly untrusted: (line: string) => void
  readonly notice: (message: string, place: AnnotationPlace) => void
  readonly warning: (message: string, place: AnnotationPlace) => void
  readonly error: (message: string, place: AnnotationPlace) => void
  readonly debug: (line: string) => void
  /** Runs `body` inside a collapsible group of the log. */
  readonly group: <T>(title: string, body: () => Promise<T>) => Promise<T>
}

/** What the runner offers a step: masks, state for `post`, outputs and the summary file. */
export type Runner = {
  readonly mask: (value: string) => void
  readonly saveState: (name: string, value: string) => void
  readonly setOutput: (name: string, value: string) => void
  readonly exportVariable: (name: string, value: string) => void
  /** Appends Markdown to the job summary; does nothing where the runner has none, and warns where it cannot be written. */
  readonly writeSummary: (markdown: string) => Promise<void>
}

export type Ports = {
  readonly exec: Exec
  readonly show: Show
  readonly log: Log
  readonly runner: Runner
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal
}

/** What a path is on disk, with links followed; how inputs are checked before a run. */
export type Look = (path: string) => 'file' | 'folder' | undefined

/** Looks at the folder that an output is written to. */
export type Folders = {
  readonly isEmpty: (folder: string) => boolean
  readonly isWritable: (folder: string) => boolean
}

/** The run was cancelled from outside. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
  constructor() {
    super('The run was cancelled.')
  }
}

/** A program the run needs is not on PATH. */
export class ProgramMissing extends Error {
  override readonly name = 'ProgramMissing'
  readonly program: string
  constructor(program: string) {
    super(`The program "${program}" was not found on PATH.`)
    this.program = program
  }
}
