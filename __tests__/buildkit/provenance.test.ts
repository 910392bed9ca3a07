import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chainKey, parseMetadata } from '../../src/buildkit/provenance.js'
import { readRecorded, recordedBuild } from '../fixtures/recorded.js'

/** `FROM`, `COPY` and the like, by the stage's name and the line that was told for it. */
function located(name: string): readonly string[] {
  const { lines } = parseMetadata(recordedBuild(name).metadata).provenance
  return readRecorded(name)
    .steps.map(
      ({ vertex, stage = '', instruction }) =>
        `${stage} ${instruction.split(' ')[0] ?? ''} ${lines.get(vertex) ?? 'nowhere'}`
    )
    .sort()
}

test('every step of the Dockerfile has its line, also in a build that exports nothing', () => {
  expect(located('gate-fresh')).toEqual([
    'base COPY 3',
    'base FROM 1',
    'base WORKDIR 2',
    'builder RUN 6',
    'production COPY 14',
    'production RUN 15',
    'stagegate-gate COPY 18',
    'stagegate-gate COPY 19',
    'test RUN 9'
  ])
})

test('a command over several lines is at its first one', () => {
  const dockerfile = readFileSync(join(import.meta.dirname, '../fixtures/capture.sh'), 'utf8')
  expect(dockerfile).toMatch(/RUN echo "testing" \\\\\n/)
  expect(located('gate-cached')).toContain('test RUN 9')
})

test('each platform tells its own', () => {
  const { lines } = parseMetadata(recordedBuild('target-two-platforms').metadata).provenance
  expect(
    readRecorded('target-two-platforms').steps.map(({ vertex, platform }) => [platform, lines.get(vertex)])
  ).toEqual(
    expect.arrayContaining([
      ['linux/amd64', 2],
      ['linux/arm64', 2],
      ['linux/amd64', 3],
      ['linux/arm64', 3]
    ])
  )
})

describe('an exported image', () => {
  const name = 'target-oci'
  const metadata = parseMetadata(recordedBuild(name).metadata)
  const { provenance } = metadata

  test('has its digests', () => {
    expect(metadata.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(metadata.configDigest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(metadata.configDigest).not.toBe(metadata.digest)
    expect(metadata.mediaType).toMatch(/^application\/vnd\.oci\.image\.(manifest|index)\.v1\+json$/)
  })

  test('says which step made which layer', () => {
    const steps = new Map(readRecorded(name).steps.map((step) => [step.vertex, step]))
    const layers = [...provenance.layerSteps].map(([chain, vertex]) => ({
      depth: chain.split(' ').length,
      step: steps.get(vertex)?.instruction.split(' ')[0]
    }))
    expect(layers.sort((a, b) => a.depth - b.depth)).toEqual([
      { depth: 2, step: 'WORKDIR' },
      { depth: 3, step: 'COPY' },
      { depth: 4, step: 'COPY' },
      { depth: 5, step: 'RUN' }
    ])
  })

  test('says which layers the result has', () => {
    const [whole] = [...provenance.layerSteps.keys()].sort((a, b) => b.length - a.length)
    expect(chainKey(provenance.result ?? [])).toBe(whole)
  })

  test('says which layers are the base image’s', () => {
    const bases = [...provenance.baseImages]
    expect(bases.map(([chain, image]) => [chain.split(' ').length, image])).toEqual([
      [1, '127.0.0.1:5000/base/busybox:1']
    ])
    const [base = ''] = bases.map(([chain]) => chain)
    expect([...provenance.layerSteps.keys()].every((chain) => chain.startsWith(`${base} `))).toBe(true)
  })
})

test('the base image’s layers are known where it was never needed, all steps being cached', () => {
  const text = recordedBuild('target-oci').metadata
  const complete = parseMetadata(text).provenance
  type Metadata = Record<string, { metadata: Record<string, { layers?: Record<string, unknown> }> }>
  const json = JSON.parse(text) as Metadata
  const told = json['buildx.build.provenance']?.metadata['https://mobyproject.org/buildkit@v1#metadata']
  const [source = ''] = Object.keys(told?.layers ?? {}).sort()
  expect(source).toBe('step0:0')
  delete told?.layers?.[source]
  const { provenance } = parseMetadata(JSON.stringify(json))
  expect([...provenance.baseImages]).toEqual([...complete.baseImages])
})

test('no result is told of several platforms', () => {
  expect(parseMetadata(recordedBuild('target-two-platforms').metadata).provenance.result).toBeUndefined()
})

test('a build without an export has no digests', () => {
  const metadata = parseMetadata(recordedBuild('gate-fresh').metadata)
  expect([metadata.digest, metadata.configDigest, metadata.mediaType]).toEqual([undefined, undefined, undefined])
})

test.each([
  ['buildx 0.13', recordedBuild('old-buildx').metadata],
  ['nothing', ''],
  ['no JSON', '{'],
  ['a list', '[]'],
  ['other types', '{"containerimage.digest":1,"buildx.build.provenance":{"buildConfig":[],"metadata":null}}']
])('metadata of %s tells nothing', (_, text) => {
  const { provenance, ...rest } = parseMetadata(text)
  expect(rest).toEqual({ text })
  expect([provenance.lines.size, provenance.layerSteps.size, provenance.baseImages.size]).toEqual([0, 0, 0])
})

test('layers are told apart by those below them', () => {
  expect(chainKey(['a', 'b'])).not.toBe(chainKey(['b', 'b']))
})
