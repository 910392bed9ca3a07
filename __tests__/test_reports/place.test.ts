/** From a path of the build to a file of the workspace, and from one run's tests to the next's. */
import { describe, expect, test } from '@jest/globals'
import { compareTests, parseTestRecord, writeTestRecord } from '../../src/test_reports/changes.js'
import type { TestOutcome } from '../../src/test_reports/model.js'
import { locateInRepository } from '../../src/test_reports/place.js'

describe('a path of the build in the workspace', () => {
  const files = new Set([
    'tests/test_app.py',
    'cart/cart_test.go',
    'src/test/java/com/acme/CartTest.java',
    'app/src/cart.test.ts',
    'test_root.py'
  ])
  test.each([
    ['relative', 'tests/test_app.py', '', 'tests/test_app.py'],
    ['absolute in the container', '/app/tests/test_app.py', 'x', 'tests/test_app.py'],
    ['a Go test, whose package has the folder', 'cart_test.go', 'example.com/shop/cart', 'cart/cart_test.go'],
    ['Java', 'com/acme/CartTest.java', 'com.acme.CartTest', 'src/test/java/com/acme/CartTest.java'],
    ['at the root', '/srv/test_root.py', '', 'test_root.py'],
    ['Windows separators', 'C:\\build\\tests\\test_app.py', '', 'tests/test_app.py'],
    ['out of the workspace', '../../etc/passwd', '', undefined],
    ['not there', 'tests/other.py', '', undefined]
  ])('%s', (_name, file, suite, found) => {
    expect(locateInRepository(file, suite, (candidate) => files.has(candidate))).toBe(found)
  })
})

describe('against the baseline', () => {
  const tests = (outcomes: Record<string, TestOutcome>) => ({
    complete: true,
    outcomes: new Map(Object.entries(outcomes))
  })
  const before = tests({ a: 'passed', b: 'failed', c: 'passed', d: 'skipped', e: 'failed' })

  test('newly failing, newly passing, new and gone', () => {
    const now = tests({ a: 'failed', b: 'passed', d: 'failed', e: 'failed', f: 'failed', g: 'passed' })
    expect(compareTests(now, before)).toEqual({
      newlyFailing: ['a', 'd', 'f'],
      newlyPassing: ['b'],
      unnamed: 0,
      added: 2,
      disappeared: 1
    })
  })

  test('a run that does not know all of its tests says of none that it is gone', () => {
    expect(compareTests({ ...tests({ a: 'failed' }), complete: false }, before)).toEqual({
      ...{ newlyFailing: ['a'], newlyPassing: [], unnamed: 0, added: 0 }
    })
  })

  test('a record comes back; what is none does not', () => {
    const text = writeTestRecord(before) ?? ''
    expect(compareTests(before, parseTestRecord(text) ?? tests({}))).toEqual({
      ...{ newlyFailing: [], newlyPassing: [], unnamed: 0, added: 0, disappeared: 0 }
    })
    expect(parseTestRecord('{"version":2}')).toBeUndefined()
    expect(parseTestRecord('no')).toBeUndefined()
    expect(writeTestRecord(tests({}))).toBeUndefined()
  })
})
