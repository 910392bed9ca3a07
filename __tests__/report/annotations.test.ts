import { describe, expect, it } from '@jest/globals'
import { without } from '../../src/core/json.js'
import type { Failure } from '../../src/failure/failure.js'
import { annotations, ANNOTATIONS_PER_LEVEL, MESSAGE_CHARACTERS } from '../../src/report/surfaces/annotations.js'
import type { Report } from '../../src/report/model.js'
import { baseReplaced, COMPARED, increaseUnjudged, increaseWarned, overIncrease } from './support/compared.js'
import { HOSTILE, rotation } from './support/hostile.js'
import { poisoned } from './support/poison.js'
import {
  cacheTrouble,
  changed,
  firstGreen,
  fork,
  GOLDEN,
  leakWarned,
  omitted,
  redBudget,
  redBudgetLayers,
  redInput,
  redLeak,
  redOneOfSeveral,
  redTest,
  severalImages,
  viewOf
} from './support/reports.js'
import { HIDDEN } from './support/tree.js'

function failedWith(report: Report, failure: Failure): Report {
  return changed(report, { outcome: { kind: 'red', failure } })
}

describe('annotations', () => {
  it('a red gate points to the line and ends with the last words of the step', () => {
    const [first] = annotations(redTest())
    expect(first).toMatchObject({ level: 'error', title: 'app: the tests failed (test)', file: 'Dockerfile', line: 43 })
    expect(first?.message).toContain('in stage test (Dockerfile:43): exit code 1 after 9.2 s')
    expect(first?.message).toContain('FAILED tests/test_users.py::test_get_user - assert 404 == 200')
    expect(first?.message).not.toContain('test_item_03')
  })

  it('what is of a linked target is never placed in the Dockerfile of the image', () => {
    const red = redTest()
    const failed = viewOf(red).steps.find(({ state }) => state === 'failed')
    if (failed === undefined) throw new Error('the report is to have a failed step')
    const step = { ...without(failed, 'line'), stage: 'target:base:deps' }
    const heavy = redBudget()
    const images = viewOf(heavy).images.map((image) => ({
      ...image,
      layers: image.layers.map((layer) => ({ ...without(layer, 'line'), stage: 'target:base:deps' }))
    }))
    for (const report of [
      failedWith(red, { kind: 'build', step, exitCode: 1, message: 'exit code: 1' }),
      failedWith(red, { kind: 'credential', credential: 'secret', id: 'token', linked: 'base' }),
      changed(heavy, { images })
    ]) {
      const [first] = annotations(report)
      expect(first?.level).toBe('error')
      expect(JSON.stringify(first)).not.toContain('Dockerfile')
      expect(first?.message).toMatch(/target:base:deps|linked target "base"/)
    }
  })

  it('every wrong input has its own', () => {
    expect(annotations(redInput()).map(({ title }) => title)).toEqual([
      'app: input test-cahce',
      'app: input tags',
      'app: input ssh-private-key'
    ])
  })

  it('errors come first, then warnings, then notices', () => {
    const red = redTest()
    const list = annotations({
      ...red,
      cache: cacheTrouble().cache,
      lint: firstGreen().lint,
      notes: ['n'],
      trusted: false
    })
    expect(list.map(({ level }) => level)).toEqual([
      'error',
      'warning',
      'warning',
      'warning',
      'warning',
      'warning',
      'notice',
      'notice'
    ])
    expect(list.slice(1, 3).map(({ title }) => title)).toEqual([
      'app: layer cache broke the build',
      'app: layer cache not read'
    ])
  })

  it('ten of a level at most, the rest counted in the last', () => {
    const findings = Array.from({ length: 25 }, (_, index) => ({ rule: `Rule${index}`, message: 'm', line: index + 1 }))
    const list = annotations(firstGreen({ lint: { findings } }))
    expect(list).toHaveLength(10)
    expect(list.at(-1)).toEqual({
      level: 'warning',
      title: '16 more',
      message: '16 more warnings: see the job summary.'
    })
    expect(annotations(firstGreen({ lint: { findings: findings.slice(0, 10) } })).at(-1)?.title).toBe('Rule9')
  })

  it('messages stay within the limit, and outside a checkout no file is named', () => {
    const outside = { dockerfile: 'Dockerfile' }
    const failure = { kind: 'dockerfile', message: 'x'.repeat(9000), line: 3 } as const
    const [only] = annotations({ ...redTest(), source: outside, outcome: { kind: 'red', failure } })
    expect(only?.message.length).toBeLessThanOrEqual(MESSAGE_CHARACTERS)
    expect(only?.message).toMatch(/more characters\)$/)
    expect(only).not.toHaveProperty('file')
  })

  it('a leak has one for each place, at its line where it has one', () => {
    const list = annotations(redLeak())
    expect(list.map(({ level, line }) => [level, line])).toEqual([
      ['error', 18],
      ['error', 20],
      ['error', undefined],
      ['error', undefined]
    ])
    expect(list[0]).toMatchObject({ title: 'app: 2 secrets are in the image', file: 'Dockerfile' })
    expect(list[0]?.message).toMatch(
      /^The secret "pip_token": in "\/root\/.config\/pip\/pip.conf", put there by Dockerfile:18 RUN/
    )
    expect(list[1]?.message).toContain('a later layer deletes')
  })

  it('a leak that only warns is a warning, the first one', () => {
    expect(annotations(leakWarned())[0]).toMatchObject({ level: 'warning', line: 18 })
  })

  it('a budget has one for each broken rule, at the largest layer', () => {
    expect(annotations(redBudget())[0]).toMatchObject({
      level: 'error',
      title: 'app: over budget (max-size)',
      line: 18,
      message: expect.stringMatching(
        /^Size: 312\.3 MB, limit: 250 MB, 62\.3 MB over\.\nYour largest layers:\n105\.4 MB Dockerfile:18/
      ) as unknown
    })
    expect(annotations(redBudgetLayers()).map(({ title }) => title)).toEqual([
      'app: over budget (max-layers)',
      'app: over budget (max-reclaimable)'
    ])
  })

  it('growth has one at what grew, and a warning where it stops nothing or was not judged', () => {
    expect(annotations(overIncrease())[0]).toMatchObject({
      level: 'error',
      title: 'app: over budget (max-increase)',
      line: 31,
      message: expect.stringMatching(
        /^Increase: \+10\.3 MB \(\+5\.1 %\), limit: 5 MB or 3 %, 4\.3 MB over\.\nWhat grew:\n\+9\.2 MB Dockerfile:31 COPY/
      ) as unknown
    })
    expect(annotations(baseReplaced())[0]?.message).toMatch(/What grew:\n\+1\.0 MB the layers below your own$/)
    const titles = (report: Report): readonly string[] =>
      annotations(report)
        .filter(({ title }) => title.includes('max-increase'))
        .map(({ level, title, message }) => `${level} ${title}: ${message}`)
    expect(titles(increaseWarned())).toEqual([
      expect.stringMatching(/^warning app: grew by more than max-increase allows: \+10\.3 MB .*published all the same/)
    ])
    expect(titles(increaseUnjudged())).toEqual([
      expect.stringMatching(/^warning app: max-increase was not judged: .*no report of main is stored/i)
    ])
  })

  it('a layer that could not be examined is a warning, a value that is too short is not', () => {
    expect(annotations(omitted()).map(({ message }) => message.replace(/sha256:\w+/, 'D'))).toEqual([
      'Layer 6 (D) is not in the layout and was not examined.'
    ])
  })

  it('a fork says why nothing was written', () => {
    expect(annotations(fork())[0]).toMatchObject({ level: 'notice' })
    expect(annotations(fork())[0]?.message).toContain('pull request #214 comes from the fork mallory/app')
  })

  it('a note of all images has the name of the run, not that of the first of them', () => {
    const several: Report = { ...severalImages(), name: 'shop', notes: ['It is true of all.'] }
    const notices = annotations(several).filter(({ level }) => level === 'notice')
    expect(notices).toEqual([{ level: 'notice', title: 'shop', message: 'It is true of all.' }])
  })

  it('of several images has the error of the one that failed, at its own Dockerfile', () => {
    const errors = annotations(redOneOfSeveral()).filter(({ level }) => level === 'error')
    expect(errors).toMatchObject([{ title: 'worker: the tests failed (test)', file: 'Dockerfile', line: 43 }])
  })

  it('a red run has an error, a green one has none', () => {
    for (const [name, report] of Object.entries(GOLDEN)) {
      const errors = annotations(report()).filter(({ level }) => level === 'error')
      expect([name, errors.length > 0]).toEqual([name, name.startsWith('red')])
      for (const { message, title } of annotations(report())) expect(`${title} ${message}`).not.toMatch(/undefined|NaN/)
    }
  })
})

