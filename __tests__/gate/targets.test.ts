import { describe, expect, test } from '@jest/globals'
import { annotationsOn, attributesOn, planTargets, type AnnotationPlace } from '../../src/gate/targets.js'

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
