import { larger, noBaseline } from './report/support/compared.js'
import { describe, expect, test } from '@jest/globals'
import { planOutputs } from '../src/outputs.js'
import { firstGreen, gateOnly, image, layer, multiPlatform, redTest, severalImages } from './report/support/reports.js'

const metadata = { text: '{}', digest: 'sha256:d', imageID: 'sha256:i' }

/** The same value without one of its optional fields. */
function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as Omit<T, K>
}

test('a green run', () => {
  const report = firstGreen()
  const [only] = report.builds[0].images
  const outputs = planOutputs({ report, metadata })
  expect(outputs).toMatchObject({
    gate: 'passed',
    published: 'true',
    imageid: metadata.imageID,
    digest: metadata.digest,
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
  const outputs = planOutputs({ report: firstGreen(), metadata })
  for (const name of ['size', 'transfer-size', 'layers', 'reclaimable', 'steps', 'cached-steps']) {
    expect(outputs[name]).toMatch(/^\d+$/)
  }
})

test('several platforms have sums, and no single number of layers', () => {
  const report = multiPlatform()
  const outputs = planOutputs({ report, metadata })
  expect(outputs.size).toBe(String(report.builds[0].images.reduce((sum, { size }) => sum + size, 0)))
  expect(outputs).not.toHaveProperty('layers')
})

test('a classic store has no transfer size', () => {
  const bare = without(image({ layers: [without(layer(1, 1000, 'COPY . .'), 'transferSize')] }), 'transferSize')
  const outputs = planOutputs({ report: firstGreen({ images: [bare] }), metadata })
  expect(outputs).not.toHaveProperty('transfer-size')
  expect(outputs.layers).toBe('1')
})

describe('runs without an image have no sizes', () => {
  test.each([
    ['a gate alone', gateOnly(), 'passed'],
    ['a red test', redTest(), 'failed']
  ] as const)('%s', (_, report, gate) => {
    const outputs = planOutputs({ report })
    expect(Object.keys(outputs).sort()).toEqual(['cached-steps', 'gate', 'images', 'published', 'steps'])
    expect(outputs.images).toBe('[]')
    expect([outputs.gate, outputs.published]).toEqual([gate, 'false'])
  })
})

test('against a baseline', () => {
  const report = larger()
  const [{ comparison }] = report.builds
  const [difference] = comparison?.kind === 'compared' ? comparison.differences : []
  const outputs = planOutputs({ report, metadata })
  expect(Number(outputs['size-diff'])).toBeGreaterThan(0)
  expect(outputs).toMatchObject({
    'size-diff': String(difference?.size.change),
    'transfer-size-diff': String(difference?.transferSize?.change),
    'pull-cost': String(difference?.pullCost?.bytes)
  })
  expect(planOutputs({ report: noBaseline(), metadata })).not.toHaveProperty('size-diff')
})

describe('the images', () => {
  const imagesOf = (result: Parameters<typeof planOutputs>[0]): unknown => JSON.parse(planOutputs(result).images ?? '')

  test('one has one entry, its platforms together', () => {
    const report = multiPlatform()
    const [{ name, images, publish }] = report.builds
    expect(imagesOf({ report, metadata })).toEqual([
      {
        ...{ name, tags: publish.published ? publish.tags : [], digest: metadata.digest },
        size: images.reduce((sum, { size }) => sum + size, 0),
        transferSize: images.reduce((sum, { transferSize = NaN }) => sum + transferSize, 0)
      }
    ])
  })

  test('several have one each, with what became of each', () => {
    const report = severalImages()
    const [app, worker] = report.builds
    if (worker === undefined) throw new Error('there is one')
    const published = { published: true, tags: ['acme/app:1'], digest: 'sha256:a', how: ['push'] } as const
    const builds = [
      { ...app, publish: published },
      { ...worker, publish: { published: false, reason: 'it was not asked for' } }
    ] as const
    // The metadata are those of one image.
    expect(imagesOf({ report: { ...report, builds }, metadata })).toEqual([
      { name: app.name, tags: ['acme/app:1'], digest: 'sha256:a', ...sizesOf(app) },
      { name: worker.name, tags: [], ...sizesOf(worker) }
    ])
  })

  test('one that is not published has the digest of what was inspected', () => {
    const report = firstGreen({ publish: { published: false, reason: 'push, load and outputs are not set' } })
    expect(imagesOf({ report, metadata })).toMatchObject([{ tags: [], digest: metadata.digest }])
  })

  function sizesOf({ images: [only] }: ReturnType<typeof severalImages>['builds'][0]) {
    return { size: only?.size, transferSize: only?.transferSize }
  }
})
