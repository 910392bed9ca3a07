/**
 * After a red build: what has been built goes into the layer cache, under a reference of its own, so that a retry on
 * another builder starts at the step that failed. Nothing of the image has been inspected by then, so the layers are
 * searched for what must not leave the runner; one that holds it keeps all of them back.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Secret } from '../image/index.js'
import { dockerfilePath } from '../core/source.js'
import { forRetry } from './plan.js'
import { planSalvageDockerfile, type Progressed } from './cut.js'
import type { Ports } from '../ports.js'
import { exportCache, isExport, knownLayers, type CacheOptions, type CacheWriting } from './write.js'
import type { Failure } from '../failure/failure.js'
import { placeDockerfile } from '../gate/gate.js'
import { namesStage } from '../buildkit/preflight.js'
import { searchCache } from './search.js'
import { isWork, type Step } from '../core/step.js'

export type SalvageOptions = Pick<CacheOptions, 'base' | 'plan' | 'cache' | 'env' | 'folder' | 'imported'> & {
  readonly steps: readonly Step[]
  readonly failure: Failure
  /** What must not leave the runner; absent where nobody looks for it. */
  readonly sensitive?: readonly Secret[]
}

/** Search and export together. A red run has its answer: whoever waits for it does not wait long for a cache. */
const salvageLimitSeconds = 300

/** Exports what a red build had built; `undefined` where there is nothing to keep, or no place for it. Never fails a run. */
export async function salvageCache(
  ports: Pick<Ports, 'exec' | 'log'>,
  options: SalvageOptions
): Promise<CacheWriting | undefined> {
  const { base, cache, env, failure, folder, imported, plan, sensitive, steps } = options
  const retry = forRetry(cache)
  const { source } = base.build
  // Where nothing has come to an end now, what is in the registry already is worth more than less of the same.
  const isNew = steps.some((step) => step.state === 'ran' && isWork(step))
  if (retry === undefined || !isNew || source.context.kind !== 'local') return undefined
  if (failure.kind !== 'test' && failure.kind !== 'build') return undefined
  const file = dockerfilePath(source)
  const text = await readFile(file)
  const planned = planSalvageDockerfile(text, readProgressed(options, text.toString('latin1'), plan.onlyStage))
  if (!planned.ok) return undefined
  const dockerfile = await placeDockerfile(planned.text, file, path.join(folder, 'retry'))
  const solve = { ...base, dockerfile, target: planned.stage, metadataFile: path.join(folder, 'retry.json') }
  const start = performance.now()
  const hidden = { hiddenStage: planned.stage }
  const known = knownLayers({ built: { provenance: [] }, imported })
  const searching = { env, folder, sensitive, known, timeoutSeconds: salvageLimitSeconds, ...hidden }
  const why = await searchCache(ports, { ...solve, cache: retry }, searching)
  if (why !== undefined) {
    const note = `What the failed run had built was not written to the layer cache: ${why}.`
    return { internals: [], notes: [note], uploads: {}, unchanged: {} }
  }
  const writing = await exportCache(
    ports,
    { ...solve, cache: retry },
    {
      env,
      imported,
      ...hidden,
      limitSeconds: Math.max(1, Math.round(salvageLimitSeconds - (performance.now() - start) / 1000))
    }
  )
  const isWritten = writing.internals.some((internal) => isExport(internal) && internal.done && !internal.error)
  return isWritten
    ? { ...writing, notes: [...writing.notes, 'What had been built is in the layer cache: the next run starts there.'] }
    : writing
}

/**
 * How far a red build got. Stages that the text does not name are left out: the cut gives those after it another index,
 * and BuildKit shows a base image under a name of its own.
 */
function readProgressed(
  { base, steps, failure }: Pick<SalvageOptions, 'base' | 'steps' | 'failure'>,
  text: string,
  onlyStage: string | undefined
): Progressed {
  const stages = Map.groupBy(steps, ({ stage }) => stage ?? '')
  const complete = [...stages].flatMap(([stage, own]) =>
    namesStage(text, stage) && own.every(({ state }) => state === 'ran' || state === 'cached') ? [stage] : []
  )
  if (failure.kind !== 'test' && failure.kind !== 'build') return { complete }
  // Of another platform the steps above the one that failed may not have run: keeping them would run them now.
  if (base.build.shape.platforms.length > 1) return { complete }
  const stage = failure.step?.stage?.replace(/^stage-(?=\d+$)/, '') ?? onlyStage
  if (stage === undefined || failure.line === undefined) return { complete }
  return { complete, failed: { stage, line: failure.line } }
}
