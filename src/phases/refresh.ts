/**
 * `refresh-after`: a stage whose cached layers are too old is built again, with the tests that stand on it. How old they are
 * only the image tells that is made of them: BuildKit keeps in its history when each layer was made, also of those that
 * come from a cache. So the call is made as always and, where something is too old, once more without the cache of those
 * stages. What was made first is not looked at again.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { allArguments } from '../builds/build.js'
import { chainKey } from '../buildkit/provenance.js'
import { isLinkedStep } from '../core/linked.js'
import { count } from '../core/units.js'
import { SOURCE_DATE_EPOCH } from '../core/source_date_epoch.js'
import { isWork, type Step } from '../core/step.js'
import { readArguments } from '../dockerfile/index.js'
import type { Refreshed } from '../explain/causes.js'
import { runBuild, type BuildOptions, type BuildRun } from '../gate/build.js'
import { layerTimes, readImages } from '../image/index.js'
import { readable } from '../inspect/inspect.js'
import { withoutValues } from '../inspect/instructions.js'
import type { Ports } from '../ports.js'
import { briefInstruction } from '../report/format/instruction.js'

/** A build, and the stages of it that were built again. */
export type FreshRun = BuildRun & { readonly refreshed: Refreshed }

type Age = {
  /** Seconds that a cached layer may be old; absent for any age. */
  readonly after: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The oldest that is known of a stage. */
type Stale = {
  /** Empty where BuildKit names none. */
  readonly stage: string
  readonly seconds: number
  readonly instruction: string
  /** The layer is of another stage, and was copied from this one: what it was copied from is at least as old. */
  readonly copied: boolean
}

/** Builds it all and, where that used what is too old, all of it a second time. Never a third. */
export async function runFresh(
  ports: Pick<Ports, 'exec' | 'log' | 'now' | 'signal'>,
  options: BuildOptions,
  { after, env }: Age
): Promise<FreshRun> {
  const first = await runBuild(ports, options)
  const { build } = options.base
  if (after === undefined || first.failure !== undefined || build.fresh.noCache) return { ...first, refreshed: [] }
  const hindrance = whyUnknown(first, options, env)
  if (hindrance !== undefined) {
    return { ...first, refreshed: [], notes: [...first.notes, `refresh-after had no effect: ${hindrance}.`] }
  }
  const stale = await findStale(ports, first, after)
  if (stale.length === 0) return { ...first, refreshed: [] }

  const notes = stale.map((each) => explain(each, after, allArguments(build)))
  for (const note of notes) ports.log.untrusted(note)
  ports.log.info('Tests and image are built again without what the cache has of this.')
  const stages = stale.map(({ stage }) => stage)
  const refreshed = stages.every(canBeFiltered) ? stages : 'all'
  const folder = path.join(options.exporting.folder, 'refreshed')
  await mkdir(folder)
  await options.beforeAgain?.()
  const fresh =
    refreshed === 'all'
      ? { ...build.fresh, noCache: true }
      : { ...build.fresh, noCacheFilters: [...build.fresh.noCacheFilters, ...refreshed] }
  const { broken } = first.progress
  const second = await runBuild(ports, {
    ...options,
    base: { ...options.base, build: { ...build, fresh } },
    exporting: { ...options.exporting, folder },
    cacheFrom: broken === undefined ? options.cacheFrom : [],
    // It would build what the cache is not to be asked for.
    looksUp: false
  })
  const internals = [...first.progress.internals, ...second.progress.internals]
  return {
    ...second,
    refreshed,
    // What became of the caches that were read is told of the first call, where the second reads none.
    progress: broken === undefined ? second.progress : { ...second.progress, broken, internals },
    notes: [...new Set([...first.notes, ...notes, ...second.notes])]
  }
}

/** Why nobody knows how old a layer is, as a clause. */
function whyUnknown(
  { images, provenance }: BuildRun,
  { exporting, base }: BuildOptions,
  env: Age['env']
): string | undefined {
  const isSet =
    (env[SOURCE_DATE_EPOCH] ?? '') !== '' || readArguments(base.build.shape.buildArgs).has(SOURCE_DATE_EPOCH)
  if (isSet) return `${SOURCE_DATE_EPOCH} sets the times in the image`
  if (images.length === 0) return 'no image was built, whose layers tell their age'
  if (exporting.classicTag !== undefined) return 'the classic image store exports no image to look at'
  if (provenance.every(({ layerSteps }) => layerSteps.size === 0)) {
    return 'the builder did not tell which step made which layer'
  }
  return undefined
}

/** Stages that something too old is from, the ones upon which others are built first. */
async function findStale(
  { now, signal }: Pick<Ports, 'now' | 'signal'>,
  run: BuildRun,
  after: number
): Promise<readonly Stale[]> {
  const asked = now()
  const steps = new Map(run.progress.steps.map((step) => [step.vertex, step]))
  const named = new Map(run.progress.steps.map((step) => [step.name, step]))
  const found = new Map<string, Stale>()
  const add = (step: Step, stale: Omit<Stale, 'stage'>): void => {
    const stage = step.stage ?? ''
    const known = found.get(stage)
    const isBetter = known === undefined || (known.copied && !stale.copied)
    const isOlder = known?.copied === stale.copied && known.seconds < stale.seconds
    if (isBetter || isOlder) found.set(stage, { stage, ...stale })
  }
  for (const { layout, metadata } of run.images) {
    const provenance = [metadata.provenance, ...run.provenance]
    const { images } = await readImages(layout, { signal }).catch(
      readable('the image cannot be read for refresh-after')
    )
    for (const { layers, config } of images) {
      const digests = layers.map(({ descriptor }) => descriptor.digest)
      const times = layerTimes(config.history, layers.length)
      for (const [at, time] of times.entries()) {
        const chain = chainKey(digests.slice(0, at + 1))
        const vertex = provenance.map(({ layerSteps }) => layerSteps.get(chain)).find((each) => each !== undefined)
        // The layers of a base image are no step's, and no cache of a stage has them.
        const step = steps.get(vertex ?? '')
        const seconds = time === undefined || time < LEAST_TIME ? 0 : (asked - time) / 1000
        if (step === undefined || seconds <= after) continue
        const { instruction } = step
        add(step, { seconds, instruction, copied: false })
        for (const below of cachedBelow(step, named)) {
          if (below.stage !== step.stage) add(below, { seconds, instruction, copied: true })
        }
      }
    }
  }
  return [...found.values()].sort((a, b) => Number(b.copied) - Number(a.copied))
}

/** BuildKit was not there before 2018: what is older is a time that somebody has set. */
const LEAST_TIME = Date.UTC(2018)

/** Cached steps that one is made from, directly or not. */
function cachedBelow(step: Step, named: ReadonlyMap<string, Step>): readonly Step[] {
  const below = new Set([step])
  // A set is walked through to its end, and what is added on the way belongs to it.
  for (const { inputs = [] } of below) {
    for (const input of inputs) {
      const found = named.get(input)
      if (found !== undefined) below.add(found)
    }
  }
  return [...below].filter((each) => each !== step && each.state === 'cached' && isWork(each))
}

/** A filter knows names alone, and only those of the build's own Dockerfile. */
function canBeFiltered(stage: string): boolean {
  return isNamed(stage) && !isLinkedStep({ stage })
}

function isNamed(stage: string): boolean {
  return stage !== '' && !/^stage-\d+$/.test(stage)
}

/** `stage deps: its oldest cached layer was 9 days old (RUN apt-get update), and refresh-after is 7 days.` */
function explain({ stage, seconds, instruction, copied }: Stale, after: number, buildArgs: readonly string[]): string {
  const shown = briefInstruction(withoutValues(instruction, buildArgs)).replace(/\s+/g, ' ')
  const brief = shown.length > MOST_CHARACTERS ? `${shown.slice(0, MOST_CHARACTERS)}…` : shown
  const what = copied ? 'what is copied from it' : 'its oldest cached layer'
  const others = canBeFiltered(stage) ? '' : ', and all others with it,'
  const who = `${isNamed(stage) ? `Stage ${stage}` : 'A stage without a name'} was${others}`
  return `${who} built again: ${what} was ${ageWords(seconds)} old (${brief}), and refresh-after is ${ageWords(after)}.`
}

const MOST_CHARACTERS = 60

function ageWords(seconds: number): string {
  const hours = Math.floor(seconds / 3600)
  return hours < 48 ? count(hours, 'hour') : count(Math.floor(hours / 24), 'day')
}
