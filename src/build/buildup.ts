/** The build-up of a run: which stages are solved together, from which file, and the questions to ask about them first. */
import { readFile } from 'node:fs/promises'
import type { HandedOver } from '../credentials.js'
import { dockerfilePath, wantedStages, type Inputs } from '../inputs/inputs.js'
import { planCall, type BuildBase } from '../plan/command.js'
import type { Ports } from '../ports.js'
import type { StageRoles } from '../report/assemble.js'
import type { LintFinding } from '../report/report.js'
import type { Trust } from '../trust.js'
import { writeGateFile, type GateFile, type GatePlan } from './gate.js'
import {
  findMissingCredential,
  findMissingStage,
  findUnusedSecrets,
  lint,
  listStages,
  mountsCredentials,
  namesStage,
  readOutline,
  type Outline,
  type StageInfo
} from './preflight.js'
import { Stop } from './stop.js'

export type Buildup = {
  readonly base: BuildBase
  readonly gate: GatePlan
  readonly roles: StageRoles
  readonly notes: readonly string[]
  /** Asks which secrets and ssh ids the stages mount; `undefined` where it need not or cannot be known. */
  readonly outline: () => Promise<Outline | undefined>
  readonly lint: () => Promise<readonly LintFinding[]>
}

type BuildupOptions = {
  readonly folder: string
  readonly gateOnly: boolean
  /** Whether buildx knows `--call`. */
  readonly calls: boolean
}

/** Looks at the Dockerfile and plans the solves. Stops the run when a stage that was asked for is not there. */
export async function planBuildup(ports: Pick<Ports, 'exec' | 'log'>, base: BuildBase, options: BuildupOptions): Promise<Buildup> {
  const { inputs } = base
  const text = inputs.context.kind === 'local' ? (await readFile(dockerfilePath(inputs))).toString('latin1') : undefined
  const needsDefault = inputs.target === '' && !options.gateOnly
  const known = text !== undefined && wantedStages(inputs).every(({ stage }) => namesStage(text, stage))
  const stages =
    options.calls && !(known && !(needsDefault && inputs.testTargets.length > 0))
      ? await listStages(ports.exec, planCall(base, 'targets', ''))
      : undefined
  const missing = stages === undefined ? undefined : findMissingStage(stages, wantedStages(inputs))
  if (missing !== undefined) throw new Stop(missing)

  // An index and the name of the same stage are one: BuildKit reports the name.
  const nameOf = (stage: string): string => stages?.find(({ index }) => String(index) === stage)?.name ?? stage
  const testTargets = inputs.testTargets.map(nameOf)
  const target = options.gateOnly ? undefined : nameOf(inputs.target)
  const unnamed = inputs.testCache === 'rerun' ? testTargets.find((stage) => /^\d+$/.test(stage)) : undefined
  if (unnamed !== undefined) {
    // --no-cache-filter knows names alone, and says nothing about what it does not know.
    const problem = `stage ${unnamed} has no name, so it cannot be run again on its own`
    throw new Stop({ kind: 'input', problems: [{ input: 'test-cache', problem, fix: 'Add "AS NAME" to its FROM line.' }] })
  }
  const inGate = target === '' ? defaultStage(stages) : target
  const onlyStage = onlyStageOf(text, inputs)
  const mayAppend = inputs.testTargets.length > 0 && (known || stages !== undefined) && (target === undefined || inGate !== undefined)
  const written: GateFile | { reason: string } = mayAppend
    ? await writeGateFile(inputs, [...testTargets, ...(inGate === undefined ? [] : [inGate])], options.folder)
    : { reason: 'its stages cannot be listed' }
  const file = 'path' in written ? written : undefined
  if (file === undefined && inputs.testTargets.length > 0) {
    const reason = 'reason' in written ? written.reason : ''
    ports.log.info(`The tests and the target are built one after the other, because of the Dockerfile: ${reason}.`)
  }

  const asked = file?.stage ?? inputs.target
  return {
    base,
    gate: {
      testTargets,
      target,
      ...(file === undefined ? {} : { file }),
      ...(onlyStage === undefined ? {} : { onlyStage })
    },
    roles: {
      testTargets,
      target: target === '' ? (inGate ?? '') : target,
      ...(onlyStage === undefined ? {} : { onlyStage })
    },
    notes: options.calls
      ? []
      : ['This buildx knows no --call (it came with 0.15): stages, mounted secrets and lint were not checked before the build.'],
    outline: async () =>
      options.calls && (text === undefined || mountsCredentials(text))
        ? readOutline(ports.exec, planCall(base, 'outline', asked, file?.path))
        : undefined,
    lint: async () =>
      options.calls && text !== undefined ? lint(ports.exec, planCall(base, 'check', asked, file?.path), file?.lastUserLine) : []
  }
}

/** Holds the mounts against what is supplied. Returns notes; stops a trusted run where something required is missing. */
export function checkOutline(outline: Outline | undefined, handed: HandedOver, trust: Trust): readonly string[] {
  if (outline === undefined) return []
  const missing = findMissingCredential(outline, { secrets: handed.secretIDs, ssh: handed.sshIDs })
  if (missing !== undefined && trust.trusted) throw new Stop(missing)
  const unused = findUnusedSecrets(outline, handed.secretIDs.filter((id) => !ownIDs.has(id)))
  const absent = [
    ...outline.secrets.filter(({ id, required }) => !required && !handed.secretIDs.includes(id)).map(({ id, line }) => ({ what: 'secret', id, line })),
    ...outline.ssh.filter(({ id, required }) => !required && !handed.sshIDs.includes(id)).map(({ id, line }) => ({ what: 'ssh id', id, line }))
  ]
  return [
    ...unused.map((id) => `The secret "${id}" is supplied, but no stage that is built mounts it.`),
    ...absent.map(
      ({ what, id, line }) =>
        `The Dockerfile mounts the ${what} "${id}"${line === undefined ? '' : ` (line ${line})`}, which is not supplied: the step runs without it.`
    )
  ]
}

/** Secrets that every build is offered, whether or not a stage mounts them. */
const ownIDs = new Set(['known_hosts', 'GIT_AUTH_TOKEN'])

/** The last stage as `COPY --from` takes it: its name or its index. */
function defaultStage(stages: readonly StageInfo[] | undefined): string | undefined {
  const last = stages?.find(({ isDefault }) => isDefault) ?? stages?.at(-1)
  return last === undefined ? undefined : (last.name ?? String(last.index))
}

/** In a Dockerfile with one FROM, whose steps BuildKit does not name: the stage's name as the inputs know it. */
function onlyStageOf(text: string | undefined, inputs: Inputs): string | undefined {
  if (text === undefined || [...text.matchAll(/^[ \t]*FROM[ \t]/gim)].length !== 1) return undefined
  return inputs.testTargets[0] ?? (inputs.target || (/^[ \t]*FROM[ \t]+.*[ \t]AS[ \t]+(\S+)/im.exec(text)?.[1] ?? 'image'))
}
