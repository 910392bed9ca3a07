/** Which builder a run gets, and what has to be left out where none can do it all. */
import { createHash } from 'node:crypto'
import type { Context } from '../occasion/context.js'
import type { Inputs } from '../inputs/inputs.js'
import type { LeftoverBook } from '../leftovers.js'
import { forExport, type CachePlan } from '../cache/plan.js'
import type { Ports } from '../ports.js'
import { createBuilder, findLacks, type Builder } from './builder.js'
import { Stop } from '../failure/stop.js'

export type Chosen = { readonly builder: Builder; readonly cache: CachePlan; readonly notes: readonly string[] }

type Wishes = {
  readonly inputs: Inputs
  readonly context: Context
  readonly cache: CachePlan
  readonly book: LeftoverBook
}

/**
 * Keeps the builder if it can do what is asked. Else, with `builder: auto`, a docker-container builder is created for
 * the job. Where that cannot be had, a cache that cannot be written is a note; anything more stops the run.
 */
export async function prepareBuilder(
  ports: Pick<Ports, 'exec' | 'show' | 'log'>,
  seen: Builder,
  wishes: Wishes
): Promise<Chosen> {
  const { inputs, cache } = wishes
  const cacheExport = forExport(cache).to.length > 0
  const exports = [
    ...(hasAttestations(inputs) ? ['attestations (provenance, sbom, attests)'] : []),
    ...inputs.outputs
      .filter(({ type }) => type === 'oci' || type === 'docker')
      .map(({ text }) => `the output "${text}"`)
  ]
  const lacks = findLacks(seen, { cacheExport, platforms: inputs.platforms, exports })
  if (lacks.length === 0) return { builder: seen, cache, notes: [] }

  const why = `The builder "${seen.name}" (driver docker, classic image store) cannot do: ${lacks.join(', ')}.`
  ports.log.info(why)
  const made = inputs.builder === 'auto' ? await create(ports, wishes) : undefined
  if (made !== undefined) return { builder: made, cache, notes: [] }

  const fix =
    'Turn on the containerd image store of the engine, or run docker/setup-buildx-action before this step, or name a builder in the input builder.'
  if (cacheExport && lacks.length === 1) {
    return { builder: seen, cache: { from: cache.from, to: [] }, notes: [`The cache was not written. ${why} ${fix}`] }
  }
  throw new Stop({ kind: 'engine', message: why, fix })
}

async function create(
  ports: Pick<Ports, 'exec' | 'show' | 'log'>,
  { inputs, context, book, cache }: Wishes
): Promise<Builder | undefined> {
  // The same for every step of a job, so that the second step finds the first one's builder and its cache.
  const job = [context.repository, context.runID, context.runAttempt, context.job, context.runnerName].join('/')
  const name = `stagegate-${createHash('sha256').update(job).digest('hex').slice(0, 12)}`
  const references = [...inputs.tags, ...cache.from, ...cache.to].join(' ')
  return ports.log.group('Create a docker-container builder', () =>
    createBuilder(ports, name, {
      hostNetwork: /(?:^|[ =])(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?\//.test(references),
      onCreate: () => book.addBuilder(name)
    })
  )
}

function hasAttestations(inputs: Inputs): boolean {
  const asked = (value: string): boolean => value !== '' && value !== 'false'
  return asked(inputs.provenance) || asked(inputs.sbom) || inputs.attests.length > 0
}
