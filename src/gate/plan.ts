/** The plan of a build: which stages are solved together, from which file, and the questions to ask about them first. */
import type { SuppliedCredentials } from '../credentials/credentials.js'
import type { Build } from '../builds/build.js'
import { inlineOf } from '../builds/bake_definition.js'
import { argumentsOf, type LinkedTarget } from '../core/linked.js'
import { dockerfilePlaces } from '../core/source.js'
import { readDockerfile } from '../dockerfile/read.js'
import { planCall, type BuildBase } from '../buildkit/command.js'
import type { Ports } from '../ports.js'
import type { LintFinding } from '../core/lint.js'
import type { Trust } from '../occasion/trust.js'
import { writeGateFile, type GateFile } from './gate_file.js'
import { writeLookupFile, type Lookup } from './lookup.js'
import { scriptsOf, type Scripted } from './script.js'
import {
  findMissingCredential,
  findMissingStage,
  findUnusedSecrets,
  listStages,
  mountsCredentials,
  namesStage,
  readOutline,
  type MountInfo,
  type Outline,
  type StageInfo
} from '../buildkit/preflight.js'
import { sameStage, shownRun } from '../core/step.js'
import { Stop, stopOnProblems } from '../failure/stop.js'
import {
  findStage,
  hasCommand,
  mountedCredentials,
  parseDockerfile,
  readArguments,
  stepsOf,
  type Dockerfile
} from '../dockerfile/index.js'
import { checkStages, findReplaced } from '../inputs/stages.js'
import { GIT_SSH_ID } from '../ssh/deploy_keys.js'

/** Which stages are tests and which becomes the image, by the names that BuildKit gives their steps. */
export type StageRoles = {
  readonly testTargets: readonly string[]
  readonly target: string | undefined
  /** Name for steps of a Dockerfile with one stage, which BuildKit does not name. */
  readonly onlyStage?: string
}

/** How the gate is built. */
export type GatePlan = {
  readonly testTargets: readonly string[]
  /** The one of them whose files are exported. */
  readonly testReport?: string
  /** Stage that becomes the image: a name, an index, empty for the last one; `undefined` for a gate without a target. */
  readonly target: string | undefined
  /**
   * The Dockerfile with a stage that stands for all, for the outline and the layer cache; absent without tests, and where no
   * stage can be added.
   */
  readonly file?: GateFile
  /** Set where an imported cache is looked up once for several targets. */
  readonly lookup?: Lookup
  /** The only stage's name in a Dockerfile with one, whose steps BuildKit does not name. */
  readonly onlyStage?: string
  /** What each test's own stage runs, as BuildKit shows it. Absent for a Dockerfile that is not on the runner. */
  readonly ownRuns?: ReadonlyMap<string, ReadonlySet<string>>
  /** The instructions with heredocs; absent where there is none, or the Dockerfile is not on the runner. */
  readonly scripts?: readonly Scripted[]
}

export type BuildPlan = {
  readonly base: BuildBase
  readonly gate: GatePlan
  readonly roles: StageRoles
  readonly notes: readonly string[]
  /** Asks, once, which secrets and ssh ids the stages mount; `undefined` where it need not or cannot be known. */
  readonly outline: () => Promise<Outline | undefined>
  /** Those findings of BuildKit's checks that are about the user's own lines, where these lie on the runner. */
  readonly ownFindings: (findings: readonly LintFinding[]) => readonly LintFinding[]
}

type PlanOptions = {
  readonly folder: string
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  /** Whether buildx knows `--call`. */
  readonly calls: boolean
  /** Whether the Dockerfile may name a frontend that is not Docker's; it may unless told. */
  readonly ownFrontend?: boolean
  /** Beside `base.credentials`: their ids, and the variables that they name. */
  readonly supplied?: Pick<SuppliedCredentials, 'env' | 'secretIDs' | 'sshIDs'>
}

