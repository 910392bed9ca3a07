/** Running a planned solve: its progress goes to the log as it comes, its metadata is read when it is done. */
import { readFile, rm } from 'node:fs/promises'
import type { Solve } from '../plan/command.js'
import { planSolve } from '../plan/command.js'
import type { Log, Ports } from '../ports.js'
import { readPlainError } from './classify.js'
import { parseMetadata, type BuildMetadata } from './provenance.js'
import { parseName, readProgress, type Internal, type Progress, type ProgressListener } from './progress.js'

/** A solve that ended: with its metadata, or with an exit code and whatever the stream told. */
export type SolveResult =
  | { readonly ok: true; readonly progress: Progress; readonly metadata: BuildMetadata }
  | { readonly ok: false; readonly progress: Progress; readonly exitCode: number; readonly timedOut: boolean }

export type SolveOptions = {
  /** Variables that only this build gets: secrets, and how much provenance to write. */
  readonly env: Readonly<Record<string, string>>
  /** The generated stage, whose steps are not the user's. */
  readonly hiddenStage?: string
  readonly listener: ProgressListener
  /** The solve is ended after so many seconds; without it, a person or the job's own limit ends it. */
  readonly timeoutSeconds?: number
  /** The solve is ended when this is aborted. */
  readonly signal?: AbortSignal
}

/**
 * Runs a solve to its end. Where an imported cache has broken it, once more without imports: a cache may cost time, never
 * a build.
 */
export async function runSolve(
  ports: Pick<Ports, 'exec' | 'log'>,
  solve: Solve,
  options: SolveOptions
): Promise<SolveResult> {
  const first = await runOnce(ports, solve, options)
  const broken = first.ok ? undefined : findBrokenImport(solve, first.progress)
  if (broken === undefined) return first
  ports.log.info(`The layer cache could not be used (${broken}). The build is repeated without it.`)
  const second = await runOnce(ports, { ...solve, cache: { from: [], to: solve.cache?.to ?? [] } }, options)
  // The same trouble again: it was not the cache's.
  if (!second.ok) return second
  const error = `${broken}; the build was repeated without it`
  const internals = [...importsOf(first.progress).map((each) => ({ ...each, error })), ...second.progress.internals]
  return { ...second, progress: { ...second.progress, internals } }
}

/**
 * What BuildKit says where the content of a cache is not what its index promised. It names neither the cache nor an
 * import: the trouble comes up where a step needs the layers below it.
 */
const brokenContent =
  /failed commit on ref|unexpected commit (?:digest|size)|httpReadSeeker|failed to copy|failed to fetch|unexpected status|unexpected EOF|invalid (?:gzip|tar|checksum|digest)|(?:content|blob)[^:]* not found|failed to get reader|mismatched|archive\/tar/i

/** Why a solve failed, if that can be the fault of a cache that was imported. */
function findBrokenImport({ cache }: Solve, progress: Progress): string | undefined {
  if ((cache?.from ?? []).length === 0 || !importsOf(progress).some(({ done, error }) => done && error === undefined)) {
    return undefined
  }
  const { message } = readPlainError(progress.plain)
  // A step's own failure and a refused push are what they are.
  if (/did not complete successfully|failed to push|error writing/.test(message)) return undefined
  return brokenContent.test(message) ? message : undefined
}

function importsOf({ internals }: Progress): readonly Internal[] {
  return internals.filter(({ name }) => name.startsWith('importing cache manifest from '))
}

async function runOnce(ports: Pick<Ports, 'exec' | 'log'>, solve: Solve, options: SolveOptions): Promise<SolveResult> {
  await rm(solve.metadataFile, { force: true }) // a failed build leaves an older file in place
  const reader = readProgress(options.listener, (stage) => stage === options.hiddenStage)
  const command = planSolve(solve)
  ports.log.debug(`${command.file} ${command.args.join(' ')}`)
  const { exitCode, stdout, timedOut } = await ports.exec(command, {
    env: options.env,
    onStderr: reader.feed,
    ...(options.timeoutSeconds === undefined ? {} : { timeoutSeconds: options.timeoutSeconds }),
    ...(options.signal === undefined ? {} : { signal: options.signal })
  })
  if (stdout.trim() !== '') ports.log.debug(stdout)
  const progress = reader.end()
  if (exitCode !== 0 || timedOut) return { ok: false, progress, exitCode, timedOut }
  const text = await readFile(solve.metadataFile, 'utf8').catch(() => '')
  return { ok: true, progress, metadata: parseMetadata(text) }
}

/**
 * A listener that writes a build into the job log: steps as they start and end, their output behind their name.
 * Where an earlier solve has shown the steps already, only what is new is written: the ones that run, and the transfers.
 */
export function logProgress(log: Log, { again = false }: { readonly again?: boolean } = {}): ProgressListener {
  const labelOf = (name: string): string => {
    const { platform, stage, position = '' } = parseName(name) ?? {}
    return [platform, stage, position].filter((part) => part !== undefined).join(' ')
  }
  return {
    onStep(step, event) {
      if (again && (step.state === 'cached' || step.instruction.startsWith('FROM '))) return
      if (step.state === 'cached') {
        if (event === 'finished') log.untrusted(`${step.name} · cached`)
      } else if (event === 'started') log.untrusted(step.name)
      else if (step.state === 'failed')
        log.untrusted(`${labelOf(step.name)} │ failed after ${step.seconds.toFixed(1)} s: ${step.error ?? ''}`)
      else if (step.state === 'cancelled') log.untrusted(`${labelOf(step.name)} │ cancelled`)
      else if (step.seconds >= 0.1) log.untrusted(`${labelOf(step.name)} │ done in ${step.seconds.toFixed(1)} s`)
    },
    onInternal(internal) {
      if (internal.error !== undefined && !internal.error.includes('context canceled')) {
        log.untrusted(`${internal.name}: ${internal.error}`)
      } else if (internal.seconds >= (again ? 0.1 : 1))
        log.untrusted(`${internal.name} · ${internal.seconds.toFixed(1)} s`)
    },
    onLog(step, line) {
      log.untrusted(`${labelOf(step.name)} │ ${line}`)
    }
  }
}
