/**
 * The cache mounts of one run: what is stored of them is fetched while the run gets ready, filled into the builder
 * before the gate, and stored anew after it, also after a red one. A mount is only ever a help, so whatever goes wrong
 * is a note.
 */
import { randomUUID } from 'node:crypto'
import { statSync } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { askCache, troubleOf, type Cache, type CacheAnswer } from '../actions-cache/cache.js'
import type { Build } from '../builds/build.js'
import { builderFlag, isOfTheJob } from '../buildkit/builder.js'
import type { Step } from '../core/step.js'
import { planNeedles, type NeedlePlan, type Secret } from '../image/index.js'
import { Cancelled, type Ports } from '../ports.js'
import type { TestFindings } from '../test_reports/model.js'
import { bytes } from '../core/units.js'
import { writeField } from '../core/csv.js'
import { readArchive } from './archive.js'
import { findMounts, mountKey, plainMount, type CacheMount, type FoundMount, type FoundMounts } from './mount.js'
import {
  contentKey,
  fitInto,
  nextRecord,
  parseRecord,
  recordPrefixes,
  writeRecord,
  type StoredMount
} from './record.js'
import { planFill, planPack, planUsage, readUsage, type TakenFiles } from './solve.js'
import { readReports, runFolder, writeIndex, type ReadOptions, type ReportWriter } from './reports.js'
import { createSolver, Trouble, type MountsBuilder } from './solver.js'

/** A cache mount that was carried between builders. Trouble with one is a note. */
export type CacheMountReport = {
  readonly id: string
  /** What was done before the build; `kept`: the builder had it. Absent where nothing was stored of it. */
  readonly before?: 'restored' | 'kept'
  /** What was done after the build; `withheld`: a secret is in it. Absent where no step used it or nothing may be stored. */
  readonly after?: 'saved' | 'unchanged' | 'too-large' | 'withheld'
  /** Bytes of its content as an archive, uncompressed. */
  readonly size?: number
}

