/** What leaves is what was searched: a layout with more in it than images does not pass. */
import { describe, expect, test } from '@jest/globals'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { chainKey, noMetadata, type Provenance } from '../../src/buildkit/provenance.js'
import type { Step } from '../../src/core/step.js'
import { openInspector, reportImage, type Inspection, type InspectorOptions } from '../../src/inspect/inspect.js'
import {
  addImage,
  addJson,
  digestOf,
  layerBlob,
  layoutOf,
  temporaryFolder,
  withIndex,
  writeFiles,
  type ImageInput,
  type LayerInput,
  type LayoutFiles
} from '../image/support/image-builder.js'

const image: ImageInput = { layers: [{ entries: [{ path: 'app', content: Buffer.from('hello') }] }] }
const sensitive: InspectorOptions['sensitive'] = [{ id: 'token', kind: 'secret', value: 'ghp_0123456789abcdef' }]
const searching: InspectorOptions = { sensitive }
const manifestType = 'application/vnd.oci.image.manifest.v1+json'

async function inspect(
  files: LayoutFiles,
  options: InspectorOptions,
  provenance: readonly Provenance[] = []
): Promise<Inspection> {
  await using folder = await temporaryFolder()
  await writeFiles(folder.path, files)
  using inspector = openInspector({ signal: new AbortController().signal }, options)
  return await inspector.conclude([{ path: folder.path, provenance }])
}

/** An image and a chart, which no runtime starts. */
function withChart(): LayoutFiles {
  const files: LayoutFiles = new Map()
  const manifests = addImage(files, image)
  const config = addJson(files, {}, 'application/vnd.cncf.helm.config.v1+json')
  return withIndex(files, [...manifests, addJson(files, { schemaVersion: 2, config, layers: [] }, manifestType)])
}

/** The attestation of an image that is not there, beside another image. */
function withStrayAttestation(): LayoutFiles {
  const files: LayoutFiles = new Map()
  const attested = addImage(files, { ...image, architecture: 'arm64', statements: [{ note: 'unseen' }] })
  return withIndex(files, [...addImage(files, image), ...attested.slice(1)])
}

describe('a layout', () => {
  test.each([
    ['something that is no image', withChart],
    ['an attestation of an image that is not there', withStrayAttestation]
  ])('with %s is not published unsearched', async (_, files) => {
    await expect(inspect(files(), searching)).rejects.toMatchObject({
      failure: { kind: 'engine', message: expect.stringMatching(/sha256:\w{64} belongs to no image of it/) }
    })
    // Nobody searches where nothing was injected and the check is off.
    expect((await inspect(files(), {})).images).toHaveLength(1)
  })

  test('with images and their attestations alone is searched and told', async () => {
    const { images, analyses } = await inspect(layoutOf([{ ...image, statements: [{ note: 'seen' }] }]), searching)
    expect(images).toHaveLength(1)
    expect(analyses[0]?.layers).toHaveLength(1)
  })
})

test('blanks of any number in the history of an image are read once', async () => {
  const createdBy = `RUN a${' '.repeat(2_000_000)}b # buildkit`
  const { analyses } = await inspect(layoutOf([{ layers: [{ entries: [], createdBy }] }]), searching)
  const [analysis] = analyses
  if (analysis === undefined) throw new Error('no image')
  const [layer] = reportImage(analysis, { steps: [], provenance: [], hasTransferSize: false }).layers
  expect(layer?.instruction.endsWith(' b')).toBe(true)
})

