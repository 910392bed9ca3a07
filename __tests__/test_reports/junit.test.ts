/** JUnit files of the runners people use, and of people who mean no good. */
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { readJUnit } from '../../src/test_reports/junit.js'
import { countWords, mergeTests, MOST_FAILING, MOST_TESTS, type ParsedTests } from '../../src/test_reports/model.js'

const read = (text: string, pieces = text.length): ParsedTests => {
  const reader = readJUnit('r.xml')
  for (let at = 0; at < text.length; at += pieces) if (!reader.write(text.slice(at, at + pieces))) break
  return reader.end()
}
const fixture = (name: string): string => readFileSync(path.join(import.meta.dirname, 'reports', name), 'utf8')

describe('the report of', () => {
  test.each([
    [
      'pytest.xml',
      { passed: 2, failed: 2, skipped: 1 },
      ['tests.test_app', 'test_price[usd]', 'AssertionError: assert 12 == 13', 'tests/test_app.py', 21]
    ],
    [
      'jest.xml',
      { passed: 1, failed: 1, skipped: 1 },
      ['cart sums prices', 'cart sums prices', 'Error: expect(received).toBe(expected)', '/app/src/cart.test.js', 14]
    ],
    [
      'vitest.xml',
      { passed: 1, failed: 1, skipped: 0 },
      ['src/cart.test.ts', 'cart > sums prices', 'expected 20 to be 30', 'src/cart.test.ts', 9]
    ],
    [
      'gotestsum.xml',
      { passed: 1, failed: 1, skipped: 1 },
      ['example.com/shop/cart', 'TestSum', '    cart_test.go:17: Sum() = 20, want 30', 'cart_test.go', 17]
    ],
    [
      'surefire.xml',
      { passed: 2, failed: 1, skipped: 1 },
      ['com.acme.shop.CartTest', 'sums', 'expected: <30> but was: <20>', 'com/acme/shop/CartTest.java', 24]
    ],
    [
      'nextest.xml',
      { passed: 1, failed: 1, skipped: 0 },
      ['shop', 'tests::sums', "thread 'tests::sums' panicked at src/cart.rs:31:9", 'src/cart.rs', 31]
    ],
    [
      'dotnet.xml',
      { passed: 1, failed: 1, skipped: 1 },
      ['Shop.Tests.CartTests', 'Sums', 'Assert.Equal() Failure: Values differ', '/src/tests/CartTests.cs', 19]
    ],
    [
      'phpunit.xml',
      { passed: 1, failed: 2, skipped: 0 },
      ['Acme.Tests.CartTest', 'testSums', 'Acme\\Tests\\CartTest::testSums', '/app/tests/CartTest.php', 22]
    ]
  ])('%s', (name, counts, [suite, test, message, file, line]) => {
    const parsed = read(fixture(name))
    expect(parsed.counts).toEqual(counts)
    expect(parsed.omissions).toEqual([])
    expect(parsed.failing[0]).toMatchObject({ suite, name: test, file, line })
    expect(parsed.failing[0]?.message.startsWith(String(message))).toBe(true)
    expect(parsed.outcomes.size).toBe(counts.passed + counts.failed + counts.skipped)
    // However it arrives, it says the same.
    expect(read(fixture(name), 7)).toEqual(parsed)
  })

  test('a fixture that broke has its place in the file of the test, not of what it called', () => {
    expect(read(fixture('pytest.xml')).failing[1]).toMatchObject({ file: 'tests/test_db.py', line: 8 })
  })

  test('a test without a place in its own file has that of the test', () => {
    expect(read(fixture('phpunit.xml')).failing[1]).toMatchObject({ file: '/app/tests/CartTest.php', line: 26 })
  })

  test('times, also with a comma for the thousands', () => {
    expect(read(fixture('surefire.xml')).seconds).toBeCloseTo(1000.03)
  })
})