export type SessionOptions = {
  readonly build: Build
  /** As the workflow names it, or `auto`. */
  readonly builder: string
  /** Its own, of which the namespace of the mounts matters here. */
  readonly buildArgs: readonly string[]
  /** Whether that namespace is this change's alone, so that whatever is in it came from there. */
  readonly ownNamespace: boolean
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
  readonly workspace: string
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

/** Bytes of archives, uncompressed; documented in docs/cache-mounts.md. */
const MOST_EACH = 256_000_000
const MOST_TOTAL = 512_000_000

/** Before the build everything waits for these, for the sake of a help: a service that is slow has none to give. */
const RECORD_SECONDS = 15
const DOWNLOAD_SECONDS = 60
const FILL_SECONDS = 60
const USAGE_SECONDS = 10
const PACK_SECONDS = 120
const UPLOAD_SECONDS = 120

/** Where a solve that names no platform runs. */
const ownPlatform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`

type Change = { -readonly [Key in keyof CacheMountReport]?: CacheMountReport[Key] }

/** Begins at once to fetch what is stored. */
export function startSession(ports: Pick<Ports, 'exec' | 'log'>, options: SessionOptions): MountsSession {
  const { exec, log } = ports
  const { buildArgs, cache, folder, unique, sensitive, machine, carries } = options
  const stores = options.stores && carries
  const notes: string[] = []
  const reports = new Map<string, CacheMountReport>()
  const tell = (mount: CacheMount, change: Change): void => {
    const key = mountKey(mount)
    reports.set(key, { id: mount.id, ...reports.get(key), ...change })
  }

  let builder: MountsBuilder | undefined
  /** What the builder says of its mounts before this run touches any; `undefined` where it does not matter. */
  let had: string | undefined
  let before: readonly StoredMount[] = []
  /** Who could not be asked could not be told either, and would take half a minute to say so. */
  let unreachable = false
  let filling = Promise.resolve()
  let saving = Promise.resolve()
  /** Archives that were downloaded and not filled in yet, by mount. */
  const archives = new Map<string, string>()
  const prefixes = recordPrefixes(options.build, machine)
  const asked = builderFlag(options.builder)

  let reading: Promise<TestFindings | undefined> = Promise.resolve(undefined)
  const solver = createSolver(ports, {
    ...{ context: path.join(folder, 'context'), buildArgs },
    programs: ['sh', 'tar', 'mkdir', 'mv', 'rm']
  })

  const fetching = harmless('restored', async () => {
    if (!carries) return
    const task = { kind: 'restore', name: 'mounts.json', keys: prefixes } as const
    const answer = await askCache(cache, task, { seconds: RECORD_SECONDS })
    const { result, troubles } = answer
    if (result.kind === 'missed' && troubles.length === 0) return
    if (result.kind !== 'restored') {
      unreachable = true
      throw new Trouble(troubleOf(answer))
    }
    before = parseRecord(answer.content ?? '')
    if (before.length === 0) return
    solver.tools().catch(() => undefined) // meanwhile; its trouble is told where it is needed
    // A builder that has the mounts keeps them: its own are newer, and need no download.
    const usage = await exec(planUsage(asked), { timeoutSeconds: USAGE_SECONDS })
    const there = usage.exitCode === 0 ? readUsage(usage.stdout, before, buildArgs) : []
    await fetch(before.filter((mount) => !there.includes(mount)))
    for (const mount of there) tell(mount, { before: 'kept' })
  })

  return {
    reportIDs: options.reportIDs,
    restore(chosen) {
      builder = chosen
      filling = harmless('restored', async () => {
        await fetching
        had = mayBringAlong(chosen) ? await askUsage(chosen) : undefined
        if (chosen.created) await fetch(before.filter((mount) => !archives.has(mountKey(mount))))
        const mounts = before.filter((mount) => archives.has(mountKey(mount)))
        if (mounts.length > 0) await fill(chosen, mounts)
      })
      return filling
    },
    save(steps, complete, writers = []) {
      const packed = takeOut(steps, writers)
      reading = packed.then((found) => read(found, writers))
      saving = harmless('stored', async () => store(await packed, complete))
    },
    reports: () => reading,
    async end() {
      await fetching
      await filling
      await reading
      await saving
      return { mounts: [...reports.values()], notes }
    }
  }

  /** A builder that outlives jobs may hold what any of them has left in a mount of this name. */
  function mayBringAlong(chosen: MountsBuilder): boolean {
    return stores && !options.ownNamespace && !isOfTheJob(chosen, options.freshMachine)
  }

  async function askUsage({ flag }: MountsBuilder): Promise<string> {
    const usage = await exec(planUsage(flag), { timeoutSeconds: USAGE_SECONDS })
    if (usage.exitCode === 0) return usage.stdout
    builder = undefined // nothing is stored of a builder that does not say what it had
    throw new Trouble('the builder does not say which it had before')
  }

  /** Downloads contents, side by side. One that is gone is as if it had never been stored. */
  async function fetch(mounts: readonly StoredMount[]): Promise<void> {
    await Promise.all(
      mounts.map(async (mount) => {
        const archive = path.join(folder, `${randomUUID()}.tar`) // two mounts may hold the same
        const take = async (file: string): Promise<void> => {
          await mkdir(folder, { recursive: true })
          await rename(file, archive)
        }
        const task = { kind: 'restore', name: 'mount.tar', keys: [contentKey(mount.digest)] } as const
        const answer = await cache.ask(task, take, DOWNLOAD_SECONDS)
        if (answer.result.kind === 'restored') archives.set(mountKey(mount), archive)
        else {
          before = before.filter((each) => each !== mount)
          if (answer.result.kind !== 'missed' || answer.troubles.length > 0) {
            notes.push(`The cache mount "${mount.id}" was not restored: ${troubleOf(answer)}.`)
          }
        }
      })
    )
  }

  async function fill(chosen: MountsBuilder, mounts: readonly StoredMount[]): Promise<void> {
    const startedAt = performance.now()
    const tool = await solver.tools()
    const filled = mounts.map((_mount, index) => path.join(solver.context, `${index}.tar`))
    for (const [index, mount] of mounts.entries()) {
      await rename(archives.get(mountKey(mount)) ?? '', filled[index] ?? '')
    }
    const words = await solver.solve(chosen, planFill(mounts, tool, unique), {
      output: 'type=cacheonly',
      seconds: FILL_SECONDS
    })
    for (const file of filled) await rm(file)
    for (const [index, mount] of mounts.entries()) {
      const word = words.get(index)
      if (word === 'restored') tell(mount, { before: 'restored', size: mount.size })
      else if (word === 'kept') tell(mount, { before: 'kept' })
      else notes.push(`The cache mount "${mount.id}" was not restored: its files could not be written.`)
      if (word !== undefined) log.untrusted(`${mount.id} · ${word} · ${bytes(mount.size)}`)
    }
    log.info(`Cache mounts filled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  }

  /** What is to be stored, and what may hold reports, packed in one solve. Never throws. */
  async function takeOut(steps: readonly Step[], writers: readonly ReportWriter[]): Promise<Packed> {
    const found = findMounts(steps)
    let ours: readonly FoundMount[] = []
    await harmless('stored', async () => {
      ours = await mountsToStore(found)
    })
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
      if (builder === undefined) throw new Trouble('the builder is not known')
      return { ...packed, archives: await pack(builder, [...mounts.values()]) }
    } catch (error) {
      if (!(error instanceof Trouble)) log.debug(String(error))
      const reason = error instanceof Trouble ? error.message : 'its files could not be read or written'
      return { ...packed, archives: new Map(), ...(error instanceof Cancelled ? {} : { trouble: reason }) }
    }
  }

  /** The mounts whose contents this run stores. */
  async function mountsToStore(found: FoundMounts): Promise<readonly FoundMount[]> {
    if (carries)
      for (const { id, reason } of found.unsupported) notes.push(`The cache mount "${id}" is not kept: ${reason}.`)
    const used = found.mounts.filter((mount) => mount.used)
    if (!stores || builder === undefined || used.length === 0) return []
    await fetching
    if (unreachable) throw new Trouble('the Actions cache could not be asked what it has')
    const brought = had === undefined ? [] : readUsage(had, used, buildArgs)
    for (const { id } of brought) {
      log.info(`The cache mount "${id}" is not stored: the builder had it before this run, and from elsewhere.`)
    }
    return used.filter((mount) => !brought.includes(mount))
  }

  async function store({ found, ours, archives, trouble }: Packed, complete: boolean): Promise<void> {
    if (ours.size === 0) return
    if (trouble !== undefined) throw new Trouble(trouble)
    await reading // it reads the files that an upload takes away
    const anew = await keep([...archives.values()].filter(({ mount }) => ours.has(mountKey(mount))))
    await rm(path.join(folder, 'packed'), { recursive: true, force: true })
    const record = nextRecord(before, anew, { present: found.mounts, complete })
    const text = writeRecord(record)
    if (anew.length === 0 || text === writeRecord(before)) return
    const key = `${prefixes[0] ?? ''}${unique}`
    const answer = await askCache(cache, { kind: 'save', name: 'mounts.json', key }, { content: text })
    if (answer.result.kind !== 'saved') throw new Trouble(troubleOf(answer))
  }

  /** The test reports in what was packed. */
  async function read(packed: Packed, writers: readonly ReportWriter[]): Promise<TestFindings | undefined> {
    if (writers.length === 0) return undefined
    const of = (archive: Archive): { readonly file: string } | { readonly reason: string } => {
      if (archive.word === 'saved') return { file: archive.file }
      return {
        reason:
          archive.word === 'too-large' ? `its cache mount is larger than ${bytes(MOST_EACH)}` : 'it could not be packed'
      }
    }
    const how: ReadOptions = {
      ...{ run: packed.run, folder: options.reportsFolder, redact: options.redact },
      packed: new Map(
        writers.map(({ mount }) => {
          const archive = packed.archives.get(mountKey(mount))
          return [
            mountKey(mount),
            archive === undefined ? { reason: packed.trouble ?? 'it was not looked at' } : of(archive)
          ]
        })
      ),
      elsewhere: ({ platform }) =>
        (builder?.nodes.length ?? 0) > 1 && platform !== undefined && platform !== ownPlatform,
      exists: (file) => statSync(path.join(options.workspace, file), { throwIfNoEntry: false })?.isFile() === true
    }
    try {
      return await readReports(writers, how)
    } catch (error) {
      log.debug(String(error))
      const reason = { reason: 'its cache mount could not be read' }
      return readReports(writers, { ...how, packed: new Map(writers.map(({ mount }) => [mountKey(mount), reason])) })
    }
  }

  /** Packs the mounts. */
  async function pack(
    chosen: MountsBuilder,
    mounts: readonly (CacheMount & { readonly taken?: TakenFiles })[]
  ): Promise<ReadonlyMap<string, Archive>> {
    const packed = path.join(folder, 'packed')
    const tool = await solver.tools()
    const plan = planPack(mounts, tool, { nonce: unique, mostBytes: MOST_EACH })
    const words = await solver.solve(chosen, plan, {
      output: `type=local,${writeField(`dest=${packed}`)}`,
      seconds: PACK_SECONDS
    })
    const archives = new Map<string, Archive>()
    for (const [index, mount] of mounts.entries()) {
      const file = path.join(packed, `${index}.tar`)
      const word = words.get(index) ?? 'failed'
      archives.set(mountKey(mount), { mount, file, word, size: word === 'saved' ? (await stat(file)).size : 0 })
    }
    return archives
  }

  /** Uploads the contents that changed. Returns what is stored of each. */
  async function keep(packed: readonly Archive[]): Promise<readonly StoredMount[]> {
    for (const { mount, word } of packed) {
      if (word === 'too-large') leaveOut(mount, `it is larger than ${bytes(MOST_EACH)}`)
      else if (word !== 'saved') notes.push(`The cache mount "${mount.id}" was not stored: it could not be read.`)
    }
    const { within, beyond } = fitInto(
      packed.filter(({ word }) => word === 'saved'),
      MOST_TOTAL
    )
    for (const { mount } of beyond) leaveOut(mount, `with the others it is larger than ${bytes(MOST_TOTAL)}`)
    const needles = await planNeedles(sensitive)
    const uploads = new Map<string, Promise<CacheAnswer>>()
    const stored = await Promise.all(within.map((archive) => upload(archive, needles, uploads)))
    return stored.filter((mount) => mount !== undefined)
  }

  async function upload(
    { mount, file, size }: Archive,
    needles: NeedlePlan,
    /** By digest: of two mounts that hold the same, one is sent. */
    uploads: Map<string, Promise<CacheAnswer>>
  ): Promise<StoredMount | undefined> {
    const { digest, empty, secrets } = await readArchive(file, needles)
    if (empty) return undefined
    if (secrets.length > 0) {
      tell(mount, { after: 'withheld' })
      const which = secrets.map((id) => `"${id}"`).join(', ')
      notes.push(
        `The cache mount "${mount.id}" was not stored: it holds the value of ${which}, and whoever can open a pull request can read what is stored. Have the command keep it out of its cache, or set cache-mounts to false.`
      )
      return undefined
    }
    const entry: StoredMount = { ...plainMount(mount), digest, size }
    if (before.some((each) => mountKey(each) === mountKey(mount) && each.digest === digest)) {
      tell(mount, { after: 'unchanged', size })
      return entry
    }
    const sent = uploads.get(digest)
    const answer = await (sent ?? send())
    const isThere = answer.result.kind === 'exists'
    if (answer.result.kind !== 'saved' && !isThere) {
      notes.push(`The cache mount "${mount.id}" was not stored: ${troubleOf(answer)}.`)
      return undefined
    }
    tell(mount, { after: isThere || sent !== undefined ? 'unchanged' : 'saved', size })
    return entry

    function send(): Promise<CacheAnswer> {
      const task = { kind: 'save', name: 'mount.tar', key: contentKey(digest) } as const
      const sending = cache.ask(task, (to) => rename(file, to), UPLOAD_SECONDS)
      uploads.set(digest, sending)
      return sending
    }
  }

  function leaveOut(mount: CacheMount, reason: string): void {
    tell(mount, { after: 'too-large' })
    notes.push(
      `The cache mount "${mount.id}" was not stored: ${reason}. The next run starts from what was stored before.`
    )
  }

  /** Does what may fail: trouble becomes a note. A cancelled run says so elsewhere. */
  async function harmless(verb: 'restored' | 'stored', work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof Cancelled) return
      const reason = error instanceof Trouble ? error.message : 'their files could not be read or written'
      if (!(error instanceof Trouble)) log.debug(String(error))
      notes.push(`The cache mounts were not ${verb}: ${reason}.`)
    }
  }
}

type Archive = {
  readonly mount: CacheMount
  readonly file: string
  /** What its step said: `saved`, or why there is nothing in it. */
  readonly word: string
  readonly size: number
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
