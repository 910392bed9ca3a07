/** What a failed build means: BuildKit's exit code is 1 for everything, so its texts and steps have to tell. Pure. */
import type { Failure } from '../failure/failure.js'
import type { InputProblem } from '../core/problem.js'
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

const CRASH_FIX =
  'This is a fault of buildx, not of the build. Run the job again; if it comes back, use another version of buildx: docker/setup-buildx-action installs the one that its input version names.'

/** A failed build, and what its last words and steps tell. */
type Told = FailedBuild & {
  readonly message: string
  readonly speaker: 'BuildKit' | 'buildx'
  readonly isCrash: boolean
  /** The line of a Dockerfile that the words show, whosever it is. */
  readonly shown: number | undefined
  /** The same, where it is the build's own. */
  readonly at: { readonly line?: number }
  /** The step behind it. */
  readonly behind: { readonly step?: Step }
}

/** What a failed build means, where it is known by something. */
type Meaning = (told: Told) => Failure | undefined

/** A meaning: what it is known by, and the failure that it is then. */
function known<Found>(
  when: (told: Told) => Found | undefined,
  failure: (told: Told, found: Found) => Failure
): Meaning {
  return (told) => {
    const found = when(told)
    return found === undefined ? undefined : failure(told, found)
  }
}

/** Known by the message. */
function says(text: RegExp): (told: Told) => RegExpExecArray | undefined {
  return ({ message }) => text.exec(message) ?? undefined
}

/** Known by whatever is true of it. */
function is(judge: (told: Told) => boolean): (told: Told) => true | undefined {
  return (told) => (judge(told) ? true : undefined)
}

/** A stage that an input names: a buildx that cannot list the stages leaves the finding to BuildKit. A linked one's is in the bake file. */
function missingStage({ message, testStages, isLinked = false }: Told): InputProblem | undefined {
  const stage = /^target stage "(.*)" could not be found$/.exec(message)?.[1]
  if (stage === undefined || isLinked) return undefined
  const isTest = testStages.some((test) => sameStage(stage, test))
  return {
    input: isTest ? 'test-target' : 'target',
    problem: `the Dockerfile has no stage "${stage}"`,
    fix: 'Name a stage as its FROM line does, after AS.'
  }
}

/** Names of the builder's own work that failed. */
function failedWork({ internals }: Progress): readonly string[] {
  return internals.flatMap(({ name, error }) => (error === undefined ? [] : [name]))
}

