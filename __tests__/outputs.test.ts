import { larger, noBaseline } from './report/support/compared.js'
import { describe, expect, test } from '@jest/globals'
import { planOutputs } from '../src/outputs.js'
import { firstGreen, gateOnly, image, layer, multiPlatform, redTest } from './report/support/reports.js'

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
    expect(Object.keys(outputs).sort()).toEqual(['cached-steps', 'gate', 'published', 'steps'])
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
