import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { analyseImage, readImages, readStatement, type ImageSet } from '../../src/image/index.js'
import {
  addImage,
  addJson,
  archiveOf,
  digestOf,
  dockerSaveOf,
  layerTar,
  layoutOf,
  temporaryFolder,
  withIndex,
  writeFiles,
  type ImageInput,
  type LayoutFiles
} from './support/image-builder.js'
import { file, hardLink, symlink, tar } from './support/tar-builder.js'

const hello: ImageInput = {
  layers: [{ entries: [file('hello', 'world')] }, { entries: [file('more', 'bytes')], compression: 'zstd' }]
}
const arm: ImageInput = { ...hello, architecture: 'arm64', variant: 'v8' }

/** Reads a layout as a folder and as an archive, and checks that both say the same. */
async function readBoth(files: LayoutFiles, name?: string): Promise<ImageSet> {
  await using folder = await temporaryFolder()
  const archive = join(folder.path, 'image.tar')
  await writeFile(archive, archiveOf(files))
  const options = name === undefined ? {} : { name }
  const [fromFolder, fromArchive] = await Promise.all([
    readImages(await writeFiles(join(folder.path, 'layout'), files), options),
    readImages(archive, options)
  ])
  for (const set of [fromFolder, fromArchive]) for (const image of set.images) await analyseImage(image)
  expect(withoutPlaces(fromArchive)).toEqual(withoutPlaces(fromFolder))
  return fromFolder
}

function withoutPlaces(set: ImageSet): unknown {
  return JSON.parse(JSON.stringify(set, (key, value: unknown) => (key === 'blob' ? undefined : value)))
}

describe('an OCI layout', () => {
  test('one image in a nested index', async () => {
    const { images, format } = await readBoth(layoutOf([hello]))
    expect(format).toBe('oci-layout')
    expect(images).toMatchObject([{ platformName: 'linux/amd64', names: ['latest'], layers: [{ named: true }, {}] }])
  })

  test('an image that index.json names itself', async () => {
    const files: LayoutFiles = new Map()
    const { images } = await readBoth(withIndex(files, addImage(files, hello)))
    expect(images.map((image) => image.platformName)).toEqual(['linux/amd64'])
  })

  test('several platforms, in order', async () => {
    const { images } = await readBoth(layoutOf([hello, arm]))
    expect(images.map((image) => image.platformName)).toEqual(['linux/amd64', 'linux/arm64/v8'])
  })

  test('one image under two names is one image', async () => {
    const { images } = await readBoth(layoutOf([hello], ['1.0', 'latest']))
    expect(images.map((image) => image.names)).toEqual([['1.0', 'latest']])
  })

  test('a name selects', async () => {
    const files: LayoutFiles = new Map()
    const named = [hello, arm].flatMap((image, at) =>
      addImage(files, image).map((descriptor) => ({
        ...descriptor,
        annotations: {
          'org.opencontainers.image.ref.name': `tag${at}`,
          'io.containerd.image.name': `reg.example/app:tag${at}`
        }
      }))
    )
    withIndex(files, named)
    expect((await readBoth(files, 'tag1')).images.map((image) => image.platformName)).toEqual(['linux/arm64/v8'])
    expect((await readBoth(files, 'reg.example/app:tag0')).images.map((image) => image.platformName)).toEqual([
      'linux/amd64'
    ])
    await expect(readBoth(files, 'tag2')).rejects.toThrow(
      /has no image named tag2; it has: reg.example\/app:tag0, tag0/
    )
  })

  test.each([
    ['annotations', false],
    ['an artifact type and a subject', true]
  ])('attestations known by %s are named and not counted', async (_, artifact) => {
    const statement = { _type: 'https://in-toto.io/Statement/v1', predicate: { buildArgs: 'x' } }
    const { images, strayAttestations } = await readBoth(
      layoutOf([{ ...hello, statements: [statement], artifact }, arm])
    )
    expect(images.map((image) => image.attestations.length)).toEqual([1, 0])
    expect(strayAttestations).toEqual([])
    expect(images[0]?.attestations[0]?.statements).toMatchObject([{ predicateType: 'https://slsa.dev/provenance/v1' }])
  })

  test('a statement can be read', async () => {
    await using folder = await temporaryFolder()
    const { images } = await readImages(await writeFiles(folder.path, layoutOf([{ ...hello, statements: [{ a: 1 }] }])))
    const [statement] = images[0]!.attestations[0]!.statements
    expect((await readStatement(statement!)).toString()).toBe('{"a":1}')
  })

  test('an artifact that is no image is named', async () => {
    const files = layoutOf([hello])
    const config = addJson(files, {}, 'application/vnd.cncf.helm.config.v1+json')
    const chart = addJson(files, { schemaVersion: 2, config, layers: [] }, 'application/vnd.oci.image.manifest.v1+json')
    const { images, others } = await readBoth(withIndex(files, [chart]))
    expect(images).toEqual([])
    expect(others).toEqual([{ digest: chart.digest, mediaType: 'application/vnd.cncf.helm.config.v1+json' }])
  })

  test('files that no spec names are tolerated', async () => {
    const files = layoutOf([hello])
    files.set('manifest.json', Buffer.from('[]'))
    files.set('repositories', Buffer.from('{}'))
    expect((await readBoth(files)).images).toHaveLength(1)
  })

  test('Docker media types', async () => {
    const docker = {
      ...hello,
      layers: hello.layers.map((layer) => ({
        ...layer,
        mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip'
      }))
    }
    expect((await readBoth(layoutOf([docker]))).images).toHaveLength(1)
  })

  test('annotations of index, descriptor and manifest are gathered', async () => {
    const files: LayoutFiles = new Map()
    const manifests = addImage(files, { ...hello, annotations: { inner: '1' } })
    const index = addJson(
      files,
      { schemaVersion: 2, manifests, annotations: { middle: '2' } },
      'application/vnd.oci.image.index.v1+json'
    )
    const { images } = await readBoth(withIndex(files, [{ ...index, annotations: { outer: '3' } }]))
    const annotated = images[0]?.annotated.filter(({ annotations }) => Object.keys(annotations).length > 0)
    expect(annotated).toEqual([
      { on: 'descriptor', annotations: { outer: '3' } },
      { on: 'index', annotations: { middle: '2' } },
      { on: 'manifest', annotations: { inner: '1' } }
    ])
  })
})

