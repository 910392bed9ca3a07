import { afterAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { noMetadata } from '../../src/buildkit/provenance.js'
import type { Step } from '../../src/core/step.js'
import { compareBuilds, type Agreement, type Evidence as Whole } from '../../src/gate/proof.js'
import { findReadings } from '../../src/gate/readings.js'
import { openWritten } from '../../src/gate/written.js'
import { makeFolder } from '../ssh/support.js'

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

type Evidence = Omit<Whole, 'readings'>

async function compare(evidence: Evidence): Promise<Agreement> {
  return compareBuilds({ ...evidence, readings: await findReadings(evidence, evidence.contextOf) })
}

/** What an image and a test disagree on. */
async function causeOf(evidence: Evidence): Promise<string | undefined> {
  const agreement = await compare(evidence)
  expect(agreement.kind).not.toBe('unsure')
  return agreement.kind === 'different' ? agreement.cause : undefined
}

/** A step of both targets, with a vertex for each. */
function twice(name: string, inputs: readonly string[] = []): readonly Step[] {
  const instruction = name.replace(/^\[[^\]]*\] /, '')
  const step = { name, instruction, stage: 'build', state: 'ran' as const, seconds: 1, inputs, logTail: [] }
  return [
    { ...step, vertex: `${name} for the image` },
    { ...step, vertex: `${name} for the test` }
  ]
}

function disagreement(steps: readonly Step[], since: number, place: 'here' | 'elsewhere' = 'here') {
  const builtFor = new Map(steps.map(({ vertex }) => [vertex, [vertex.endsWith('test') ? 'test' : 'image']]))
  const { provenance } = noMetadata
  return causeOf({
    ...{ steps, loads: [], builtFor, findWritten: openWritten(since), targets: { image: 'image', test: 'test' } },
    provenance: { image: provenance, test: provenance },
    contextOf: () => (place === 'elsewhere' ? undefined : { folder: folder.path })
  })
}

const copy = '[build 1/2] COPY src/app.txt other* /app/'
const later = twice('[build 2/2] RUN make', [copy])

describe('two readings of the context', () => {
  mkdirSync(join(folder.path, 'src'))
  for (const name of ['src/app.txt', 'src/log.txt', 'notes.txt']) writeFileSync(join(folder.path, name), name)
  const hour = 3_600_000

  test('are the same where nothing that was copied has changed', async () => {
    expect(await disagreement([...twice(copy), ...later], Date.now() + hour)).toBeUndefined()
  })

  test('are not where a copied file has changed', async () => {
    utimesSync(join(folder.path, 'src/app.txt'), new Date(), new Date())
    expect(await disagreement([...twice(copy), ...later], Date.now() - hour)).toBe(
      'src/app.txt changed while the build ran'
    )
  })

  test('explain nothing where the context is elsewhere', async () => {
    expect(await disagreement(twice(copy), Date.now() + hour, 'elsewhere')).toBe(
      `the step ${copy} was built twice, from different inputs`
    )
  })
})

describe('a RUN that was built twice', () => {
  const hour = 3_600_000

  test.each([
    ['--mount=type=bind,source=src,target=/src make', true],
    ['--mount=target=/src,rw make', true],
    ['--mount=type=cache,target=/c --mount=type=bind,target=. make', true],
    ['--mount=type=$TYPE,target=. make', true],
    ['--mount=type=bind,target=. <<EOF (make...)', true],
    ['--mount=type=bind,from=tools,target=/t make', false],
    ['--mount=type=cache,target=/c make', false],
    ['--mount=type=secret,id=token --mount=type=ssh make', false],
    ['echo --mount=type=bind,target=.', false]
  ])('and may read the context is explained by it alone: RUN %s', async (words, reads) => {
    const name = `[build 1/1] RUN ${words}`
    const told = `the step ${name} was built twice, from different inputs`
    expect(await disagreement(twice(name), Date.now() + hour)).toBe(reads ? undefined : told)
  })
})

test('a step that is built upon no such reading is built twice for another reason', async () => {
  expect(await disagreement(twice('[build 1/1] RUN make'), 0)).toBe(
    'the step [build 1/1] RUN make was built twice, from different inputs'
  )
})

