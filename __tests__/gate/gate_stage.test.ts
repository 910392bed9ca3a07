import { describe, expect, test } from '@jest/globals'
import { planGateDockerfile } from '../../src/gate/gate_stage.js'
import { dockerfiles, unusable } from '../fixtures/dockerfiles.js'

/** The generated text of a Dockerfile that takes the stage. */
function plan(dockerfile: Buffer, stages: readonly string[] = ['test', 'production']) {
  const planned = planGateDockerfile(dockerfile, stages, 'm4rk')
  if (!planned.ok) throw new Error(planned.reason)
  return planned
}

describe.each(Object.entries(dockerfiles))('%s', (_, { bytes, newline = '\n', lowerCase = false }) => {
  const planned = plan(bytes)

  test("the user's bytes come first, as they are", () => {
    expect(planned.text.subarray(0, bytes.length).equals(bytes)).toBe(true)
  })

  test('the stage begins on a line of its own, at the line that is told', () => {
    const lines = planned.text.toString('latin1').split('\n')
    const first = lines[planned.firstLine - 1] ?? ''
    const from = lowerCase ? `from scratch as ${planned.stage}` : `FROM scratch AS ${planned.stage}`
    expect(first.replace(/\r$/, '')).toBe(from)
    // Whatever comes before are the user's own lines, under their own numbers.
    const before = lines.slice(0, planned.firstLine - 1).join('\n')
    expect(before.replace(/\r?\n?$/, '')).toBe(bytes.toString('latin1').replace(/\r?\n?$/, ''))
  })

  test('it ends its lines as the others do', () => {
    const own = planned.text.subarray(bytes.length).toString('latin1')
    const breaks = own.match(/\r?\n/g) ?? []
    expect(new Set(breaks)).toEqual(new Set([newline]))
  })
})

test('the whole of it', () => {
  const planned = plan(Buffer.from('FROM a AS test\nFROM b'), ['test', '1'])
  expect(planned.text.toString()).toBe(
    [
      'FROM a AS test',
      'FROM b',
      'FROM scratch AS stagegate-gate',
      'COPY --from=test /stagegate-gate-m4rk-no-such-file-* /0/',
      'COPY --from=1 /stagegate-gate-m4rk-no-such-file-* /1/',
      ''
    ].join('\n')
  )
  expect([planned.stage, planned.firstLine]).toEqual(['stagegate-gate', 3])
})

test('the same text always has the same stage: it is a part of cache keys', () => {
  const one = plan(Buffer.from('FROM a'), ['0'])
  const other = plan(Buffer.from('FROM a'), ['0'])
  expect(one).toEqual(other)
})

test.each([
  ['FROM a AS stagegate-gate\n', 'stagegate-gate-1'],
  ['FROM a AS Stagegate-Gate\nFROM b AS stagegate-gate-1\n', 'stagegate-gate-2'],
  ['FROM a\n# stagegate-gate\n', 'stagegate-gate-1'],
  ['FROM a AS stagegate-gate-12\n', 'stagegate-gate-2'],
  ['FROM a AS stagegate-gate-123456789012\nFROM b AS stagegate-gate-2-x\n', 'stagegate-gate-3'],
  ['FROM a AS stagegate-gate-01\n', 'stagegate-gate-1'],
  ['FROM a AS stagegate\n', 'stagegate-gate']
])('%j already has names of ours: %s', (text, stage) => {
  expect(plan(Buffer.from(text), ['0']).stage).toBe(stage)
})

test.each(Object.entries(unusable))('%s cannot take a stage', (_, { bytes, reason }) => {
  expect(planGateDockerfile(bytes, ['test'], 'm4rk')).toEqual({ ok: false, reason })
})

test.each([
  ['a directive in the middle is a comment', 'FROM a\n# escape=`\nRUN x \\'],
  ['so is one after an empty line', '\n# escape=`\nFROM a\nRUN x \\']
])('%s', (_, text) => {
  expect(planGateDockerfile(Buffer.from(text), ['0'], 'm4rk')).toEqual({
    ok: false,
    reason: 'its last line ends in a line continuation'
  })
})

test.each(['// syntax=acme/other\nfoo\n', '{"syntax": "acme/other"}'])(
  'the frontend of %j reads no Dockerfile',
  (text) => {
    expect(planGateDockerfile(Buffer.from(text), ['0'], 'm4rk')).toEqual({
      ok: false,
      reason: 'its "# syntax=acme/other" is not a Dockerfile frontend'
    })
  }
)

test('an escape character that BuildKit does not know is none', () => {
  expect(planGateDockerfile(Buffer.from('# escape=x\nFROM a\nRUN ax'), ['0'], 'm4rk').ok).toBe(true)
})

test('empty lines of any number are read once', () => {
  expect(plan(Buffer.from(`from a${'\n'.repeat(2_000_000)}`), ['0']).text.toString()).toContain('from scratch as ')
})

test('names of ours, however many, are read once', () => {
  const names = Array.from({ length: 50_000 }, (_, at) => `# stagegate-gate-${at}`)
  expect(plan(Buffer.from(`FROM a\n${names.join('\n')}`), ['0']).stage).toBe('stagegate-gate-50000')
})
