import { describe, expect, it } from '@jest/globals'
import { LADDER, renderWithin, SUMMARY_LIMIT_BYTES } from '../../src/report/format/ladder.js'
import type { PublishReport, Report } from '../../src/report/model.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import {
  COMPARED,
  increaseUnjudged,
  increaseWarned,
  larger,
  overIncrease,
  platformsChanged
} from './support/compared.js'
import { HOSTILE, rotation } from './support/hostile.js'
import { poisoned } from './support/poison.js'
import {
  cacheTrouble,
  firstGreen,
  fork,
  GOLDEN,
  image,
  layer,
  leakWarned,
  omitted,
  redBudget,
  redBudgetLayers,
  redBuild,
  redDockerfile,
  redInput,
  redLeak,
  redPush,
  redSecret,
  redTest,
  step,
  withinBudget,
  changed,
  viewOf
} from './support/reports.js'
import { expectUnmoved, rendered } from './support/tree.js'

/** Short stories: one hostile string at a time, in every place. */
const STORIES: readonly (readonly [string, () => Report])[] = [
  ['red test', redTest],
  ['red build', redBuild],
  ['red Dockerfile', redDockerfile],
  ['red push', redPush],
  ['missing secret', redSecret],
  ['wrong input', redInput],
  ['leak', redLeak],
  ['leak that warns', leakWarned],
  ['over budget', redBudget],
  ['layers over budget', redBudgetLayers],
  ['within budget', withinBudget],
  ['omissions', omitted],
  ['larger', larger],
  ['changed platforms', platformsChanged],
  ['grown', overIncrease],
  ['grown on a branch', increaseWarned],
  ['grown from nothing', increaseUnjudged]
]

describe.each(STORIES)('a summary of a %s run', (_, report) => {
  const usual = rendered(renderSummary(report()))

  it.each(HOSTILE)('is not moved by %s', (_what, value) => {
    expectUnmoved(renderSummary(poisoned(report(), () => value)), usual)
  })
})

const LONG: readonly (readonly [string, () => Report])[] = [
  ...Object.entries({ ...GOLDEN, ...COMPARED }),
  [
    'all at once',
    () => {
      const { lint, publish } = viewOf(firstGreen())
      return changed(fork(), { cache: cacheTrouble().cache, lint, publish })
    }
  ]
]

it.each(LONG)('a summary of %s is not moved by a different string in every place', (_, report) => {
  const usual = rendered(renderSummary(report()))
  for (const start of [0, 1, 2]) expectUnmoved(renderSummary(poisoned(report(), rotation(start))), usual)
})

