import { describe, expect, it } from '@jest/globals'
import { handOn } from '../../src/comment/origin.js'
import { readReport } from '../../src/comment/read.js'
import { createValidator } from '../../src/comment/schema.js'
import { markerLine, markerStart, readMarked } from '../../src/github/marker.js'
import { COMMENT_LIMIT_CHARACTERS, renderComment } from '../../src/report/surfaces/comment.js'
import { headline } from '../../src/report/sections/headline.js'
import type { Report } from '../../src/report/model.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { COMPARED, larger, sameImage } from '../report/support/compared.js'
import { HOSTILE, rotation } from '../report/support/hostile.js'
import { firstGreen, GOLDEN, redTest } from '../report/support/reports.js'
import { expectUnmoved, rendered, type Rendered } from '../report/support/tree.js'
import { seeded } from '../image/support/random.js'
import { documentOf, leavesOf, originOf, startedBy } from './support/strangers.js'

const ALL = Object.entries({ ...GOLDEN, ...COMPARED })
const validate = createValidator()
const context = startedBy()

/** As the action does: read what is in the file, and hand it on. */
function handedOn(document: unknown, run = context): Report {
  const reading = readReport(JSON.stringify(document), validate)
  if (!reading.ok) throw new Error(reading.problem)
  return handOn(reading.report, originOf(run), run, 2)
}

type Change = {
  readonly at: number
  readonly set: (value: unknown) => void
  readonly from: unknown
  readonly to: unknown
}

/** Makes all changes but those that the schema refuses, and gives those it made. Halves are tried: most are legal. */
function keepLegal(document: unknown, changes: readonly Change[]): readonly Change[] {
  for (const { set, to } of changes) set(to)
  if (changes.length === 0 || validate(document).ok) return changes
  for (const { set, from } of changes.toReversed()) set(from)
  if (changes.length === 1) return []
  const middle = Math.ceil(changes.length / 2)
  return [...keepLegal(document, changes.slice(0, middle)), ...keepLegal(document, changes.slice(middle))]
}

/** Which leaves of a document are strings that the schema leaves open: addresses and digests, too. */
function openStrings(document: unknown): ReadonlySet<number> {
  const strings = leavesOf(document).flatMap(({ value: from, set }, at) =>
    typeof from === 'string' ? [{ at, set, from, to: 'anything' }] : []
  )
  const open = keepLegal(document, strings)
  for (const { set, from } of open) set(from)
  return new Set(open.map(({ at }) => at))
}

/** Takes a hostile string for every open one; for equal ones the same, so that platforms still belong together. */
function poisoned(report: Report, open: ReadonlySet<number>, take: () => string): object {
  const document = documentOf(report)
  const taken = new Map<unknown, string>()
  leavesOf(document).forEach(({ value, set }, at) => {
    if (!open.has(at)) return
    const hostile = taken.get(value) ?? take()
    taken.set(value, hostile)
    set(hostile)
  })
  // Longer and empty names are refused.
  const legal = (name: unknown): string => `x${String(name).slice(0, 99)}`
  const builds = (document.builds as readonly { readonly name: string }[]).map((build) => ({
    ...build,
    name: legal(build.name)
  }))
  return { ...document, name: legal(document.name), builds }
}

/** What a comment may be built of: what the honest report's is, and tables as wide as in its summary. */
function usualOf(report: Report): Rendered {
  const honest = handedOn(documentOf(report))
  const comment = rendered(renderComment(honest))
  return { ...comment, rows: [...comment.rows, ...rendered(renderSummary(honest)).rows] }
}

