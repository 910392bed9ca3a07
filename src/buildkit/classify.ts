/** What a failed build means: BuildKit's exit code is 1 for everything, so its texts and steps have to tell. Pure. */
import { declaredInputs } from '../inputs/declared.js'
import type { InputProblem } from '../core/problem.js'
import type { Failure } from '../failure/failure.js'
import type { Progress } from '../core/progress.js'
import { sameStage, type Step } from '../core/step.js'

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
  // A flag that buildx does not take is told before its usage, and without "ERROR".
  const full =
    errors.at(-1) ?? plain.find((line) => /^(?:unknown flag|invalid argument)/.test(line)) ?? plain.at(-1) ?? ''
  const message = full
    .replace(/^ERROR: /, '')
    .replace(/^target \S+: /, '')
    .replace(/^failed to build: /, '')
    .replace(/^failed to solve: /, '')
    .replace(/^failed to run Build function: /, '')
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

  const unknownFlag = /^unknown flag: (--\S+)/.exec(message)
  if (unknownFlag !== null) {
    return {
      kind: 'engine',
      message: `this buildx does not know ${unknownFlag[1] ?? ''}`,
      fix: 'Use a newer buildx; docker/setup-buildx-action installs one.'
    }
  }
  const refused = line === undefined ? refusedInput(message) : undefined
  if (refused !== undefined) return { kind: 'input', problems: [refused] }

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
        fix: message.includes('allocate memory')
          ? 'The machine ran out of memory. Use a larger runner, or let the step do less at once.'
          : 'Look at the builder: its network, disk and memory.'
      }
    }
    const stage = step?.stage ?? build.onlyStage
    if (step !== undefined && build.testStages.some((test) => sameStage(stage, test))) {
      return { kind: 'test', step, exitCode: code, ...at }
    }
    return { kind: 'build', message, exitCode: code, ...(step === undefined ? {} : { step }), ...at }
  }

  if (/no space left on device/i.test(message)) return { kind: 'engine', message }
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
  if (/failed to calculate checksum|failed to (?:compute|load) cache key|lstat .*no such file/.test(message)) {
    return { kind: 'build', message, ...(step === undefined ? {} : { step }), ...at }
  }
  // The classic image store pushes the way `docker push` does; only the name of the work says that it is a push.
  const pushed = progress.internals
    .flatMap(({ name, error }) => (error === undefined ? [] : (/^pushing (\S+) with docker/.exec(name)?.[1] ?? [])))
    .at(0)
  if (pushed !== undefined)
    return { kind: 'registry', message: `failed to push ${pushed}: ${message}`, reference: pushed }
  if (
    /failed to push|failed to resolve source metadata|failed to authorize|failed to fetch|error writing (?:layer|manifest) blob|unexpected status from|pull access denied|TLS handshake|no such host/.test(
      message
    )
  ) {
    const reference = /^(?:failed to push |failed to resolve source metadata for )?(\S+?): /.exec(message)?.[1]
    return { kind: 'registry', message, ...(reference === undefined ? {} : { reference }), ...at }
  }
  if (/privileged|entitlement|is not allowed/.test(message) && message.includes('failed to load LLB')) {
    return { kind: 'dockerfile', message, ...at, fix: 'Grant it with the input allow, for example "network.host".' }
  }
  if (message.includes('multi-node builds currently not supported')) {
    return {
      kind: 'engine',
      message,
      fix: 'An image for several platforms can only be inspected where one node builds them all. Name such a builder in the input builder, or build each platform in a step of its own.'
    }
  }
  if (looksLikeEngine(message) || exitCode === 137)
    return { kind: 'engine', message: message || 'the docker command was killed' }
  if (step !== undefined) return { kind: 'build', message, step, ...at }
  if (line !== undefined) return { kind: 'dockerfile', message, line }
  return { kind: 'engine', message: message || `docker buildx build ended with exit code ${exitCode} and said nothing` }
}

/** What buildx says about a value it was given, and which input the value comes from. */
const refusals: readonly { readonly text: RegExp; readonly input: string; readonly fix: string }[] = [
  { text: /^unable to prepare context: /, input: 'context', fix: 'Give the folder that holds the sources.' },
  { text: /^failed to get build context /, input: 'build-contexts', fix: 'Check the path or URL behind this name.' },
  { text: /^invalid host /, input: 'add-hosts', fix: 'Write HOST:IP.' },
  {
    text: /^unknown entitlement /,
    input: 'allow',
    fix: 'BuildKit knows "network.host", "security.insecure" and "device".'
  },
  { text: /^network mode "/, input: 'network', fix: 'Use default, none or host.' },
  {
    text: /^parse annotations: /,
    input: 'annotations',
    fix: 'Write NAME=VALUE, or a level before it, as in "index:NAME=VALUE".'
  },
  {
    text: /^invalid value /,
    input: 'provenance, sbom or attests',
    fix: 'Write true, false or the attributes of the attestation, as in "mode=max".'
  },
  {
    text: /^(?:exporter "[^"]*" could not be found|unknown output type|invalid output)/,
    input: 'outputs',
    fix: 'BuildKit knows the types image, registry, docker, oci, tar, local and cacheonly.'
  },
  {
    text: /^\w+ cache exporter(?: requires|: ")/,
    input: 'cache-to',
    fix: 'Write the type and its attributes, as in "type=registry,ref=ghcr.io/owner/app-cache:main".'
  },
  {
    text: /^\w+ cache importer(?: requires|: ")/,
    input: 'cache-from',
    fix: 'Write the type and its attributes, as in "type=registry,ref=ghcr.io/owner/app-cache:main".'
  },
  {
    text: /^(?:failed to parse platform \S+ )?"[^"]*": (?:cannot parse platform specifier|unknown operating system or architecture)/,
    input: 'platforms',
    fix: 'Write it as os/architecture, for example linux/amd64.'
  },
  { text: /^invalid tag /, input: 'tags', fix: 'Write it as "registry/name:tag".' },
  {
    text: /^failed to convert agent config /,
    input: 'ssh',
    fix: 'Check the path behind this id: it must be a socket of an agent or a private key without a passphrase.'
  },
  {
    text: /^failed to stat /,
    input: 'secret-files',
    fix: 'Write the file in an earlier step; the path is relative to the working directory.'
  }
]

/** The input behind a text of buildx, for values that only buildx itself can judge. */
function refusedInput(message: string): InputProblem | undefined {
  const argument = /^invalid argument .* for "(?:-\w, )?--([a-z-]+)" flag: (.*)$/.exec(message)
  if (argument !== null) {
    const [, flag = '', problem = ''] = argument
    const input = declaredInputs.find((name) => name === flag || name === `${flag}s`) ?? flag
    return { input, problem, fix: `Look at docker buildx build --${flag} in Docker's documentation.` }
  }
  const refusal = refusals.find(({ text }) => text.test(message))
  return refusal === undefined ? undefined : { input: refusal.input, problem: message, fix: refusal.fix }
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