describe('what a summary says', () => {
  it.each(Object.entries({ ...GOLDEN, ...COMPARED }))('%s: whole words, no holes', (_, report) => {
    const { text } = rendered(renderSummary(report()))
    expect(text).not.toMatch(/undefined|NaN|\[object|null/)
  })

  it('a red run whose image nobody looked into shows no sizes', () => {
    // By a limit or a leak an image is red that is known; the rest of its figures are answered, too.
    const others = Object.entries(GOLDEN).filter(
      ([key]) => key.startsWith('red') && !/^red-(?:budget|leak|one-of)/.test(key)
    )
    for (const [name, report] of others) {
      const { text } = rendered(renderSummary(report()).replace(/<sub>.*<\/sub>\n$/, ''))
      expect([name, text]).toEqual([name, expect.not.stringMatching(/\d MB|Transfer/)])
    }
  })

  it('a Dockerfile elsewhere is named and linked by its path', () => {
    const report = redTest()
    const summary = renderSummary({
      ...report,
      source: {
        ...report.source,
        dockerfile: 'docker/app (1).Dockerfile',
        dockerfileInRepository: 'docker/app (1).Dockerfile'
      }
    })
    expect(rendered(summary).links).toContain(
      'https://github.com/acme/app/blob/3f2c1a9d5b7e4c6a8f0d2b4e6c8a0f1e3d5c7b9a/docker/app%20%281%29.Dockerfile#L43'
    )
  })

  it('outside a checkout there are no links', () => {
    const report = redTest()
    const summary = renderSummary({ ...report, source: { dockerfile: 'Dockerfile' } })
    expect(rendered(summary).links).toEqual([])
    expect(summary).toContain('Dockerfile:43')
  })
})

function huge(): Report {
  const log = Array.from({ length: 5000 }, (_, index) => `${index} ${'é|`'.repeat(200)}`)
  const layers = Array.from({ length: 120 }, (_, index) =>
    layer(index, index * 1000, `RUN ${'ü'.repeat(5000)}`, { line: index + 1, stage: 'production' })
  )
  const failed = step('RUN pytest', { stage: 'test', line: 4, logTail: log, state: 'failed' })
  return firstGreen({
    images: Array.from({ length: 300 }, (_, index) => image({ platform: `linux/p${index}`, layers })),
    steps: Array.from({ length: 3000 }, () => failed),
    lint: { findings: Array.from({ length: 3000 }, () => ({ rule: 'R', message: 'é'.repeat(5000), line: 1 })) },
    notes: Array.from({ length: 3000 }, () => 'n'.repeat(5000)),
    publish: { published: true, tags: Array.from({ length: 3000 }, () => 't'.repeat(3000)), digest: 'd', how: [] }
  })
}

describe('an archive', () => {
  const output = 'type=oci,dest=a.tar'
  const archives = [{ output, digest: 'sha256:archive' }]
  const published = (
    publish: Pick<Extract<PublishReport, { published: true }>, 'digest' | 'how' | 'archives'>
  ): string =>
    /^### (?:Published|Exported)\n[^]*?(?=\n#|\n<)/m.exec(
      renderSummary(firstGreen({ publish: { published: true, tags: [], ...publish } }))
    )?.[0] ?? ''

  it.each<[string, Parameters<typeof published>[0], readonly string[]]>([
    [
      'of another form than what was pushed has a digest of its own',
      { digest: 'sha256:pushed', how: ['push', output], archives },
      ['### Published', '', 'Digest `sha256:pushed` (pushed).', '', `Digest \`sha256:archive\` in \`${output}\`.`]
    ],
    [
      'alone is not said to be what was inspected where it is another form of it',
      { digest: 'sha256:archive', how: [output], archives },
      ['### Exported', '', `Digest \`sha256:archive\` in \`${output}\`.`]
    ],
    [
      'whose digest is not known has none',
      { digest: 'sha256:pushed', how: ['push', output], archives: [{ output }] },
      ['### Published', '', 'Digest `sha256:pushed` (pushed).']
    ]
  ])('%s', (_, publish, expected) => {
    expect(
      published(publish)
        .replace(/, an index of what was inspected:\n\n[^]*?(?=\nDigest|$)/, '.\n')
        .trim()
        .split('\n')
    ).toEqual(expected)
  })
})

describe('the ladder', () => {
  it('fits a huge report into the limit and says what is missing', () => {
    const summary = renderSummary(huge())
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(SUMMARY_LIMIT_BYTES)
    expect(summary).toContain("Shortened to fit GitHub's limit:")
    expect(summary.startsWith('## ✅ app: tests passed')).toBe(true)
  })

  it('never cuts: every rung is whole', () => {
    for (const limit of [2_000_000, 200_000, 50_000, 10_000, 1]) {
      const summary = renderSummary(huge(), limit)
      const count = (pattern: RegExp): number => (summary.match(pattern) ?? []).length
      expect(count(/<details>/g)).toBe(count(/<\/details>/g))
      expect(count(/^```/gm) % 2).toBe(0)
      expect(summary).toMatch(/<sub>.*<\/sub>\n$/)
    }
  })

  it('counts bytes, not characters', () => {
    const text = renderWithin((detail) => (detail === LADDER[0] ? '█'.repeat(40) : 'small'), 100)
    expect(text).toBe('small')
    expect(renderWithin((detail) => (detail === LADDER[0] ? 'x'.repeat(100) : 'small'), 100)).toHaveLength(100)
  })

  it('gives the smallest there is when nothing fits', () => {
    expect(renderWithin((detail) => `${detail.rows}`, 0)).toBe('5')
  })
})
