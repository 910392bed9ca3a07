/** Taking cache mounts out of a builder, packed, each in an archive. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { writeField } from '../core/csv.js'
import { mountKey, type CacheMount } from './mount.js'
import { planPack, type TakenFiles } from './solve.js'
import type { MountsBuilder, Solver } from './solver.js'

/** A mount that was packed. */
export type Archive = {
  readonly mount: CacheMount
  readonly file: string
  /** What its step said: `saved`, or why there is nothing in it. */
  readonly word: string
  readonly size: number
}

/** Bytes of an archive, uncompressed; documented in docs/cache-mounts.md. */
export const MOST_EACH = 256_000_000

const PACK_SECONDS = 120

type Packing = {
  readonly solver: Solver
  /** Private folder; the archives go into one of its own there. */
  readonly folder: string
  /** Differs in each run. */
  readonly unique: string
}

/** Packs mounts in one solve; returns them by their keys. Throws a `Trouble`. */
export async function packMounts(
  { solver, folder, unique }: Packing,
  chosen: MountsBuilder,
  mounts: readonly (CacheMount & { readonly taken?: TakenFiles })[]
): Promise<ReadonlyMap<string, Archive>> {
  const packed = packedFolder(folder)
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

/** Where the archives lie. */
export function packedFolder(folder: string): string {
  return path.join(folder, 'packed')
}