describe('readings of different steps', () => {
  type Read = {
    readonly image: string
    readonly test: string
    readonly ignored?: string
    /** The context of a linked target, which the image's step is of. */
    readonly linked?: string
  }

  /** What is said of a folder in which one file is written after the call has begun, and all others before. */
  async function changed(file: string, { image, test, ignored = '', linked }: Read): Promise<string | undefined> {
    using context = makeFolder()
    const at = (name: string): string => join(context.path, name)
    for (const name of ['src/app.txt', 'real/app', 'logs/x.log', '.git/HEAD', '.git/index', file]) {
      mkdirSync(dirname(at(name)), { recursive: true })
      writeFileSync(at(name), name)
    }
    symlinkSync('real/app', at('app'))
    symlinkSync('/real', at('cur'))
    symlinkSync('../../outside', at('src/up'))
    // The clock of a file system goes one way: all of this happened before the call, and the one file after it.
    await new Promise((resolve) => setTimeout(resolve, 20))
    const since = Date.now()
    await new Promise((resolve) => setTimeout(resolve, 20))
    utimesSync(at(file), new Date(), new Date())
    const step = { seconds: 1, inputs: [], logTail: [], state: 'ran' as const }
    const stage = linked === undefined ? 'production' : 'target:base:build'
    const { provenance } = noMetadata
    return await causeOf({
      steps: [
        { ...step, vertex: 'image', name: `[${stage} 2/2] ${image}`, stage, instruction: image },
        { ...step, vertex: 'test', name: `[test 3/4] ${test}`, stage: 'test', instruction: test }
      ],
      builtFor: new Map([
        ['image', ['image']],
        ['test', ['test']]
      ]),
      ...{ findWritten: openWritten(since), targets: { image: 'image', test: 'test' } },
      ...{ provenance: { image: provenance, test: provenance } },
      loads: [],
      contextOf: ({ linked: of }) =>
        of === undefined
          ? {
              folder: context.path,
              loadIgnored: () => Promise.resolve((relative) => ignored !== '' && relative.startsWith(ignored))
            }
          : { folder: at(linked ?? '') }
    })
  }

  test.each<[string, string, Read]>([
    ['a file that the tests read with everything', 'src/app.txt', { image: 'COPY src /src', test: 'COPY . .' }],
    ['everything, of which the tests read one file', 'src/app.txt', { image: 'COPY . .', test: 'COPY src/app.txt /' }],
    ['a link to it', 'real/app', { image: 'COPY app /app', test: 'COPY . .' }],
    ['a file behind a link', 'real/app', { image: 'COPY cur/app /app', test: 'COPY . .' }],
    ['a folder that is a link', 'real/app', { image: 'COPY cur /cur', test: 'COPY real /real' }],
    [
      'a mount of it',
      'src/app.txt',
      { image: 'RUN --mount=type=bind,src=src,target=/src make', test: 'COPY src/ /src/' }
    ],
    ['by a linked target', 'src/app.txt', { image: 'COPY app.txt /src', test: 'COPY src /src', linked: 'src' }],
    [
      'of git, where it is named',
      '.git/HEAD',
      { image: 'RUN --mount=type=bind,source=.git,target=/g make', test: 'RUN --mount=source=.git,target=/g test' }
    ]
  ])('disagree where the image has %s', async (_, file, read) => {
    expect(await changed(file, read)).toBe(`${file} changed while the build ran`)
  })

  test.each<[string, string, Read]>([
    ['the tests alone read', 'logs/x.log', { image: 'COPY src /src', test: 'COPY . .' }],
    ['the image alone reads', 'logs/x.log', { image: 'COPY . .', test: 'COPY src /src' }],
    ['BuildKit passes over', 'logs/x.log', { image: 'COPY . .', test: 'COPY logs /logs', ignored: 'logs' }],
    [
      'git writes when it is asked',
      '.git/index',
      { image: 'COPY . .', test: 'RUN --mount=source=.git,target=/g test' }
    ],
    ['comes from a stage', 'src/app.txt', { image: 'COPY --from=build src /src', test: 'COPY . .' }],
    ['a linked target has elsewhere', 'real/app', { image: 'COPY real /x', test: 'COPY real /real', linked: 'src' }],
    ['is no part of the context', 'real/app', { image: 'COPY src/up /up', test: 'COPY . .' }]
  ])('agree, whatever became of a file that %s', async (_, file, read) => {
    expect(await changed(file, read)).toBeUndefined()
  })
})

