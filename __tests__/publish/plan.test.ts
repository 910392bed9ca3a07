import { describe, expect, test } from '@jest/globals'
import type { ImageWishes } from '../../src/builds/build.js'
import { parseOutput, type OutputEntry } from '../../src/inputs/outputs.js'
import type { PublishPlan } from '../../src/occasion/trust_plan.js'
import {
  findExports,
  leaves,
  leavesInFiles,
  planAttestations,
  planPublication,
  stagedOutput,
  withMediaTypes,
  withSources,
  type Publication
} from '../../src/publish/plan.js'

const noWishes: ImageWishes = {
  ...{ labels: [], annotations: [], provenance: '', sbom: '', attests: [], rewriteTimestamps: false }
}

function entries(...texts: readonly string[]): readonly OutputEntry[] {
  return texts.map((text) => {
    const entry = parseOutput(text, (_, problem) => {
      throw new Error(problem)
    })
    if (entry === undefined) throw new Error(`no output: ${text}`)
    return entry
  })
}

function asked(
  outputs: readonly string[] = [],
  flags: { readonly push?: true; readonly load?: true } = {}
): PublishPlan {
  return { push: flags.push ?? false, load: flags.load ?? false, outputs: entries(...outputs) }
}

function plan(what: PublishPlan, tags: readonly string[] = [], image: Partial<ImageWishes> = {}): Publication {
  return planPublication(what, { tags, image: { ...noWishes, ...image }, folder: '/private' })
}

const nothing: Publication = { attributes: [], pushes: [], loads: [], files: [], indexAnnotations: {} }
const tags = ['r/a:1', 'r/a:2']

describe('what leaves', () => {
  test.each<[string, PublishPlan, readonly string[], Partial<Publication>]>([
    ['nothing', asked(), tags, {}],
    ['push', asked([], { push: true }), tags, { pushes: [{ references: tags, byDigest: false }] }],
    ['load', asked([], { load: true }), tags, { loads: [{ names: tags }] }],
    ['load without tags', asked([], { load: true }), [], { loads: [{ names: [] }] }],
    [
      'both',
      asked([], { push: true, load: true }),
      tags,
      { pushes: [{ references: tags, byDigest: false }], loads: [{ names: tags }] }
    ],
    [
      'push and an image output are one push, with its attributes',
      asked(['type=image,name=r/b:1,compression=zstd'], { push: true }),
      tags,
      { pushes: [{ references: tags, byDigest: false }], attributes: ['compression=zstd'] }
    ],
    [
      'push and an image output with a name, without tags',
      asked(['type=image,"name=r/b:1,r/c:1"'], { push: true }),
      [],
      { pushes: [{ references: ['r/b:1', 'r/c:1'], byDigest: false }] }
    ],
    [
      'an output that pushes by itself',
      asked(['type=registry,name=r/b:1']),
      [],
      { pushes: [{ references: ['r/b:1'], byDigest: false }] }
    ],
    [
      'by digest',
      asked(['type=image,name=r/b,push-by-digest=true,name-canonical=true,push=true']),
      [],
      { pushes: [{ references: ['r/b'], byDigest: true }] }
    ],
    [
      'two that push',
      asked(['type=registry,name=r/b:1', 'type=registry,name=r/c:1']),
      [],
      {
        pushes: [
          { references: ['r/b:1'], byDigest: false },
          { references: ['r/c:1'], byDigest: false }
        ]
      }
    ],
    ['a docker output', asked(['type=docker']), tags, { loads: [{ names: tags }] }],
    ['a docker output with a name', asked(['type=docker,name=b:1']), [], { loads: [{ names: ['b:1'] }] }],
    [
      'load and a docker output are one load',
      asked(['type=docker'], { load: true }),
      tags,
      { loads: [{ names: tags }] }
    ],
    [
      'another engine, by its context',
      asked(['type=docker', 'type=docker,context=other,name=c:1', 'type=docker,context=other']),
      tags,
      { loads: [{ names: tags }, { context: 'other', names: tags }] }
    ],
    [
      'load beside a docker output for another engine means that one, as with buildx',
      asked(['type=docker,context=other'], { load: true }),
      tags,
      { loads: [{ context: 'other', names: tags }] }
    ],
    ['an image that is not pushed', asked(['type=image,name=b:1,push=false']), [], { loads: [{ names: ['b:1'] }] }],
    ['an image without a name', asked(['type=image']), [], {}],
    ['cacheonly', asked(['type=cacheonly']), tags, {}]
  ])('%s', (_, what, names, expected) => {
    expect(plan(what, names)).toEqual({ ...nothing, ...expected })
  })

  test.each<[boolean, PublishPlan]>([
    [false, asked()],
    [false, asked(['type=cacheonly'])],
    [true, asked([], { push: true })],
    [true, asked([], { load: true })],
    [true, asked(['type=cacheonly', 'out'])]
  ])('is something: %s', (expected, what) => {
    expect(leaves(what)).toBe(expected)
  })
})

