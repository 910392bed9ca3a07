/** A buildx by script: it is asked as the real one is, and tells of a build in the real one's stream. */
import { writeFileSync } from 'node:fs'
import { asArray, asObject, asString, dig, parseJSON } from '../../../src/core/json.js'
import type { Exec, Log } from '../../../src/ports.js'

/** A step as one target is told of it. */
export type Told = {
  /** Its digest; the same for targets that share it. */
  readonly vertex: string
  /** With the target before it, as buildx writes it: `[_test0-0 test 1/1] RUN x`. */
  readonly name: string
  readonly state?: 'ran' | 'cached' | 'failed' | 'cancelled' | 'waiting'
  readonly error?: string
  readonly inputs?: readonly string[]
  /** When it began and how long it took, in seconds. */
  readonly at?: number
  readonly seconds?: number
}

const begin = Date.UTC(2026, 0, 1)

function time(seconds: number): string {
  return new Date(begin + seconds * 1000).toISOString()
}

/** Lines of the stream: each step begins, and ends unless it waits. */
export function streamOf(steps: readonly Told[]): string {
  return steps
    .map(({ vertex, name, state = 'ran', error, inputs = [], at = 0, seconds = 1 }) => {
      const known = { digest: vertex, name, inputs }
      const started = { ...known, started: time(at) }
      const completed = { ...started, completed: time(at + seconds) }
      const said =
        state === 'waiting'
          ? [known]
          : state === 'cached'
            ? [{ ...completed, cached: true }]
            : state === 'ran'
              ? [started, completed]
              : [
                  started,
                  { ...completed, error: error ?? (state === 'cancelled' ? 'context canceled' : 'exit code: 1') }
                ]
      return said.map((told) => `${JSON.stringify({ vertexes: [told] })}\n`).join('')
    })
    .join('')
}

/** A chunk of a step's log. */
export function logOf(vertex: string, text: string, { at = 0, stream = 1 } = {}): string {
  const data = Buffer.from(text).toString('base64')
  return `${JSON.stringify({ logs: [{ vertex, stream, data, timestamp: time(at) }] })}\n`
}

/** The red end that buildx prints when a step of a target fails. */
export function redEnd(target: string, message: string): string {
  return `ERROR: target ${target}: failed to solve: ${message}\n`
}

/** What one call comes to. */
export type Answer = {
  readonly stream?: string
  readonly exitCode?: number
  readonly stdout?: string
  /** By target, as in the metadata file. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A call as it was made. */
export type Asked = {
  readonly args: readonly string[]
  readonly targets: readonly string[]
  /** The definition of the call's targets. */
  readonly definition: Readonly<Record<string, unknown>>
  readonly env: Readonly<Record<string, string>>
}

/** Answers the calls in their order; one more than were expected is an error. */
export function scriptedBuildx(answers: readonly (Answer | ((asked: Asked) => Answer))[]): {
  readonly exec: Exec
  readonly asked: readonly Asked[]
} {
  const asked: Asked[] = []
  const exec: Exec = ({ args }, { input, onStderr, env = {} } = {}) => {
    const definition = parseJSON(typeof input === 'string' ? input : '')
    const call: Asked = {
      ...{ args, env, definition: asObject(dig(definition, 'target')) ?? {} },
      targets: asArray(dig(definition, 'group', 'default', 'targets')).map((name) => asString(name) ?? '')
    }
    const answer = answers[asked.length]
    asked.push(call)
    if (answer === undefined) throw new Error(`one call more than expected: ${args.join(' ')}`)
    const { stream = '', exitCode = 0, stdout = '', metadata } = typeof answer === 'function' ? answer(call) : answer
    if (stream !== '') onStderr?.(Buffer.from(stream))
    const file = args[args.indexOf('--metadata-file') + 1]
    if (metadata !== undefined && file !== undefined) writeFileSync(file, JSON.stringify(metadata))
    return Promise.resolve({ exitCode, stdout, stderr: '', timedOut: false })
  }
  return { exec, asked }
}

/** A log that keeps what is written. */
export function keptLog(): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = []
  const keep = (line: string): void => void lines.push(line)
  const log: Log = {
    ...{ info: keep, untrusted: keep, notice: keep, warning: keep, error: keep },
    debug: () => undefined,
    group: (_, body) => body()
  }
  return { log, lines }
}