describe('readings of several folders', () => {
  type Load = Evidence['loads'][number]
  const load = (vertex: string, readers: readonly string[], of: Partial<Load> = {}): Load => ({
    vertex,
    readers,
    ...of
  })
  type Story = {
    readonly loads: readonly Load[]
    /** Instructions by vertex. */
    readonly steps: Readonly<Record<string, string>>
    /** Vertices by what they were built for. */
    readonly image: string
    readonly test: string
  }

  /** What is said of a file that changes in a folder, which is the build context, a named one and a linked target's. */
  async function told({ loads, steps, image, test }: Story): Promise<string | undefined> {
    using context = makeFolder()
    mkdirSync(join(context.path, 'lib'))
    writeFileSync(join(context.path, 'lib/app'), '')
    const of = (target: string, vertices: string) => vertices.split(' ').map((vertex) => [vertex, target] as const)
    const builtFor = Map.groupBy([...of('image', image), ...of('test', test)], ([vertex]) => vertex)
    const { provenance } = noMetadata
    const folders: Readonly<Record<string, string>> = { '': '', lib: 'lib', base: '' }
    return await causeOf({
      steps: Object.entries(steps).map(([vertex, instruction]) => ({
        ...{ vertex, name: `[${vertex} 1/1] ${instruction}`, instruction, stage: vertex },
        ...{ state: 'ran', seconds: 1, inputs: [], logTail: [] }
      })),
      ...{ loads, findWritten: openWritten(0), targets: { image: 'image', test: 'test' } },
      builtFor: new Map([...builtFor].map(([vertex, own]) => [vertex, own.map(([, target]) => target)])),
      provenance: { image: provenance, test: provenance },
      contextOf: ({ context: name, linked }) => {
        const place = folders[linked ?? name ?? '']
        return place === undefined ? undefined : { folder: join(context.path, place) }
      }
    })
  }

  const changed = 'lib/app changed while the build ran'
  const lib = { context: 'lib' }

  test.each<[string, Story]>([
    [
      'of a named context, copied',
      {
        loads: [load('some', ['i'], lib), load('all', ['t'], lib)],
        steps: { i: 'COPY --from=lib app /app', t: 'COPY --from=lib . /all' },
        ...{ image: 'i some', test: 't all' }
      }
    ],
    [
      'of a named context, mounted',
      {
        loads: [load('some', ['i'], lib), load('all', ['t'], lib)],
        steps: { i: 'COPY --from=lib app /app', t: 'RUN --mount=type=bind,from=lib,target=/l test -s /l/app' },
        ...{ image: 'i some', test: 't all' }
      }
    ],
    [
      'of a named context that a stage starts from',
      {
        loads: [load('some', ['t'], lib), load('all', [], lib)],
        steps: { t: 'COPY --from=lib app /app' },
        ...{ image: 'all', test: 't some' }
      }
    ],
    [
      'of a named context that lies in the build context',
      {
        loads: [load('some', ['i'], lib), load('context', ['t'])],
        steps: { i: 'COPY --from=lib app /app', t: 'COPY . .' },
        ...{ image: 'i some', test: 't context' }
      }
    ],
    [
      'of a linked target that both start from, and of the build context',
      {
        loads: [load('base', ['b'], { linked: 'base' }), load('context', ['t'])],
        steps: { b: 'COPY lib/app /app', t: 'COPY . /t' },
        ...{ image: 'base b', test: 'base b context t' }
      }
    ]
  ])('disagree about a file %s', async (_, story) => {
    expect(await told(story)).toBe(changed)
  })

  test.each<[string, Story]>([
    [
      'are one where both have the same selection',
      {
        loads: [load('some', ['i', 't'], lib)],
        steps: { i: 'COPY --from=lib app /app', t: 'COPY --from=lib app /other' },
        ...{ image: 'i some', test: 't some' }
      }
    ],
    [
      'are both in the test where the image has them from what was tested',
      {
        loads: [load('some', ['b'], lib), load('context', ['c'])],
        steps: { b: 'COPY --from=lib app /app', c: 'COPY lib /lib', t: 'RUN test' },
        ...{ image: 'some b context c', test: 'some b context c t' }
      }
    ],
    [
      'are the user’s, and not those of a generated stage',
      {
        loads: [load('some', ['hidden'], lib), load('all', ['t'], lib)],
        steps: { t: 'COPY --from=lib . /all' },
        ...{ image: 'some', test: 't all' }
      }
    ],
    [
      'have nothing in common',
      {
        loads: [load('some', ['i'], lib), load('other', ['t'], lib)],
        steps: { i: 'COPY --from=lib app /app', t: 'COPY --from=lib other /other' },
        ...{ image: 'i some', test: 't other' }
      }
    ]
  ])('%s', async (_, story) => {
    expect(await told(story)).toBeUndefined()
  })

  test('explain a step that was built twice', async () => {
    const steps = twice('[build 1/2] COPY --from=lib app /app')
    const [image = '', test = ''] = steps.map(({ vertex }) => vertex)
    const loads = [load('some', [image], lib), load('all', [test], lib)]
    const { provenance } = noMetadata
    const agree = (contextOf: Evidence['contextOf']) =>
      compare({
        ...{ steps, loads, findWritten: openWritten(Date.now() + 3_600_000), contextOf },
        ...{ targets: { image: 'image', test: 'test' }, provenance: { image: provenance, test: provenance } },
        builtFor: new Map([image, 'some', test, 'all'].map((vertex, at) => [vertex, [at < 2 ? 'image' : 'test']]))
      })
    expect(await agree(() => ({ folder: folder.path }))).toEqual({ kind: 'same' })
    expect(await agree(() => undefined)).toMatchObject({ kind: 'different' })
  })

  test('of a folder that nobody knows say nothing', async () => {
    const { provenance } = noMetadata
    const agreement = await compare({
      ...{ steps: [], loads: [load('some', [], lib)], builtFor: new Map([['some', ['image']]]) },
      ...{ findWritten: openWritten(0), contextOf: () => undefined },
      ...{ targets: { image: 'image', test: 'test' }, provenance: { image: provenance, test: provenance } }
    })
    expect(agreement).toEqual({ kind: 'unsure', why: 'it is not known where the context "lib" lies' })
  })
})

