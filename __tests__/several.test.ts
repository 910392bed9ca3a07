/** A run of several images, without an engine: all pass, or none leaves. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { headline } from '../src/report/sections/headline.js'
import { renderSummary } from '../src/report/surfaces/summary.js'
import { asArray, dig, parseJSON } from '../src/core/json.js'
import { green, openRegistry, openStage, redAt, type Script, type Stage } from './support/story.js'

jest.setTimeout(60_000)

let stage: Stage
beforeEach(() => {
  stage = openStage()
})
afterEach(() => {
  const left = stage.left()
  stage[Symbol.dispose]()
  expect(left).toEqual([])
})

type Target = Readonly<Record<string, unknown>>

/** Two images of one Dockerfile, by a bake file. */
function several(address: string, script: Script = {}, more: Readonly<Record<string, Target>> = {}): Script {
  const image = (name: string): Target => ({
    ...{ context: stage.at('app'), dockerfile: 'Dockerfile', target: 'production' },
    tags: [`${address}/${name}:1`, `${address}/${name}:latest`],
    args: { NAME: name }
  })
  const target = { api: { ...image('api'), ...more.api }, web: { ...image('web'), ...more.web } }
  const print = JSON.stringify({ group: { default: { targets: Object.keys(target) } }, target })
  return {
    ...script,
    given: { context: '.', target: '', 'bake-files': 'docker-bake.json', push: 'true', ...script.given },
    answer: (line, cancel) => {
      const otherwise = script.answer?.(line, cancel)
      if (otherwise !== undefined || !line.includes('--print')) return otherwise
      // A stage is no target.
      return line.endsWith(' test') ? { exitCode: 1, stderr: 'ERROR: failed to find target test' } : { stdout: print }
    }
  }
}

/** How many builds were asked for. */
function builds(commands: readonly string[]): number {
  return commands.filter((line) => line.startsWith('buildx bake') && !line.includes('--print')).length
}

test('all are published, the tags when everything else of all of them is there', async () => {
  const asked: string[] = []
  await using registry = await openRegistry((request) => void asked.push(request))
  const {
    failure,
    asked: commands,
    result,
    outputs
  } = await stage.play(several(registry.address, { content: ['one', 'two'] }))
  expect(failure).toBeUndefined()
  expect(builds(commands)).toBe(2)
  expect([...registry.tags()].sort()).toEqual(['1', 'latest'])
  const writes = asked.filter((request) => /^(?:PUT|POST|PATCH)/.test(request))
  const isTag = (request: string): boolean => /\/manifests\/(?!sha256:)/.test(request)
  expect(writes.map(isTag)).toEqual(writes.map((_, index) => index >= writes.length - 4))
  expect(writes.filter(isTag).map((request) => request.replace('PUT /v2/', ''))).toEqual([
    ...['api/manifests/1', 'api/manifests/latest', 'web/manifests/1', 'web/manifests/latest']
  ])
  expect(result.report).toMatchObject({
    ...{ name: 'app', outcome: { kind: 'green' } },
    gate: { verdict: 'passed', targets: [{ stage: 'test' }, { stage: 'test' }] },
    builds: [
      {
        name: 'api',
        publish: { published: true, tags: [`${registry.address}/api:1`, `${registry.address}/api:latest`] }
      },
      {
        name: 'web',
        publish: { published: true, tags: [`${registry.address}/web:1`, `${registry.address}/web:latest`] }
      }
    ]
  })
  expect(outputs).toMatchObject({ gate: 'passed', published: 'true' })
  expect([outputs.digest, outputs.imageid]).toEqual([undefined, undefined])
  const [api, web] = asArray(parseJSON(outputs.images ?? ''))
  expect([dig(api, 'name'), dig(web, 'name')]).toEqual(['api', 'web'])
  expect(dig(api, 'digest')).not.toBe(dig(web, 'digest'))
  expect(dig(parseJSON(outputs.metadata ?? ''), 'web', 'containerimage.digest')).toBe(dig(web, 'digest'))
})

