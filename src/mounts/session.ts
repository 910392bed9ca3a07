/**
 * The cache mounts of one run: what is stored of them is fetched while the run gets ready, filled into the builder
 * before the gate, and stored anew after it, also after a red one.
 */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Cache } from '../actions-cache/cache.js'
import type { Build } from '../builds/build.js'
import { builderFlag, isOfTheJob } from '../buildkit/builder.js'
import type { Step } from '../core/step.js'
import { bytes } from '../core/units.js'
import type { Secret } from '../image/index.js'
import type { Ports } from '../ports.js'
import type { TestFindings } from '../test_reports/model.js'
import { findMounts, mountKey, type CacheMount, type FoundMount, type FoundMounts } from './mount.js'
import { MOST_EACH, packedFolder, packMounts, type Archive } from './pack.js'
import { recordPrefixes } from './record.js'
import { readReports, runFolder, writeIndex, type ReadOptions, type ReportWriter } from './reports.js'
import { askUsage, fetchStored, fillBuilder, nothingStored, type Stored } from './restore.js'
import { readUsage, type TakenFiles } from './solve.js'
import { createSolver, Trouble, type MountsBuilder } from './solver.js'
import { storeContents, storeRecord } from './store.js'
import { openTold, reasonOf, type CacheMountReport } from './told.js'

export type SessionOptions = {
  readonly build: Build
  /** As the workflow names it, or `auto`. */
  readonly builder: string
  /** Whether the mounts have a namespace of this change's own, so that whatever is in it came from there. */
  readonly isApart: (builder: MountsBuilder) => boolean
  /** The build's arguments, of which the namespace of the mounts matters here. The builder is not known at first. */
  readonly argumentsFor: (builder?: MountsBuilder) => readonly string[]
  /** Whether the machine lives no longer than this job, and the engine on it neither. */
  readonly freshMachine: boolean
  readonly cache: Cache
  /** Private folder; the run removes it. */
  readonly folder: string
  /** Differs in each run, and in each job and step of it. */
  readonly unique: string
  /** Whether anything may be stored; else the run only reads. */
  readonly stores: boolean
  /** Values that must not be stored: everybody who can open a pull request can read what is. */
  readonly sensitive: readonly Secret[]
  /** Such as `linux-x64`. */
  readonly machine: string
  /** Whether mounts go from run to run; else only test reports are read. */
  readonly carries: boolean
  /** What the ids of mounts for test reports can be; none where there can be no reports. */
  readonly reportIDs: readonly string[]
  /** Where they go, for later steps of the job. */
  readonly reportsFolder: string
  /** Whether a path, from the repository's root, is a file. */
  readonly exists: (file: string) => boolean
  readonly redact: (text: string) => string
}

export type MountsSession = {
  /** What the ids of its mounts for test reports can be. */
  readonly reportIDs: readonly string[]
  /** Fills what the builder lacks. Never throws. */
  readonly restore: (builder: MountsBuilder) => Promise<void>
  /**
   * Begins to take out what the steps have left in their mounts: to store it, and to read their test reports.
   * @param complete every step of the build is known, as after a green one
   */
  readonly save: (steps: readonly Step[], complete: boolean, writers?: readonly ReportWriter[]) => void
  /** The test reports; `undefined` where no step mounts any. Waits for no upload. Never throws. */
  readonly reports: () => Promise<TestFindings | undefined>
  /** Waits until everything is done, and tells what was. Never throws. */
  readonly end: () => Promise<{ readonly mounts: readonly CacheMountReport[]; readonly notes: readonly string[] }>
}