/** Looks at the Dockerfile and plans the solves. Stops the run when a stage that was asked for is not there. */
export async function planBuild(
  ports: Pick<Ports, 'exec' | 'log'>,
  base: BuildBase,
  options: PlanOptions
): Promise<BuildPlan> {
  const { build } = base
  const { log } = ports
  const exec: Ports['exec'] = (command, more) =>
    ports.exec(command, { ...more, env: { ...options.supplied?.env, ...more?.env } })
  const { dockerfile: bytes } = options
  const text = bytes?.toString('latin1')
  const dockerfile = parseDockerfile(text ?? '')
  if (options.ownFrontend === false) {
    refuseFrontend(build.shape.buildArgs, bytes)
    for (const target of build.linked) refuseFrontend(argumentsOf(target), await readLinked(target), target.name)
  }
  const stages = await findStages(exec, base, options, text)
  const isKnown = stages !== undefined || (text !== undefined && namesAll(text, build))

  // An index and the name of the same stage are one: BuildKit reports the name.
  const nameOf = (stage: string): string => stages?.find(({ index }) => String(index) === stage)?.name ?? stage
  const testTargets = build.tests.map(nameOf)
  const isLast = (stage: string): boolean =>
    stages?.some(({ index, name, isDefault }) => String(index) === stage && name === undefined && isDefault) === true
  const target = build.gateOnly ? undefined : isLast(build.target) ? '' : nameOf(build.target)
  refuseUnnamed('test-cache', build.fresh.rerunTests ? testTargets : [], 'to run it again by')
  if (stages !== undefined) refuseUnnamed('test-target', testTargets)
  if (stages !== undefined && target !== undefined) refuseNumber(build, target, testTargets)
  const checked = checkStages(dockerfile, build)
  // Of a Dockerfile elsewhere the names of its stages are all that is known.
  const named = text === undefined ? (stages ?? []).toSorted((a, b) => a.index - b.index).map(({ name }) => name) : []
  stopOnProblems([...checked.problems, ...findReplaced(named, build)])

  const inGate = target === '' ? defaultStage(stages) : target
  const place = { stages: [...testTargets, ...(inGate === undefined ? [] : [inGate])], folder: options.folder }
  const file =
    isKnown && (target === undefined || inGate !== undefined)
      ? await writeGateFile(build, bytes, place)
      : { reason: 'its stages cannot be listed' }
  const standIn = testTargets.length > 0 && 'path' in file ? file : undefined
  const lookup =
    standIn === undefined || bytes === undefined
      ? undefined
      : await writeLookupFile(build, { text: bytes, dockerfile }, place)
  if (testTargets.length > 0 && 'reason' in file) {
    log.info(
      `In the layer cache each test has a reference of its own, because no stage can be added to the Dockerfile: ${file.reason}.`
    )
  }

  const hasScripts = dockerfile.instructions.some(({ heredocs }) => heredocs.length > 0)
  const scripts = bytes === undefined || !hasScripts ? [] : scriptsOf(bytes)
  const onlyStage = onlyStageOf(stages, text, build)
  const only = onlyStage === undefined ? {} : { onlyStage }
  // What comes after is generated.
  const lastLine = standIn?.lastUserLine ?? Infinity
  const built = [...testTargets, ...(target === undefined ? [] : [target])]
  // One stage stands for all; else each is asked on its own.
  const asked = standIn === undefined ? built : [standIn.stage]
  const ask = (stage: string) => planCall(base, 'outline', stage, standIn?.path)
  let outlining: Promise<Outline | undefined> | undefined
  const readOutlines = async (): Promise<Outline | undefined> => {
    // What linked targets mount stands in other Dockerfiles.
    if (!options.calls || build.linked.length > 0) return undefined
    if (text !== undefined && !mountsCredentials(text)) return undefined
    if (text !== undefined && fits(dockerfile, built, build, options.supplied)) return undefined
    const outlines = await Promise.all(asked.map((stage) => readOutline(exec, ask(stage))))
    return joinOutlines(outlines.filter((outline) => outline !== undefined))
  }
  return {
    base,
    gate: {
      ...{ testTargets, target, ...only },
      ...(build.testReport === '' ? {} : { testReport: nameOf(build.testReport) }),
      ...(standIn === undefined ? {} : { file: standIn }),
      ...(lookup === undefined ? {} : { lookup }),
      ...(scripts.length === 0 ? {} : { scripts }),
      ...(text === undefined
        ? {}
        : { ownRuns: new Map(testTargets.map((test) => [test, runsOf(dockerfile, test, build)])) })
    },
    roles: { testTargets, target: target === '' ? (inGate ?? lastStageOf(text)) : target, ...only },
    notes: [
      ...(options.calls
        ? []
        : ['This buildx has no --call (added in 0.15): stages and mounted secrets were not checked before the build.']),
      ...unknownFilters(build, stages),
      ...(text === undefined ? [] : checked.notes)
    ],
    outline: () => (outlining ??= readOutlines()),
    ownFindings: (findings) => findings.filter(({ line = 0 }) => text !== undefined && line <= lastLine)
  }
}

