/** What an earlier run has left: the image to compare with, and the build to hold this one against. */
import type { Cache } from '../actions-cache/cache.js'
import { fetchBaseline, usesBaseline, type ComparisonOptions, type Fetched } from '../baseline/comparison.js'
import { startRecorder, UNEXPLAINED, type Recorder } from '../explain/explain.js'
import type { Step } from '../core/step.js'
import type { Build } from '../builds/build.js'
import type { Learned, Workflow } from '../findings.js'
import type { LeftoverList } from '../leftovers.js'
import type { Occasion } from '../occasion/occasion.js'
import { endedBy, type Ports } from '../ports.js'
import type { Prepared } from './prepare.js'

type EarlierOptions = {
  readonly workflow: Workflow
  readonly occasion: Occasion
  readonly build: Build
  /** As it lies on the runner. */
  readonly dockerfile: Buffer | undefined
  readonly prepared: Prepared
  readonly env: Readonly<Record<string, string | undefined>>
  readonly leftovers: LeftoverList
  readonly cache: Cache
  /** Private folder of the run. */
  readonly folder: string
  /** Whether there may be test reports, which are bound to the files that were tested. */
  readonly readsReports: boolean
}

/** Fetched beside the build; disposing ends what is still under way. */
export type Earlier = AsyncDisposable & {
  readonly comparison: ComparisonOptions
  readonly baseline: Promise<Fetched | undefined>
  readonly marks: Recorder['marks']
  /**
   * Holds the build against the earlier one, once, for whoever asks first. A baseline that is slow to come is waited for
   * in a green run only. Never throws.
   */
  readonly lookBack: (steps: readonly Step[], patience?: 'waits') => Promise<Pick<Learned, 'history' | 'notes'>>
}

/** Begins to fetch it, and to read the build context for the runs to come. */
export function fetchEarlier(
  ports: Pick<Ports, 'exec' | 'log'>,
  { workflow, build, dockerfile, occasion, prepared, env, leftovers, cache, folder, readsReports }: EarlierOptions
): Earlier {
  const { inputs, redact } = workflow
  const { builder, plan } = prepared
  const unwanted = new AbortController()
  const comparison: ComparisonOptions = {
    ...{ build, compareTo: inputs.compareTo, occasion, cache, redact },
    reading: {
      ...{ base: plan.base, classicStore: builder.classicStore, env },
      ...{ folder, onTag: leftovers.addImage, signal: unwanted.signal }
    }
  }
  // Who reads an image has the signal already, and cleans up after it.
  const readsImage = inputs.compareTo.kind === 'image'
  const asking = readsImage ? ports : { ...ports, exec: endedBy(unwanted.signal, ports.exec) }
  const looksBack = usesBaseline(comparison)
  const buildsImage = plan.gate.target !== undefined
  const baseline = buildsImage || looksBack ? fetchBaseline(asking, comparison) : Promise.resolve(undefined)
  const recorder = startRecorder({
    ...{ build: plan.base.build, dockerfile, fetching: baseline, redact },
    files: looksBack || readsReports
  })
  let looking: ReturnType<Earlier['lookBack']> | undefined

  const lookBack: Earlier['lookBack'] = async (steps, patience) => {
    if (steps.length === 0) return {}
    try {
      return { history: await recorder.lookBack(steps, patience) }
    } catch {
      return { notes: [UNEXPLAINED] } // the report has it, the run does not depend on it
    }
  }
  return {
    comparison,
    baseline,
    marks: recorder.marks,
    lookBack: (steps, patience) => (looking ??= lookBack(steps, patience)),
    async [Symbol.asyncDispose]() {
      recorder.stop()
      unwanted.abort()
      const ended = baseline.then(noop, noop)
      // A red run does not wait for the cache service: the worker that asks it ends with the cache.
      if (readsImage) await ended
    }
  }
}

function noop(): void {
  // What it says was read elsewhere.
}
