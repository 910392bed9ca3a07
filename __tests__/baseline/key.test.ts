/** The keys of baselines. */
import { describe, expect, it } from '@jest/globals'
import { baselineKey, commitOfKey, seriesKey, type BaselineSeries } from '../../src/baseline/key.js'

const sha = '3f2c1a9d0b8e4c6a9d5f7e1b2c3d4e5f6a7b8c9d'
const app: BaselineSeries = { name: 'app', target: 'runtime', branch: 'main' }
const others: readonly BaselineSeries[] = [
  { ...app, name: 'app-2' },
  { ...app, name: 'app,' },
  { ...app, name: '' },
  { ...app, target: 'runtime-2' },
  { ...app, target: 'main', branch: 'runtime' },
  { ...app, branch: 'main-2' },
  { name: 'a', target: 'pp-runtime', branch: 'main' },
  { name: 'ä,\n'.repeat(5000), target: '@team', branch: 'feature/#1' }
]

describe('the key of a baseline', () => {
  it('is one that the service takes', () => {
    for (const series of [app, ...others])
      expect(baselineKey(series, 'f'.repeat(64), '98765432101234-12')).toMatch(/^[\w-]{1,512}$/)
  })

  it.each(others)('is not found by looking for %j', (other) => {
    expect(baselineKey(app, sha, '7-1').startsWith(seriesKey(other))).toBe(false)
    expect(baselineKey(other, sha, '7-1').startsWith(seriesKey(app))).toBe(false)
    expect(commitOfKey(other, baselineKey(app, sha, '7-1'))).toBeUndefined()
  })

  it('tells its commit', () => {
    expect(commitOfKey(app, baselineKey(app, sha, '7-1'))).toBe(sha)
  })

  it('stays what it is: what is stored under another is lost', () => {
    expect(baselineKey(app, sha, '7-1')).toBe(
      `stagegate-baseline-v2-a172cedcae47474b615c-d92c6a81b2ff50096bcd-0d6e4079e36703ebd37c-${sha}-7-1`
    )
  })
})
