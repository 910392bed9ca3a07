import { describe, expect, test } from '@jest/globals'
import {
  annotationsOn,
  attributesOn,
  planTargets,
  type AnnotationPlace,
  type ExportPlan,
  type TargetsPlan
} from '../../src/gate/targets.js'

const single: AnnotationPlace = { platform: '', several: false, attested: true }
const bare: AnnotationPlace = { ...single, attested: false }
const arm: AnnotationPlace = { platform: 'linux/arm64', several: true, attested: true }

describe('where an annotation stands', () => {
  test.each<readonly [string, AnnotationPlace, readonly string[]]>([
    ['a=b', bare, ['a=b']],
    ['a=index:b', bare, ['a=index:b']],
    ['manifest:a=b', bare, ['manifest:a=b']],
    ['manifest,index:a=b:c', bare, ['manifest:a=b:c']],
    ['index:a=b', bare, []],
    ['index-descriptor,manifest-descriptor:a=b', bare, []],
    ['manifest,index:a=b', single, ['manifest,index:a=b']],
    ['manifest,index:a=b', arm, ['manifest:a=b']],
    ['manifest-descriptor:a=b', arm, ['manifest-descriptor:a=b']],
    ['manifest-descriptor:a=b', { ...arm, attested: false }, []],
    ['manifest[linux/arm64]:a=b', arm, ['manifest:a=b']],
    ['manifest[linux/amd64]:a=b', arm, []],
    ['manifest[linux/amd64],index:a=b', arm, []],
    ['manifest:a=line\nbreak', arm, ['manifest:a=line\nbreak']]
  ])('%j in %j', (annotation, place, kept) => {
    expect(annotationsOn([annotation], place)).toEqual(kept)
  })

  test.each<readonly [string, AnnotationPlace, readonly string[]]>([
    ['compression=zstd', arm, ['compression=zstd']],
    ['annotation.a.b=c', arm, ['annotation-manifest.a.b=c']],
    ['annotation.a.b=c', bare, ['annotation.a.b=c']],
    ['annotation-index.a=b', bare, []],
    ['annotation-index.a=b', single, ['annotation-index.a=b']],
    ['annotation-index.a=b', arm, []],
    ['annotation-manifest-descriptor.a=b', arm, ['annotation-manifest-descriptor.a=b']],
    ['annotation[linux/amd64].a=b', arm, []],
    ['annotation-manifest[linux/arm64].a=b', arm, ['annotation-manifest.a=b']]
  ])('the attribute %s in %j', (attribute, place, kept) => {
    expect(attributesOn([attribute], place)).toEqual(kept)
  })
})

test('a provenance that is switched off makes no index', () => {
  const plan = (attestation: string) =>
    planTargets({
      ...{ tests: [], target: 'app', platforms: [], annotations: ['index:a=b'] },
      exporting: {
        folder: '/f',
        attributes: ['annotation-index.c=d'],
        attestations: [attestation],
        files: [],
        tags: [],
        names: [],
        cacheTo: []
      }
    }).map(({ annotations, outputs }) => ({ annotations, outputs }))
  expect(plan('type=provenance,disabled=true')).toEqual([
    { annotations: [], outputs: ['type=oci,tar=false,dest=/f/image'] }
  ])
  expect(plan('type=provenance,mode=min')).toEqual([
    { annotations: ['index:a=b'], outputs: ['type=oci,tar=false,annotation-index.c=d,dest=/f/image'] }
  ])
})

const exporting: ExportPlan = {
  folder: '/private',
  attributes: [],
  attestations: [],
  files: [],
  tags: [],
  names: [],
  cacheTo: []
}
const plain: TargetsPlan = { tests: ['test'], target: 'production', platforms: [], annotations: [], exporting }
const both = ['linux/amd64', 'linux/arm64']

test('one platform: the test is built and left there, the image goes into a folder', () => {
  expect(planTargets(plain)).toEqual([
    {
      ...{ role: 'test', name: '_test0-0', platform: '', stage: 'test', platforms: [] },
      outputs: ['type=cacheonly']
    },
    {
      ...{ role: 'image', name: '_image-0', platform: '', stage: 'production', platforms: [] },
      ...{ layout: '/private/image', outputs: ['type=oci,tar=false,dest=/private/image'] },
      ...{ annotations: [], attestations: [], tags: [], cacheTo: [] }
    }
  ])
})

