import { larger, noBaseline } from './report/support/compared.js'
import { describe, expect, test } from '@jest/globals'
import { planOutputs } from '../src/outputs.js'
import type { Report } from '../src/report/model.js'
import { firstGreen, gateOnly, image, layer, multiPlatform, redTest, severalImages } from './report/support/reports.js'

const published = { text: '{}', digest: 'sha256:d', imageID: 'sha256:i' }

/** What a run came to whose first image has them. */
function resultOf(report: Report): Parameters<typeof planOutputs>[0] {
  return { report, metadata: new Map([[report.builds[0].name, published]]) }
}

/** The same value without one of its optional fields. */
function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as Omit<T, K>
}

test('a green run', () => {
  const report = firstGreen()
  const [only] = report.builds[0].images
  const outputs = planOutputs(resultOf(report))
  expect(outputs).toMatchObject({
    gate: 'passed',
    published: 'true',
    imageid: published.imageID,
    digest: published.digest,
    metadata: '{}',
    size: String(only?.size),
    'transfer-size': String(only?.transferSize),
    layers: String(only?.layers.length)
  })
  const work = report.steps.filter(({ instruction }) => !instruction.startsWith('FROM'))
  expect(outputs.steps).toBe(String(work.length))
  expect(outputs['cached-steps']).toBe(String(work.filter(({ state }) => state === 'cached').length))
})

test('sizes are plain byte counts', () => {
  const outputs = planOutputs(resultOf(firstGreen()))
  for (const name of ['size', 'transfer-size', 'layers', 'reclaimable', 'steps', 'cached-steps']) {
    expect(outputs[name]).toMatch(/^\d+$/)
  }
})

test('several platforms have sums, and no single number of layers', () => {
  const report = multiPlatform()
  const outputs = planOutputs(resultOf(report))
  expect(outputs.size).toBe(String(report.builds[0].images.reduce((sum, { size }) => sum + size, 0)))
  expect(outputs).not.toHaveProperty('layers')
})

test('a classic store has no transfer size', () => {
  const bare = without(image({ layers: [without(layer(1, 1000, 'COPY . .'), 'transferSize')] }), 'transferSize')
  const outputs = planOutputs(resultOf(firstGreen({ images: [bare] })))
  expect(outputs).not.toHaveProperty('transfer-size')
  expect(outputs.layers).toBe('1')
})

describe('runs without an image have no sizes', () => {
  test.each([
    ['a gate alone', gateOnly(), 'passed'],
    ['a red test', redTest(), 'failed']
  ] as const)('%s', (_, report, gate) => {
    const outputs = planOutputs({ report, metadata: new Map() })
    expect(Object.keys(outputs).sort()).toEqual(['cached-steps', 'gate', 'images', 'published', 'steps'])
    expect(outputs.images).toBe('[]')
    expect([outputs.gate, outputs.published]).toEqual([gate, 'false'])
  })
})

test('against a baseline', () => {
  const report = larger()
  const [{ comparison }] = report.builds
  const [difference] = comparison?.kind === 'compared' ? comparison.differences : []
  const outputs = planOutputs(resultOf(report))
  expect(Number(outputs['size-diff'])).toBeGreaterThan(0)
  expect(outputs).toMatchObject({
    'size-diff': String(difference?.size.change),
    'transfer-size-diff': String(difference?.transferSize?.change),
    'pull-cost': String(difference?.pullCost?.bytes)
  })
  expect(planOutputs(resultOf(noBaseline()))).not.toHaveProperty('size-diff')
})

describe('the images', () => {
  const imagesOf = (result: Parameters<typeof planOutputs>[0]): unknown => JSON.parse(planOutputs(result).images ?? '')

  test('one has one entry, its platforms together', () => {
    const report = multiPlatform()
    const [{ name, images, publish }] = report.builds
    expect(imagesOf(resultOf(report))).toEqual([
      {
        ...{ name, tags: publish.published ? publish.tags : [], digest: published.digest },
        size: images.reduce((sum, { size }) => sum + size, 0),
        transferSize: images.reduce((sum, { transferSize = NaN }) => sum + transferSize, 0)
      }
    ])
  })

  test('several have one each, with what became of each', () => {
    const report = severalImages()
    const [app, worker] = report.builds
    if (worker === undefined) throw new Error('there is one')
    const builds = [
      { ...app, publish: { published: true, tags: ['acme/app:1'], digest: 'sha256:a', how: ['push'] } },
      { ...worker, publish: { published: false, reason: 'it was not asked for' } }
    ] as const
    expect(imagesOf({ report: { ...report, builds }, metadata: new Map() })).toEqual([
      { name: app.name, tags: ['acme/app:1'], digest: 'sha256:a', ...sizesOf(app) },
      { name: worker.name, tags: [], ...sizesOf(worker) }
    ])
  })

  test('one that is not published has the digest of what was inspected', () => {
    const report = firstGreen({ publish: { published: false, reason: 'push, load and outputs are not set' } })
    expect(imagesOf(resultOf(report))).toMatchObject([{ tags: [], digest: published.digest }])
  })

  test('several have metadata each under its target, and neither digest nor id is that of all', () => {
    const report = severalImages()
    const metadata = new Map(report.builds.map(({ name }) => [name, { ...published, text: `{ "of": "${name}" }` }]))
    const outputs = planOutputs({ report, metadata })
    expect(JSON.parse(outputs.metadata ?? '')).toEqual({ app: { of: 'app' }, worker: { of: 'worker' } })
    expect([outputs.digest, outputs.imageid]).toEqual([undefined, undefined])
  })

  function sizesOf({ images: [only] }: ReturnType<typeof severalImages>['builds'][0]) {
    return { size: only?.size, transferSize: only?.transferSize }
  }
})

test('the metadata of one image of a bake file is read as that of a build, and as that of bake', () => {
  const [build] = firstGreen().builds
  const metadata = new Map([[build.name, { ...published, text: '{"containerimage.digest":"sha256:d"}' }]])
  const outputs = planOutputs({ report: firstGreen(), metadata }, 'app')
  expect(JSON.parse(outputs.metadata ?? '')).toEqual({
    'containerimage.digest': 'sha256:d',
    app: { 'containerimage.digest': 'sha256:d' }
  })
})
