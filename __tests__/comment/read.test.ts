import { describe, expect, it } from '@jest/globals'
import { MOST_BYTES, readReport } from '../../src/comment/read.js'
import { createValidator } from '../../src/comment/schema.js'
import { renderComment } from '../../src/report/surfaces/comment.js'
import { fromJSON, toJSON } from '../../src/report/surfaces/json.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { seeded } from '../image/support/random.js'
import { COMPARED } from '../report/support/compared.js'
import { firstGreen, GOLDEN, redTest } from '../report/support/reports.js'
import { documentOf } from './support/strangers.js'

const validate = createValidator()
const read = (document: unknown): ReturnType<typeof readReport> => readReport(JSON.stringify(document), validate)

describe('a report', () => {
  it.each(Object.entries({ ...GOLDEN, ...COMPARED }))('of %s comes back as it was', (_, report) => {
    const reading = read(toJSON(report()))
    if (!reading.ok) throw new Error(reading.problem)
    expect(documentOf(reading.report)).toEqual(documentOf(report()))
    expect(renderComment(reading.report)).toBe(renderComment(report()))
    expect(renderSummary(reading.report)).toBe(renderSummary(report()))
  })

  it('has its logs only where the JSON has them', () => {
    const { outcome, steps } = fromJSON(toJSON(redTest()))
    expect(outcome).toEqual(redTest().outcome)
    expect(steps.length).toBeGreaterThan(0)
    expect(steps.flatMap(({ logTail }) => logTail)).toEqual([])
  })

  it('of a newer version within the format is read, and what is new in it left aside', () => {
    const document = documentOf(firstGreen())
    const [build] = document.builds as readonly { readonly images: readonly object[] }[]
    const images = build?.images.map((image) => ({ ...image, colour: { of: 'layers' } }))
    const newer = { ...document, weather: 'fine', builds: [{ ...build, images, wind: 'north' }] }
    const reading = read(newer)
    expect(reading.ok && renderComment(reading.report)).toBe(renderComment(firstGreen()))
  })
})

describe('what is no report', () => {
  const document = documentOf(firstGreen())
  const without = (name: string): object =>
    Object.fromEntries(Object.entries(document).filter(([member]) => member !== name))
  const json = (change: object): string => JSON.stringify({ ...document, ...change })
  const nested = (open: string, close: string): string => open.repeat(100_000) + close.repeat(100_000)

  it.each<readonly [string, string, RegExp]>([
    ['an empty file', '', /it is not JSON/],
    ['a page', '<html>secret</html>', /it is not JSON/],
    ['half a report', JSON.stringify(document).slice(0, 1000), /it is not JSON/],
    ['another JSON file', '{"name":"secret"}', /not a Stagegate report/],
    ['a list', '[]', /not a Stagegate report/],
    ['null', 'null', /not a Stagegate report/],
    ['the next version', json({ schema: 3 }), /not in version 2/],
    ['a version in words', json({ schema: 'secret' }), /not in version 2/],
    ['lists without end', nested('[', ']'), /nested more than 32 levels/],
    ['objects without end', nested('{"a":', '}'), /nested more than 32 levels/],
    ['lists that never close', '['.repeat(1_000_000), /nested more than 32 levels/],
    ['brackets behind a string', `"\\"${'['.repeat(100)}"${'['.repeat(40)}`, /nested more than 32 levels/],
    [
      'a member that is missing',
      JSON.stringify(without('gate')),
      /schema\.json: \/ must have required property 'gate'/
    ],
    [
      'a size that is negative',
      json({ builds: [{ ...firstGreen().builds[0], images: [{ size: -1 }] }] }),
      /schema\.json: \/builds\/0\/images\/0/
    ],
    ['a failure of a kind nobody knows', json({ outcome: { kind: 'red', failure: { kind: 'x' } } }), /\/outcome/],
    [
      'a number without end',
      json({ seconds: { total: 1, phases: [] } }).replace('"total":1', '"total":1e999'),
      /number/
    ],
    ['a number beyond all sizes', json({ seconds: { total: 1e300, phases: [] } }), /number/],
    ['a prototype', json({}).replace('{', '{"__proto__":{"ok":true},'), /__proto__/],
    ['a start at no time', json({ startedAt: 'yesterday' }), /\/startedAt must match format/],
    ['an empty name', json({ name: ' ' }), /its name has 1 character/],
    [
      'a long name of an image',
      JSON.stringify(documentOf(firstGreen({ name: 'n'.repeat(101) }))).replace(/n{101}/, 'n'),
      /its name has 101 characters/
    ],
    ['no image at all', json({ builds: [] }), /\/builds must NOT have fewer than 1/],
    ['a long name', json({ name: 'secret'.repeat(1000) }), /its name has 6000 characters/],
    ['a long list', json({ notes: Array.from({ length: 5001 }, () => '') }), /a list of more than 5000 entries/],
    [
      'many lists',
      json({ notes: Array.from({ length: 50 }, () => Array.from({ length: 4900 }, () => 0)) }),
      /more than 200000 values/
    ],
    ['a huge file', ' '.repeat(MOST_BYTES + 1), /larger than 10 MB/]
  ])('%s is refused with what to do', (_, text, problem) => {
    const reading = readReport(text, validate)
    if (reading.ok) throw new Error('it was read')
    expect(reading.problem).toMatch(problem)
    expect(reading.fix).toMatch(/^(?:Upload|Use|Give) .*\.$/)
    expect(reading.problem + reading.fix).not.toContain('secret')
    expect(Object.hasOwn(Object.prototype, 'ok')).toBe(false)
  })

  it('a string of megabytes is no trouble', () => {
    const notes = ['@team|`<img> \\"'.repeat(500_000)]
    expect(read({ ...document, notes }).ok).toBe(true)
  })

  it('brackets in a string are no depth', () => {
    expect(read({ ...document, notes: ['['.repeat(1000), '"{'.repeat(1000), '\\'.repeat(999)] }).ok).toBe(true)
  })

  it('is refused or shown, and nothing else, whatever is wrong with it', () => {
    const text = JSON.stringify(document)
    const { below, pick } = seeded(7)
    let refused = 0
    for (let round = 0; round < 300; round += 1) {
      const [at, length] = [below(text.length), below(12)]
      const piece = pick([
        '',
        '"',
        '}',
        ']',
        ',',
        '[[',
        '-',
        '1e9',
        'null',
        '\\',
        '\u0000',
        '{"__proto__":1}',
        text.slice(at, at + 200)
      ])
      const reading = readReport(text.slice(0, at) + piece + text.slice(at + length), validate)
      if (!reading.ok) refused += 1
      else expect(renderComment(reading.report)).toMatch(/^(?:## )?\S+ /)
    }
    expect(refused).toBeGreaterThan(100)
  })
})