describe('a docker-save archive', () => {
  test('before version 25: no manifest, raw layers', async () => {
    const { images, format } = await readBoth(dockerSaveOf(hello))
    expect(format).toBe('docker-save')
    expect(images).toMatchObject([{ platformName: 'linux/amd64', manifestDigest: undefined, names: ['app:1'] }])
    expect(images[0]?.layers.map(({ descriptor, diffID }) => descriptor.digest === diffID)).toEqual([true, true])
  })

  test('a name selects', async () => {
    expect((await readBoth(dockerSaveOf(hello, ['a:1', 'b:2']), 'b:2')).images).toHaveLength(1)
    await expect(readBoth(dockerSaveOf(hello), 'c')).rejects.toThrow(/has no image named c; it has: app:1/)
  })

  test('a layer that occurs twice is a link to the first', async () => {
    await using folder = await temporaryFolder()
    const layer = hello.layers[0]!
    const files = dockerSaveOf({ layers: [layer, layer, layer] })
    const [first, second, third] = [...files.keys()].filter((name) => name.endsWith('layer.tar'))
    const archive = tar(
      [...files].map(([path, content]) => {
        if (path === second) return symlink(path, `../${first}`)
        return path === third ? hardLink(path, first!) : { path, content }
      })
    )
    await writeFile(join(folder.path, 'saved.tar'), archive)
    const { images } = await readImages(join(folder.path, 'saved.tar'))
    expect((await analyseImage(images[0]!)).size).toBe(15)
  })

  test('compressed layers, as kaniko writes them', async () => {
    const { gzipSync } = await import('node:zlib')
    const layer = hello.layers[0]!
    const { images } = await readBoth(
      dockerSaveOf({ layers: [{ ...layer, diffID: digestOf(layerTar(layer)), blob: gzipSync(layerTar(layer)) }] })
    )
    expect(images).toHaveLength(1)
  })
})