/** Each as it is where none before it is. */
const meanings: readonly Meaning[] = [
  known(
    is(({ exitCode }) => exitCode === 130),
    () => ({ kind: 'cancelled' })
  ),
  known(
    is(({ isCrash }) => isCrash),
    ({ message }) => ({ kind: 'engine', message: `docker buildx crashed: ${message}`, fix: CRASH_FIX })
  ),
  known(says(/^unknown flag: (--\S+)/), (_, [, flag = '']) => ({
    kind: 'engine',
    message: `this buildx does not know ${flag}`,
    fix: 'Use a newer buildx; docker/setup-buildx-action installs one.'
  })),
  // What its image or its engine says on the way is not about an image of the build.
  known(is(endedBooting), ({ message, builder }) => ({ kind: 'engine', message, fix: bootFix(message, builder) })),
  known(missingStage, (_, problem) => ({ kind: 'input', problems: [problem] })),
  known(
    ({ shown, message, progress }) => (shown === undefined ? refusedInput(message, failedWork(progress)) : undefined),
    (_, refused) => ({ kind: 'input', problems: [refused] })
  ),

  // What the workflow does not supply
  known(
    ({ message }) => missingSecret(message),
    ({ at }, id) => ({ kind: 'credential', credential: 'secret', id, ...at })
  ),
  known(says(/unset ssh forward key (\S+)/), ({ at }, [, id = '']) => ({
    ...{ kind: 'credential', credential: 'ssh', id, ...at }
  })),

  // A command that ran, or could not
  known(testThatEnded, ({ at }, { step, exitCode }) => ({ kind: 'test', step, exitCode, ...at })),
  known(
    ({ message }) => commandEnd(message)?.exitCode,
    ({ message, at, behind }, exitCode) => ({ kind: 'build', message, exitCode, ...behind, ...at })
  ),
  known(
    ({ message }) => commandEnd(message)?.words,
    ({ builder, behind, at }, words) =>
      cannotStart.test(words)
        ? { kind: 'build', message: `the command could not be started: ${words}`, ...behind, ...at }
        : {
            kind: 'engine',
            message: `a command could not be started or was ended: ${words}`,
            fix: engineFix(words, builder) ?? 'Look at the builder: its network, disk and memory.'
          }
  ),
  known(
    is(({ message }) => isEngineFault(message)),
    engineFailure
  ),

  // The Dockerfile, and what it copies
  known(says(/lint violation found/), ({ message, at }) => ({
    ...{ kind: 'dockerfile', message, ...at },
    fix: 'The Dockerfile says "# check=error=true". Fix the finding, or skip the rule there.'
  })),
  known(
    says(
      /dockerfile parse error|Dockerfile cannot be empty|file with no instructions|dockerfile syntax error|unknown instruction|could not be found|failed to read dockerfile|circular dependency|invalid (?:name|from flag|reference format)|no build stage in current context/i
    ),
    ({ message, at }) => ({ kind: 'dockerfile', message, ...at })
  ),
  // COPY found no file, or ADD could not download.
  known(
    says(/failed to calculate checksum|failed to (?:compute|load) cache key|lstat (?:(?!lstat ).)*no such file/),
    ({ message, behind, at }) => ({ kind: 'build', message, ...behind, ...at })
  ),
  known(says(/(?:denied|not allowed) by policy/), ({ message, at }) => ({
    ...{ kind: 'dockerfile', message, ...at },
    fix: 'A source policy of this builder or repository (`EXPERIMENTAL_BUILDKIT_SOURCE_POLICY`, `Dockerfile.rego`) refuses it. Change the policy, or use a source that it allows.'
  })),

  // Registries
  known(pushedByDocker, ({ message, builder }, reference) =>
    registryFailure(`failed to push ${reference}: ${message}`, { reference }, builder)
  ),
  known(
    says(
      /failed to push|failed to resolve source metadata|failed to authorize|failed to fetch(?! remote)|error writing (?:layer|manifest) blob|unexpected status from|pull access denied|TLS handshake|no such host|no match for platform in manifest|failed to do request|failed to copy: (?!write )(?!.*closed pipe)/
    ),
    ({ message, at, builder }) => {
      const reference = /^(?:failed to push |failed to resolve source metadata for )?(\S+?): /.exec(message)?.[1]
      return registryFailure(message, { ...(reference === undefined ? {} : { reference }), ...at }, builder)
    }
  ),
  known(
    is(
      ({ message }) => /privileged|entitlement|is not allowed/.test(message) && message.includes('failed to load LLB')
    ),
    ({ message, at }) => ({
      ...{ kind: 'dockerfile', message, ...at },
      fix: 'Grant it with the input allow, for example "network.host".'
    })
  ),

  // The less that is said, the less it means
  known(
    is(({ message }) => message === ''),
    silentFailure
  ),
  known(
    is(({ exitCode, message, builder }) => exitCode === 137 || engineFix(message, builder) !== undefined),
    engineFailure
  ),
  known(
    ({ behind }) => behind.step,
    ({ message, at }, step) => ({ kind: 'build', message, step, ...at })
  ),
  known(
    ({ shown }) => shown,
    ({ message, at }) => ({ kind: 'dockerfile', message, ...at })
  )
]

/** Tells a failed build's kind. */
export function classifyFailure(build: FailedBuild): Failure {
  const { progress, isLinked = false } = build
  const { message, line: shown, speaker, isCrash = false } = readPlainError(progress.plain)
  const step = failedStep(progress.steps, message)
  const told: Told = {
    ...{ ...build, message, speaker, isCrash, shown },
    at: shown === undefined || isLinked ? {} : { line: shown },
    behind: step === undefined ? {} : { step }
  }
  for (const meaning of meanings) {
    const failure = meaning(told)
    if (failure !== undefined) return failure
  }
  return { kind: 'unrecognised', message, speaker }
}

/** Whether its builder did not come up. */
function endedBooting({ progress }: Told): boolean {
  return progress.internals.some(({ name, error }) => error !== undefined && name.endsWith(' booting buildkit'))
}

/** How a command ended, with which a message ends: its exit code, or words about why it has none. */
function commandEnd(message: string): { readonly exitCode?: number; readonly words?: string } | undefined {
  const [, code, words] = /did not complete successfully: (?:exit code: (\d+)|(.*))$/s.exec(message) ?? []
  if (code !== undefined) return { exitCode: Number(code) }
  return words === undefined ? undefined : { words }
}

/** The step of a test target whose command ended with an exit code. */
function testThatEnded({
  message,
  behind: { step },
  testStages,
  onlyStage
}: Told): { readonly step: Step; readonly exitCode: number } | undefined {
  const exitCode = commandEnd(message)?.exitCode
  if (exitCode === undefined || step === undefined) return undefined
  const stage = step.stage ?? onlyStage
  return testStages.some((test) => sameStage(stage, test)) ? { step, exitCode } : undefined
}

/** The classic image store pushes the way `docker push` does; only the name of the work says that it is a push. */
function pushedByDocker({ progress }: Told): string | undefined {
  return progress.internals
    .flatMap(({ name, error }) => (error === undefined ? [] : (/^pushing (\S+) with docker/.exec(name)?.[1] ?? [])))
    .at(0)
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

function engineFailure({
  message,
  builder
}: {
  readonly message: string
  readonly builder?: BuilderFacts | undefined
}): Failure {
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
    ? engineFailure({ message: 'the docker command was killed', builder })
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
