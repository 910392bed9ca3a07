import { describe, expect, it } from '@jest/globals'
import { annotations, MESSAGE_CHARACTERS } from '../../src/report/annotations.js'
import {
  cacheTrouble,
  firstGreen,
  fork,
  GOLDEN,
  leakWarned,
  omitted,
  redBudget,
  redBudgetLayers,
  redInput,
  redLeak,
  redTest
} from './support/reports.js'

describe('annotations', () => {
  it('a red gate points to the line and ends with the last words of the step', () => {
    const [first] = annotations(redTest())
    expect(first).toMatchObject({ level: 'error', title: 'app: the tests failed (test)', file: 'Dockerfile', line: 43 })
    expect(first?.message).toContain('in stage test (Dockerfile:43): exit code 1 after 9.2 s')
    expect(first?.message).toContain('FAILED tests/test_users.py::test_get_user - assert 404 == 200')
    expect(first?.message).not.toContain('test_item_03')
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
      'notice',
      'notice'
    ])
    expect(list[1]?.title).toBe('app: layer cache not read')
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
        /^Size: 312\.3 MB, the limit is 250 MB, 62\.3 MB less\.\nYour largest layers:\n105\.4 MB Dockerfile:18/
      ) as unknown
    })
    expect(annotations(redBudgetLayers()).map(({ title }) => title)).toEqual([
      'app: over budget (max-layers)',
      'app: over budget (max-reclaimable)'
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

  it('a red run has an error, a green one has none', () => {
    for (const [name, report] of Object.entries(GOLDEN)) {
      const errors = annotations(report()).filter(({ level }) => level === 'error')
      expect([name, errors.length > 0]).toEqual([name, name.startsWith('red')])
      for (const { message, title } of annotations(report())) expect(`${title} ${message}`).not.toMatch(/undefined|NaN/)
    }
  })
})
