/** The outputs `metadata`, `digest` and `imageid`, as the metadata file and the id file of a bare build have them. */
import { describe, expect, test } from '@jest/globals'
import { asObject, parseJSON } from '../../src/core/json.js'
import { describeFiles, describeImage, readProvenanceMode, withoutImage } from '../../src/publish/metadata.js'

const built = (platform: string, more: object = {}) => ({
  platform,
  text: JSON.stringify({
    'buildx.build.ref': 'b/x',
    'buildx.build.provenance': { materials: [platform], buildConfig: { of: platform }, metadata: { of: platform } },
    'containerimage.digest': 'sha256:of-the-export',
    'containerimage.descriptor': { mediaType: 'm', digest: 'sha256:of-the-export' },
    ...more
  })
})
const descriptor = { mediaType: 'application/x', size: 10 }

describe('an image', () => {
  test('has what was published, and not what was exported', () => {
    const { text, digest, imageID } = describeImage(
      [built('')],
      {
        digest: 'sha256:p',
        descriptor,
        platform: 'linux/arm/v7',
        configDigest: 'sha256:c',
        names: ['a', 'r.test/b:2']
      },
      'min'
    )
    expect([digest, imageID]).toEqual(['sha256:p', 'sha256:c'])
    expect(text).toBe(
      JSON.stringify(
        {
          'buildx.build.provenance': { materials: [''] },
          'buildx.build.ref': 'b/x',
          'containerimage.config.digest': 'sha256:c',
          'containerimage.descriptor': {
            ...{ mediaType: 'application/x', digest: 'sha256:p', size: 10 },
            platform: { architecture: 'arm', os: 'linux', variant: 'v7' }
          },
          'containerimage.digest': 'sha256:p',
          'image.name': 'docker.io/library/a:latest,r.test/b:2'
        },
        undefined,
        2
      )
    )
  })

  test('with attestations or several platforms is an index, whose digest is its id', () => {
    const described = describeImage(
      [built('linux/amd64'), built('linux/arm64')],
      { digest: 'sha256:p', descriptor, names: [] },
      'min'
    )
    expect(described.imageID).toBe('sha256:p')
    expect(parseJSON(described.text)).toEqual({
      'buildx.build.ref': 'b/x',
      'buildx.build.provenance/linux/amd64': { materials: ['linux/amd64'] },
      'buildx.build.provenance/linux/arm64': { materials: ['linux/arm64'] },
      'containerimage.descriptor': { mediaType: 'application/x', digest: 'sha256:p', size: 10 },
      'containerimage.digest': 'sha256:p'
    })
  })

  test('in an engine has the id that the engine gives it', () => {
    const image = { digest: 'sha256:p', configDigest: 'sha256:c', loadedID: 'sha256:engine', names: [] }
    expect(describeImage([built('')], image, 'min').imageID).toBe('sha256:engine')
  })
})

describe('files', () => {
  test('have what the builder wrote, the last one over those before it', () => {
    const config = { 'containerimage.config.digest': 'sha256:c' }
    const described = describeFiles([built(''), built('', { 'containerimage.digest': 'sha256:2', ...config })], 'min')
    expect([described.digest, described.imageID]).toEqual(['sha256:2', 'sha256:c'])
    expect(Object.keys(asObject(parseJSON(described.text)) ?? {})).toContain('containerimage.descriptor')
  })

  test('that are no image have no digest', () => {
    const described = describeFiles([withoutImage(built(''))], 'min')
    expect(described).toEqual({ text: expect.not.stringContaining('containerimage') })
    expect(described.text).toContain('buildx.build.ref')
  })
})

describe('the provenance', () => {
  test.each([
    [undefined, 'min'],
    ['min', 'min'],
    ['max', 'max'],
    ['disabled', 'disabled'],
    ['false', 'disabled']
  ] as const)('is as much as buildx is asked for: %s', (value, mode) => {
    expect(readProvenanceMode({ BUILDX_METADATA_PROVENANCE: value })).toBe(mode)
  })

  test.each([
    ['min', { materials: [''] }],
    ['max', { materials: [''], buildConfig: { of: '' }, metadata: { of: '' } }],
    ['disabled', undefined]
  ] as const)('%s', (mode, expected) => {
    const { text } = describeFiles([built('')], mode)
    expect(asObject(parseJSON(text))?.['buildx.build.provenance']).toEqual(expected)
  })
})
