import { describe, expect, it } from '@jest/globals'
import type { Step } from '../../src/build/step.js'
import type { LeakFinding } from '../../src/image/index.js'
import { LADDER, renderWithin, SUMMARY_LIMIT_BYTES } from '../../src/report/ladder.js'
import type { ImageFigures, Report } from '../../src/report/report.js'
import { renderSummary } from '../../src/report/summary.js'
import { HOSTILE } from './support/hostile.js'
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
  withinBudget
} from './support/reports.js'
import { ALIVE, rendered, type Rendered } from './support/tree.js'

/** Every string that could come from outside is taken from `take`; numbers and what we wrote ourselves stay. */
function poisoned(report: Report, take: () => string): Report {
  const bad = (each: Step): Step => ({
    ...each,
    instruction: take(),
    name: take(),
    logTail: [take(), take()],
    ...(each.stage === undefined ? {} : { stage: take() }),
    ...(each.platform === undefined ? {} : { platform: take() })
  })
  const { outcome } = report
  const failure = outcome.kind === 'red' ? outcome.failure : undefined
  const worse =
    failure === undefined
      ? undefined
      : {
          ...failure,
          ...('step' in failure && failure.step !== undefined ? { step: bad(failure.step) } : {}),
          ...('message' in failure ? { message: take() } : {}),
          ...('fix' in failure ? { fix: take() } : {}),
          ...('reference' in failure ? { reference: take() } : {}),
          ...('id' in failure ? { id: take() } : {}),
          ...('findings' in failure ? { findings: failure.findings.map((each) => badLeak(each, take)) } : {}),
          ...('broken' in failure ? { broken: failure.broken.map((each) => ({ ...each, platform: take() })) } : {}),
          ...('problems' in failure ? { problems: [{ input: take(), problem: take(), fix: take() }] } : {})
        }
  return {
    ...report,
    name: take(),
    ...(worse === undefined ? {} : { outcome: { kind: 'red', failure: worse } }),
    ...(report.trustReason === undefined ? {} : { trustReason: take() }),
    gate: {
      ...report.gate,
      ...(report.gate.reason === undefined ? {} : { reason: take() }),
      targets: report.gate.targets.map((target) => ({ ...target, stage: take() }))
    },
    images: report.images.map((each) => ({
      ...each,
      platform: take(),
      base: take(),
      layers: each.layers.map((one) => ({
        ...one,
        instruction: take(),
        digest: take(),
        copies: { ...one.copies, paths: one.copies.paths.map((copy) => ({ ...copy, path: take() })) },
        ...(one.base ? {} : { stage: take() })
      })),
      figures: badFigures(each.figures, take)
    })),
    advice: report.advice.map((item) => ({ ...item, rule: take(), message: take(), fix: take() })),
    verdict: report.verdict.map((rule) => ({ ...rule, platform: take() })),
    stages: report.stages.map(({ firstToRun, ...stage }) => ({
      ...stage,
      name: take(),
      ...(firstToRun === undefined ? {} : { firstToRun: bad(firstToRun) })
    })),
    steps: report.steps.map(bad),
    seconds: { ...report.seconds, phases: report.seconds.phases.map((phase) => ({ ...phase, name: take() })) },
    cache: {
      imports: report.cache.imports.map((each) => ({ ...each, reference: take(), message: take() })),
      exports: report.cache.exports.map((each) => ({ ...each, reference: take(), message: take() }))
    },
    lint: { findings: report.lint.findings.map((each) => ({ ...each, rule: take(), message: take(), url: take() })) },
    publish: report.publish.published
      ? { published: true, tags: [take(), take()], digest: take(), how: [take()] }
      : { published: false, reason: take() },
    notes: report.notes.map(() => take()),
    source: { ...report.source, dockerfile: take(), dockerfileInRepository: take() },
    builder: { name: take(), driver: take(), buildx: take(), buildkit: take() }
  }
}

