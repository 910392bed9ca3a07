import { expect, test } from '@jest/globals'
import { fuzzRound } from './support/fuzz.js'

/** Seeds that once found something; see docs/analysis.md for how to look for more. */
const kept: readonly number[] = []

const fresh = Array.from({ length: 250 }, (_, at) => 1_000 + at)

test.each([
  { name: 'kept', seeds: kept },
  { name: 'the first few', seeds: fresh }
])(
  'broken images end in a clear error or a true analysis: $name',
  async ({ seeds }) => {
    for (const seed of seeds) expect({ seed, wrong: await fuzzRound(seed) }).toEqual({ seed, wrong: undefined })
  },
  120_000
)
