/** What leaves is what was searched: a layout with more in it than images does not pass. */
import { describe, expect, test } from '@jest/globals'
import { openInspector, reportImage, type Inspection, type InspectorOptions } from '../../src/inspect/inspect.js'
import {
  addImage,
  addJson,
  layoutOf,
  temporaryFolder,
  withIndex,
  writeFiles,
  type ImageInput,
  type LayoutFiles
} from '../image/support/image-builder.js'

const image: ImageInput = { layers: [{ entries: [{ path: 'app', content: Buffer.from('hello') }] }] }
const sensitive: InspectorOptions['sensitive'] = [{ id: 'token', kind: 'secret', value: 'ghp_0123456789abcdef' }]
const searching: InspectorOptions = { sensitive }
const manifestType = 'application/vnd.oci.image.manifest.v1+json'

async function inspect(files: LayoutFiles, options: InspectorOptions): Promise<Inspection> {
  await using folder = await temporaryFolder()
  await writeFiles(folder.path, files)
  using inspector = openInspector({ signal: new AbortController().signal }, options)
  return await inspector.conclude([{ path: folder.path, provenance: [] }])
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
  const [layer] = reportImage(analysis, [], [], false).layers
  expect(layer?.instruction.endsWith(' b')).toBe(true)
})
