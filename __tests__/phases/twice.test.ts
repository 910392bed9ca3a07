/** `verify-reproducible`, as a whole run without an engine: what a second build may find, and that nothing leaves before it. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { dig } from '../../src/core/json.js'
import { compareLayerFiles, configDifference } from '../../src/compare/twice.js'
import type { LayerFile } from '../../src/image/index.js'
import { headline } from '../../src/report/sections/headline.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { green, openRegistry, openStage, redAt, type Script, type Stage } from '../support/story.js'

jest.setTimeout(60_000)

let stage: Stage
beforeEach(() => {
  stage = openStage()
})
afterEach(() => {
  expect(stage.left()).toEqual([])
  stage[Symbol.dispose]()
})

/** Plays it with a push, and tells which targets each call had. */
async function play(script: Script = {}) {
  await using registry = await openRegistry()
  const calls: { readonly targets: readonly string[]; readonly noCache: unknown }[] = []
  const outcome = await stage.play({
    ...script,
    given: { push: 'true', tags: `${registry.address}/app:1`, 'verify-reproducible': 'true', ...script.given },
    bake: (targets, cancel, definition) => {
      calls.push({ targets, noCache: dig(definition, 'target', '_image-0', 'no-cache') })
      return (script.bake ?? green)(targets, cancel, definition)
    }
  })
  return { ...outcome, calls, pushed: registry.tags(), says: headline(outcome.result.report) }
}

describe('a second build', () => {
  test('of the image alone, that makes the same, lets it leave', async () => {
    const { failure, did, calls, pushed, result } = await play()
    expect(failure).toBeUndefined()
    expect(did).toEqual(['buildx bake', 'buildx bake'])
    expect(calls).toEqual([
      { targets: ['_test0-0', '_image-0'], noCache: undefined },
      { targets: ['_image-0'], noCache: true }
    ])
    expect(pushed).toEqual(['1'])
    expect(result.report.builds[0].builtTwice).toEqual({ seconds: expect.any(Number) })
    expect(renderSummary(result.report)).toContain('**reproducible**: built twice, same digest')
    expect(result.report.gate).toMatchObject({ verdict: 'passed' })
    expect(result.report.seconds.phases.map(({ name }) => name).slice(-3)).toEqual([
      ...['inspect', 'second build', 'publish']
    ])
  })

  test('that makes another ends the run before anything leaves, and names the file', async () => {
    const { failure, pushed, says, outputs, result } = await play({ content: ['one', 'two'] })
    expect(failure).toMatchObject({
      ...{ kind: 'irreproducible', timed: false },
      differences: [
        { platform: 'linux/amd64', layer: { index: 0, files: [{ path: '/app/a', differs: 'content' }], count: 1 } }
      ]
    })
    expect([pushed, outputs.published, outputs.gate]).toEqual([[], 'false', 'passed'])
    expect(says).toBe('app: a second build made a different image, nothing was published')
    expect(result.report.builds[0].builtTwice).toBeUndefined()
    expect(renderSummary(result.report)).toContain('reproducible: true')
  })

  test('that fails is red as a build is, and says which it was', async () => {
    const { failure, pushed, result } = await play({
      bake: (targets) => (targets.length === 1 ? redAt('copy') : green(targets))
    })
    expect([failure?.kind, pushed]).toEqual(['build', []])
    expect(result.report.notes.join()).toContain('the second build that failed')
  })

  test('that is cancelled lets nothing leave', async () => {
    const { failure, pushed } = await play({
      bake: (targets, cancel) => {
        if (targets.length === 1) cancel()
        return green(targets)
      }
    })
    expect([failure, pushed]).toEqual([{ kind: 'cancelled' }, []])
  })

  test('is not made of an image that is refused before it', async () => {
    const { failure, calls } = await play({ given: { 'max-size': '1' } })
    expect([failure?.kind, calls.length]).toEqual(['budget', 1])
  })

  test('is of an image, so tests alone are an error', async () => {
    const { failure, calls } = await play({ given: { push: '', tags: '', target: '' } })
    expect([failure, calls]).toMatchObject([
      { kind: 'input', problems: [{ input: 'verify-reproducible', problem: expect.stringContaining('no image') }] },
      []
    ])
  })
})

describe('two layers', () => {
  const file = (path: string, more: Partial<LayerFile> = {}): LayerFile => ({
    ...{ path, type: 'file', content: '1 1', attributes: '420 0 0', modified: 1, ...more }
  })
  const base = [file('/a'), file('/b')]

  test.each<readonly [string, readonly LayerFile[], object]>([
    ['the same', base, { files: [], count: 0, reordered: false }],
    ['in another order', [...base].reverse(), { files: [], count: 0, reordered: true }],
    ['with another time', [file('/a', { modified: 2 }), file('/b')], { files: [{ path: '/a', differs: 'time' }] }],
    ['with another mode', [file('/a', { attributes: '0' }), file('/b')], { files: [{ differs: 'attributes' }] }],
    ['with a file less', [file('/b')], { files: [{ path: '/a', differs: 'presence' }], count: 1 }],
    ['with a file more', [...base, file('/c')], { files: [{ path: '/c', differs: 'presence' }], count: 1 }],
    [
      'with the weightiest first',
      [file('/a', { modified: 2 }), file('/b', { content: '2 2', modified: 2 })],
      {
        files: [
          { path: '/b', differs: 'content' },
          { path: '/a', differs: 'time' }
        ],
        count: 2
      }
    ]
  ])('%s', (_, second, expected) => {
    expect(compareLayerFiles(base, second)).toMatchObject(expected)
  })

  test.each<readonly [string, readonly [first: number, second: number][], number | undefined, boolean]>([
    ['were made before', [[5, 10]], 10, true],
    [
      'were made before, all of them',
      [
        [5, 10],
        [9.5, 10]
      ],
      10,
      true
    ],
    [
      'differ besides one that was made before',
      [
        [5, 10],
        [5, 9]
      ],
      10,
      false
    ],
    ['have older times in the second build', [[10, 5]], 10, false],
    ['have newer times in the first', [[15, 10]], 10, false],
    ['have the times of the build', [[5, 10]], undefined, false],
    ['have the same times', [[10, 10]], 10, false]
  ])('with files that %s', (_, times, time, madeBefore) => {
    const layer = (at: 0 | 1) => times.map((pair, number) => file(`/${number}`, { modified: pair[at] }))
    expect(compareLayerFiles(layer(0), layer(1), time)).toMatchObject({ madeBefore })
    const other = layer(1).map((each) => ({ ...each, content: '2 2' }))
    expect(compareLayerFiles(layer(0), other, time)).toMatchObject({ madeBefore: false })
  })

  test('name no more files than can be read, and count them all', () => {
    const many = Array.from({ length: 50 }, (_, at) => file(`/${at}`))
    const { files, count } = compareLayerFiles(many, [])
    expect([files.length, count]).toEqual([20, 50])
  })

  test('two configs differ in members, also the inner ones', () => {
    const one = { created: '1', os: 'linux', config: { Env: ['A=1'], User: 'a' } }
    expect(configDifference(JSON.stringify(one), JSON.stringify({ ...one, created: '2' }))).toEqual(['created'])
    const other = { ...one, config: { Env: ['A=2'], User: 'a', Cmd: [] } }
    expect(configDifference(JSON.stringify(one), JSON.stringify(other))).toEqual(['Cmd', 'Env'])
  })
})