test('attributes that say where an image goes do not shape it; the others do, each once', () => {
  const placing =
    'name=a:1,push=true,name-canonical=true,registry.insecure=true,store=true,unpack=true,dangling-name-prefix=x'
  const shaping = 'oci-mediatypes=true,force-compression=true,annotation.a=b'
  const { attributes } = plan(
    asked([`type=image,${placing},${shaping}`, 'type=docker,oci-mediatypes=true,compression=gzip'])
  )
  expect(attributes).toEqual(['oci-mediatypes=true', 'force-compression=true', 'annotation.a=b', 'compression=gzip'])
})

test('the times of the commit are in whatever leaves, once', () => {
  const outputs = ['type=image,name=a,rewrite-timestamp=true', 'type=oci,dest=a.tar', 'type=local,dest=out']
  const { attributes, files } = plan(asked(outputs), [], { rewriteTimestamps: true })
  expect(attributes).toEqual(['rewrite-timestamp=true'])
  expect(files.map(stagedOutput)).toEqual([
    'type=oci,rewrite-timestamp=true,dest=/private/output-0/a.tar',
    'type=local,dest=/private/output-1/out'
  ])
})

describe('only an export gives', () => {
  const given = { reproducible: false, verifyReproducible: false }

  test.each([
    'type=oci,dest=a.tar',
    'type=docker,dest=a.tar',
    'type=docker,context=other',
    'type=image,name=a,push-by-digest=true',
    'type=image,name=a,compression=zstd',
    'type=image,name=a,compression=gzip,compression-level=9',
    'type=image,name=a,rewrite-timestamp=true',
    'type=registry,name=a,annotation-index.b=c',
    'type=docker,annotation.b=c'
  ])('%s', (text) => {
    const what = [{ input: 'outputs', what: `the output "${text}"` }]
    expect(findExports({ outputs: entries(text, 'type=local,dest=out'), annotations: [], ...given })).toEqual(what)
  })

  test.each([
    'out',
    'type=tar,dest=a.tar',
    'type=docker',
    'type=image,name=a,push=true,unpack=true',
    'type=registry,name=a,compression=gzip,oci-mediatypes=false',
    'type=cacheonly'
  ])('but not %s', (text) => {
    expect(findExports({ outputs: entries(text), annotations: [], ...given })).toEqual([])
  })

  test('annotations', () => {
    const annotations = ['index:a=b', 'c=d']
    expect(findExports({ outputs: [], annotations, ...given })).toEqual([{ input: 'annotations', what: 'annotations' }])
  })

  test('the times of the commit', () => {
    expect(findExports({ outputs: [], annotations: [], ...given, reproducible: true })).toMatchObject([
      { input: 'reproducible' }
    ])
    expect(findExports({ outputs: [], annotations: [], ...given, verifyReproducible: true })).toMatchObject([
      { input: 'verify-reproducible' }
    ])
  })
})

describe('media types are those of a bare push', () => {
  const plain = {
    attestations: [] as readonly string[],
    indexAnnotations: {},
    driver: 'remote',
    buildkit: 'v0.30.2',
    inFiles: false
  }
  const docker = 'oci-mediatypes=false'
  test.each<[string, readonly string[], Partial<typeof plain>, readonly string[]]>([
    ['docker’s own before BuildKit 0.31', ['compression=zstd'], {}, ['compression=zstd', docker]],
    ['where attestations are turned off', [], { attestations: ['type=provenance,disabled=true'] }, [docker]],
    ['OCI since then', [], { buildkit: 'v0.31.0' }, []],
    ['OCI where nobody knows', [], { buildkit: '' }, []],
    ['docker’s own in an engine that does not know', [], { driver: 'docker', buildkit: '' }, [docker]],
    ['OCI in a file', [], { inFiles: true }, []],
    ['OCI with an attestation', [], { attestations: ['type=provenance,mode=min'] }, []],
    ['OCI with annotations of the index', [], { indexAnnotations: { a: 'b' } }, []],
    ['docker’s own with annotations of the image', ['annotation.a=b'], {}, ['annotation.a=b', docker]],
    ['what the output says', ['oci-mediatypes=true'], {}, ['oci-mediatypes=true']]
  ])('%s', (_, attributes, change, expected) => {
    expect(withMediaTypes(attributes, { ...plain, ...change })).toEqual(expected)
  })
})

