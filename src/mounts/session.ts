/**
 * The cache mounts of one run: what is stored of them is fetched while the run gets ready, filled into the builder
 * before the gate, and stored anew after it, also after a red one. A mount is only ever a help, so whatever goes wrong
 * is a note.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { askCache, askCacheForFile, troubleOf, type Cache, type CacheAnswer } from '../actions-cache/cache.js'
import { readProgress } from '../buildkit/progress.js'
import type { Build } from '../builds/build.js'
import type { Step } from '../core/step.js'
import { planNeedles, type NeedlePlan, type Secret } from '../image/index.js'
import type { Inputs } from '../inputs/inputs.js'
import { Cancelled, type Command, type Ports } from '../ports.js'
import { bytes } from '../core/units.js'
import { writeField } from '../core/csv.js'
import { readArchive } from './archive.js'
import { findMounts, mountKey, plainMount, type CacheMount, type FoundMount } from './mount.js'
import {
  contentKey,
  fitInto,
  nextRecord,
  parseRecord,
  recordPrefixes,
  writeRecord,
  type StoredMount
} from './record.js'
import {
  planFill,
  planMountsBuild,
  planPack,
  planUsage,
  readOutcome,
  readUsage,
  type MountsDockerfile
} from './solve.js'
import { packTools, type Toolbox } from './toolbox.js'

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
  readonly inputs: Inputs
  readonly build: Build
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
}

/** The builder as far as it matters: which one, and whether it is new. */
export type MountsBuilder = { readonly flag?: string; readonly created: boolean; readonly driver: string }

