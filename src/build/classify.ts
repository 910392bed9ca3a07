/** What a failed build means: BuildKit's exit code is 1 for everything, so its texts and steps have to tell. Pure. */
import type { Failure } from './failure.js'
import type { Progress } from './progress.js'
import type { Step } from './step.js'

/** A build that did not end with exit code 0. */
export type FailedBuild = {
  readonly exitCode: number
  readonly progress: Progress
  /** Names of the stages that are test targets. */
  readonly testStages: readonly string[]
  /** Name for steps of a Dockerfile with one stage, which BuildKit does not name. */
  readonly onlyStage?: string
}

/** Where and why, as buildx prints it after the stream: `Dockerfile:20`, a snippet, `ERROR: failed to build: …`. */
export type PlainError = { readonly message: string; readonly line?: number; readonly snippet: readonly string[] }

/** Reads the plain text that follows the stream of a failed build. */
export function readPlainError(plain: readonly string[]): PlainError {
  const errors = plain.filter((line) => line.startsWith('ERROR: '))
  const full = errors.at(-1) ?? plain.at(-1) ?? ''
  const message = full
    .replace(/^ERROR: /, '')
    .replace(/^target \S+: /, '')
    .replace(/^failed to build: /, '')
    .replace(/^failed to solve: /, '')
  const placeAt = plain.findIndex((line, index) => /^\S.*:\d+$/.test(line) && /^-{10,}$/.test(plain[index + 1] ?? ''))
  if (placeAt < 0) return { message, snippet: [] }
  const close = plain.findIndex((line, index) => index > placeAt + 1 && /^-{10,}$/.test(line))
  const line = Number(/:(\d+)$/.exec(plain[placeAt] ?? '')?.[1])
  return { message, line, snippet: plain.slice(placeAt + 2, close < 0 ? undefined : close) }
}

/** Tells a failed build's kind. */
export function classifyFailure(build: FailedBuild): Failure {
  const { progress, exitCode } = build
  const { message, line } = readPlainError(progress.plain)
  const at = line === undefined ? {} : { line }
  const step = failedStep(progress.steps, message)

  if (exitCode === 130) return { kind: 'cancelled' }

  const credential = /(?:^|\s)secret (.+?): not found$/.exec(message) ?? /unset ssh forward key (\S+)/.exec(message)
  if (credential !== null) {
    const isSecret = credential[0].includes('secret ') && !credential[0].includes('ssh forward')
    return { kind: 'credential', credential: isSecret ? 'secret' : 'ssh', id: credential[1] ?? '', ...at }
  }

  const process = /did not complete successfully: (?:exit code: (\d+)|(.*))$/s.exec(message)
  if (process !== null) {
    const code = Number(process[1] ?? NaN)
    if (Number.isNaN(code)) {
      return {
        kind: 'engine',
        message: `a command could not be started or was ended: ${process[2] ?? message}`,
        fix: /allocate memory/.test(message)
          ? 'The machine ran out of memory. Use a larger runner, or let the step do less at once.'
          : 'Look at the builder: its network, disk and memory.'
      }
    }
    const stage = step?.stage ?? build.onlyStage
    if (step !== undefined && stage !== undefined && build.testStages.includes(stage)) {
      return { kind: 'test', step, exitCode: code, ...at }
    }
    return { kind: 'build', message, exitCode: code, ...(step === undefined ? {} : { step }), ...at }
  }

  if (/lint violation found/.test(message)) {
    return { kind: 'dockerfile', message, ...at, fix: 'The Dockerfile says "# check=error=true". Fix the finding, or skip the rule there.' }
  }
  if (/dockerfile parse error|Dockerfile cannot be empty|dockerfile syntax error|unknown instruction|could not be found|failed to read dockerfile|circular dependency|invalid (?:name|from flag|reference format)|no build stage in current context/i.test(message)) {
    return { kind: 'dockerfile', message, ...at }
  }
  if (/failed to calculate checksum|failed to compute cache key|lstat .*no such file/.test(message)) {
    return { kind: 'build', message, ...(step === undefined ? {} : { step }), ...at }
  }
  if (/failed to push|failed to resolve source metadata|failed to authorize|failed to fetch|error writing (?:layer|manifest) blob|unexpected status from|pull access denied|TLS handshake|no such host/.test(message)) {
    const reference = /^(?:failed to push )?(\S+?): /.exec(message)?.[1]
    return { kind: 'registry', message, ...(reference === undefined ? {} : { reference }), ...at }
  }
  if (/privileged|entitlement|is not allowed/.test(message) && /failed to load LLB/.test(message)) {
    return { kind: 'dockerfile', message, ...at, fix: 'Grant it with the input allow, for example "network.host".' }
  }
  if (looksLikeEngine(message) || exitCode === 137) return { kind: 'engine', message: message || 'the docker command was killed' }
  if (step !== undefined) return { kind: 'build', message, step, ...at }
  return { kind: 'engine', message: message || `docker buildx build ended with exit code ${exitCode} and said nothing` }
}

/** Texts of the client when Docker, the builder or the connection to it is the trouble. */
export function looksLikeEngine(message: string): boolean {
  return /Cannot connect to the Docker daemon|no builder .* found|error reading from server|connection (?:refused|reset)|transport is closing|Unavailable|unexpected EOF|EOF$|no space left on device|server closed|dial unix|is the docker daemon running|failed to list workers|context deadline exceeded|driver not connecting|not supported for the docker driver/i.test(
    message
  )
}

/** The step behind the final message: others that carry an error were cancelled because of it. */
function failedStep(steps: readonly Step[], message: string): Step | undefined {
  const failed = steps.filter((step) => step.state === 'failed')
  return failed.find((step) => step.error !== undefined && message.endsWith(step.error)) ?? failed.at(0)
}