/** The commands that a stage runs itself. */
function runsOf(dockerfile: Dockerfile, test: string, { shape }: Build): ReadonlySet<string> {
  const stage = findStage(dockerfile, test)
  const steps = stage === undefined ? [] : stepsOf(dockerfile, stage, readArguments(shape.buildArgs))
  const commands = steps.filter((step) => step.keyword === 'RUN' && hasCommand(step))
  return new Set(commands.map(({ text }) => shownRun(text)))
}

/**
 * Whether what the Dockerfile mounts is, to its own words, just what is supplied: then BuildKit, which knows better, has
 * nothing else to say, and a process of buildx is spared.
 */
function fits(
  dockerfile: Dockerfile,
  stages: readonly string[],
  { shape: { buildArgs } }: Build,
  supplied: PlanOptions['supplied']
): boolean {
  const frontend = frontendOf(buildArgs, dockerfile)
  if (supplied === undefined || (frontend !== undefined && !readsAsWeDo(frontend))) return false
  const mounted = mountedCredentials(dockerfile, stages, readArguments(buildArgs))
  if (mounted === undefined) return false
  const [secrets, ssh] = [new Set(supplied.secretIDs), new Set(supplied.sshIDs)]
  return (
    mounted.secrets.isSubsetOf(secrets) &&
    mounted.ssh.isSubsetOf(ssh) &&
    supplied.secretIDs.every((id) => isOurs(id) || mounted.secrets.has(id))
  )
}

/** Docker's own frontend since it reads heredocs: `docker/dockerfile:1`, `:1.4` and later, `:1-labs`. */
function readsAsWeDo(syntax: string): boolean {
  return mayServeStrangers(syntax) && !/:(?:0|1\.[0-3](?!\d)|[^1])/.test(syntax.replace(/@.*/, ''))
}

/** Whether a frontend is Docker's own, which keeps to the namespace of mounts that it is given. */
export function mayServeStrangers(syntax: string): boolean {
  return /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]\S*)?$/.test(syntax)
}

/**
 * A frontend writes the build's instructions to BuildKit: it could have any cache mount of the builder, and any name for it.
 * @param text of the Dockerfile; `undefined` where only the builder sees it
 */
function refuseFrontend(buildArgs: readonly string[], text: Buffer | string | undefined, linked?: string): void {
  const syntax = frontendOf(buildArgs, parseDockerfile(text ?? ''))
  if (syntax === undefined ? text !== undefined : mayServeStrangers(syntax)) return
  const whose = linked === undefined ? '' : ` of the linked target "${linked}"`
  const [input, what] =
    syntax === undefined
      ? ['context', `the Dockerfile${whose} is not on the runner, and may name`]
      : ['file', `the "# syntax"${whose}, or BUILDKIT_SYNTAX, names`]
  const problem = `${what} another frontend than docker/dockerfile, on a builder that other runs share`
  const fix = 'Build the changes of strangers on a runner or a builder of their own.'
  throw new Stop({ kind: 'input', problems: [{ input, problem, fix }] })
}

