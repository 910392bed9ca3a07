/** What a failed build means: BuildKit's exit code is 1 for everything, so its texts and steps have to tell. Pure. */
import type { Failure } from '../failure/failure.js'
import type { Progress } from '../core/progress.js'
import { sameStage, type Step } from '../core/step.js'
import { bootFix, engineFix, isEngineFault, type BuilderFacts } from './causes.js'
import { readPlainError } from './plain_error.js'
import { refusedInput } from './refusals.js'
import { registryFix } from './registry_causes.js'

/** A build that did not end with exit code 0. */
export type FailedBuild = {
  readonly exitCode: number
  readonly progress: Progress
  /** Names of the stages that are test targets. */
  readonly testStages: readonly string[]
  /** Name for steps of a Dockerfile with one stage, which BuildKit does not name. */
  readonly onlyStage?: string
  /** It is one of a linked target, whose lines are in another Dockerfile. */
  readonly isLinked?: boolean
  /** Who built: the same words want another look with each driver. */
  readonly builder?: BuilderFacts
}

/** The stage has no such command or user, or one for another machine: the Dockerfile's affair, though nothing ran. */
const cannotStart =
  /unable to find (?:user|group) |no matching entries in (?:passwd|group) file|exec format error|executable file not found|exec: (?:(?!exec: ).)*(?:no such file or directory|permission denied)/

/** Tells a failed build's kind. */
export function classifyFailure(build: FailedBuild): Failure {
  const { progress, exitCode, builder, isLinked = false } = build
  const { message, line: shown, speaker } = readPlainError(progress.plain)
  const line = isLinked ? undefined : shown
  const at = line === undefined ? {} : { line }
  const step = failedStep(progress.steps, message)

  if (exitCode === 130) return { kind: 'cancelled' }

  const unknownFlag = /^unknown flag: (--\S+)/.exec(message)
  if (unknownFlag !== null) {
    return {
      kind: 'engine',
      message: `this buildx does not know ${unknownFlag[1] ?? ''}`,
      fix: 'Use a newer buildx; docker/setup-buildx-action installs one.'
    }
  }
  // What its image or its engine says on the way is not about an image of the build.
  if (progress.internals.some(({ name, error }) => error !== undefined && name.endsWith(' booting buildkit'))) {
    return { kind: 'engine', message, fix: bootFix(message, builder) }
  }
  const refused = shown === undefined ? refusedInput(message) : undefined
  if (refused !== undefined) return { kind: 'input', problems: [refused] }

  const secret = missingSecret(message)
  if (secret !== undefined) return { kind: 'credential', credential: 'secret', id: secret, ...at }
  const agent = /unset ssh forward key (\S+)/.exec(message)?.[1]
  if (agent !== undefined) return { kind: 'credential', credential: 'ssh', id: agent, ...at }

  const process = /did not complete successfully: (?:exit code: (\d+)|(.*))$/s.exec(message)
  if (process !== null) {
    const code = Number(process[1] ?? NaN)
    if (Number.isNaN(code)) {
      const ended = process[2] ?? message
      if (cannotStart.test(ended)) {
        return {
          kind: 'build',
          message: `the command could not be started: ${ended}`,
          ...(step === undefined ? {} : { step }),
          ...at
        }
      }
      return {
        kind: 'engine',
        message: `a command could not be started or was ended: ${ended}`,
        fix: engineFix(ended, builder) ?? 'Look at the builder: its network, disk and memory.'
      }
    }
    const stage = step?.stage ?? build.onlyStage
    if (step !== undefined && build.testStages.some((test) => sameStage(stage, test))) {
      return { kind: 'test', step, exitCode: code, ...at }
    }
    return { kind: 'build', message, exitCode: code, ...(step === undefined ? {} : { step }), ...at }
  }

  if (isEngineFault(message)) return engineFailure(message, builder)
  if (message.includes('lint violation found')) {
    return {
      kind: 'dockerfile',
      message,
      ...at,
      fix: 'The Dockerfile says "# check=error=true". Fix the finding, or skip the rule there.'
    }
  }
  if (
    /dockerfile parse error|Dockerfile cannot be empty|file with no instructions|dockerfile syntax error|unknown instruction|could not be found|failed to read dockerfile|circular dependency|invalid (?:name|from flag|reference format)|no build stage in current context/i.test(
      message
    )
  ) {
    return { kind: 'dockerfile', message, ...at }
  }
  // COPY found no file, or ADD could not download.
  if (
    /failed to calculate checksum|failed to (?:compute|load) cache key|lstat (?:(?!lstat ).)*no such file/.test(message)
  ) {
    return { kind: 'build', message, ...(step === undefined ? {} : { step }), ...at }
  }
  if (/(?:denied|not allowed) by policy/.test(message)) {
    return {
      kind: 'dockerfile',
      message,
      ...at,
      fix: 'A source policy of this builder or repository (`EXPERIMENTAL_BUILDKIT_SOURCE_POLICY`, `Dockerfile.rego`) refuses it. Change the policy, or use a source that it allows.'
    }
  }
  // The classic image store pushes the way `docker push` does; only the name of the work says that it is a push.
  const pushed = progress.internals
    .flatMap(({ name, error }) => (error === undefined ? [] : (/^pushing (\S+) with docker/.exec(name)?.[1] ?? [])))
    .at(0)
  if (pushed !== undefined)
    return registryFailure(`failed to push ${pushed}: ${message}`, { reference: pushed }, builder)
  if (
    /failed to push|failed to resolve source metadata|failed to authorize|failed to fetch(?! remote)|error writing (?:layer|manifest) blob|unexpected status from|pull access denied|TLS handshake|no such host|no match for platform in manifest|failed to do request|failed to copy: (?!write )(?!.*closed pipe)/.test(
      message
    )
  ) {
    const reference = /^(?:failed to push |failed to resolve source metadata for )?(\S+?): /.exec(message)?.[1]
    return registryFailure(message, { ...(reference === undefined ? {} : { reference }), ...at }, builder)
  }
  if (/privileged|entitlement|is not allowed/.test(message) && message.includes('failed to load LLB')) {
    return { kind: 'dockerfile', message, ...at, fix: 'Grant it with the input allow, for example "network.host".' }
  }
  if (message === '') return silentFailure(build)
  if (exitCode === 137 || engineFix(message, builder) !== undefined) return engineFailure(message, builder)
  if (step !== undefined) return { kind: 'build', message, step, ...at }
  if (shown !== undefined) return { kind: 'dockerfile', message, ...at }
  return { kind: 'unrecognised', message, speaker }
}