test('have one report name, and names of their own below it', async () => {
  await using registry = await openRegistry()
  const { result } = await stage.play(several(registry.address, { given: { 'report-name': 'shop' } }))
  expect([result.report.name, ...result.report.builds.map(({ name }) => name)]).toEqual([
    'shop',
    'shop/api',
    'shop/web'
  ])
})

/** The build of one of them ends otherwise. */
function of(name: string, end: NonNullable<Script['bake']>): NonNullable<Script['bake']> {
  return (targets, cancel, definition) =>
    JSON.stringify(definition).includes(`"${name}"`) ? end(targets, cancel, definition) : green(targets)
}

test('that differ in their arguments alone have a layer cache each', async () => {
  await using registry = await openRegistry()
  const script = { given: { 'cache-image': `${registry.address}/cache` } }
  const { result } = await stage.play(several(registry.address, script))
  const written = result.report.builds.map(({ own }) => own?.cache.exports.map(({ reference }) => reference) ?? [])
  expect(written.flat()).toHaveLength(2)
  expect(new Set(written.flat()).size).toBe(2)
})

describe('none leaves where one of them', () => {
  test('has a red test', async () => {
    await using registry = await openRegistry()
    const { result, outputs } = await stage.play(several(registry.address, { bake: of('web', () => redAt('test')) }))
    expect(registry.tags()).toEqual([])
    expect(outputs).toMatchObject({ gate: 'failed', published: 'false' })
    expect(result.report.outcome).toMatchObject({ kind: 'red', image: 'web', failure: { kind: 'test' } })
    expect(headline(result.report)).toMatch(/^web: the tests failed, nothing was published(?:; api: |$)/)
  })

  test('is over budget, be it the last that is looked at', async () => {
    await using registry = await openRegistry()
    // Whichever is built last has it.
    const script = { content: ['one', 'x'.repeat(2000)], given: { 'max-size': '1000' } }
    const { result, outputs } = await stage.play(several(registry.address, script))
    expect([registry.tags(), outputs.published]).toEqual([[], 'false'])
    expect(headline(result.report)).toMatch(/^(?:api|web): the image is 1.0 kB over its budget of 1 kB, nothing was/)
    expect(renderSummary(result.report)).toMatch(/^## ❌ /)
  })

  test('cannot be pushed: not even the first one’s tags are written', async () => {
    await using registry = await openRegistry((request) =>
      request.startsWith('PUT /v2/web/manifests/sha') ? 403 : undefined
    )
    const { result, outputs } = await stage.play(several(registry.address, { content: ['one', 'two'] }))
    expect(registry.tags()).toEqual([])
    expect(outputs.published).toBe('false')
    expect(result.report.outcome).toMatchObject({ kind: 'red', image: 'web', failure: { kind: 'registry' } })
    expect(result.report.builds.map(({ publish }) => publish.published)).toEqual([false, false])
    // Of what has not left nobody is to use a digest.
    expect(outputs.metadata).toBeUndefined()
    expect(asArray(parseJSON(outputs.images ?? '')).map((image) => dig(image, 'digest'))).toEqual([
      undefined,
      undefined
    ])
  })

  test('may not have its tag: what has left is told', async () => {
    await using registry = await openRegistry((request) => (request === 'PUT /v2/web/manifests/1' ? 403 : undefined))
    const { result } = await stage.play(several(registry.address, { content: ['one', 'two'] }))
    expect(result.report.outcome).toMatchObject({ kind: 'red', image: 'web', failure: { kind: 'registry' } })
    expect(result.report.builds.map(({ publish }) => publish)).toMatchObject([
      { published: true, tags: [`${registry.address}/api:1`, `${registry.address}/api:latest`] },
      { published: false }
    ])
    expect(headline(result.report)).toBe(
      'web: the push failed, and this image was not published; api: tests passed, 3 B; published before web failed'
    )
    expect(result.report.notes.join()).toContain('These tags have the image, although publishing failed')
  })

  test('may not have its tag in the repository of another one', async () => {
    await using registry = await openRegistry((request) => (request === 'PUT /v2/shop/manifests/web' ? 403 : undefined))
    const tags = (name: string): Target => ({ tags: [`${registry.address}/shop:${name}`] })
    const script = several(registry.address, { content: ['one', 'two'] }, { api: tags('api'), web: tags('web') })
    const { result } = await stage.play(script)
    expect(result.report.outcome).toMatchObject({ kind: 'red', image: 'web', failure: { kind: 'registry' } })
    expect(result.report.builds.map(({ publish }) => publish.published)).toEqual([true, false])
  })

  test('is built while the run is cancelled', async () => {
    await using registry = await openRegistry()
    const cancelled = of('web', (targets, cancel) => {
      cancel()
      return green(targets)
    })
    const { result, outputs } = await stage.play(several(registry.address, { bake: cancelled }))
    expect(registry.tags()).toEqual([])
    // Nobody knows what its tests would have said.
    expect(outputs.gate).toBe('skipped')
    expect(result.report.outcome).toEqual({ kind: 'red', failure: { kind: 'cancelled' } })
    expect(headline(result.report)).toBe('app: cancelled, nothing was published')
  })
})

describe('a run that is cancelled while it pushes', () => {
  test.each<[string, string, readonly string[]]>([
    ['writes no tag before all manifests are there', 'PUT /v2/web/manifests/sha', []],
    ['writes no tag after the first, and tells of that', 'PUT /v2/api/manifests/1', ['1']]
  ])('%s', async (_, at, tags) => {
    let cancel = (): void => undefined
    await using registry = await openRegistry((request) => {
      if (request.startsWith(at)) cancel()
      return undefined
    })
    const { result, outputs } = await stage.play(
      several(registry.address, {
        content: ['one', 'two'],
        bake: (targets, end) => {
          cancel = end
          return green(targets)
        }
      })
    )
    expect(registry.tags()).toEqual(tags)
    expect(outputs.published).toBe('false')
    expect(result.report.outcome).toMatchObject({ kind: 'red', failure: { kind: 'cancelled' } })
    expect(result.report.builds.map(({ publish }) => (publish.published ? publish.tags : []))).toEqual([
      tags.map((tag) => `${registry.address}/api:${tag}`),
      []
    ])
  })
})

describe('what the others have built, where one is red', () => {
  const SECRET = 'hunter2-is-long-enough-4711'

  /** What became of the layer cache of each that was written, and how the run ended. */
  async function kept(script: Script): Promise<{ readonly red: string; readonly api?: object; readonly web?: object }> {
    await using registry = await openRegistry()
    const given = { 'cache-image': `${registry.address}/cache`, secrets: `token=${SECRET}`, ...script.given }
    const { result } = await stage.play(several(registry.address, { content: ['one', 'two'], ...script, given }))
    const { outcome, builds } = result.report
    // Nothing but the next run's cache.
    expect(registry.tags().filter((tag) => !tag.endsWith('-retry'))).toEqual([])
    const caches = builds.flatMap(({ name, own }) =>
      (own?.cache.exports ?? [])
        .filter(({ result }) => result !== 'not-run')
        .map(({ reference, result, message }) => [name, { result, message, isRetry: reference.endsWith('-retry') }])
    )
    const red = outcome.kind === 'red' ? `${outcome.image ?? 'all'} ${outcome.failure.kind}` : 'green'
    return { red, ...(Object.fromEntries(caches) as object) }
  }

  const ok = { result: 'ok', message: undefined, isRetry: true }
  const large = 'x'.repeat(2000)

  const later =
    (milliseconds: number): NonNullable<Script['answer']> =>
    (line) =>
      /^buildx bake .*image-2/.test(line) ? wait(milliseconds, undefined) : undefined

  /** The test of the second is red when the first one has long been built. */
  const redLate = { bake: of('web', () => redAt('test')), answer: later(1000) }

  test('is kept, be it that nobody has looked into it yet', async () => {
    expect(await kept(redLate)).toEqual({ red: 'web test', api: ok, web: ok })
  })

  test('is searched first where nobody has looked into it', async () => {
    const withheld = { result: 'withheld', message: expect.stringContaining('could not be searched'), isRetry: true }
    const cache = () => ({ stream: '', exitCode: 1 })
    expect(await kept({ ...redLate, cache })).toEqual({ red: 'web test', api: withheld, web: withheld })
  })

  test('is not kept where nobody looks for secrets', async () => {
    expect(await kept({ ...redLate, given: { 'leak-check': 'warn' } })).toEqual({ red: 'web test', web: ok })
  })

  // The first call of bake has the first content.
  const inOrder = { answer: later(300) }

  test.each<[string, Script, object]>([
    [
      'the last is over budget',
      { content: ['one', large], given: { 'max-size': '1000' } },
      { red: 'web budget', api: ok, web: ok }
    ],
    [
      'the first is over budget',
      { content: [large, 'two'], given: { 'max-size': '1000' } },
      { red: 'api budget', api: ok, web: ok }
    ],
    ['the last has a leak', { content: ['one', SECRET] }, { red: 'web leak', api: ok }],
    ['the first has a leak', { content: [SECRET, 'two'] }, { red: 'api leak', web: ok }],
    [
      'verify says no to the last',
      { given: { verify: 'test "$STAGEGATE_NAME" = api' } },
      { red: 'web verify', api: ok }
    ]
  ])('is kept where %s', async (_, script, end) => {
    expect(await kept({ ...inOrder, ...script })).toEqual(end)
  })

  test('is not kept of an image in which a leak was found, though only a warning', async () => {
    const given = { 'leak-check': 'warn', verify: 'test "$STAGEGATE_NAME" = api' }
    expect(await kept({ ...inOrder, given, content: [SECRET, 'two'] })).toEqual({ red: 'web verify' })
    expect(await kept({ ...inOrder, given })).toEqual({ red: 'web verify', api: ok })
  })

  test('is not kept where the run is cancelled, which does not wait for it', async () => {
    const cancels: Script = {
      bake: of('web', (targets, cancel) => {
        cancel()
        return green(targets)
      }),
      answer: redLate.answer
    }
    expect(await kept(cancels)).toEqual({ red: 'all cancelled' })
  })

  test('changes nothing of why the run is red where that is cancelled', async () => {
    let written = 0
    const answer: Script['answer'] = (line, cancel) => {
      // The first is the red one's own.
      if (/^buildx build .*image-1/.test(line) && (written += 1) === 1) cancel()
      return redLate.answer(line, cancel)
    }
    expect(await kept({ ...redLate, answer })).toEqual({ red: 'web test', web: ok })
    expect(written).toBe(1)
  })

  test('is not kept where the engine is to blame', async () => {
    const error =
      'ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'
    const bake = of('web', () => ({ stream: `${error}\n`, exitCode: 1 }))
    expect(await kept({ ...redLate, bake })).toEqual({ red: 'web engine' })
  })
})

test('what fails is told of the image whose it is, be they of one repository', async () => {
  await using registry = await openRegistry((request) => (request === 'PUT /v2/app/manifests/web' ? 403 : undefined))
  const tagged = (name: string): Target => ({ tags: [`${registry.address}/app:${name}`] })
  const script = several(registry.address, { content: ['one', 'two'] }, { api: tagged('api'), web: tagged('web') })
  const { result } = await stage.play(script)
  expect(result.report.outcome).toMatchObject({ kind: 'red', image: 'web', failure: { kind: 'registry' } })
  expect(registry.tags()).toEqual(['api'])
})

test('two that are red at once: the failure is told of the one that it is of', async () => {
  await using registry = await openRegistry()
  const { result } = await stage.play(
    several(registry.address, {
      bake: (_targets, _cancel, definition) => redAt(JSON.stringify(definition).includes('"api"') ? 'test' : 'copy')
    })
  )
  expect(['api test', 'web build']).toContain(
    result.report.outcome.kind === 'red' && `${result.report.outcome.image} ${result.report.outcome.failure.kind}`
  )
  expect(registry.tags()).toEqual([])
})

test('two whose tests leave reports in one cache mount are built one after the other', async () => {
  await using registry = await openRegistry()
  const dockerfile = (text: string): string =>
    text.replace('RUN pytest', 'RUN --mount=type=cache,id=test-reports,target=/r pytest')
  const { failure, lines } = await stage.play(several(registry.address, { dockerfile, content: ['one', 'two'] }))
  expect(failure).toBeUndefined()
  expect(lines.join('\n')).toContain('web is built after api: their test reports may be in one cache mount.')
})

test('a mistake is told before anything is built, of the image that it is in', async () => {
  await using registry = await openRegistry()
  const { asked, result } = await stage.play(several(registry.address, {}, { web: { target: 'prodution' } }))
  expect(builds(asked)).toBe(0)
  expect(result.report.outcome).toMatchObject({
    ...{ kind: 'red', image: 'web' },
    failure: { kind: 'input', problems: [{ input: 'target', fix: expect.stringContaining('"production"') }] }
  })
})

test('are asked one after the other, and the answer says whose it is', async () => {
  await using registry = await openRegistry()
  const { failure, lines } = await stage.play(several(registry.address, { given: { call: 'outline' } }))
  expect([failure, lines.slice(-4)]).toEqual([undefined, ['api:', '{}', 'web:', '{}']])
})

test('are not compared with one image', async () => {
  await using registry = await openRegistry()
  const { asked, failure } = await stage.play(several(registry.address, { given: { 'compare-to': 'acme/api:1' } }))
  expect(builds(asked)).toBe(0)
  expect(failure).toMatchObject({ kind: 'input', problems: [{ input: 'compare-to' }] })
})

test('an image whose Dockerfile has no such stage is built without a test, and told as not tested', async () => {
  await using registry = await openRegistry()
  mkdirSync(stage.at('web'))
  writeFileSync(stage.at('web', 'Dockerfile'), 'FROM scratch AS production\nCOPY . /\n')
  const script = several(registry.address, {}, { web: { context: stage.at('web') } })
  const { failure, result, outputs } = await stage.play(script)
  expect([failure, outputs.gate, outputs.published]).toEqual([undefined, 'passed', 'true'])
  expect(headline(result.report)).toMatch(/^api: tests passed, \d B; web: \d B, not tested$/)
})

test('a test that is of no image is a build by itself, which holds all of them back', async () => {
  await using registry = await openRegistry()
  mkdirSync(stage.at('docs'))
  writeFileSync(stage.at('docs', 'Dockerfile'), 'FROM scratch AS production\nRUN links\n')
  const check = { context: stage.at('docs'), tags: [], output: [{ type: 'cacheonly' }] }
  const script = { given: { 'test-target': '' } }
  const green = await stage.play(several(registry.address, script, { web: check }))
  expect(green.failure).toBeUndefined()
  expect(green.outputs).toMatchObject({ gate: 'passed', published: 'true' })
  expect(headline(green.result.report)).toMatch(
    /^api: \d B, not tested; web: tests passed(?: \(cached\))?, no image was asked for$/
  )
  const red = { ...script, bake: of('web', () => redAt('copy')) }
  const before = registry.tags().length
  const { outputs } = await stage.play(several(registry.address, red, { web: check }))
  expect([outputs.published, registry.tags().length]).toEqual(['false', before])
})
