/** Running a planned solve: its progress goes to the log as it comes, its metadata is read when it is done. */
import { readFile, rm } from 'node:fs/promises'
import type { Solve } from './command.js'
import { planSolve } from './command.js'
import { linkedBuilds, planBake, targetsOf, type Bake, type BakeTarget } from './bake.js'
import type { Command, Log, Ports } from '../ports.js'
import { defaultPatience, findBrokenImport, watchDownloads, type Patience } from './imports.js'
import { noMetadata, parseBakeMetadata, parseMetadata, type BuildMetadata } from './provenance.js'
import { addDownloads, type Progress } from '../core/progress.js'
import type { Step } from '../core/step.js'
import { parseName, readProgress, type ProgressListener, type ToldTarget } from './progress.js'

/** A solve that ended: with its metadata, or with an exit code and whatever the stream told. */
export type SolveResult = Ended<BuildMetadata>

/** A bake call that ended: with the metadata of each target. */
export type BakeResult = Ended<ReadonlyMap<string, BuildMetadata>>

type Ended<Metadata> =
  | { readonly ok: true; readonly progress: Progress; readonly metadata: Metadata }
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
  if (solve.build.linked.length > 0) return solveLinked(ports, solve, options)
  const plan: Plan<BuildMetadata> = (from) =>
    Promise.resolve({
      command: planSolve(solve.cache === undefined ? solve : { ...solve, cache: { ...solve.cache, from } }),
      metadataFile: solve.metadataFile,
      parse: parseMetadata,
      targets: new Map(),
      hidden: options.hiddenStage === undefined ? [] : [options.hiddenStage]
    })
  return withoutBrokenCache(ports, solve.cache?.from ?? [], plan, options)
}

/** A solve of a build with linked targets, which only bake knows: a call with one target. */
async function solveLinked(
  ports: Pick<Ports, 'exec' | 'log'>,
  { target, dockerfile, outputs, tags, cache, ...solve }: Solve,
  options: SolveOptions
): Promise<SolveResult> {
  const name = '_solve'
  const only: BakeTarget = {
    ...{ name, stage: target, platforms: solve.build.shape.platforms, outputs },
    ...(tags === undefined ? {} : { tags }),
    ...(cache === undefined ? {} : { cacheTo: cache.to }),
    ...(dockerfile === undefined ? {} : { dockerfile })
  }
  const result = await runBake(ports, { ...solve, targets: [only], cache: { from: cache?.from ?? [] } }, options)
  return result.ok ? { ...result, metadata: result.metadata.get(name) ?? noMetadata } : result
}

export type BakeOptions = SolveOptions & {
  /** The platform that steps of a target are named for, where the call has several. */
  readonly platforms?: Readonly<Record<string, string>>
  /** The same targets for a second call, with other places to write to: what the first one wrote may lie there. */
  readonly planAgain?: () => Promise<readonly BakeTarget[]>
}

/** Runs a bake call in the same way. */
export function runBake(ports: Pick<Ports, 'exec' | 'log'>, bake: Bake, options: BakeOptions): Promise<BakeResult> {
  const plan: Plan<ReadonlyMap<string, BuildMetadata>> = async (from, isAgain) => {
    const targets = (isAgain ? await options.planAgain?.() : undefined) ?? bake.targets
    const call = { ...bake, targets, cache: { from } }
    const { file, args, input, env } = planBake(call)
    return {
      ...{ command: { file, args }, input, env, metadataFile: bake.metadataFile, parse: parseBakeMetadata },
      targets: new Map([
        ...targetsOf(call).map(({ name }) => [name, told(options.platforms?.[name])] as const),
        ...linkedBuilds(call).map(({ name, target, rank, platforms }) => {
          const [only, ...others] = options.platforms === undefined ? [] : platforms
          return [
            name,
            { ...told(others.length === 0 ? only : undefined), linked: { name: target.name, rank } }
          ] as const
        })
      ]),
      hidden: [
        ...targets.flatMap(({ helper, stage }) => (helper === undefined ? [] : [stage])),
        ...(options.hiddenStage === undefined ? [] : [options.hiddenStage])
      ]
    }
  }
  return withoutBrokenCache(ports, bake.cache?.from ?? [], plan, options)
}

/** One start of buildx. */
type Call<Metadata> = {
  readonly command: Command
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly metadataFile: string
  readonly parse: (text: string) => Metadata
  /** Targets of a bake call, each with what its steps are named for. */
  readonly targets: ReadonlyMap<string, ToldTarget>
  /** Generated stages, whose steps are not the user's. */
  readonly hidden: readonly string[]
}

/** Plans a start that imports these; `isAgain` for one that comes after another. */
type Plan<Metadata> = (from: readonly string[], isAgain: boolean) => Promise<Call<Metadata>>

