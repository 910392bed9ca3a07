/**
 * Test reports that a build leaves in a cache mount: the one thing of a failing RUN that outlives it. Read out of the
 * packed mount, in which the files of each run lie in a folder of their own, beside a line that says which steps wrote them.
 */
import { createReadStream } from 'node:fs'
import { open, rm, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { asArray, asNumber, asString, dig, parseJSON, without } from '../core/json.js'
import type { Step } from '../core/step.js'
import { defaultLimits, tarReader, type TarEntryType } from '../image/index.js'
import { collectTests, folderName, type FoundFile } from '../test_reports/collect.js'
import { located } from '../test_reports/place.js'
import { mergeTests, totalOf, type ParsedTests, type StageTests, type TestFindings } from '../test_reports/model.js'
import { labelOf, writersOf, type Writer } from '../test_reports/writers.js'
import { didRun, holdsReports, mountKey, mountsOfStep, type CacheMount } from './mount.js'
import { KEPT } from './solve.js'

/** A step that mounts the reports' folder. */
export type ReportWriter = Writer & {
  readonly mount: CacheMount
  /** Else it came from the cache, or was never begun. */
  readonly ran: boolean
  readonly cached: boolean
}

/**
 * The steps that mount the reports' folder.
 * @param onlyStage name for the steps of a Dockerfile with one stage
 * @param markOf what a step was made of, as one word
 */
export function reportWriters(
  steps: readonly Step[],
  onlyStage: string | undefined,
  markOf: (step: Step) => string | undefined
): readonly ReportWriter[] {
  return steps.flatMap((step) =>
    mountsOfStep(step)
      .filter(holdsReports)
      .map((mount): ReportWriter => {
        const mark = markOf(step)
        return {
          mount,
          stage: step.stage ?? onlyStage ?? '',
          ...(step.platform === undefined ? {} : { platform: step.platform }),
          startedAt: step.startedAt ?? 0,
          seconds: step.seconds,
          ran: didRun(step),
          cached: step.state === 'cached',
          ...(mark === undefined ? {} : { mark })
        }
      })
  )
}

/** The line that is kept beside the files of a run. */
export function writeIndex(writers: readonly ReportWriter[]): string {
  const kept = writers.filter(({ ran }) => ran)
  return JSON.stringify({
    format: FORMAT,
    writers: kept.map(({ stage, platform, startedAt, seconds, mark }) => ({
      stage,
      platform,
      startedAt,
      seconds,
      mark
    }))
  })
}

const FORMAT = 'v1'

function parseIndex(text: string): readonly Writer[] {
  const json = parseJSON(text)
  if (dig(json, 'format') !== FORMAT) return []
  return asArray(dig(json, 'writers')).flatMap((entry) => {
    const [stage, platform, mark] = ['stage', 'platform', 'mark'].map((name) => asString(dig(entry, name)))
    const [startedAt, seconds] = [asNumber(dig(entry, 'startedAt')), asNumber(dig(entry, 'seconds'))]
    if (stage === undefined || startedAt === undefined || seconds === undefined) return []
    return [
      {
        ...{ stage, startedAt, seconds },
        ...(platform === undefined ? {} : { platform }),
        ...(mark === undefined ? {} : { mark })
      }
    ]
  })
}

/** The files of one run in a packed mount, and the steps that wrote them. */
export type KeptRun = { readonly files: readonly KeptFile[]; readonly writers: readonly Writer[] }

type KeptFile = FoundFile & {
  /** When it was written, by the builder's clock: seconds since the epoch. */
  readonly seconds: number
}

/** Bytes of the line beside the files; a longer one is none. */
const MOST_INDEX = 1 << 20

/** What a packed mount holds, by the name of the run's folder. Throws an `ImageError` where it is no archive. */
async function readKept(archive: string): Promise<ReadonlyMap<string, KeptRun>> {
  const found: { run: string; path: string; at: number; size: number }[] = []
  const indexes: { run: string; at: number; size: number }[] = []
  const reader = tarReader(
    {
      entry({ type, path: name, size, storedSize, dataOffset }) {
        const place = placeOf(type, name)
        if (place === undefined || size !== storedSize) return
        const { run, rest } = place
        if (rest === 'index.json' && size <= MOST_INDEX) indexes.push({ run, at: dataOffset, size })
        const file = /^files\/(.+)$/s.exec(rest)?.[1]
        if (file !== undefined) found.push({ run, path: file, at: dataOffset, size })
      },
      content: () => undefined,
      entryEnd: () => undefined
    },
    defaultLimits
  )
  for await (const chunk of createReadStream(archive, { highWaterMark: 1 << 20 })) reader.write(chunk as Buffer)
  reader.end()
  const handle = await open(archive)
  try {
    const runs = new Map<string, { files: KeptFile[]; writers: readonly Writer[] }>()
    for (const { run, at, size } of indexes) {
      runs.set(run, { files: [], writers: parseIndex((await readAt(handle, at, size)).toString('utf8')) })
    }
    for (const { run, path: name, at, size } of found) {
      const read = (): AsyncIterable<Buffer> =>
        size === 0 ? createReadStream('/dev/null') : createReadStream(archive, { start: at, end: at + size - 1 })
      const seconds = await modifiedAt(handle, at)
      runs.get(run)?.files.push({ path: name, size, seconds, read })
    }
    return runs
  } finally {
    await handle.close()
  }
}

/** A regular file in one of the runs' folders, whose path stays in there. */
function placeOf(type: TarEntryType, name: Buffer): { readonly run: string; readonly rest: string } | undefined {
  if (type !== 'file') return undefined
  const [, kept, run, rest] = /^(?:\.\/)?([^/]+)\/([\w.-]{1,200})\/([^\0]{1,1000})$/s.exec(name.toString('utf8')) ?? []
  if (kept !== KEPT || run === undefined || rest === undefined) return undefined
  const parts = rest.split('/')
  return parts.some((part) => part === '' || part === '.' || part === '..' || part.length > 200)
    ? undefined
    : { run, rest }
}

/** The time of an entry, which stands in the block before its data. */
async function modifiedAt(handle: FileHandle, dataOffset: number): Promise<number> {
  const field = await readAt(handle, dataOffset - 512 + 136, 12)
  return Number.parseInt(field.toString('latin1').replace(/[\0 ]/g, ''), 8) || 0
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await handle.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}

export type ReadOptions = {
  /** Packed mounts by `mountKey`; one that could not be packed has a reason. */
  readonly packed: ReadonlyMap<string, { readonly file: string } | { readonly reason: string }>
  /** Name of this run's folder in each mount. */
  readonly run: string
  /** Where the files go; removed again where there are none. */
  readonly folder: string
  readonly redact: (text: string) => string
  /** Whether a step ran on a node of the builder that the mounts were not packed on. */
  readonly elsewhere: (writer: ReportWriter) => boolean
  /** Whether a path, from the repository's root, is a file. */
  readonly exists: (file: string) => boolean
}

/** Joins what the mounts hold with the steps of this build. */
export async function readReports(writers: readonly ReportWriter[], options: ReadOptions): Promise<TestFindings> {
  const kept = new Map<string, ReadonlyMap<string, KeptRun> | { readonly reason: string }>()
  for (const [key, packed] of options.packed) kept.set(key, 'file' in packed ? await readKept(packed.file) : packed)
  const begun = writers.filter(({ ran, cached }) => ran || cached)
  const shares = joinShares(
    [...Map.groupBy(begun, ({ mount }) => mountKey(mount))].flatMap(([key, own]) => {
      const runs = kept.get(key) ?? { reason: 'it was not looked at' }
      if ('reason' in runs) return own.map((writer) => unread(writer, runs.reason))
      const [away, here] = [own.filter(options.elsewhere), own.filter((writer) => !options.elsewhere(writer))]
      return [
        ...away.map((writer) => unread(writer, 'it is on another node of the builder')),
        ...sharesOf(here, runs, options.run)
      ]
    })
  )
  const stages: ReadShare[] = []
  for (const share of shares.toSorted((a, b) => (labelOf(a) < labelOf(b) ? -1 : 1)))
    stages.push(await readShare(share, options))
  const { outcomes } = mergeTests(stages)
  const whole = stages.every((stage) => stage.whole)
  const files = stages.reduce((sum, stage) => sum + stage.files, 0)
  if (files === 0) await rm(options.folder, { recursive: true, force: true })
  return {
    stages: stages.map((stage) => without(stage, 'outcomes', 'whole')),
    outcomes,
    complete: whole && begun.length === writers.length,
    ...(files === 0 ? {} : { folder: options.folder })
  }
}

/** What one stage has on one platform, or several have together. */
type Share = {
  readonly stage: string
  readonly platform?: string
  readonly cached: boolean
  readonly files: readonly KeptFile[]
  readonly omissions: readonly string[]
}

function shareOf(
  { stage, platform, cached }: ReportWriter,
  files: readonly KeptFile[],
  omissions: readonly string[]
): Share {
  return { stage, ...(platform === undefined ? {} : { platform }), cached, files, omissions }
}

function unread(writer: ReportWriter, reason: string): Share {
  return shareOf(writer, [], [`The report of ${labelOf(writer)} could not be read: ${reason}.`])
}

/** Divides what is in one mount among the steps that mount it. */
function sharesOf(writers: readonly ReportWriter[], runs: ReadonlyMap<string, KeptRun>, run: string): readonly Share[] {
  const ran = writers.filter((writer) => writer.ran)
  const own = new Map<ReportWriter, KeptFile[]>(ran.map((writer) => [writer, []]))
  const mixed = new Map<string, { readonly of: readonly ReportWriter[]; readonly files: KeptFile[] }>()
  for (const file of runs.get(run)?.files ?? []) {
    const [first, ...others] = writersOf(file, ran)
    if (first === undefined) continue // an earlier run left it
    const labels = new Set([first, ...others].map(labelOf))
    if (labels.size === 1) own.get(first)?.push(file)
    else {
      const key = [...labels].sort().join('\n')
      const group = mixed.get(key) ?? { of: [first, ...others], files: [] }
      group.files.push(file)
      mixed.set(key, group)
    }
  }
  const inMixture = new Set([...mixed.values()].flatMap(({ of }) => of.map(labelOf)))
  return [
    ...[...own].flatMap(([writer, files]) =>
      files.length === 0 && inMixture.has(labelOf(writer)) ? [] : [shareOf(writer, files, [])]
    ),
    ...[...mixed.values()].map(({ of, files }) => mixture(of, files)),
    ...writers.filter(({ cached }) => cached).map((writer) => storedShare(writer, runs))
  ]
}

/** Files that were written while several steps wrote into the one mount. */
function mixture(of: readonly ReportWriter[], files: readonly KeptFile[]): Share {
  const [stages, platforms] = [new Set(of.map(({ stage }) => stage)), new Set(of.map(({ platform }) => platform))]
  const [platform] = platforms.size === 1 ? platforms : []
  const id = platforms.size > 1 ? 'id=test-reports-$TARGETARCH' : 'id=test-reports-NAME'
  return {
    stage: [...stages].sort().join(', '),
    ...(platform === undefined ? {} : { platform }),
    cached: false,
    files,
    omissions: [
      `${[...new Set(of.map(labelOf))].sort().join(' and ')} wrote to one cache mount at the same time. Of files with the same name only the last is left, and nobody can tell whose it is. Give each a mount of its own (${id}).`
    ]
  }
}

/** The report that belongs to a cached step: that of the run in which it ran, from the very same inputs. */
function storedShare(writer: ReportWriter, runs: ReadonlyMap<string, KeptRun>): Share {
  const { mark } = writer
  for (const [, { files, writers }] of [...runs].sort(([a], [b]) => (a < b ? 1 : -1))) {
    const same =
      mark === undefined ? [] : writers.filter((each) => each.mark === mark && labelOf(each) === labelOf(writer))
    if (same.length === 0) continue
    const stored = files.filter((file) => {
      const of = writersOf(file, writers)
      return of.length > 0 && of.every((each) => labelOf(each) === labelOf(writer))
    })
    if (stored.length > 0) return shareOf(writer, stored, [])
  }
  return shareOf(
    writer,
    [],
    [
      `${labelOf(writer)} came from the cache, and the report of the run that it was cached from is not on this builder.`
    ]
  )
}

/** Shares of one stage and platform as one: a stage may have several such steps, and several mounts. */
function joinShares(shares: readonly Share[]): readonly Share[] {
  return [...Map.groupBy(shares, labelOf).values()].map((same) => {
    const [first, ...others] = same
    return {
      ...(first ?? { stage: '' }),
      cached: first?.cached === true && others.every(({ cached }) => cached),
      files: same.flatMap((share) => share.files),
      omissions: [...new Set(same.flatMap(({ omissions }) => omissions))]
    }
  })
}

/** `whole`: all tests are known, be it that there was none. */
type ReadShare = StageTests & Pick<ParsedTests, 'outcomes'> & { readonly whole: boolean }

async function readShare(
  { stage, platform, cached, files, omissions }: Share,
  { folder, redact, exists }: ReadOptions
): Promise<ReadShare> {
  const place = path.join(folder, folderName(stage), ...(platform === undefined ? [] : [folderName(platform)]))
  const { tests, files: read } = await collectTests(files, { folder: place, redact })
  const own = platform === undefined ? { stage } : { stage, platform }
  const known = [...omissions, ...tests.omissions]
  const missing = read === 0 ? 'ran, and left no JUnit file in its cache mount' : 'left no test in its JUnit files'
  return {
    ...tests,
    ...{ ...own, cached, files: read, whole: read > 0 && known.length === 0 },
    failing: tests.failing.map((test) => located(test, exists)),
    omissions: known.length > 0 || totalOf(tests.counts) > 0 ? known : [`${labelOf(own)} ${missing}.`]
  }
}

/** The name of this run's folder: of two, the later sorts after the earlier. */
export function runFolder(milliseconds: number, unique: string): string {
  return `${new Date(milliseconds).toISOString().replaceAll(':', '-')}-${unique.replace(/[^\w.-]/g, '-').slice(-100)}`
}