/** Where a solve that names no platform runs. */
const ownPlatform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`

/** A builder with the mounts that this run may find in it. */
type Filled = {
  /** Absent where none was chosen, or it does not say what it had: nothing is stored of it. */
  readonly builder?: MountsBuilder
  /** What it said of its mounts before this run touched any; absent where it does not matter. */
  readonly had?: string
  readonly stored: Stored
}

/** What was taken out of the builder. */
type Packed = {
  readonly found: FoundMounts
  /** Name of this run's folder in a mount of reports. */
  readonly run: string
  /** Keys of those that are to be stored. */
  readonly ours: ReadonlySet<string>
  readonly archives: ReadonlyMap<string, Archive>
  /** Why nothing was packed, as a clause. */
  readonly trouble?: string
}

/** Begins at once to fetch what is stored. */
export function startSession(ports: Pick<Ports, 'exec' | 'log'>, options: SessionOptions): MountsSession {
  const { log } = ports
  const { argumentsFor, cache, folder, unique, carries } = options
  const stores = options.stores && carries
  const told = openTold(log)
  const solver = createSolver(ports, {
    ...{ context: path.join(folder, 'context'), argumentsFor },
    programs: ['sh', 'tar', 'mkdir', 'mv', 'rm']
  })
  const restoring = { ...ports, solver, told, cache, folder, buildArgs: argumentsFor() }
  const prefixes = recordPrefixes(options.build, options.machine)
  const fetching = carries
    ? fetchStored(restoring, prefixes, builderFlag(options.builder))
    : Promise.resolve(nothingStored)
  let filling = fetching.then((stored): Filled => ({ stored }))
  let reading: Promise<TestFindings | undefined> = Promise.resolve(undefined)
  let saving: Promise<unknown> = Promise.resolve()

  return {
    reportIDs: options.reportIDs,
    async restore(chosen) {
      filling = fillChosen(chosen)
      await filling
    },
    save(steps, complete, writers = []) {
      const packed = takeOut(steps, writers)
      reading = packed.then((found) => read(found, writers))
      saving = told.harmless('stored', async () => store(await packed, complete))
    },
    reports: () => reading,
    async end() {
      await filling
      await reading
      await saving
      return told.all()
    }
  }

  async function fillChosen(chosen: MountsBuilder): Promise<Filled> {
    const stored = await fetching
    if (!mayBringAlong(chosen)) {
      return { builder: chosen, stored: await fillBuilder(restoring, stored, chosen, unique) }
    }
    const had = await told.harmless('restored', async () => {
      const usage = await askUsage(ports, chosen.flag)
      if (usage === undefined) throw new Trouble('the builder does not say which it had before')
      return usage
    })
    if (had === undefined) return { stored }
    return { builder: chosen, had, stored: await fillBuilder(restoring, stored, chosen, unique) }
  }

  /** A builder that outlives jobs may hold what any of them has left in a mount of this name. */
  function mayBringAlong(chosen: MountsBuilder): boolean {
    return stores && !options.isApart(chosen) && !isOfTheJob(chosen, options.freshMachine)
  }

  /** What is to be stored, and what may hold reports, packed in one solve. Never throws. */
  async function takeOut(steps: readonly Step[], writers: readonly ReportWriter[]): Promise<Packed> {
    const filled = await filling
    const found = findMounts(steps)
    const ours = (await told.harmless('stored', () => Promise.resolve(mountsToStore(found, filled)))) ?? []
    const mounts = new Map<string, CacheMount & { taken?: TakenFiles }>(ours.map((mount) => [mountKey(mount), mount]))
    const run = runFolder(Date.now(), unique)
    for (const [key, own] of Map.groupBy(writers, ({ mount }) => mountKey(mount))) {
      const [first] = own
      const taken = { folder: run, index: writeIndex(own) }
      // What lies there while no step ran is not this run's.
      if (first !== undefined) mounts.set(key, { ...first.mount, ...(own.some(({ ran }) => ran) ? { taken } : {}) })
    }
    const packed = { found, run, ours: new Set(ours.map(mountKey)) }
    if (mounts.size === 0) return { ...packed, archives: new Map() }
    try {
      const { builder } = filled
      if (builder === undefined) throw new Trouble('the builder is not known')
      return { ...packed, archives: await packMounts({ solver, folder, unique }, builder, [...mounts.values()]) }
    } catch (error) {
      const trouble = reasonOf(error, log.debug)
      return { ...packed, archives: new Map(), ...(trouble === undefined ? {} : { trouble }) }
    }
  }

  /** The mounts whose contents this run stores. Throws a `Trouble`. */
  function mountsToStore(found: FoundMounts, { builder, had, stored }: Filled): readonly FoundMount[] {
    if (carries) for (const mount of found.unsupported) told.note(mount, `is not kept: ${mount.reason}.`)
    const used = found.mounts.filter((mount) => mount.used)
    if (!stores || builder === undefined || used.length === 0) return []
    if (stored.unreachable) throw new Trouble('the Actions cache could not be asked what it has')
    const brought = had === undefined ? [] : readUsage(had, used, argumentsFor(builder))
    for (const { id } of brought) {
      log.info(`The cache mount "${id}" is not stored: the builder had it before this run, and from elsewhere.`)
    }
    return used.filter((mount) => !brought.includes(mount))
  }

  async function store({ found, ours, archives, trouble }: Packed, complete: boolean): Promise<void> {
    if (ours.size === 0) return
    if (trouble !== undefined) throw new Trouble(trouble)
    await reading // it reads the files that an upload takes away
    const { stored } = await filling
    const storing = { told, cache, sensitive: options.sensitive, before: stored.mounts }
    const own = [...archives.values()].filter(({ mount }) => ours.has(mountKey(mount)))
    const anew = await storeContents(storing, own)
    await rm(packedFolder(folder), { recursive: true, force: true })
    await storeRecord(storing, `${prefixes[0] ?? ''}${unique}`, anew, { present: found.mounts, complete })
  }

  /** The test reports in what was packed. */
  async function read(packed: Packed, writers: readonly ReportWriter[]): Promise<TestFindings | undefined> {
    if (writers.length === 0) return undefined
    const { builder } = await filling
    const how: ReadOptions = {
      ...{ run: packed.run, folder: options.reportsFolder, redact: options.redact },
      packed: new Map(writers.map(({ mount }) => [mountKey(mount), placeOf(packed, mount)])),
      elsewhere: ({ platform }) =>
        (builder?.nodes.length ?? 0) > 1 && platform !== undefined && platform !== ownPlatform,
      exists: options.exists
    }
    try {
      return await readReports(writers, how)
    } catch (error) {
      log.debug(String(error))
      const reason = { reason: 'its cache mount could not be read' }
      return readReports(writers, { ...how, packed: new Map(writers.map(({ mount }) => [mountKey(mount), reason])) })
    }
  }
}

/** The archive with the reports in a mount, or why there is none. */
function placeOf(
  { archives, trouble }: Packed,
  mount: CacheMount
): { readonly file: string } | { readonly reason: string } {
  const archive = archives.get(mountKey(mount))
  if (archive === undefined) return { reason: trouble ?? 'it was not looked at' }
  if (archive.word === 'saved') return { file: archive.file }
  const isLarge = archive.word === 'too-large'
  return { reason: isLarge ? `its cache mount is larger than ${bytes(MOST_EACH)}` : 'it could not be packed' }
}