async function readLinked({ source, attributes }: LinkedTarget): Promise<Buffer | string | undefined> {
  const inline = inlineOf(attributes)
  if (inline !== undefined || source.context.kind === 'remote') return inline
  for (const file of dockerfilePlaces(source)) {
    const text = await readDockerfile({ ...source, file }).catch(() => undefined)
    if (text !== undefined) return text
  }
  // One that is not there is the build's to tell.
  return ''
}

/** The frontend that a Dockerfile is read by; `undefined` for the builder's own. */
function frontendOf(buildArgs: readonly string[], { syntax }: Dockerfile): string | undefined {
  return buildArgs.findLast((argument) => argument.startsWith(SYNTAX_ARGUMENT))?.slice(SYNTAX_ARGUMENT.length) ?? syntax
}

/** https://docs.docker.com/build/buildkit/frontend/: it counts before the `# syntax` of the file. */
const SYNTAX_ARGUMENT = 'BUILDKIT_SYNTAX='

/** The stages that the build names, and by which input. */
function wantedStages({ tests, testReport, target }: Build): readonly { input: string; stage: string }[] {
  return [
    ...tests.map((stage) => ({ input: stage === testReport ? 'test-report-target' : 'test-target', stage })),
    ...(target === '' ? [] : [{ input: 'target', stage: target }])
  ]
}

/** Asks for the stages where the Dockerfile's text alone does not settle it. Stops the run when one is missing. */
async function findStages(
  exec: Ports['exec'],
  base: BuildBase,
  { calls }: PlanOptions,
  text: string | undefined
): Promise<readonly StageInfo[] | undefined> {
  const { build } = base
  const needsDefault = build.target === '' && !build.gateOnly && build.tests.length > 0
  const settled =
    text !== undefined && namesAll(text, build) && !needsDefault && build.fresh.noCacheFilters.length === 0
  if (!calls || settled) return undefined
  const stages = await listStages(exec, planCall(base, 'targets', ''))
  const missing = stages === undefined ? undefined : findMissingStage(stages, wantedStages(build))
  if (missing !== undefined) throw new Stop(missing)
  return stages
}

/** Whether the text names every stage that was asked for. A heredoc may hold lines that only look like FROM. */
function namesAll(text: string, build: Build): boolean {
  return !text.includes('<<') && wantedStages(build).every(({ stage }) => namesStage(text, stage))
}

/** A number is a stage to `COPY --from` alone; `docker buildx build` knows names, as target and to run a stage again. */
function refuseUnnamed(input: string, stages: readonly string[], what = 'to build it by'): void {
  const unnamed = stages.find(isNumber)
  if (unnamed === undefined) return
  const problem = `stage ${unnamed} has no name ${what}`
  throw new Stop({ kind: 'input', problems: [{ input, problem, fix: 'Add "AS NAME" to its FROM line.' }] })
}

/** A target that is told by its number, and is a test. */
function refuseNumber(build: Build, target: string, testTargets: readonly string[]): void {
  if (!isNumber(build.target)) return
  refuseUnnamed('target', [target])
  if (!testTargets.some((test) => sameStage(test, target))) return
  const problem = `stage ${build.target} is "${target}", which is also a test target`
  const fix = 'The target is the stage to ship, test-target the stage to pass.'
  throw new Stop({ kind: 'input', problems: [{ input: 'target', problem, fix }] })
}

function isNumber(stage: string): boolean {
  return /^\d+$/.test(stage)
}

