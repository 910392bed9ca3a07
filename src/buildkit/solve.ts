/** Running a planned solve: its progress goes to the log as it comes, its metadata is read when it is done. */
import { readFile, rm } from 'node:fs/promises'
import type { Solve } from './command.js'
import { planSolve } from './command.js'
import type { Log, Ports } from '../ports.js'
import { defaultPatience, findBrokenImport, watchDownloads, type Patience } from './imports.js'
import { parseMetadata, type BuildMetadata } from './provenance.js'
import { addDownloads, type Progress } from '../core/progress.js'
import { parseName, readProgress, type ProgressListener } from './progress.js'

/** A solve that ended: with its metadata, or with an exit code and whatever the stream told. */
export type SolveResult =
  | { readonly ok: true; readonly progress: Progress; readonly metadata: BuildMetadata }
  | {
      readonly ok: false
      readonly progress: Progress
      readonly exitCode: number
      /** It was ended because it took longer than it may. */
      readonly timedOut: boolean
    }

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
  /** How slow a layer of an imported cache may come. */
  readonly patience?: Patience
}

/**
 * Runs a solve to its end; once more without its imports, where one of them broke it: a cache may cost time, never a
 * build. `progress.broken` then says so, for the solves that come after it.
 */
export async function runSolve(
  ports: Pick<Ports, 'exec' | 'log'>,
  solve: Solve,
  options: SolveOptions
): Promise<SolveResult> {
  const { cache } = solve
  if (cache === undefined || cache.from.length === 0) return solveOnce(ports, solve, options)
  const start = performance.now()
  const first = await solveOnce(ports, solve, options)
  const message = first.ok ? undefined : (first.stalled ?? findBrokenImport(first.progress, cache.from))
  if (message === undefined) return first
  const seconds = (performance.now() - start) / 1000
  ports.log.info(`The layer cache broke the build after ${seconds.toFixed(1)} s. It is built again without it.`)
  const { timeoutSeconds } = options
  const left = timeoutSeconds === undefined ? {} : { timeoutSeconds: Math.max(1, timeoutSeconds - seconds) }
  const second = await solveOnce(ports, { ...solve, cache: { ...cache, from: [] } }, { ...options, ...left })
  const { progress } = second
  // The same trouble again: it was not the cache's.
  if (!second.ok && findBrokenImport(progress, cache.from) !== undefined) return second
  return {
    ...second,
    progress: {
      ...progress,
      internals: [...first.progress.internals, ...progress.internals],
      downloads: addDownloads(first.progress.downloads, progress.downloads),
      broken: { message, seconds }
    }
  }
}

async function solveOnce(
  ports: Pick<Ports, 'exec' | 'log'>,
  solve: Solve,
  options: SolveOptions
): Promise<SolveResult & { readonly stalled?: string }> {
  await rm(solve.metadataFile, { force: true }) // a failed build leaves an older file in place
  const reader = readProgress(options.listener, (stage) => stage === options.hiddenStage)
  const command = planSolve(solve)
  const isImporting = (solve.cache?.from.length ?? 0) > 0
  using watch = isImporting ? watchDownloads(reader, options.patience ?? defaultPatience) : undefined
  const signals = [watch?.signal, options.signal].filter((signal) => signal !== undefined)
  ports.log.debug(`${command.file} ${command.args.join(' ')}`)
  const { exitCode, stdout, timedOut } = await ports.exec(command, {
    env: options.env,
    onStderr: reader.feed,
    ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
    ...(options.timeoutSeconds === undefined ? {} : { timeoutSeconds: options.timeoutSeconds })
  })
  if (stdout.trim() !== '') ports.log.debug(stdout)
  const progress = reader.end()
  const stalled = watch?.reason()
  if (exitCode !== 0 || timedOut) {
    return { ok: false, progress, exitCode, timedOut, ...(stalled === undefined ? {} : { stalled }) }
  }
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
