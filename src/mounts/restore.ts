/** What is stored of cache mounts: fetched while the run gets ready, and filled into the builder before the gate. */
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { askCache, troubleOf, type Cache } from '../actions-cache/cache.js'
import { bytes } from '../core/units.js'
import type { Ports } from '../ports.js'
import { mountKey } from './mount.js'
import { contentKey, parseRecord, type StoredMount } from './record.js'
import { planFill, planUsage, readUsage } from './solve.js'
import { Trouble, type MountsBuilder, type Solver } from './solver.js'
import type { Told } from './told.js'

/** What an earlier run has stored, and what of it lies on the runner. */
export type Stored = {
  /** Without what is gone. */
  readonly mounts: readonly StoredMount[]
  /** Archives that were downloaded and not filled in yet, by mount. */
  readonly archives: ReadonlyMap<string, string>
  /** Who could not be asked could not be told either, and would take half a minute to say so. */
  readonly unreachable: boolean
}

/** Nothing is stored. */
export const nothingStored: Stored = { mounts: [], archives: new Map(), unreachable: false }

type Restoring = Pick<Ports, 'exec' | 'log'> & {
  readonly solver: Solver
  readonly told: Told
  readonly cache: Cache
  /** Private folder. */
  readonly folder: string
  /** Of the build. */
  readonly buildArgs: readonly string[]
}

/** Before the build everything waits for these, for the sake of a help: a service that is slow has none to give. */
const RECORD_SECONDS = 15
const DOWNLOAD_SECONDS = 60
const FILL_SECONDS = 60
const USAGE_SECONDS = 10

/**
 * Fetches what is stored, and the contents that the builder lacks. Never throws.
 * @param prefixes keys under which an earlier run may have left its record, the best first
 * @param flag the builder that is likely to be chosen
 */
export async function fetchStored(
  restoring: Restoring,
  prefixes: readonly string[],
  flag: string | undefined
): Promise<Stored> {
  const { cache, solver, told } = restoring
  const fetched = await told.harmless('restored', async () => {
    const task = { kind: 'restore', name: 'mounts.json', keys: prefixes } as const
    const answer = await askCache(cache, task, { seconds: RECORD_SECONDS })
    const { result, troubles } = answer
    if (result.kind === 'missed' && troubles.length === 0) return nothingStored
    if (result.kind !== 'restored') throw new Trouble(troubleOf(answer))
    const mounts = parseRecord(answer.content ?? '')
    if (mounts.length === 0) return nothingStored
    solver.tools().catch(() => undefined) // meanwhile; its trouble is told where it is needed
    // A builder that has the mounts keeps them: its own are newer, and need no download.
    const there = readUsage((await askUsage(restoring, flag)) ?? '', mounts, restoring.buildArgs)
    const lacking = mounts.filter((mount) => !there.includes(mount))
    const stored = await download(restoring, { ...nothingStored, mounts }, lacking)
    for (const mount of there) told.tell(mount, { before: 'kept' })
    return stored
  })
  return fetched ?? { ...nothingStored, unreachable: true }
}

/** What a builder says of its mounts; `undefined` where it says nothing. */
export async function askUsage({ exec }: Pick<Ports, 'exec'>, flag: string | undefined): Promise<string | undefined> {
  const { exitCode, stdout } = await exec(planUsage(flag), { timeoutSeconds: USAGE_SECONDS })
  return exitCode === 0 ? stdout : undefined
}

/**
 * Fills into a builder what it lacks. Never throws.
 * @param unique differs in each run, and in each job and step of it
 * @returns what is stored, without what turned out to be gone
 */
export async function fillBuilder(
  restoring: Restoring,
  stored: Stored,
  chosen: MountsBuilder,
  unique: string
): Promise<Stored> {
  let known = stored
  await restoring.told.harmless('restored', async () => {
    // A new one has none of those that another was thought to have.
    const lacking = chosen.created ? known.mounts.filter((mount) => !known.archives.has(mountKey(mount))) : []
    known = await download(restoring, known, lacking)
    await fill(restoring, known, chosen, unique)
  })
  return known
}

/** Downloads contents, side by side. One that is gone is as if it had never been stored. */
async function download(
  { cache, folder, told }: Restoring,
  stored: Stored,
  wanted: readonly StoredMount[]
): Promise<Stored> {
  const archives = new Map(stored.archives)
  const gone = new Set<StoredMount>()
  await Promise.all(
    wanted.map(async (mount) => {
      const archive = path.join(folder, `${randomUUID()}.tar`) // two mounts may hold the same
      const take = async (file: string): Promise<void> => {
        await mkdir(folder, { recursive: true })
        await rename(file, archive)
      }
      const task = { kind: 'restore', name: 'mount.tar', keys: [contentKey(mount.digest)] } as const
      const answer = await cache.ask(task, take, DOWNLOAD_SECONDS)
      if (answer.result.kind === 'restored') {
        archives.set(mountKey(mount), archive)
        return
      }
      gone.add(mount)
      if (answer.result.kind !== 'missed' || answer.troubles.length > 0) {
        told.note(mount, `was not restored: ${troubleOf(answer)}.`)
      }
    })
  )
  return { ...stored, archives, mounts: stored.mounts.filter((mount) => !gone.has(mount)) }
}

/** Writes the archives into the mounts of a builder, in one solve. */
async function fill(
  { log, solver, told }: Restoring,
  { mounts: all, archives }: Stored,
  chosen: MountsBuilder,
  unique: string
): Promise<void> {
  const mounts = all.filter((mount) => archives.has(mountKey(mount)))
  if (mounts.length === 0) return
  const startedAt = performance.now()
  const tool = await solver.tools()
  const files = mounts.map((_mount, index) => path.join(solver.context, `${index}.tar`))
  for (const [index, mount] of mounts.entries()) {
    await rename(archives.get(mountKey(mount)) ?? '', files[index] ?? '')
  }
  const words = await solver.solve(chosen, planFill(mounts, tool, unique), {
    output: 'type=cacheonly',
    seconds: FILL_SECONDS
  })
  for (const file of files) await rm(file)
  for (const [index, mount] of mounts.entries()) {
    const word = words.get(index)
    if (word === 'restored') told.tell(mount, { before: 'restored', size: mount.size })
    else if (word === 'kept') told.tell(mount, { before: 'kept' })
    else told.note(mount, 'was not restored: its files could not be written.')
    if (word !== undefined) log.untrusted(`${mount.id} · ${word} · ${bytes(mount.size)}`)
  }
  log.info(`Cache mounts filled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}