describe('attributes of an archive', () => {
  const archive = 'type=oci,dest=a.tar,compression=zstd'

  test('are its own beside an image', () => {
    expect(plan(asked([archive], { push: true }), tags).attributes).toEqual([])
    expect(plan(asked([archive, 'type=image,name=a'])).attributes).toEqual([])
  })

  test('shape the image where nothing else leaves', () => {
    const { attributes, indexAnnotations } = plan(asked([`${archive},annotation-index.a=b`, 'type=oci,dest=b.tar']))
    expect(attributes).toEqual(['compression=zstd', 'annotation-index.a=b'])
    expect(indexAnnotations).toEqual({ a: 'b' })
  })
})

describe('an archive is the inspected image', () => {
  test.each<[string, string, readonly string[], boolean]>([
    ['without attributes', 'type=oci,dest=a.tar', [], true],
    ['in a folder, under a name', 'type=oci,dest=a,tar=false,name=r/a:1', [], true],
    [
      'with the same ones',
      'type=oci,dest=a.tar,compression=zstd,force-compression=true',
      ['force-compression=true', 'compression=zstd'],
      true
    ],
    ['not with others', 'type=oci,dest=a.tar,compression=zstd', [], false],
    ['not where the image has some', 'type=oci,dest=a.tar', ['oci-mediatypes=false'], false],
    ['not in docker’s own form', 'type=docker,dest=a.tar', [], false],
    ['not as files', 'type=tar,dest=a.tar', [], false]
  ])('%s', (_, text, attributes, isImage) => {
    const files = withSources(plan(asked([text], { push: true }), tags).files, attributes, [])
    expect(files.map(({ source }) => source)).toEqual([isImage ? 'image' : 'builder'])
  })

  test.each<[string, readonly string[], boolean]>([
    ['manifest:a=b', [], true],
    ['index,manifest:manifest-descriptor=b', [], true],
    ['manifest-descriptor:a=b', [], false],
    ['index,manifest-descriptor[linux/arm64]:a=b', [], false],
    ['index-descriptor:a=b', [], false],
    ['a=b', ['annotation-manifest-descriptor.a=b'], false],
    ['a=b', ['annotation-index-descriptor[linux/arm64].a=b'], false]
  ])('unless something is to stand around it: %s, %j', (annotation, attributes, isImage) => {
    const text = ['type=oci,dest=a.tar', ...attributes].join(',')
    const [file] = withSources(plan(asked([text])).files, attributes, [annotation])
    expect(file?.source).toBe(isImage ? 'image' : 'builder')
  })

  test('under the tags, or its own name', () => {
    const names = (...given: readonly string[]) =>
      plan(asked(['type=oci,dest=a.tar,"name=r/b:1,r/b:2"']), given).files.map((file) => file.names)
    expect(names()).toEqual([['r/b:1', 'r/b:2']])
    expect(names(...tags)).toEqual([tags])
  })

  test.each<[string, PublishPlan, boolean]>([
    ['alone', asked(['type=oci,dest=a.tar', 'out']), true],
    ['beside a push', asked(['type=oci,dest=a.tar'], { push: true }), false],
    ['not a folder of files', asked(['out']), false]
  ])('leaves in files: %s', (_, what, expected) => {
    expect(leavesInFiles(plan(what, tags))).toBe(expected)
  })
})