/** Strings of a finding that come from an image: paths, instructions, names, and ids from a workflow. */
function badLeak(leak: LeakFinding, take: () => string): LeakFinding {
  const { place } = leak
  return {
    ...leak,
    ...(leak.kind === 'secret' ? { secretId: take() } : { format: take() }),
    place:
      'layer' in place
        ? { ...place, path: take(), layer: { ...place.layer, createdBy: take() } }
        : place.in === 'config'
          ? { ...place, field: `${place.field.split(' ')[0] ?? ''} ${take()}` }
          : place.in === 'annotation'
            ? { ...place, name: take() }
            : { ...place, predicateType: take() }
  }
}

function badFigures(figures: ImageFigures, take: () => string): ImageFigures {
  const path = <T extends { readonly path: string }>(list: readonly T[]): readonly T[] =>
    list.map((each) => ({ ...each, path: take() }))
  const { reclaimable, biggestFiles, biggestDirectories, leakSearch } = figures
  return {
    ...figures,
    reclaimable: { ...reclaimable, paths: path(reclaimable.paths) },
    biggestFiles: { own: path(biggestFiles.own), base: path(biggestFiles.base) },
    biggestDirectories: { own: path(biggestDirectories.own), all: path(biggestDirectories.all) },
    packageCaches: path(figures.packageCaches).map((cache) => ({ ...cache, kind: take() })),
    leaks: figures.leaks.map((leak) => badLeak(leak, take)),
    leakSearch: leakSearch === undefined ? undefined : { ...leakSearch, secretIds: leakSearch.secretIds.map(take) },
    omissions: figures.omissions.map(take)
  }
}

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
  ['omissions', omitted]
]

/** The elements that give a page its structure. */
const STRUCTURE = /^(?:h[1-6]|table|details|summary|sub|img|svg|script|style|hr|blockquote|input|div|del)$/

function expectUnmoved(report: Report, usual: Rendered, take: () => string): void {
  const { tags, links, rows, live } = rendered(renderSummary(poisoned(report, take)))
  // A link to a path with odd characters is still a link into this repository.
  expect(links.filter((link) => !/^https:\/\/github\.com\/acme\/app\/(?:blob|actions)\//.test(link))).toEqual([])
  expect(live).not.toMatch(ALIVE)
  const structure = tags.filter((tag) => STRUCTURE.test(tag))
  expect(structure.filter((tag) => !usual.tags.includes(tag))).toEqual([])
  expect(structure.filter((tag) => tag === 'h2')).toHaveLength(1)
  expect(structure.filter((tag) => tag === 'details').length).toBe(structure.filter((tag) => tag === 'summary').length)
  expect(structure.at(-1)).toBe('sub')
  expect(rows.filter((cells) => !usual.rows.includes(cells))).toEqual([])
}

describe.each(STORIES)('a summary of a %s run', (_, report) => {
  const usual = rendered(renderSummary(report()))

  it.each(HOSTILE)('is not moved by %s', (_what, value) => {
    expectUnmoved(report(), usual, () => value)
  })
})

/** Hands out one hostile string after the other, from another start each time. */
function rotation(start: number): () => string {
  let next = start * 7
  return () => HOSTILE[next++ % HOSTILE.length]?.[1] ?? ''
}

const LONG: readonly (readonly [string, () => Report])[] = [
  ...Object.entries(GOLDEN),
  [
    'all at once',
    () => ({ ...fork(), cache: cacheTrouble().cache, lint: firstGreen().lint, publish: firstGreen().publish })
  ]
]

it.each(LONG)('a summary of %s is not moved by a different string in every place', (_, report) => {
  const usual = rendered(renderSummary(report()))
  for (const start of [0, 1, 2]) expectUnmoved(report(), usual, rotation(start))
})

describe('what a summary says', () => {
  it.each(Object.entries(GOLDEN))('%s: whole words, no holes', (_, report) => {
    const { text } = rendered(renderSummary(report()))
    expect(text).not.toMatch(/undefined|NaN|\[object|null/)
  })

  it('a red run shows no sizes', () => {
    // But for the one that is about sizes.
    const others = Object.entries(GOLDEN).filter(([key]) => key.startsWith('red') && !key.startsWith('red-budget'))
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
