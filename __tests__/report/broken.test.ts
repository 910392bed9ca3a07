/** What broke the cache, in words: a reader sees what differs, and each line says what it is about. */
import { describe, expect, test } from '@jest/globals'
import type { Cause } from '../../src/explain/cause.js'
import type { StageReport } from '../../src/report/model.js'
import { LADDER } from '../../src/report/format/ladder.js'
import { renderBroken } from '../../src/report/sections/broken.js'
import { firstGreen, step, viewOf } from './support/reports.js'

type Broken = readonly [name: string, instruction: string, line: number, cause: Cause]

/** The reasons without links, one a line. */
function told(...stages: readonly Broken[]): readonly string[] {
  const report = firstGreen({
    stages: stages.map(([name, instruction, line, cause]): StageReport => ({
      ...{ name, role: 'other', steps: 2, cached: 1, seconds: 0 },
      firstToRun: step(instruction, { stage: name, line, seconds: 0 }),
      why: { cause, certainty: 'certain', seconds: 0 }
    }))
  })
  const text = renderBroken(viewOf(report), LADDER[0]!) ?? ''
  return text
    .replace(/\[(\d+)\]\([^)]*\)/g, '$1')
    .split('\n')
    .filter((line) => line.startsWith('- '))
    .map((line) => line.slice(2))
}

describe('several stages for which an input asks', () => {
  const asked = { kind: 'asked', by: 'no-cache' } as const

  test('have one instruction where it is the same', () => {
    expect(told(['a', 'RUN make', 3, asked], ['b', 'RUN make', 7, asked])).toEqual([
      '**`a`** and **`b`** at 3 and 7 `RUN make`: `no-cache: true` asks for it.'
    ])
  })

  test('have only their lines where they are others', () => {
    expect(told(['a', 'RUN make', 3, asked], ['b', 'COPY . .', 7, asked])).toEqual([
      '**`a`** and **`b`** at 3 and 7: `no-cache: true` asks for it.'
    ])
  })
})

describe('an instruction that was another one', () => {
  const long = `RUN apt-get install -y ${Array.from({ length: 20 }, (_, index) => `package-${index}`).join(' ')}`
  test.each<[what: string, before: string, after: string, words: string]>([
    ['is shown as it was', 'RUN make a', 'RUN make b', 'the instruction was `RUN make a`'],
    [
      'with another mount',
      'RUN --mount=type=cache,target=/a make',
      'RUN --mount=type=cache,target=/b make',
      'in the instruction, `--mount=type=cache,target=/b`, was `--mount=type=cache,target=/a`'
    ],
    ['with a mount more', 'RUN make', 'RUN --mount=type=ssh make', 'in the instruction, `--mount=type=ssh` was added'],
    [
      'with a mount that differs behind what is shown of it',
      `RUN --mount=type=cache,target=/${'x'.repeat(80)}/one make`,
      `RUN --mount=type=cache,target=/${'x'.repeat(80)}/two make`,
      `in the instruction, \`…${'x'.repeat(19)}/two\`, was \`…${'x'.repeat(19)}/one\``
    ],
    [
      'with another heredoc',
      'RUN <<EOF',
      'RUN <<EOF',
      'in the instruction, only the text of a heredoc or blanks differ'
    ],
    ['with other blanks', 'RUN a  && b', 'RUN a && b', 'in the instruction, only blanks differ'],
    ['behind what is shown', `${long} old`, `${long} new`, 'in the instruction, `new`, was `old`'],
    [
      'behind what is recorded',
      `RUN ${'x '.repeat(1000)}`.slice(0, 2000),
      `RUN ${'x '.repeat(1000)}`.slice(0, 2000),
      'in the instruction, what differs is not within the first 2,000 characters'
    ]
  ])('%s', (_, before, after, words) => {
    const [line = ''] = told(['a', after, 3, { kind: 'instruction', before, after }])
    expect(line.replace(/^.*?`: /, '')).toBe(`${words}.`)
  })

  test('above the step', () => {
    const above = (before: string, after: string): Cause => ({ kind: 'above', before, after, line: 2 })
    expect(
      told(
        ['a', 'RUN make', 3, above('ENV A=1', 'ENV A=2')],
        ['b', 'RUN test', 4, above('RUN --mount=type=ssh x', 'RUN x')]
      )
    ).toEqual([
      '**`a`** at 3 `RUN make`: above it, `ENV A=1` became 2 `ENV A=2`.',
      '**`b`** at 4 `RUN test`: in 2 `RUN x` above it, `--mount=type=ssh` was removed.'
    ])
  })
})