/** Plain text: nothing in it is hidden, turns around or breaks out of its line. */
function expectPlain(report: Report): void {
  const list = annotations(report)
  for (const level of ['error', 'warning', 'notice']) {
    expect(list.filter((each) => each.level === level).length).toBeLessThanOrEqual(ANNOTATIONS_PER_LEVEL)
  }
  for (const { title, message, file = '' } of list) {
    expect(`${title}${message}`).not.toMatch(HIDDEN)
    expect(`${title}${message}`).not.toMatch(/[\u2028\u2029\u{e0000}-\u{e0fff}]/u)
    expect([title, message].every((text) => text.isWellFormed())).toBe(true)
    expect(title).not.toContain('\n')
    expect([title.length <= 300, message.length <= MESSAGE_CHARACTERS, file.includes('\n')]).toEqual([
      true,
      true,
      false
    ])
  }
}

describe('hostile strings', () => {
  it.each(HOSTILE)('%s stays plain in every place', (_what, value) => {
    for (const report of Object.values({ ...GOLDEN, ...COMPARED })) {
      const bad = poisoned(report(), () => value)
      expectPlain({ ...bad, source: { ...bad.source, dockerfileInRepository: 'Dockerfile' } })
    }
  })

  it('a different one in every place', () => {
    for (const [index, report] of Object.values({ ...GOLDEN, ...COMPARED }).entries()) {
      const bad = poisoned(report(), rotation(index))
      expectPlain({ ...bad, source: { ...bad.source, dockerfileInRepository: 'Dockerfile' } })
    }
  })
})
