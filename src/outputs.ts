/** The action's outputs from a run's result. Pure; names and meanings as in action.yml. */
import { asObject, parseJSON } from './build/json.js'
import { isWork } from './report/assemble.js'
import type { Report } from './report/report.js'
import type { RunResult } from './run.js'

/** Every output that has a value; sizes are plain byte counts. */
export function planOutputs({ report, metadata }: RunResult): Readonly<Record<string, string>> {
  const [image] = report.images
  const isOnly = report.images.length === 1 && image !== undefined
  const work = report.steps.filter((step) => isWork(step) && step.state !== 'waiting')
  return present({
    gate: report.gate.verdict,
    published: String(report.publish.published),
    imageid: metadata?.configDigest ?? (isOnly ? image.configDigest : undefined),
    digest: metadata?.digest,
    metadata: metadata === undefined ? undefined : publicMetadata(metadata.text),
    size: total(report, ({ size }) => size),
    'transfer-size': total(report, ({ transferSize }) => transferSize),
    layers: isOnly ? String(image.layers.length) : undefined,
    reclaimable: total(report, ({ figures }) => figures.reclaimable.own),
    efficiency: isOnly ? image.figures.efficiency.toFixed(4) : undefined,
    leaks: total(report, ({ figures }) => (figures.leakSearch === undefined ? undefined : figures.leaks.length)),
    steps: String(work.length),
    'cached-steps': String(work.filter(({ state }) => state === 'cached').length)
  })
}

/** The metadata without the provenance that was only asked for to find lines: it can be larger than an output may be. */
function publicMetadata(text: string): string {
  const metadata = Object.entries(asObject(parseJSON(text)) ?? {})
  return JSON.stringify(Object.fromEntries(metadata.filter(([key]) => !key.startsWith('buildx.build.provenance'))))
}

function total(report: Report, sizeOf: (image: Report['images'][number]) => number | undefined): string | undefined {
  const sizes = report.images.map(sizeOf)
  if (sizes.length === 0 || sizes.includes(undefined)) return undefined
  return String(sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0))
}

function present(outputs: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(outputs).filter((entry): entry is [string, string] => entry[1] !== undefined)
  )
}
