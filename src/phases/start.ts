/** The start: what the workflow asks for, and what it may have. */
import { findMissing } from '../builds/bake_links.js'
import { secretArguments } from '../credentials/arguments.js'
import { maskCredentials, readCredentials } from '../credentials/credentials.js'
import { argumentsOf } from '../core/linked.js'
import { onceEach, type InputProblem } from '../core/problem.js'
import { dockerfilePlaces } from '../core/source.js'
import type { Workflow } from '../findings.js'
import { findForeignLinks } from '../gate/links.js'
import { environmentNotes } from '../inputs/environment.js'
import type { ReadInput } from '../inputs/grammar.js'
import type { Inputs } from '../inputs/inputs.js'
import { parseInputs } from '../inputs/parse.js'
import { findUnknownInputs, meansBake } from '../inputs/unknown.js'
import { findShared, tellSharedCaches } from '../inputs/together.js'
import { givenInputs } from '../occasion/context.js'
import type { Occasion } from '../occasion/occasion.js'
import { planTrust, tabulateTrust } from '../occasion/trust_plan.js'
import type { Command, Folders, Log, Look, Ports } from '../ports.js'
import { prepareRedactor } from '../report/redact.js'
import type { BakedImage } from './bake.js'
import { settleTime } from './epoch.js'
import { findNamedSecrets } from './names.js'

/** What a run reads: the environment, the inputs as given, which inputs action.yml declares, and what paths are. */
export type World = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly read: ReadInput
  readonly declaredInputs: readonly string[]
  readonly look: Look
  readonly folders?: Folders
  /** This program once more, as the process that talks to the Actions cache. */
  readonly cacheWorker: Command
}

type Reading = {
  /** One for each image. What they may have, and what is taken out of texts, is the same for all. */
  readonly workflows: readonly [Workflow, ...Workflow[]]
  readonly notes: readonly string[]
  readonly problems: readonly InputProblem[]
}

/** Reads and checks the inputs and the credentials, and masks these in the log. */
export async function readWorkflows(
  { runner, exec }: { readonly runner: Pick<Ports['runner'], 'mask'>; readonly exec: Ports['exec'] },
  { env, declaredInputs, look, folders }: World,
  occasion: Occasion,
  images: readonly [BakedImage, ...BakedImage[]]
): Promise<Reading> {
  const type = async ({ read, from }: BakedImage) => {
    const typed = parseInputs(from === undefined ? withDefaultPlatform(read, env) : read, look, folders)
    const { inputs, notes, problems } = await settleTime(
      { exec },
      { ...typed.inputs, ...from },
      { env, workspace: occasion.workspace }
    )
    const missing = from === undefined ? [] : findMissing(from.links, look)
    // Whoever left platforms out looks for the mistake elsewhere.
    const isGiven = from !== undefined || read('platforms').trim() !== ''
    const told = typed.problems.map((problem) =>
      isGiven || problem.input !== 'platforms' ? problem : { ...problem, input: 'DOCKER_DEFAULT_PLATFORM' }
    )
    return { inputs, notes, problems: [...told, ...missing, ...problems] }
  }
  const [one, ...rest] = images
  const [first, ...others] = await Promise.all([type(one), ...rest.map(type)])
  const typed = [first, ...others]
  const all = typed.map(({ inputs }) => inputs)
  const contexts = all.map(({ context }) => context)
  const { credentials, problems: credentialProblems } = await readCredentials(first.inputs, occasion, env, contexts)
  maskCredentials(credentials.sensitive, runner.mask)
  const buildArgs = all.flatMap(({ buildArgs, links }) =>
    [buildArgs, ...links.targets.map(argumentsOf)].flatMap((each) => secretArguments(each, env))
  )
  const redact = await prepareRedactor([...credentials.sensitive, ...buildArgs])
  const workflow = (inputs: Inputs): Workflow => ({
    ...{ inputs, trustPlan: planTrust(occasion, inputs), credentials, redact }
  })
  const workflows = [workflow(first.inputs), ...others.map(({ inputs }) => workflow(inputs))] as const
  const found = await Promise.all(
    workflows.map(async ({ inputs, trustPlan }) => [
      ...(await findForeignLinks(inputs, occasion.workspace, trustPlan.trust.trusted)),
      ...(await findLinkedStrangers(inputs, occasion.workspace, trustPlan.trust.trusted)),
      ...(inputs.budget.leakCheck === 'fail' ? await findNamedSecrets(inputs, credentials.sensitive, redact) : [])
    ])
  )
  const named = workflows.flatMap((workflow, index) => {
    const name = images[index]?.name
    return name === undefined ? [] : [{ ...workflow, name }]
  })
  const { mistyped, foreign } = findUnknownInputs(givenInputs(env), declaredInputs)
  return {
    workflows,
    notes: [
      ...environmentNotes(env),
      ...new Set(typed.flatMap(({ notes }) => notes)),
      ...credentials.notes,
      ...tellSharedCaches(named.filter(({ trustPlan }) => trustPlan.cacheWrite)),
      ...foreign.map((name) => `There is no input "${name}": it has no effect.`)
    ],
    problems: onceEach([
      ...[
        ...mistyped,
        ...(mistyped.some(meansBake) ? [] : typed.flatMap(({ problems }) => problems)),
        ...findShared(named)
      ],
      ...[...found.flat(), ...credentialProblems]
    ])
  }
}

/** As `docker buildx build` has it. Bake, which builds here, does not read it. */
function withDefaultPlatform(read: ReadInput, { DOCKER_DEFAULT_PLATFORM = '' }: World['env']): ReadInput {
  return (name) => {
    const given = read(name)
    return name === 'platforms' && given.trim() === '' ? DOCKER_DEFAULT_PLATFORM : given
  }
}

/** The same of the Dockerfiles and contexts of linked targets. */
async function findLinkedStrangers(
  { links }: Pick<Inputs, 'links'>,
  workspace: string,
  trusted: boolean
): Promise<readonly InputProblem[]> {
  const found = await Promise.all(
    links.targets.flatMap(({ source }) =>
      dockerfilePlaces(source).map((file) =>
        findForeignLinks({ ...source, file, buildContexts: [], outputs: [] }, workspace, trusted)
      )
    )
  )
  return onceEach(found.flat().map((problem) => ({ ...problem, input: 'bake-files' })))
}

/** The log with every line cleansed: what a build prints may hold what it was given. */
export function redactLog(log: Log, redact: (text: string) => string): Log {
  return {
    info: (line) => log.info(redact(line)),
    untrusted: (line) => log.untrusted(redact(line)),
    notice: (message, place) => log.notice(redact(message), place),
    warning: (message, place) => log.warning(redact(message), place),
    error: (message, place) => log.error(redact(message), place),
    debug: (line) => log.debug(redact(line)),
    group: (title, body) => log.group(title, body)
  }
}

/** Prints what the run may do, as a table. */
export function printTrust(log: Log, { inputs, trustPlan, credentials }: Workflow, occasion: Occasion): void {
  const supplied = credentials.secrets.map(({ id }) => id)
  const rows = tabulateTrust(trustPlan, occasion, inputs, supplied)
  const width = (column: 'what' | 'decision'): number =>
    Math.min(48, Math.max(...rows.map((row) => row[column].length)))
  for (const { what, decision, why } of rows) {
    log.info(`${what.padEnd(width('what'))}  ${decision.padEnd(width('decision'))}  ${why}`)
  }
}
