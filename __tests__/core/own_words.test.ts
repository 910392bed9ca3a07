import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { OWN_WORDS, redacted } from '../../src/core/own_words.js'
import { createRedactor } from '../../src/report/redact.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { redLeak, redTest } from '../report/support/reports.js'

/** Every word that the schema has for a member, by the member's name. */
function wordsOf(node: unknown, name: string, found: Map<string, Set<string>>): typeof found {
  if (Array.isArray(node)) for (const item of node) wordsOf(item, name, found)
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return found
  const entries: readonly [string, unknown][] = Object.entries(node)
  for (const [key, value] of entries) {
    if (key === 'const' || key === 'enum') {
      const words = [value].flat().filter((word): word is string => typeof word === 'string')
      if (words.length > 0) found.set(name, new Set([...(found.get(name) ?? []), ...words]))
    } else if (key === 'properties' && typeof value === 'object' && value !== null) {
      const members: readonly [string, unknown][] = Object.entries(value)
      for (const [member, schema] of members) wordsOf(schema, member, found)
    } else wordsOf(value, key === '$defs' ? '' : name, found)
  }
  return found
}

test('every word of the schema is known as ours', () => {
  const schema: unknown = JSON.parse(readFileSync('docs/report.schema.json', 'utf8'))
  for (const [name, words] of wordsOf(schema, '', new Map())) {
    if (name === '') continue // definitions that are named where they are used
    expect({ name, missing: [...words].filter((word) => OWN_WORDS[name]?.includes(word) !== true) }).toEqual({
      name,
      missing: []
    })
  }
})

const words = [...new Set(Object.values(OWN_WORDS).flat())].filter((word) => word.length >= 6)

test.each(words)('a secret "%s" neither breaks a report nor stays in its texts', (word) => {
  const redact = createRedactor([{ id: 'user', value: word }])
  for (const report of [redTest(), redLeak()]) {
    const clean = redacted({ ...report, notes: [`the user ${word}`] }, redact)
    expect(clean.outcome.kind).toBe('red')
    expect(clean.gate.verdict).toBe(report.gate.verdict)
    expect(clean.notes).toEqual(['the user ***'])
    expect(renderSummary(clean)).toContain('# ')
  }
})