export type MountsSession = {
  /** Fills what the builder lacks. Never throws. */
  readonly restore: (builder: MountsBuilder) => Promise<void>
  /**
   * Begins to store what the steps have left in their mounts.
   * @param complete every step of the build is known, as after a green one
   */
  readonly save: (steps: readonly Step[], complete: boolean) => void
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

type Change = { -readonly [Key in keyof CacheMountReport]?: CacheMountReport[Key] }

/** Begins at once to fetch what is stored. */
export function startSession(ports: Pick<Ports, 'exec' | 'log'>, options: SessionOptions): MountsSession {
  const { exec, log } = ports
  const { inputs, buildArgs, cache, folder, unique, stores, sensitive, machine } = options
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
  const asked = inputs.builder === 'auto' ? undefined : inputs.builder

  /** The build context of both solves: what the second has in common with the first is not sent again. */
  const context = path.join(folder, 'context')
  let toolbox: Promise<Toolbox> | undefined
  const packing = (): Promise<Toolbox> => (toolbox ??= tools())

  const fetching = harmless('restored', async () => {
    const task = { kind: 'restore', name: 'mounts.json', keys: prefixes } as const
    const answer = await askCache({ ...cache, seconds: RECORD_SECONDS }, task)
    const { result, troubles } = answer
    if (result.kind === 'missed' && troubles.length === 0) return
    if (result.kind !== 'restored') {
      unreachable = true
      throw new Trouble(troubleOf(answer))
    }
    before = parseRecord(answer.content ?? '')
    if (before.length === 0) return
    packing().catch(() => undefined) // meanwhile; its trouble is told where it is needed
    // A builder that has the mounts keeps them: its own are newer, and need no download.
    const usage = await exec(planUsage(asked), { timeoutSeconds: USAGE_SECONDS })
    const there = usage.exitCode === 0 ? readUsage(usage.stdout, before, buildArgs) : []
    await fetch(before.filter((mount) => !there.includes(mount)))
    for (const mount of there) tell(mount, { before: 'kept' })
  })

  return {
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
    save(steps, complete) {
      saving = harmless('stored', () => store(steps, complete))
    },
    async end() {
      await fetching
      await filling
      await saving
      return { mounts: [...reports.values()], notes }
    }
  }

  /** A builder that outlives jobs may hold what any of them has left in a mount of this name. */
  function mayBringAlong({ created, driver }: MountsBuilder): boolean {
    const isOfTheJob = created || (options.freshMachine && ['docker', 'docker-container'].includes(driver))
    return stores && !options.ownNamespace && !isOfTheJob
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
        const answer = await askCacheForFile(
          { ...cache, seconds: DOWNLOAD_SECONDS },
          { kind: 'restore', name: 'mount.tar', keys: [contentKey(mount.digest)] },
          async (file) => {
            await mkdir(folder, { recursive: true })
            await rename(file, archive)
          }
        )
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
    const tool = await packing()
    const filled = mounts.map((_mount, index) => path.join(context, `${index}.tar`))
    for (const [index, mount] of mounts.entries()) {
      await rename(archives.get(mountKey(mount)) ?? '', filled[index] ?? '')
    }
    const words = await solve(chosen, planFill(mounts, tool, unique), {
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

  async function store(steps: readonly Step[], complete: boolean): Promise<void> {
    const found = findMounts(steps)
    for (const { id, reason } of found.unsupported) notes.push(`The cache mount "${id}" is not kept: ${reason}.`)
    const used = found.mounts.filter((mount) => mount.used)
    if (!stores || builder === undefined || used.length === 0) return
    await fetching
    if (unreachable) throw new Trouble('the Actions cache could not be asked what it has')
    const brought = had === undefined ? [] : readUsage(had, used, buildArgs)
    const ours = used.filter((mount) => !brought.includes(mount))
    for (const { id } of brought) {
      log.info(`The cache mount "${id}" is not stored: the builder had it before this run, and not from here.`)
    }
    const anew = ours.length === 0 ? [] : await pack(builder, ours)
    const record = nextRecord(before, anew, { present: found.mounts, complete })
    const text = writeRecord(record)
    if (anew.length === 0 || text === writeRecord(before)) return
    const key = `${prefixes[0] ?? ''}${unique}`
    const answer = await askCache(cache, { kind: 'save', name: 'mounts.json', key }, text)
    if (answer.result.kind !== 'saved') throw new Trouble(troubleOf(answer))
  }

  /** Packs the mounts and uploads the contents that changed. Returns what is stored of each. */
  async function pack(chosen: MountsBuilder, mounts: readonly FoundMount[]): Promise<readonly StoredMount[]> {
    const packed = path.join(folder, 'packed')
    const tool = await packing()
    const plan = planPack(mounts, tool, { nonce: unique, mostBytes: MOST_EACH })
    const words = await solve(chosen, plan, {
      output: `type=local,${writeField(`dest=${packed}`)}`,
      seconds: PACK_SECONDS
    })
    const archives: Archive[] = []
    for (const [index, mount] of mounts.entries()) {
      const file = path.join(packed, `${index}.tar`)
      const word = words.get(index)
      if (word === 'saved') archives.push({ mount, file, size: (await stat(file)).size })
      else if (word === 'too-large') leaveOut(mount, `it is larger than ${bytes(MOST_EACH)}`)
      else notes.push(`The cache mount "${mount.id}" was not stored: it could not be read.`)
    }
    const { within, beyond } = fitInto(archives, MOST_TOTAL)
    for (const { mount } of beyond) leaveOut(mount, `with the others it is larger than ${bytes(MOST_TOTAL)}`)
    const needles = await planNeedles(sensitive)
    const uploads = new Map<string, Promise<CacheAnswer>>()
    const stored = await Promise.all(within.map((archive) => upload(archive, needles, uploads)))
    await rm(packed, { recursive: true, force: true })
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
      const sending = askCacheForFile({ ...cache, seconds: UPLOAD_SECONDS }, task, (to) => rename(file, to))
      uploads.set(digest, sending)
      return sending
    }
  }

  function leaveOut(mount: CacheMount, reason: string): void {
    tell(mount, { after: 'too-large' })
    notes.push(`The cache mount "${mount.id}" was not stored: ${reason}. The next builder starts without its news.`)
  }

  async function tools(): Promise<Toolbox> {
    const packed = await packTools(exec, path.join(context, 'tools'))
    if ('reason' in packed) throw new Trouble(packed.reason)
    return packed
  }

  async function solve(
    chosen: MountsBuilder,
    { files }: MountsDockerfile,
    { output, seconds }: { readonly output: string; readonly seconds: number }
  ): Promise<ReadonlyMap<number, string>> {
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(context, name), text)
    const words = new Map<number, string>()
    const reader = readProgress({
      onLog(_step, line) {
        const outcome = readOutcome(line)
        if (outcome === undefined) log.debug(line)
        else words.set(outcome.index, outcome.word)
      }
    })
    const command: Command = planMountsBuild({
      folder: context,
      output,
      buildArgs,
      ...(chosen.flag === undefined ? {} : { builder: chosen.flag })
    })
    const { exitCode, timedOut } = await exec(command, {
      env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
      onStderr: reader.feed,
      timeoutSeconds: seconds
    })
    const { plain } = reader.end()
    if (timedOut) throw new Trouble(`the builder took longer than ${seconds} seconds`)
    if (exitCode !== 0) {
      const said = plain.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length)
      throw new Trouble(said === undefined ? 'the builder could not do it' : `the builder says "${said}"`)
    }
    return words
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

type Archive = { readonly mount: CacheMount; readonly file: string; readonly size: number }

/** A reason, as a clause. */
class Trouble extends Error {
  override readonly name = 'Trouble'
}
