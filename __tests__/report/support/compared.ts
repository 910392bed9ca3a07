/** Reports of pull requests: the images of reports.ts against baselines made from them, compared as in a run. */
import { TESTED } from './tested.js'
import { TRIALS } from './trials.js'
import { compareImages, type Snapshot, type SnapshotFile } from '../../../src/compare/index.js'
import type { ComparedBaseline } from '../../../src/baseline/comparison.js'
import { without } from '../../../src/core/json.js'
import { judgeIncrease } from '../../../src/judge/max_increase.js'
import type { Limit } from '../../../src/core/limit.js'
import type { BuildView, ImageReport, LayerReport, Report } from '../../../src/report/model.js'
import type { RuleResult } from '../../../src/judge/index.js'
import {
  changed,
  digest,
  firstGreen,
  fortyLayers,
  image,
  layer,
  multiPlatform,
  READ_ONLY_CACHE,
  redBudget,
  viewOf
} from './reports.js'

const BASELINE = {
  ...{ kind: 'commit', branch: 'main', sha: '3f2c1a9d5b7e4c6a8f0d2b4e6c8a0f1e3d5c7b9a' },
  relation: { kind: 'base' }
} as const satisfies ComparedBaseline

export type Files = readonly (readonly [path: string, size: number, content: number, layer: number])[]

function snapshotOf(shown: ImageReport, files: Files): Snapshot {
  return {
    platform: shown.platform,
    size: shown.size,
    reclaimable: shown.figures.reclaimable.own,
    layers: shown.layers.map((each): Snapshot['layers'][number] => ({
      digest: each.digest as `sha256:${string}`,
      diffID: each.diffID as `sha256:${string}`,
      size: each.size,
      instruction: each.instruction,
      base: each.base,
      ...(each.transferSize === undefined ? {} : { transferSize: each.transferSize }),
      ...(each.line === undefined ? {} : { line: each.line }),
      ...(each.stage === undefined ? {} : { stage: each.stage }),
      // Layers of one content have numbers that differ by 5000: a build with other times.
      contentDigest: contentOf(each)
    })),
    files: {
      list: files
        .map(([path, size, crc, at]): SnapshotFile => ({ path, size, crc, layer: at }))
        .sort((a, b) => (a.path < b.path ? -1 : 1))
    },
    omissions: [],
    ...(shown.transferSize === undefined ? {} : { transferSize: shown.transferSize }),
    ...(shown.manifestDigest === undefined ? {} : { manifestDigest: shown.manifestDigest }),
    ...(shown.base === undefined ? {} : { base: shown.base })
  }
}

/** The content of a layer whose times are others. */
const retimed = new Map<string, string>()

function contentOf({ diffID }: LayerReport): `sha256:${string}` {
  return (retimed.get(diffID) ?? diffID) as `sha256:${string}`
}

function rebuilt(each: LayerReport, seed: number): LayerReport {
  const other = { ...each, digest: digest(seed), diffID: digest(seed + 1000) }
  retimed.set(other.diffID, contentOf(each))
  return other
}

type Side = readonly [image: ImageReport, files: Files]

/** A report of `now`, compared with `before`. */
export function compared(
  now: readonly Side[],
  before: readonly Side[],
  change: Partial<BuildView> = {},
  baseline: ComparedBaseline = BASELINE
): Report {
  const shots = (sides: readonly Side[]): Snapshot[] => sides.map(([shown, files]) => snapshotOf(shown, files))
  return firstGreen({
    images: now.map(([shown]) => shown),
    comparison: { kind: 'compared', baseline, ...compareImages(shots(now), shots(before)) },
    ...change
  })
}

function withLayers(
  shown: ImageReport,
  change: (layers: readonly LayerReport[]) => readonly LayerReport[]
): ImageReport {
  const layers = change(shown.layers)
  const searched = layers.flatMap(({ base }, index) => (base ? [] : [index]))
  const { leakSearch } = shown.figures
  return {
    ...shown,
    figures: {
      ...shown.figures,
      ...(leakSearch === undefined ? {} : { leakSearch: { ...leakSearch, layers: searched } })
    },
    manifestDigest: digest(layers.length + layers.reduce((sum, { size }) => sum + size, 0)),
    layers,
    size: layers.reduce((sum, { size }) => sum + size, 0),
    transferSize: layers.reduce((sum, { transferSize = 0 }) => sum + transferSize, 0)
  }
}

const SITE = '/venv/lib/python3.12/site-packages'