test('several platforms: each test and the image on each of them', () => {
  const targets = planTargets({ ...plain, tests: ['unit', 'e2e'], platforms: both })
  expect(targets.map(({ name, stage, platforms, outputs }) => [name, stage, ...platforms, ...outputs])).toEqual([
    ['_test0-0', 'unit', 'linux/amd64', 'type=cacheonly'],
    ['_test0-1', 'unit', 'linux/arm64', 'type=cacheonly'],
    ['_test1-0', 'e2e', 'linux/amd64', 'type=cacheonly'],
    ['_test1-1', 'e2e', 'linux/arm64', 'type=cacheonly'],
    ['_image-0', 'production', 'linux/amd64', 'type=oci,tar=false,dest=/private/image-0'],
    ['_image-1', 'production', 'linux/arm64', 'type=oci,tar=false,dest=/private/image-1']
  ])
})

test.each<[string, Partial<TargetsPlan>, readonly string[]]>([
  ['an image without tests', { tests: [] }, ['_image-0']],
  ['tests without an image', { target: undefined }, ['_test0-0']],
  ['tests without an image, on two platforms', { target: undefined, platforms: both }, ['_test0-0', '_test0-1']],
  ['the last stage', { tests: [], target: '' }, ['_image-0']]
])('%s', (_, change, names) => {
  expect(planTargets({ ...plain, ...change }).map(({ name }) => name)).toEqual(names)
})

test('one platform that is named goes into the same folder', () => {
  const [, image] = planTargets({ ...plain, platforms: ['linux/arm64'] })
  expect(image).toMatchObject({ platform: 'linux/arm64', platforms: ['linux/arm64'], layout: '/private/image' })
})

describe('files', () => {
  const files = ['type=local,dest=/private/output-0/out']
  const attestations = ['type=provenance,mode=max']

  test('are each written by a target, which calls an archive by the tags', () => {
    const both = [...files, 'type=docker,dest=/private/output-1/image.tar']
    const targets = planTargets({ ...plain, exporting: { ...exporting, files: both, attestations, tags: ['app:1'] } })
    expect(targets.map(({ name, outputs, tags, attestations: attests }) => [name, outputs, tags, attests])).toEqual([
      ['_test0-0', ['type=cacheonly'], undefined, undefined],
      ['_image-0', ['type=oci,tar=false,dest=/private/image'], [], attestations],
      ['_files-0', [both[0]], ['app:1'], attestations],
      ['_files-1', [both[1]], ['app:1'], ['type=provenance,disabled=true']]
    ])
  })

  test('of several are written by a target for all of them', () => {
    const annotations = ['index:a=b']
    const targets = planTargets({
      ...{ ...plain, platforms: both, annotations },
      exporting: { ...exporting, files, attestations }
    })
    expect(targets.at(-1)).toEqual({
      ...{ role: 'files', name: '_files-0', stage: 'production', platforms: both },
      ...{ outputs: files, annotations, attestations, tags: [] }
    })
    expect(targets.filter(({ outputs }) => outputs.includes(files[0] ?? ''))).toHaveLength(1)
  })

  test('are none where only tests are built', () => {
    const targets = planTargets({ ...plain, target: undefined, platforms: both, exporting: { ...exporting, files } })
    expect(targets.every(({ role }) => role === 'test')).toBe(true)
  })
})

test('the classic image store is given the image under a name', () => {
  const targets = planTargets({ ...plain, exporting: { ...exporting, classicTag: 'x:1', attributes: ['a=b'] } })
  expect(targets.map(({ outputs, tags }) => [outputs, tags])).toEqual([
    [['type=cacheonly'], undefined],
    [['type=docker'], ['x:1']]
  ])
})

test('the image has the names under which it leaves, which its attestations are of', () => {
  const targets = planTargets({ ...plain, exporting: { ...exporting, names: ['acme/app:1', 'acme/app:latest'] } })
  expect(targets.map(({ tags }) => tags)).toEqual([undefined, ['acme/app:1', 'acme/app:latest']])
})

test('what shapes the image goes with it, and with no test', () => {
  const attributes = ['compression=zstd', 'annotation.a=b,c']
  const shaped = { ...exporting, attributes, attestations: ['type=sbom'], cacheTo: ['type=inline'] }
  const [testTarget, image] = planTargets({ ...plain, exporting: shaped })
  expect(image).toMatchObject({
    outputs: ['type=oci,tar=false,compression=zstd,"annotation.a=b,c",dest=/private/image'],
    ...{ attestations: ['type=sbom'], cacheTo: ['type=inline'] }
  })
  expect(Object.keys(testTarget ?? {}).sort()).toEqual(['name', 'outputs', 'platform', 'platforms', 'role', 'stage'])
})
