/**
 * After a red build: what has been built goes into the layer cache, under a reference of its own, so that a retry on
 * another builder starts at the step that failed. Nothing of the image has been inspected by then, so the layers are
 * searched for what must not leave the runner; one that holds it keeps all of them back.
 */
import path from 'node:path'
import { buildMark } from '../builds/identity.js'
import { usableCache } from '../buildkit/imports.js'
import { dockerfilePath } from '../core/source.js'
import { forRetry } from './plan.js'
import { planRetryDockerfile, type Progressed } from './cut.js'
import { settleWriting, writeSearched, type CacheOptions, type CachePorts, type CacheWriting } from './write.js'
import type { Failure } from '../failure/failure.js'
import { placeDockerfile } from '../gate/gate_file.js'
import { namesStage } from '../buildkit/preflight.js'
import { isWork } from '../core/step.js'

export type RetryOptions = Omit<CacheOptions, 'testCaches'> & {
  readonly failure: Failure
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  /** The platform that is built here, where several nodes build one each. */
  readonly platform?: string
}

/** A step that failed. */
type Broken = Extract<Failure, { readonly kind: 'test' | 'build' }>

/** Search and export together. A red run has its answer: whoever waits for it does not wait long for a cache. */
export const RETRY_LIMIT_SECONDS = 300

/** Exports what a red build had built; `undefined` where there is nothing to keep, or no place for it. Never fails a run; throws `Cancelled`. */
export async function writeForRetry(ports: CachePorts, options: RetryOptions): Promise<CacheWriting | undefined> {
  const { base, built, cache, dockerfile: text, failure, folder, plan } = options
  const retry = forRetry(usableCache(cache, built.imports))
  const { source } = base.build
  // Where nothing has come to an end now, what is in the registry already is worth more than less of the same.
  const isNew = built.steps.some((step) => step.state === 'ran' && isWork(step))
  if (retry === undefined || !isNew || text === undefined) return undefined
  if (failure.kind !== 'test' && failure.kind !== 'build') return undefined
  const file = dockerfilePath(source)
  const progressed = readProgressed({ ...options, failure }, text.toString('latin1'), plan.onlyStage)
  const planned = planRetryDockerfile(text, progressed, buildMark(base.build))
  if (!planned.ok) return undefined
  const writing = await settleWriting(retry, async () => {
    const dockerfile = await placeDockerfile(planned.text, file, path.join(folder, 'retry'))
    const solve = { ...base, dockerfile, target: planned.stage, metadataFile: path.join(folder, 'retry.json') }
    return writeSearched(
      ports,
      { ...solve, cache: retry },
      {
        ...options,
        ...{ hiddenStage: planned.stage, limitSeconds: RETRY_LIMIT_SECONDS },
        withheldNote: (why) => `What the failed run had built was not written to the layer cache: ${why}.`
      }
    )
  })
  const isWritten = writing.outcomes.some(({ way, result }) => way === 'write' && result === 'ok')
  return isWritten
    ? { ...writing, notes: [...writing.notes, 'What had been built is in the layer cache: the next run starts there.'] }
    : writing
}

/**
 * How far a red build got. Stages that the text does not name are left out: the cut gives those after it another index,
 * and BuildKit shows a base image under a name of its own.
 */
function readProgressed(
  { base, built, failure, platform }: Pick<RetryOptions, 'base' | 'built' | 'platform'> & { readonly failure: Broken },
  text: string,
  onlyStage: string | undefined
): Progressed {
  const stages = Map.groupBy(built.steps, ({ stage }) => stage ?? '')
  const complete = [...stages].flatMap(([stage, own]) =>
    namesStage(text, stage) && own.every(({ state }) => state === 'ran' || state === 'cached') ? [stage] : []
  )
  // Of another platform the steps above the one that failed may not have run: keeping them would run them now.
  if (base.build.shape.platforms.length > 1) return { complete }
  if (platform !== undefined && failure.step?.platform !== undefined && failure.step.platform !== platform)
    return { complete }
  const stage = failure.step?.stage?.replace(/^stage-(?=\d+$)/, '') ?? onlyStage
  if (stage === undefined || failure.line === undefined) return { complete }
  return { complete, failed: { stage, line: failure.line } }
}