function unknownFilters({ fresh }: Build, stages: readonly StageInfo[] | undefined): readonly string[] {
  if (stages === undefined) return []
  return fresh.noCacheFilters
    .filter((filter) => !stages.some(({ name }) => sameStage(name, filter)))
    .map(
      (filter) => `no-cache-filters names the stage "${filter}", which the Dockerfile does not have: it has no effect.`
    )
}

function joinOutlines(outlines: readonly Outline[]): Outline | undefined {
  if (outlines.length === 0) return undefined
  const once = (mounts: readonly MountInfo[]): readonly MountInfo[] => [
    ...new Map(mounts.map((mount) => [`${mount.id} ${mount.line ?? ''}`, mount])).values()
  ]
  return {
    secrets: once(outlines.flatMap(({ secrets }) => secrets)),
    ssh: once(outlines.flatMap(({ ssh }) => ssh))
  }
}

/** Holds the mounts against what is supplied. Returns notes; stops a trusted run where something required is missing. */
export function checkOutline(
  outline: Outline | undefined,
  supplied: SuppliedCredentials,
  trust: Trust
): readonly string[] {
  if (outline === undefined) return []
  const missing = findMissingCredential(outline, { secrets: supplied.secretIDs, ssh: supplied.sshIDs })
  if (missing !== undefined && trust.trusted) throw new Stop(missing)
  const unused = findUnusedSecrets(
    outline,
    supplied.secretIDs.filter((id) => !isOurs(id))
  )
  const absent = [
    ...outline.secrets
      .filter(({ id, required }) => !required && !supplied.secretIDs.includes(id))
      .map(({ id, line }) => ({ what: 'secret', id, line })),
    ...outline.ssh
      .filter(({ id, required }) => !required && !supplied.sshIDs.includes(id))
      .map(({ id, line }) => ({ what: 'ssh id', id, line }))
  ]
  return [
    ...unused.map((id) => `The secret "${id}" is supplied, but no stage that is built mounts it.`),
    ...absent.map(
      ({ what, id, line }) =>
        `The Dockerfile mounts the ${what} "${id}"${line === undefined ? '' : ` (line ${line})`}, which is not supplied: the step runs without it.`
    )
  ]
}

/** Secrets that a build is offered whether or not a stage mounts them; BuildKit itself uses some of them for git. */
function isOurs(id: string): boolean {
  return id === 'known_hosts' || id === GIT_SSH_ID || /^GIT_AUTH_(?:TOKEN|HEADER)(?:\.|$)/.test(id)
}

/** The last stage as `COPY --from` takes it: its name or its index. */
function defaultStage(stages: readonly StageInfo[] | undefined): string | undefined {
  const last = stages?.find(({ isDefault }) => isDefault) ?? stages?.at(-1)
  return last === undefined ? undefined : (last.name ?? String(last.index))
}

/** In a Dockerfile with one stage, whose steps BuildKit does not name: that stage's name as the inputs know it. */
function onlyStageOf(
  stages: readonly StageInfo[] | undefined,
  text: string | undefined,
  build: Build
): string | undefined {
  const count = stages?.length ?? (text === undefined ? undefined : fromLines(text).length)
  if (count !== 1) return undefined
  return build.tests[0] ?? (build.target || (stages?.[0]?.name ?? nameIn(fromLines(text ?? '')[0]) ?? 'image'))
}

/** The last stage as BuildKit names its steps, read off the text; for headings only, since a heredoc can deceive it. */
function lastStageOf(text: string | undefined): string {
  const lines = fromLines(text ?? '')
  return nameIn(lines.at(-1)) ?? `stage-${Math.max(0, lines.length - 1)}`
}

function fromLines(text: string): readonly string[] {
  return [...text.matchAll(/^[ \t]*FROM[ \t].*$/gim)].map(([line]) => line)
}

function nameIn(line: string | undefined): string | undefined {
  return /[ \t]AS[ \t]+(\S+)/i.exec(line ?? '')?.[1]
}