describe('an image that is looked at while its builder still writes', () => {
  const whole = layoutOf([image])
  const other = layoutOf([{ layers: [{ entries: [{ path: 'app', content: Buffer.from('another') }] }] }])
  const without = (pattern: RegExp): LayoutFiles => new Map([...whole].filter(([name]) => !pattern.test(name)))
  const digestIn = ({ images }: Inspection): unknown => images.map(({ manifestDigest }) => manifestDigest)

  test.each<[string, LayoutFiles]>([
    ['without its index', without(/^index/)],
    ['with an index alone', without(/^blobs/)],
    ['with an index of another image', other],
    ['with an index that is none', new Map([...whole, ['index.json', Buffer.from('{}')]])],
    [
      'with a layer cut off',
      new Map([...whole].map(([name, bytes]) => [name, bytes.subarray(0, isLayer(bytes) ? 30 : undefined)]))
    ]
  ])('%s is read as it lies there at the end', async (_, early) => {
    await using folder = await temporaryFolder()
    await writeFiles(folder.path, early)
    using inspector = openInspector({ signal: new AbortController().signal }, searching)
    inspector.expect({ path: folder.path })
    inspector.begin({ path: folder.path })
    await setTimeout(100)
    await writeFiles(folder.path, whole)
    const found = await inspector.conclude([{ path: folder.path, provenance: [] }])
    expect(digestIn(found)).toEqual(digestIn(await inspect(whole, searching)))
    expect(found.analyses).toHaveLength(1)
  })

  test('is waited for until the end of the call, and no longer', async () => {
    await using folder = await temporaryFolder()
    await writeFiles(folder.path, without(/^index/))
    using inspector = openInspector({ signal: new AbortController().signal }, searching)
    inspector.begin({ path: folder.path })
    await setTimeout(50)
    await expect(inspector.conclude([{ path: folder.path, provenance: [] }])).rejects.toMatchObject({
      failure: { kind: 'engine', message: expect.stringContaining('holds neither index.json') }
    })
  })

  test('and was whole is not read once more', async () => {
    await using folder = await temporaryFolder()
    await writeFiles(folder.path, whole)
    using inspector = openInspector({ signal: new AbortController().signal }, {})
    inspector.begin({ path: folder.path })
    const index = path.join(folder.path, 'index.json')
    await setTimeout(200)
    const text = await readFile(index)
    await rm(folder.path, { recursive: true })
    await writeFiles(folder.path, new Map([['index.json', text]]))
    await expect(inspector.conclude([{ path: folder.path, provenance: [] }])).resolves.toMatchObject({
      analyses: [{ layers: [{}] }]
    })
  })
})

function isLayer(bytes: Buffer): boolean {
  return bytes[0] === 0x1f
}

describe('layers whose times were changed on the way out', () => {
  const base: LayerInput = { entries: [{ path: 'base' }] }
  const layers = [base, { entries: [{ path: 'own' }] }, { entries: [{ path: 'top' }] }]
  const [below = ''] = layers.map((layer) => digestOf(layerBlob(layer)))
  const step = (vertex: string): Step => ({
    ...{ vertex, name: vertex, instruction: `RUN ${vertex}`, stage: 'app' },
    ...{ state: 'ran', seconds: 1, logTail: [] }
  })
  /** Of a stage upon the base image with these commands; a command is the digest of its layer too. */
  const built = (...commands: readonly string[]): Provenance => ({
    ...noMetadata.provenance,
    lines: new Map(commands.map((command, at) => [command, at + 2])),
    baseImages: new Map([[below, 'busybox:1']]),
    layerSteps: new Map(commands.map((command, at) => [chainKey([below, ...commands.slice(0, at + 1)]), command])),
    result: [below, ...commands]
  })
  const unknown = [undefined, undefined, undefined]

  test.each<readonly [string, readonly Provenance[], unknown]>([
    ['have their steps', [built('a', 'b')], [undefined, 2, 3]],
    ['are not those of a test with as many', [noMetadata.provenance, built('a', 'b')], unknown],
    ['are unknown where the result has fewer', [built('a')], unknown],
    ['are unknown where the result has more', [built('a', 'b', 'c')], unknown]
  ])('%s', async (_, provenance, lines) => {
    const { analyses, told } = await inspect(layoutOf([{ layers }]), {}, provenance)
    const [analysis] = analyses
    if (analysis === undefined) throw new Error('no image')
    const steps = ['a', 'b', 'c'].map(step)
    const report = reportImage(analysis, { steps, provenance, told: told[0], hasTransferSize: true })
    expect(report.layers.map(({ line }) => line)).toEqual(lines)
    expect(report.layers.map(({ stage }) => stage)).toEqual(
      report.layers.map(({ line }) => (line === undefined ? undefined : 'app'))
    )
    expect(report.layers.map(({ base: isBase }) => isBase)).toEqual([true, false, false])
    // What is published is named by its own digests.
    expect(report.layers.map(({ digest }) => digest)).toEqual(layers.map((layer) => digestOf(layerBlob(layer))))
  })
})