const FILES: Files = [
  [`${SITE}/boto3/client.py`, 11_402, 1, 4],
  [`${SITE}/boto3/data/ec2.json`, 2_204_118, 2, 4],
  [`${SITE}/boto3-1.34.1.dist-info/METADATA`, 6_204, 3, 4],
  [`${SITE}/pydantic_core/_pydantic_core.so`, 4_461_400, 4, 4],
  [`${SITE}/uvloop/loop.so`, 2_995_016, 5, 4],
  ['/app/main.py', 12_011, 6, 5],
  ['/app/static/world.geojson', 3_204_118, 7, 5],
  ['/app/logo.png', 41_204, 8, 5],
  ['/app/data/countries.db', 245_760, 9, 6]
]

/** pip's cache is gone. */
export function smaller(): Report {
  const now = image()
  const before = withLayers(
    image({ figures: { ...now.figures, reclaimable: { ...now.figures.reclaimable, own: 287_744 + 1_204_000 } } }),
    (layers) =>
      layers.map((each) =>
        each.line === 31
          ? layer(310, each.size + 14_180_000, each.instruction, { line: 31, stage: 'production' })
          : each
      )
  )
  const cache: Files = Array.from({ length: 214 }, (_, index) => [
    `/venv/.cache/pip/http-v2/${index % 16}/${index}.body`,
    60_560,
    1000 + index,
    4
  ])
  return compared([[now, FILES]], [[before, [...FILES, ...cache, ['/venv/.cache/pip/selfcheck.json', 220_160, 99, 4]]]])
}

/** The base image is a newer one of the same tag, and all that grew is in it. */
export function baseGrown(now: string | undefined = image().base, before = now): Report {
  const plain = without(image(), 'base')
  const on = (base: string | undefined): ImageReport => (base === undefined ? plain : { ...plain, base })
  const grown = withLayers(on(now), (layers) =>
    layers.map((each, index) =>
      index === 0 ? layer(410, each.size + 9_204_000, each.instruction, { base: true }) : each
    )
  )
  return withIncrease(compared([[grown, FILES]], [[on(before), FILES]]), { share: 0.03 })
}

/** Compared with an image of a registry, of which no base is known, on a base that is larger by a megabyte. */
export function baseReplaced(by = 1_000_000): Report {
  const now = image()
  const before = withLayers(now, (layers) =>
    layers.map((each, index) =>
      index === 0 ? layer(411, each.size - by, `RUN fill ${each.size - by}`, { base: false }) : { ...each, base: false }
    )
  )
  return withIncrease(compared([[now, FILES]], [[without(before, 'base'), FILES]]), { share: 0.001 })
}

/** One layer has other files, and the size that they make. */
export function filesChanged(now: Files, before: Files): Report {
  const weigh = (files: Files): number => files.reduce((sum, [, size]) => sum + size, 0)
  const at = (files: Files, seed: number): ImageReport =>
    withLayers(image(), (layers) =>
      layers.map((each) =>
        each.line === 32 ? layer(seed, each.size + weigh(files), each.instruction, { line: 32 }) : each
      )
    )
  return compared([[at(now, 421), now]], [[at(before, 422), before]])
}

/** Packages upgraded, a new one, an edited line, a picture moved, a layer new and one gone. */
export function larger(
  change: Partial<BuildView> = {
    trusted: false,
    trustReason: 'pull request #214 comes from the fork mallory/app',
    publish: { published: false, reason: 'the run is untrusted' },
    cache: READ_ONLY_CACHE
  }
): Report {
  const before = withLayers(image(), (layers) => [
    ...layers,
    layer(401, 84_000, 'RUN python -m compileall -q /app/legacy', { line: 36, stage: 'production' })
  ])
  const now = withLayers(image(), (layers) => [
    ...layers.map((each) => {
      if (each.line === 31) {
        return layer(402, each.size + 9_204_000, each.instruction, {
          line: 31,
          stage: 'production',
          files: { added: 4_871, changed: 0, removed: 0 }
        })
      }
      return each.line === 32
        ? layer(403, each.size + 3_000, 'COPY --link ./app /app', { line: 32, stage: 'production' })
        : each
    }),
    layer(404, 1_204_000, 'COPY --from=assets /dist /app/static/dist', { line: 37, stage: 'production' })
  ])
  const files: Files = [
    ...FILES.filter(([path]) => !/boto3|logo|main/.test(path)),
    [`${SITE}/boto3/client.py`, 11_802, 11, 4],
    [`${SITE}/boto3/data/ec2.json`, 3_204_118, 12, 4],
    [`${SITE}/boto3-1.35.0.dist-info/METADATA`, 6_204, 13, 4],
    [`${SITE}/pandas/_libs/lib.so`, 6_204_118, 14, 4],
    [`${SITE}/pandas/core/frame.py`, 1_993_278, 15, 4],
    [`${SITE}/pandas-2.2.3.dist-info/METADATA`, 6_204, 16, 4],
    [`${SITE}/PyYAML-6.0.2.dist-info/METADATA`, 2_104, 17, 4],
    ['/app/main.py', 15_011, 18, 5],
    ['/app/static/logo.png', 41_204, 8, 5],
    ['/app/static/dist/bundle.4f9a1c2e.js', 1_204_000, 19, 8]
  ]
  return compared([[now, files]], [[before, [...FILES, ['/app/legacy/old.pyc', 84_000, 20, 8]]]], change, {
    ...BASELINE,
    relation: { kind: 'ancestor', base: '8f0d2b4e6c8a0f1e3d5c7b9a3f2c1a9d5b7e4c6a', behind: 2 }
  })
}