/** The id in `secret ID: not found`, with which a message ends. */
function missingSecret(message: string): string | undefined {
  const ending = ': not found'
  if (!message.endsWith(ending)) return undefined
  const line =
    message
      .slice(0, -ending.length)
      .split(/[\r\n]/)
      .at(-1) ?? ''
  return /(?:^|\s)secret ([^]+)$/.exec(line)?.[1]
}

function engineFailure(message: string, builder: BuilderFacts | undefined): Failure {
  const fix = engineFix(message, builder)
  return { kind: 'engine', message, ...(fix === undefined ? {} : { fix }) }
}

function registryFailure(
  message: string,
  place: { readonly reference?: string; readonly line?: number },
  builder: BuilderFacts | undefined
): Failure {
  const fix = registryFix(message, builder)
  return { kind: 'registry', message, ...place, ...(fix === undefined ? {} : { fix }) }
}

function silentFailure({ exitCode, builder }: FailedBuild): Failure {
  return exitCode === 137
    ? engineFailure('the docker command was killed', builder)
    : { kind: 'engine', message: `docker buildx ended with exit code ${exitCode} and said nothing` }
}

/** The step behind the final message: others that carry an error were cancelled because of it. */
function failedStep(steps: readonly Step[], message: string): Step | undefined {
  const failed = steps.filter((step) => step.state === 'failed')
  const its = failed.find((step) => step.error !== undefined && message.endsWith(step.error))
  return its ?? failed.at(0) ?? missingCopy(steps, message)
}

/** The step that wanted a file which is not there. BuildKit may end before it has told which one it was. */
function missingCopy(steps: readonly Step[], message: string): Step | undefined {
  const [, quoted, plain] = /"\/([^"]+)": not found$|lstat \/(\S+): no such file or directory$/.exec(message) ?? []
  const file = quoted ?? plain
  if (file === undefined) return undefined
  const wanting = steps.filter(
    ({ state, instruction }) =>
      state !== 'ran' && state !== 'cached' && /^(?:COPY|ADD)\s/i.test(instruction) && instruction.includes(file)
  )
  return wanting.length === 1 ? wanting[0] : undefined
}