function told(platform: string | undefined): ToldTarget {
  return platform === undefined ? {} : { platform }
}

async function withoutBrokenCache<Metadata>(
  ports: Pick<Ports, 'exec' | 'log'>,
  from: readonly string[],
  plan: Plan<Metadata>,
  options: SolveOptions
): Promise<Ended<Metadata>> {
  if (from.length === 0) return callOnce(ports, await plan(from, false), options, false)
  const start = performance.now()
  const first = await callOnce(ports, await plan(from, false), options, true)
  const message = first.ok ? undefined : (first.stalled ?? findBrokenImport(first.progress, from))
  if (message === undefined) return first
  const seconds = (performance.now() - start) / 1000
  ports.log.info(`The layer cache broke the build after ${seconds.toFixed(1)} s. It is built again without it.`)
  const { timeoutSeconds } = options
  const left = timeoutSeconds === undefined ? {} : { timeoutSeconds: Math.max(1, timeoutSeconds - seconds) }
  const second = await callOnce(ports, await plan([], true), { ...options, ...left }, false)
  const { progress } = second
  // The same trouble again: it was not the cache's.
  if (!second.ok && findBrokenImport(progress, from) !== undefined) return second
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

async function callOnce<Metadata>(
  ports: Pick<Ports, 'exec' | 'log'>,
  { command, input, env, metadataFile, parse, targets, hidden }: Call<Metadata>,
  options: SolveOptions,
  isImporting: boolean
): Promise<Ended<Metadata> & { readonly stalled?: string }> {
  await rm(metadataFile, { force: true }) // a failed build leaves an older file in place
  const reader = readProgress(options.listener, (stage) => hidden.includes(stage), targets)
  using watch = isImporting ? watchDownloads(reader, options.patience ?? defaultPatience) : undefined
  const signals = [watch?.signal, options.signal].filter((signal) => signal !== undefined)
  ports.log.debug(`${command.file} ${command.args.join(' ')}`)
  const { exitCode, stdout, timedOut } = await ports.exec(command, {
    env: { ...options.env, ...env },
    onStderr: reader.feed,
    ...(input === undefined ? {} : { input }),
    ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
    ...(options.timeoutSeconds === undefined ? {} : { timeoutSeconds: options.timeoutSeconds })
  })
  if (stdout.trim() !== '') ports.log.debug(stdout)
  const progress = reader.end()
  const stalled = watch?.reason()
  if (exitCode !== 0 || timedOut) {
    return { ok: false, progress, exitCode, timedOut, ...(stalled === undefined ? {} : { stalled }) }
  }
  const text = await readFile(metadataFile, 'utf8').catch(() => '')
  return { ok: true, progress, metadata: parse(text) }
}

/**
 * A listener that writes a build into the job log: steps as they start and end, their output behind their name.
 * Where an earlier solve has shown the steps already, only what is new is written: the ones that have something to say or have
 * run, and the transfers.
 */
export function logProgress(log: Log, { again = false }: { readonly again?: boolean } = {}): ProgressListener {
  const labelOf = (name: string): string => {
    const { platform, stage, position = '' } = parseName(name) ?? {}
    return [platform, stage, position].filter((part) => part !== undefined).join(' ')
  }
  const told = new Set<string>()
  const tell = ({ vertex, name }: Step): void => {
    if (!told.has(vertex)) log.untrusted(name)
    told.add(vertex)
  }
  return {
    onStep(step, event) {
      if (again) {
        // What is begun may still be found in the builder, or not be wanted any more.
        const isNew = event === 'finished' && (step.state === 'ran' || step.state === 'failed')
        if (step.instruction.startsWith('FROM ') || !(isNew || told.has(step.vertex))) return
        tell(step)
      }
      if (step.state === 'cached') {
        if (event === 'finished') log.untrusted(`${step.name} · cached`)
      } else if (event === 'started') tell(step)
      else if (step.state === 'failed')
        log.untrusted(`${labelOf(step.name)} │ failed after ${step.seconds.toFixed(1)} s: ${step.error ?? ''}`)
      else if (step.state === 'cancelled') log.untrusted(`${labelOf(step.name)} │ cancelled`)
      else if (step.seconds >= 0.1) log.untrusted(`${labelOf(step.name)} │ done in ${step.seconds.toFixed(1)} s`)
    },
    onInternal(internal, event) {
      if (event === 'started') return
      if (internal.error !== undefined && !internal.error.includes('context canceled')) {
        log.untrusted(`${internal.name}: ${internal.error}`)
      } else if (internal.seconds >= (again ? 0.1 : 1))
        log.untrusted(`${internal.name} · ${internal.seconds.toFixed(1)} s`)
    },
    onLog(step, line) {
      if (again) tell(step)
      log.untrusted(`${labelOf(step.name)} │ ${line}`)
    }
  }
}