describe('files', () => {
  const { files } = plan(asked(['out/', 'type=oci,dest=../x/app.tar,compression=zstd', 'type=docker,dest=a,tar=false']))

  test('have a private place each, under their own name', () => {
    expect(files.map(({ dest, staged }) => [dest, staged])).toEqual([
      ['out/', '/private/output-0/out'],
      ['../x/app.tar', '/private/output-1/app.tar'],
      ['a', '/private/output-2/a']
    ])
  })

  test('are asked for there', () => {
    expect(files.map(stagedOutput)).toEqual([
      'type=local,dest=/private/output-0/out',
      'type=oci,compression=zstd,dest=/private/output-1/app.tar',
      'type=docker,tar=false,dest=/private/output-2/a'
    ])
  })

  test('keep commas and quotes', () => {
    const [file] = plan(asked(['type=local,"dest=a,b"'])).files
    expect(file === undefined ? '' : stagedOutput(file)).toBe('type=local,"dest=/private/output-0/a,b"')
  })
})

describe('annotations of the index', () => {
  test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ['none', ['a=b', 'manifest:a=b'], {}],
    ['one', ['index:a=b=c'], { a: 'b=c' }],
    ['beside another level', ['manifest,index:a=b'], { a: 'b' }],
    ['not of its descriptor', ['index-descriptor:a=b'], {}],
    ['empty, or with lines', ['index:a=', 'index:c=d\ne'], { a: '', c: 'd\ne' }]
  ])('%s', (_, annotations, expected) => {
    expect(plan(asked([], { push: true }), tags, { annotations }).indexAnnotations).toEqual(expected)
  })

  test('are in an image output, too', () => {
    const what = asked(['type=image,name=a:1,push=true,annotation-index.a.b=c,annotation.d=e'])
    expect(plan(what).indexAnnotations).toEqual({ 'a.b': 'c' })
  })
})

/** As docker/build-push-action: https://github.com/docker/build-push-action/blob/master/src/context.ts */
describe('attestations', () => {
  const setting = {
    ...{ keeps: true, loads: false, can: true, isPrivate: false, noDefault: false },
    runUrl: 'https://g/o/r/actions/runs/1'
  }
  const publicDefault = 'type=provenance,mode=max,builder-id=https://g/o/r/actions/runs/1'
  const builder = 'builder-id=https://g/o/r/actions/runs/1'
  const none = 'type=provenance,disabled=true'

  test.each<[string, Partial<ImageWishes>, Partial<typeof setting>, readonly string[]]>([
    ['a public repository', {}, {}, [publicDefault]],
    ['a private one', {}, { isPrivate: true }, ['type=provenance,mode=min']],
    ['outside a workflow', {}, { runUrl: '' }, ['type=provenance,mode=min']],
    ['an image that an engine gets, too', {}, { loads: true }, ['type=provenance,mode=min']],
    ['an image that stays', {}, { keeps: false, loads: true }, [none]],
    ['a builder that cannot', {}, { can: false }, []],
    ['provenance: true', { provenance: 'true' }, {}, [`type=provenance,${builder}`]],
    ['provenance: true outside a workflow', { provenance: 'true' }, { runUrl: '' }, ['type=provenance']],
    ['a builder of its own', { provenance: 'mode=max,builder-id=me' }, {}, ['type=provenance,mode=max,builder-id=me']],
    ['buildx that is told to add none', {}, { noDefault: true }, [none]],
    ['both', { provenance: 'false', attests: ['type=provenance,mode=max', 'type=sbom'] }, {}, [none, 'type=sbom']],
    ['provenance: false', { provenance: 'false' }, {}, [none]],
    ['provenance: mode=max', { provenance: 'mode=max' }, { isPrivate: true }, [`type=provenance,mode=max,${builder}`]],
    [
      'provenance of an image that stays',
      { provenance: 'mode=min' },
      { keeps: false },
      [`type=provenance,mode=min,${builder}`]
    ],
    ['an sbom', { sbom: 'true' }, {}, [publicDefault, 'type=sbom']],
    ['an sbom by another', { sbom: 'generator=x' }, {}, [publicDefault, 'type=sbom,generator=x']],
    ['no sbom', { sbom: 'false' }, {}, [publicDefault, 'type=sbom,disabled=true']],
    ['attests with provenance', { attests: ['type=provenance,mode=min'] }, {}, [`type=provenance,mode=min,${builder}`]],
    ['attests without', { attests: ['type=sbom'] }, {}, [publicDefault, 'type=sbom']],
    ['attests of an image that stays', { attests: ['type=sbom'] }, { keeps: false }, [none, 'type=sbom']]
  ])('%s', (_, wishes, change, expected) => {
    expect(planAttestations({ ...noWishes, ...wishes }, { ...setting, ...change })).toEqual(expected)
  })
})