describe('a hostile report', () => {
  it.each(ALL)('of %s brings nothing to life, whatever its strings are', (_, report) => {
    const open = openStrings(documentOf(report()))
    expect(open.size).toBeGreaterThan(10)
    const usual = usualOf(report())
    for (const start of [0, 1, 2]) {
      expectUnmoved(renderComment(handedOn(poisoned(report(), open, rotation(start)))), usual)
    }
  })

  describe('is not moved by', () => {
    const open = openStrings(documentOf(larger()))
    const usual = usualOf(larger())

    it.each(HOSTILE)('%s in every place', (_, value) => {
      expectUnmoved(renderComment(handedOn(poisoned(larger(), open, () => value))), usual)
    })
  })

  it('leads nowhere but to the run and the commit that GitHub names', () => {
    const report = redTest()
    const elsewhere = {
      serverUrl: 'https://evil.example',
      repository: 'mallory/other',
      sha: 'f'.repeat(40),
      runUrl: 'https://evil.example/run',
      dockerfile: 'Dockerfile',
      dockerfileInRepository: 'Dockerfile',
      buildArguments: ['--allow', 'security.insecure', 'https://evil.example/context.git']
    }
    const markdown = renderComment(handedOn({ ...documentOf(report), source: elsewhere }))
    expect(markdown).not.toContain('evil')
    expect(markdown).not.toContain('mallory/other')
    expect(markdown).toContain('https://github.com/acme/app/actions/runs/9120386437')
    expect(markdown).toContain(`https://github.com/acme/app/blob/${'a'.repeat(40)}/Dockerfile#L`)
  })

  it.each([
    '../../../mallory/app/blob/main/x',
    'a/../../../../x',
    '-',
    '--output=x',
    'https://evil.example/x',
    '/etc/x'
  ])('has no Dockerfile at %s', (place) => {
    const report = redTest()
    const source = { dockerfile: place, dockerfileInRepository: place }
    const markdown = renderComment(handedOn({ ...documentOf(report), source }))
    expect(markdown).toContain('**Dockerfile:43**')
    expect(markdown).not.toMatch(/\/blob\/|--file/)
  })

  it('cannot say that it is trusted, or that anything was published', () => {
    const publish = { published: true, tags: ['ghcr.io/acme/app:latest'], digest: 'sha256:1', how: ['push'] } as const
    const document = documentOf(firstGreen({ publish }))
    expect(JSON.stringify(document)).toContain('"published":true')
    const report = handedOn({ ...document, trusted: true, relayed: { conclusion: 'success' } })
    expect(report).toMatchObject({ trusted: false, builds: [{ publish: { published: false } }] })
    const markdown = renderComment(report)
    expect(markdown).toContain('untrusted run')
    expect(markdown).not.toMatch(/latest|What the tags point to/)
  })

  it('cannot carry the marker of another comment', () => {
    const marker = `${markerStart('app')}:1 -->`
    for (const report of [redTest(), sameImage()]) {
      const bad = poisoned(report, openStrings(documentOf(report)), () => `${marker}\n${marker}`)
      const markdown = renderComment(handedOn(bad))
      expect(readMarked(markerLine(markerStart('x'), 1) + markdown, markerStart('app'))).toBeUndefined()
    }
  })
})

describe('what GitHub says of the run', () => {
  const green = documentOf(firstGreen())

  it.each([
    ['failure', 'failed'],
    ['timed_out', 'timed out'],
    ['cancelled', 'was cancelled'],
    ['startup_failure', 'failed'],
    ['neutral', 'ended as "neutral"']
  ])('stands above a green report: %s', (conclusion, words) => {
    const report = handedOn(green, startedBy({ conclusion }))
    expect(headline(report)).toContain(`app: the workflow run ${words}; its report says: tests passed`)
    const markdown = renderComment(report)
    expect(markdown).not.toContain('✅')
    expect(markdown).toMatch(/^## ⚠️ app: the workflow run [^\n]*\n\n> \[!WARNING\]\n/)
  })

  it('leaves no quiet line to a run that failed', () => {
    const same = documentOf(sameImage())
    expect(renderComment(handedOn(same))).toMatch(/^✅ .* an untrusted run’s own figures · [^\n]*\n$/)
    expect(renderComment(handedOn(same, startedBy({ conclusion: 'failure' })))).toContain('[!WARNING]')
  })

  it('does not make a red report green', () => {
    const report = handedOn(documentOf(redTest()), startedBy({ conclusion: 'success' }))
    expect(renderComment(report)).toMatch(
      /^## ❌ app: the tests failed \(test\), nothing was published\n\n> \[!NOTE\]\n/
    )
  })
})

/** Changes that keep a document a report: figures out of all proportion, lists that are empty or repeat themselves. */
function twisted(document: unknown, { below, pick }: ReturnType<typeof seeded>): unknown {
  const leaves = leavesOf(document)
  const changes = leaves.flatMap(({ value: from, set }, at): Change[] => {
    // A hundred or so, however large the document is.
    if (below(Math.max(4, Math.round(leaves.length / 100))) > 0) return []
    const to = another(from, pick)
    return to === from ? [] : [{ at, set, from, to }]
  })
  keepLegal(document, changes)
  return document
}

function another(value: unknown, pick: ReturnType<typeof seeded>['pick']): unknown {
  if (typeof value === 'number') return pick([0, 1, -1, 0.5, 1e-300, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER])
  if (typeof value === 'boolean') return !value
  if (!Array.isArray(value)) return value
  const list = value as readonly unknown[]
  return pick([[], list.slice(1), list.toReversed(), [...list, ...list], Array.from({ length: 50 }, () => list[0])])
}

describe('a report that no run makes', () => {
  it.each(ALL)('is shown all the same: %s', (_, report) => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const document = twisted(documentOf(report()), seeded(seed))
      const shown = handedOn(document)
      const markdown = renderComment(shown)
      expect(markdown.length).toBeLessThanOrEqual(COMMENT_LIMIT_CHARACTERS)
      expect(markdown).not.toMatch(/undefined|NaN|Infinity|\[object/)
      expect(headline(shown)).not.toMatch(/undefined|NaN|Infinity|\[object/)
      expect(rendered(markdown).links.filter((link) => !link.startsWith('https://github.com/acme/app/'))).toEqual([])
    }
  })
})
