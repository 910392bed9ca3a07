/**
 * Which stories of the whole action `script/test` tells. It has a quarter of an hour on two processors: of each thing that
 * only real parts can show it tells one story, and the variants are told by `script/test long`.
 */
import { describe, test } from '@jest/globals'

const all = process.env.STAGEGATE_LONG === 'true'

/** Stories that are told in the long run alone: variants of one that is told always. */
export const long = { test: all ? test : test.skip, describe: all ? describe : describe.skip }

/** Rows of a table of stories: the first `count` always, the others in the long run. */
export function some<T extends string | readonly [unknown, ...unknown[]]>(
  rows: readonly T[],
  count: number
): readonly T[] {
  return all ? rows : rows.slice(0, count)
}