describe('never a pass', () => {
  const suite = (inside: string) => `<testsuite name="s">${inside}</testsuite>`
  test.each([
    ['nothing', '', 'r.xml is empty.'],
    ['no XML', 'hello', 'r.xml is broken'],
    ['another XML', '<coverage line-rate="1"/>', 'r.xml is not a JUnit report: its root element is <coverage>.'],
    ['a report cut off', '<testsuite><testcase name="a"/><testcase', 'r.xml is broken'],
    ['an open tag', '<testsuite><testcase name="a">', 'r.xml is broken'],
    [
      'an entity of its own',
      '<!DOCTYPE x [<!ENTITY a "b">]><testsuite><testcase name="&a;"/></testsuite>',
      'r.xml is broken'
    ],
    [
      'a file of the runner',
      '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite>&a;</testsuite>',
      'r.xml is broken'
    ],
    ['a deep one', '<testsuite>'.repeat(100), 'r.xml nests elements deeper than 64'],
    [
      'failures in the heading alone',
      '<testsuites failures="2"><testsuite><testcase name="a"/></testsuite></testsuites>',
      'r.xml says that 2 failed, and names none of them.'
    ],
    [
      'failures in the heading of a suite alone',
      '<testsuites><testsuite errors="2"><testcase name="a"/></testsuite></testsuites>',
      'r.xml says that 2 failed, and names none of them.'
    ],
    [
      'a second report behind the first, after whose heading it is read',
      '<testsuite failures="1"><testcase name="a"/></testsuite><testsuite><testcase name="b"/></testsuite>',
      'r.xml says that 1 failed'
    ],
    [
      'a suite that could not be loaded',
      '<testsuites><testsuite name="a"><error message="no module"/></testsuite><testsuite><testcase name="b"/></testsuite></testsuites>',
      'r.xml has a failure that belongs to no test.'
    ],
    ['a test without a suite', '<testcase name="a"/>', 'its root element is <testcase>'],
    ['names in capitals', '<TestSuite><TestCase name="a"/></TestSuite>', 'its root element is <TestSuite>'],
    [
      'a name space',
      '<j:testsuite xmlns:j="x"><j:testcase name="a"/></j:testsuite>',
      'its root element is <j:testsuite>'
    ],
    ['NUnit', '<test-run result="Failed"/>', 'its root element is <test-run>'],
    ['.NET’s own', '<TestRun><Results/></TestRun>', 'its root element is <TestRun>'],
    ['words behind the report', '<testsuite><testcase name="a"/></testsuite>\nDone.', 'r.xml is broken'],
    ['words before it', 'Running…\n<testsuite/>', 'r.xml is broken']
  ])('%s', (_name, text, omission) => {
    expect(read(text).omissions).toEqual([expect.stringContaining(omission)])
  })

  test.each<[string, string, Partial<ParsedTests['counts']>]>([
    [
      'GoogleTest’s disabled test',
      '<testcase name="a" status="notrun" result="suppressed"/>',
      { skipped: 1, passed: 0 }
    ],
    ['CTest’s', '<testcase name="a" status="disabled"/>', { skipped: 1, passed: 0 }],
    ['one that says that it ran', '<testcase name="a" status="run" result="completed"/>', { passed: 1 }],
    ['a failed test without an element for it', '<testcase name="a" status="FAILED"/>', { failed: 1, passed: 0 }],
    [
      'a test in a test, which fails',
      '<testcase name="a"><testcase name="b"/><failure/></testcase>',
      { failed: 1, passed: 0 }
    ],
    ['skipped, and failed', '<testcase name="a"><skipped/><error/></testcase>', { failed: 1, skipped: 0 }],
    ['failed, and skipped', '<testcase name="a"><failure/><skipped/></testcase>', { failed: 1, skipped: 0 }],
    [
      'counts that are none',
      '<testsuite tests="NaN" failures="-1" errors="x"><testcase name="a"/></testsuite>',
      { passed: 1 }
    ],
    ['the name of a state that is JavaScript’s', '<testcase name="a" status="constructor"/>', { passed: 1 }]
  ])('%s', (_name, inside, counts) => {
    const parsed = read(suite(inside))
    expect(parsed.counts).toMatchObject(counts)
    expect(parsed.omissions).toEqual([])
  })

  test('a failing test of a name counts, whatever another one of the name did', () => {
    const twice = read(suite('<testcase name="a"/><testcase name="a"><failure/></testcase><testcase name="a"/>'))
    expect(twice.counts).toEqual({ passed: 2, failed: 1, skipped: 0 })
    expect([...twice.outcomes]).toEqual([['s › a', 'failed']])
  })

  test('references to control characters, which XML has not, lose no test', () => {
    const parsed = read(
      suite('<testcase name="a"><failure message="&#27;[31mred&#x1B;[0m &amp; &#x41;"/></testcase><testcase name="b"/>')
    )
    expect(parsed.counts).toEqual({ passed: 1, failed: 1, skipped: 0 })
    expect(parsed.failing[0]?.message).toBe('red & A')
    expect(parsed.omissions).toEqual([])
  })

  test('wherever a report is cut off, what is lost is said', () => {
    for (const file of ['pytest.xml', 'surefire.xml', 'gotestsum.xml']) {
      const text = fixture(file)
      const whole = read(text)
      for (let end = 0; end < text.length; end += 1) {
        const { counts, omissions } = read(text.slice(0, end))
        expect(counts.passed).toBeLessThanOrEqual(whole.counts.passed)
        if (counts.failed < whole.counts.failed) expect(omissions).not.toEqual([])
      }
    }
  })

  test('what was read before the end of a broken report counts', () => {
    const parsed = read('<testsuite><testcase name="a"><failure message="no"/></testcase><testcase name="b"/><oops')
    expect(parsed.counts).toEqual({ passed: 1, failed: 1, skipped: 0 })
  })

  test('laughs are not multiplied', () => {
    const lol = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('')
    const parsed = read(`<!DOCTYPE l [<!ENTITY l0 "ha">${lol}]><testsuite><testcase name="&l9;"/></testsuite>`)
    expect(parsed.omissions).toHaveLength(1)
    expect([...parsed.outcomes.keys()].join('').length).toBeLessThan(100)
  })

  test('too many tests are counted up to the bound, and the rest is said', () => {
    const parsed = read(suite('<testcase name="t"/>'.repeat(MOST_TESTS + 5)))
    expect(parsed.counts.passed).toBe(MOST_TESTS)
    expect(parsed.omissions).toEqual([`r.xml has more than ${MOST_TESTS} tests: the others are not counted.`])
  })

  test('a failure of megabytes is shortened, and many failures are cut and counted', () => {
    const long = read(suite(`<testcase name="t"><failure>${'word '.repeat(400_000)}</failure></testcase>`), 65_536)
    expect(long.failing[0]?.message.length).toBeLessThanOrEqual(2000)
    const many = read(suite('<testcase name="t"><failure message="x"/></testcase>'.repeat(MOST_FAILING + 1)))
    expect(many.failing).toHaveLength(MOST_FAILING)
    expect(many.counts.failed).toBe(MOST_FAILING + 1)
    expect(many.omissions).toEqual([
      `Of ${MOST_FAILING + 1} failing tests in r.xml the first ${MOST_FAILING} are shown.`
    ])
  })

  test('an attribute that is a name of JavaScript is an attribute', () => {
    expect(read('<testsuite><testcase __proto__="x" constructor="y" name="a"/></testsuite>').counts.passed).toBe(1)
  })
})

test.each([
  ['0,123', 0.123],
  ['1,234', 1234],
  ['1,234.5', 1234.5],
  ['12,5', 12.5],
  ['NaN', 0],
  ['-3', 0],
  ['1e308', 0],
  ['Infinity', 0],
  ['', 0]
])('%s seconds are %d', (time, seconds) => {
  expect(read(`<testsuite><testcase name="a" time="${time}"/></testsuite>`).seconds).toBeCloseTo(seconds)
})

test('words for the heading', () => {
  expect(countWords({ passed: 142, failed: 2, skipped: 0 })).toBe('142 passed, 2 failed')
  expect(countWords({ passed: 0, failed: 0, skipped: 0 })).toBe('0 passed')
  expect(countWords({ passed: 0, failed: 1, skipped: 3 })).toBe('1 failed, 3 skipped')
})

test('several files are one report', () => {
  const merged = mergeTests([read(fixture('jest.xml')), read(fixture('vitest.xml'))])
  expect(merged.counts).toEqual({ passed: 2, failed: 2, skipped: 1 })
  expect(merged.failing).toHaveLength(2)
})
