/** The action's outputs from a run's result. Pure; names and meanings as in action.yml. */
import { asObject, parseJSON } from './core/json.js'
import { isWork } from './core/step.js'
import type { BuildReport, ImageReport } from './report/model.js'
import type { RunResult } from './run.js'

/**
 * Every output that has a value; sizes are plain byte counts.
 * @param bakeTarget the target of an only image, where a bake file has it
 */
export function planOutputs(
  { report, metadata }: Pick<RunResult, 'report' | 'metadata'>,
  bakeTarget?: string
): Readonly<Record<string, string>> {
  const images = report.builds.flatMap((build) => build.images)
  const [image] = images
  // A build of tests alone has no image that could leave.
  const leaving = report.builds.filter((build) => build.images.length > 0)
  const isOnly = images.length === 1 && image !== undefined
  const differences = report.builds.flatMap(({ comparison }) =>
    comparison?.kind === 'compared' ? comparison.differences : []
  )
  const folders = report.builds.flatMap(({ own = report }) => own.tests?.folder ?? [])
  const work = report.steps.filter((step) => isWork(step) && step.state !== 'waiting')
  return present({
    gate: report.gate.verdict,
    published: String(leaving.length > 0 && leaving.every(({ publish }) => publish.published)),
    ...describeMetadata(report, metadata, bakeTarget),
    images: JSON.stringify(report.builds.flatMap((build) => describe(build, metadata.get(build.name)?.digest))),
    size: total(images, ({ size }) => size),
    'transfer-size': total(images, ({ transferSize }) => transferSize),
    'size-diff': totalOf(differences.map(({ size }) => size.change)),
    'transfer-size-diff': totalOf(differences.map(({ transferSize }) => transferSize?.change)),
    'pull-cost': totalOf(differences.map(({ pullCost }) => pullCost?.bytes)),
    layers: isOnly ? String(image.layers.length) : undefined,
    reclaimable: total(images, ({ figures }) => figures.reclaimable.own),
    efficiency: isOnly ? image.figures.efficiency.toFixed(4) : undefined,
    leaks: total(images, ({ figures }) => (figures.leakSearch === undefined ? undefined : figures.leaks.length)),
    'test-reports': folders.length === 0 ? undefined : folders.join('\n'),
    steps: String(work.length),
    'cached-steps': String(work.filter(({ state }) => state === 'cached').length)
  })
}

/** As docker/build-push-action has it of one image, and docker/bake-action of several; one of a bake file can be read as either. */
function describeMetadata(
  { builds }: RunResult['report'],
  metadata: RunResult['metadata'],
  bakeTarget: string | undefined
): Readonly<Record<'imageid' | 'digest' | 'metadata', string | undefined>> {
  const known = builds.flatMap(({ name }) => {
    const found = metadata.get(name)
    return found === undefined ? [] : [{ name, ...found }]
  })
  const [first] = known
  if (first === undefined) return { imageid: undefined, digest: undefined, metadata: undefined }
  if (builds.length === 1) {
    return { imageid: first.imageID, digest: first.digest, metadata: underTarget(first.text, bakeTarget) }
  }
  // Below a name of the step stands that of the target.
  const all = known.map(({ name, text }) => `${JSON.stringify(name.split('/').at(-1))}: ${text.trim()}`)
  return { imageid: undefined, digest: undefined, metadata: `{\n${all.join(',\n')}\n}` }
}

function underTarget(text: string, target: string | undefined): string {
  const known = asObject(parseJSON(text))
  if (target === undefined || known === undefined) return text
  return JSON.stringify({ ...known, [target]: known }, undefined, 2)
}

/** What is known of an image, all its platforms together; nothing of one that was not built. */
function describe({ name, images, publish }: BuildReport, digest: string | undefined): readonly unknown[] {
  if (images.length === 0) return []
  const { tags, digest: published } = publish.published ? publish : { tags: [] }
  const sizes = {
    size: sum(images.map(({ size }) => size)),
    transferSize: sum(images.map((image) => image.transferSize))
  }
  return [{ name, tags, digest: digest ?? published, ...sizes }]
}

function total(images: readonly ImageReport[], sizeOf: (image: ImageReport) => number | undefined): string | undefined {
  return totalOf(images.map(sizeOf))
}

function totalOf(sizes: readonly (number | undefined)[]): string | undefined {
  const bytes = sum(sizes)
  return bytes === undefined ? undefined : String(bytes)
}

/** Over all platforms; `undefined` where there is none or one of them is not known. */
function sum(sizes: readonly (number | undefined)[]): number | undefined {
  const known = sizes.filter((size) => size !== undefined)
  if (known.length === 0 || known.length < sizes.length) return undefined
  return known.reduce((all, size) => all + size, 0)
}

function present(outputs: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(outputs).filter((entry): entry is [string, string] => entry[1] !== undefined)
  )
}