/** Nothing differs. */
export function sameImage(): Report {
  return compared([[image(), FILES]], [[image(), FILES]])
}

/** Built again: the same files, other times. */
export function timesOnly(): Report {
  const now = withLayers(image(), (layers) =>
    layers.map((each) => (each.base || each.size === 0 ? each : rebuilt(each, 5000 + (each.line ?? 0))))
  )
  return compared([[now, FILES]], [[image(), FILES]])
}

/** The first pull request of a repository. */
export function noBaseline(): Report {
  return firstGreen({ comparison: { kind: 'none', reason: 'no report of main is stored (yet)' } })
}

/** Two platforms changed, one is new, one is no longer built. */
export function platformsChanged(): Report {
  const [amd, arm, v7] = viewOf(multiPlatform()).images
  if (amd === undefined || arm === undefined || v7 === undefined) throw new Error('three platforms')
  const grown = (each: ImageReport, seed: number, by: number): ImageReport =>
    withLayers(each, (layers) =>
      layers.map((one) => (one.line === 32 ? layer(seed, one.size + by, one.instruction, { line: 32 }) : one))
    )
  const data: Files = [...FILES, ['/app/data/zones.db', 1_204_118, 21, 5]]
  const { publish } = viewOf(multiPlatform())
  return compared(
    [
      [grown(amd, 601, 1_204_118), data],
      [grown(arm, 602, 1_204_118), data],
      [v7, FILES]
    ],
    [
      [amd, FILES],
      [arm, FILES],
      [{ ...v7, platform: 'linux/ppc64le' }, FILES]
    ],
    { publish }
  )
}

/** A frontend's build output: a thousand files have other content, names and sizes. */
export function thousandFiles(): Report {
  const asset = (index: number, size: number, content: number): Files[number] => [
    `/app/node_modules/package-${index % 40}/dist/esm/chunk-${index}.js`,
    size,
    content,
    5
  ]
  const before = Array.from({ length: 1000 }, (_, index) => asset(index, 2_000 + ((index * 37) % 900), index))
  const now = Array.from({ length: 1000 }, (_, index) =>
    asset(index, 2_000 + ((index * 37) % 900) + ((index * 131) % 1_700) * (index % 40), 10_000 + index)
  )
  const change = now.reduce((sum, [, size]) => sum + size, 0) - before.reduce((sum, [, size]) => sum + size, 0)
  const larger = withLayers(image(), (layers) =>
    layers.map((each) => (each.line === 32 ? layer(700, each.size + change, each.instruction, { line: 32 }) : each))
  )
  return compared([[larger, [...FILES, ...now]]], [[image(), [...FILES, ...before]]])
}

/** Forty layers, of which many are others, new or gone. */
export function fortyChanged(): Report {
  const [before] = viewOf(fortyLayers()).images
  if (before === undefined) throw new Error('an image')
  const now = withLayers(before, (layers) => [
    ...layers
      .filter((_, index) => index !== 12 && index !== 30)
      .map((each, index) =>
        !each.base && index % 4 === 1
          ? {
              ...each,
              digest: digest(800 + index),
              diffID: digest(1900 + index),
              size: Math.max(0, each.size + index * 41_000 - 600_000)
            }
          : each
      ),
    layer(850, 2_204_000, 'RUN npm run build', { line: 57, stage: 'production' })
  ])
  return compared([[now, []]], [[before, []]])
}