describe('what was written since a moment', () => {
  test('is looked for once for all who ask', async () => {
    using context = makeFolder()
    writeFileSync(join(context.path, 'a'), '')
    const find = openWritten(0)
    expect((await find([context.path])).places).toEqual([context.path, join(context.path, 'a')])
    writeFileSync(join(context.path, 'b'), '')
    expect((await find([context.path])).places).toHaveLength(2)
  })

  test('is not known of a context with too many entries, and that is said', async () => {
    using context = makeFolder()
    for (const name of ['a', 'b', 'c']) writeFileSync(join(context.path, name), name)
    const later = Date.now() + 3_600_000
    expect(await openWritten(later, { entries: 4 })([context.path])).toEqual({ places: [], isWhole: true })
    expect(await openWritten(later, { entries: 3 })([context.path])).toEqual({ places: [], isWhole: false })
    const step = { seconds: 1, inputs: [], logTail: [], state: 'ran' as const, instruction: 'COPY . .' }
    const { provenance } = noMetadata
    const agreement = await compare({
      steps: [
        { ...step, vertex: 'image', name: '[production 1/1] COPY . .', stage: 'production' },
        { ...step, vertex: 'test', name: '[test 1/1] COPY . .', stage: 'test' }
      ],
      builtFor: new Map(['image', 'test'].map((name) => [name, [name]])),
      ...{ targets: { image: 'image', test: 'test' }, provenance: { image: provenance, test: provenance } },
      ...{ loads: [], contextOf: () => ({ folder: context.path }), findWritten: openWritten(later, { entries: 3 }) }
    })
    expect(agreement).toEqual({
      kind: 'unsure',
      why: 'the context has too many files, or too many that changed, to look at each'
    })
  })

  test('is not known of a context in which too much changed: files that are passed over may hide another', async () => {
    using context = makeFolder()
    for (const name of ['a', 'b', 'c']) writeFileSync(join(context.path, name), name)
    const find = async (changes: number): Promise<readonly [number, boolean]> => {
      const { places, isWhole } = await openWritten(0, { changes })([context.path])
      return [places.length, isWhole]
    }
    expect(await find(5)).toEqual([4, true])
    expect(await find(4)).toEqual([4, true])
    expect(await find(3)).toEqual([3, false])
  })

  test('is nothing where nobody may look', async () => {
    expect(await openWritten(0)([join(folder.path, 'nowhere')])).toEqual({ places: [], isWhole: true })
  })
})
