/** Reports with hostile strings in every place that a string from outside can reach. */
import type { Step } from '../../../src/core/step.js'
import type { LayerChange, PackageChange, PlacedLayer } from '../../../src/compare/index.js'
import type { ComparedBaseline } from '../../../src/baseline/comparison.js'
import type { Explanation } from '../../../src/explain/causes.js'
import type { LeakFinding } from '../../../src/image/index.js'
import {
  viewsOf,
  type BuildView,
  type ComparisonReport,
  type ImageFigures,
  type Report
} from '../../../src/report/model.js'
import { reportOf } from './reports.js'
import type { TestsReport } from '../../../src/test_reports/model.js'
import type { SmokeResult } from '../../../src/smoke/smoke.js'
import type { VerifyResult } from '../../../src/verify/verify.js'

/** Every string that could come from outside is taken from `take`; numbers and what we wrote ourselves stay. */
export function poisoned(whole: Report, take: () => string): Report {
  const [first, ...others] = viewsOf(whole)
  const bad = poisonedView(first, take)
  return { ...bad, builds: [bad.builds[0], ...others.map((view) => poisonedView(view, take).builds[0])] }
}

function poisonedView(report: BuildView, take: () => string): Report {
  const bad = (each: Step): Step => ({
    ...each,
    instruction: take(),
    name: take(),
    logTail: [take(), take()],
    ...(each.inputs === undefined ? {} : { inputs: each.inputs.map(take) }),
    ...(each.stage === undefined ? {} : { stage: take() }),
    ...(each.platform === undefined ? {} : { platform: take() })
  })
  const { outcome } = report
  const failure = outcome.kind === 'red' ? outcome.failure : undefined
  const worse =
    failure === undefined
      ? undefined
      : failure.kind === 'smoke'
        ? { ...failure, results: failure.results.map((each) => badTrial(each, take)) }
        : failure.kind === 'verify'
          ? { ...failure, results: failure.results.map((each) => badTrial(each, take)) }
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
  const platforms = report.images.map(() => take())
  return reportOf({
    ...report,
    name: take(),
    ...(worse === undefined ? {} : { outcome: { kind: 'red', failure: worse } }),
    ...(report.trustReason === undefined ? {} : { trustReason: take() }),
    gate: {
      ...report.gate,
      ...(report.gate.reason === undefined ? {} : { reason: take() }),
      targets: report.gate.targets.map((target) => ({ ...target, stage: take() }))
    },
    ...(report.identity === undefined ? {} : { identity: take() }),
    ...(report.trend === undefined
      ? {}
      : {
          trend: {
            branch: take(),
            // Under their platforms' new names: else nothing of them is shown.
            series: report.trend.series.map(({ points }, index) => ({
              platform: platforms[index] ?? '',
              points: points.map((point) => ({ ...point, sha: take(), at: take() }))
            }))
          }
        }),
    ...(report.releases === undefined
      ? {}
      : {
          releases: {
            repository: take(),
            series: report.releases.series.map(({ releases }, index) => ({
              platform: platforms[index] ?? '',
              releases: releases.map((release) => ({ ...release, tag: take() }))
            }))
          }
        }),
    ...(report.comparison === undefined ? {} : { comparison: badComparison(report, platforms, take) }),
    images: report.images.map((each, index) => ({
      ...each,
      platform: platforms[index] ?? '',
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
    ...(report.tests === undefined ? {} : { tests: badTests(report.tests, take) }),
    ...(report.smoke === undefined ? {} : { smoke: report.smoke.map((each) => badTrial(each, take)) }),
    ...(report.verify === undefined ? {} : { verify: report.verify.map((each) => badTrial(each, take)) }),
    advice: report.advice.map((item) => ({ ...item, rule: take(), message: take(), fix: take() })),
    verdict: report.verdict.map((rule) => ({
      ...rule,
      platform: take(),
      ...('reason' in rule ? { reason: take() } : {})
    })),
    stages: report.stages.map(({ firstToRun, why, ...stage }) => ({
      ...stage,
      name: take(),
      ...(firstToRun === undefined ? {} : { firstToRun: bad(firstToRun) }),
      ...(why === undefined ? {} : { why: badReason(why, take) })
    })),
    steps: report.steps.map(bad),
    seconds: { ...report.seconds, phases: report.seconds.phases.map((phase) => ({ ...phase, name: take() })) },
    cache: {
      imports: report.cache.imports.map((each) => ({ ...each, reference: take(), message: take() })),
      exports: report.cache.exports.map((each) => ({ ...each, reference: take(), message: take() })),
      ...(report.cache.plan === undefined
        ? {}
        : { plan: report.cache.plan.map((row) => ({ ...row, reference: take(), why: take() })) }),
      ...(report.cache.broken === undefined ? {} : { broken: { ...report.cache.broken, message: take() } }),
      ...(report.cache.saved === undefined ? {} : { saved: report.cache.saved }),
      ...(report.cache.comparedWith === undefined ? {} : { comparedWith: take() })
    },
    lint: { findings: report.lint.findings.map((each) => ({ ...each, rule: take(), message: take(), url: take() })) },
    publish: report.publish.published
      ? {
          ...{ published: true, tags: [take(), take()], digest: take(), how: [take()] },
          ...{ archives: [{ output: take(), digest: take() }], unknown: [take()] }
        }
      : { published: false, reason: take(), kept: { tags: [take()], how: [take()] }, unknown: [take()] },
    notes: report.notes.map(() => take()),
    source: { ...report.source, dockerfile: take(), dockerfileInRepository: take() },
    builder: { name: take(), driver: take(), buildx: take(), buildkit: take() }
  })
}

function badTests({ stages, changes }: TestsReport, take: () => string): TestsReport {
  return {
    folder: take(),
    stages: stages.map((stage) => ({
      ...stage,
      stage: take(),
      platform: take(),
      omissions: [take()],
      failing: stage.failing.map((test) => ({
        ...{ ...test, suite: take(), name: take(), message: take() },
        ...{ file: take(), fileInRepository: take() }
      }))
    })),
    ...(changes === undefined ? {} : { changes: { ...changes, newlyFailing: [take()], newlyPassing: [take()] } })
  }
}

function badReason(why: Explanation, take: () => string): Explanation {
  const badly = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(badly)
    if (typeof value !== 'object' || value === null) return typeof value === 'string' ? take() : value
    const ours = ['kind', 'by', 'how', 'result', 'reason', 'certainty']
    const entries = Object.entries(value).map(([key, each]: [string, unknown]) => [
      key,
      ours.includes(key) ? each : badly(each)
    ])
    return Object.fromEntries(entries)
  }
  return badly(why) as Explanation
}

/** Strings of a finding that come from an image: paths, instructions, names, and ids from a workflow. */
function badLeak(leak: LeakFinding, take: () => string): LeakFinding {
  const { place } = leak
  return {
    ...leak,
    ...(leak.kind === 'secret' ? { secretId: take(), part: take() } : { format: take() }),
    place: badPlace(place, take)
  }
}

function badPlace(place: LeakFinding['place'], take: () => string): LeakFinding['place'] {
  switch (place.in) {
    case 'env':
    case 'label':
    case 'annotation':
      return { ...place, name: take() }
    case 'config':
      return { ...place, member: take() }
    case 'attestation':
      return { ...place, predicateType: take() }
    case 'history':
    case 'manifest':
      return place
    case 'file':
    case 'name':
    case 'outside':
      return { ...place, path: take(), layer: { ...place.layer, createdBy: take() } }
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
    ...(figures.duplicates === undefined
      ? {}
      : {
          duplicates: {
            ...figures.duplicates,
            contents: figures.duplicates.contents.map((each) => ({ ...each, paths: each.paths.map(take) }))
          }
        }),
    leaks: figures.leaks.map((leak) => badLeak(leak, take)),
    leakSearch: leakSearch === undefined ? undefined : { ...leakSearch, secretIds: leakSearch.secretIds.map(take) },
    omissions: figures.omissions.map((each) => ({
      ...each,
      words: take(),
      ...(each.kind === 'value' ? { secretId: take() } : {})
    }))
  }
}

function badComparison(report: BuildView, platforms: readonly string[], take: () => string): ComparisonReport {
  const { comparison } = report
  if (comparison?.kind !== 'compared') return { kind: 'none', reason: take() }
  const { differences, added, removed } = comparison
  return {
    kind: 'compared',
    baseline: badBaseline(comparison.baseline, take),
    added: added.map(take),
    removed: removed.map(take),
    differences: differences.map((each) => ({
      ...each,
      platform: platforms[report.images.findIndex(({ platform }) => platform === each.platform)] ?? '',
      layers: each.layers.map((change) => badChange(change, take)),
      byInstruction: each.byInstruction.map((change) => badChange(change, take)),
      byPath: {
        ...each.byPath,
        rows: each.byPath.rows.map((row) => ({
          ...row,
          path: take(),
          ...(row.from === undefined ? {} : { from: take() }),
          ...(row.package === undefined ? {} : { package: badPackage(row.package, take) })
        })),
        moves: each.byPath.moves.map((move) => ({ ...move, from: take(), to: take() })),
        packages: each.byPath.packages.map((change) => badPackage(change, take))
      },
      omissions: each.same ? [] : [take()]
    }))
  }
}

function badBaseline(baseline: ComparedBaseline, take: () => string): ComparedBaseline {
  if (baseline.kind === 'image') return { kind: 'image', reference: take(), digest: take() }
  const { relation } = baseline
  return {
    ...{ kind: 'commit', branch: take(), sha: take() },
    relation: relation.kind === 'ancestor' ? { ...relation, base: take() } : relation
  }
}

function badPackage(change: PackageChange, take: () => string): PackageChange {
  return {
    ...change,
    name: take(),
    path: take(),
    ...(change.from === undefined ? {} : { from: change.from.map(take) }),
    ...(change.to === undefined ? {} : { to: change.to.map(take) })
  }
}

function badChange(change: LayerChange, take: () => string): LayerChange {
  const bad = (layer: PlacedLayer): PlacedLayer => ({ ...layer, instruction: take(), stage: take() })
  switch (change.kind) {
    case 'added':
      return { ...change, layer: bad(change.layer) }
    case 'removed':
      return { ...change, before: bad(change.before) }
    case 'reused':
    case 'changed':
      return { ...change, layer: bad(change.layer), before: bad(change.before) }
  }
}

function badTrial<T extends SmokeResult | VerifyResult>(each: T, take: () => string): T {
  return {
    ...each,
    platform: take(),
    ...('words' in each ? { words: take() } : {}),
    ...('reason' in each ? { reason: take() } : {}),
    ...('log' in each ? { log: [take(), take()] } : {}),
    ...('advice' in each ? { advice: [take()] } : {})
  }
}