/** Over `max-size`, and what made it so. */
export function overBudgetCompared(): Report {
  const report = redBudget()
  const [now] = viewOf(report).images
  if (now === undefined) throw new Error('an image')
  const before = withLayers(now, (layers) =>
    layers.map((each) =>
      each.line === 18 ? layer(900, each.size - 41_204_736, each.instruction, { line: 18, stage: 'production' }) : each
    )
  )
  const { comparison } = viewOf(
    compared([[now, [['/root/.cache/pip/http-v2/a.body', 41_204_736, 1, 7]]]], [[before, []]])
  )
  return comparison === undefined ? report : changed(report, { comparison })
}

/** The report's verdict on the growth of its images, as a run judges it. */
function withIncrease(report: Report, limit: Limit, mode: 'fail' | 'warn' = 'fail'): Report {
  const { comparison, images, verdict: before } = viewOf(report)
  const verdict = images.map(({ platform }): RuleResult => {
    const difference =
      comparison?.kind === 'compared' ? comparison.differences.find((each) => each.platform === platform) : undefined
    const reason = comparison?.kind === 'none' ? comparison.reason : `the baseline has no ${platform}`
    return judgeIncrease(platform, difference ?? { reason }, { limit, mode })
  })
  const broken = verdict.filter(({ passed }) => !passed)
  const judged = changed(report, { verdict: [...before, ...verdict] })
  if (broken.length === 0) return judged
  return changed(judged, {
    outcome: { kind: 'red', failure: { kind: 'budget', broken } },
    publish: { published: false, reason: 'the run failed' }
  })
}

/** A pull request that adds more than it may. */
export function overIncrease(): Report {
  return withIncrease(larger({}), { share: 0.03, bytes: 5_000_000 })
}

/** The same on one platform of three, and another has no baseline. */
export function platformOverIncrease(): Report {
  return withIncrease(platformsChanged(), { bytes: 1_000_000 })
}

/** The same once it is merged. */
export function increaseWarned(): Report {
  return withIncrease(larger({}), { share: 0.03, bytes: 5_000_000 }, 'warn')
}

/** Within the limit. */
export function withinIncrease(): Report {
  return withIncrease(larger({}), { share: 0.1 })
}

/** A limit, and nothing to grow from. */
export function increaseUnjudged(): Report {
  return withIncrease(noBaseline(), { share: 0.05 })
}

/** Compared with an image of a registry. */
export function registryImage(): Report {
  const report = smaller()
  const digest = `sha256:${'3f2c1a9d'.repeat(8)}`
  const baseline: ComparedBaseline = { kind: 'image', reference: 'ghcr.io/acme/app:latest', digest }
  const { comparison } = viewOf(report)
  return comparison?.kind === 'compared' ? changed(report, { comparison: { ...comparison, baseline } }) : report
}

/** The branch has grown, was made smaller once, and grows with this change again. */
function withTrend(): Report {
  const report = larger({})
  const sizes = [168.2, 168.4, 171.9, 181.3, 181.3, 196.0, 211.8, 212.4, 199.7, 201.4]
  const points = sizes.map((size, index) => ({
    sha: digest(index + 1).slice(7, 47),
    at: `2026-11-${String(index * 2 + 3).padStart(2, '0')}T09:12:00.000Z`,
    size: Math.round(size * 1e6),
    transferSize: Math.round(size * 0.37e6)
  }))
  const releases = [63.1, 64.0, 66.9, 74.2].map((size, index) => ({
    tag: `1.${index + 4}.0`,
    transferSize: Math.round(size * 1e6)
  }))
  return changed(report, {
    trend: { branch: 'main', series: [{ platform: 'linux/amd64', points }] },
    releases: { repository: 'ghcr.io/acme/app', series: [{ platform: 'linux/amd64', releases }] }
  })
}

/** Every compared report that has golden files, by their name. */
export const COMPARED: Readonly<Record<string, () => Report>> = {
  ...TESTED,
  ...TRIALS,
  smaller,
  larger,
  trend: withTrend,
  'red-base-grown': baseGrown,
  'same-image': sameImage,
  'times-only': timesOnly,
  'no-baseline': noBaseline,
  'platforms-changed': platformsChanged,
  'thousand-files': thousandFiles,
  'forty-changed': fortyChanged,
  'red-budget-compared': overBudgetCompared,
  'red-increase': overIncrease,
  'red-increase-platforms': platformOverIncrease,
  'increase-warned': increaseWarned,
  'within-increase': withinIncrease,
  'increase-unjudged': increaseUnjudged,
  'registry-image': registryImage
}
