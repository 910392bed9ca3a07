import { describe, expect, test } from '@jest/globals'
import { planRetryDockerfile, type Progressed } from '../../src/cache/cut.js'

const lines = [
  'FROM a AS deps',
  'RUN install',
  'FROM deps AS test',
  'COPY . .',
  'RUN lint \\',
  '  && pytest',
  'RUN report',
  'FROM b AS production',
  'COPY --from=deps /x /x'
]

function plan(progressed: Progressed, text = `${lines.join('\n')}\n`): readonly string[] {
  const planned = planRetryDockerfile(Buffer.from(text), progressed, 'm4rk')
  return planned.ok ? planned.text.toString().split('\n') : [planned.reason]
}

test('the failing step and what follows it in its stage go to a stage that nobody asks for', () => {
  expect(plan({ complete: ['deps', 'production'], failed: { stage: 'test', line: 5 } })).toEqual([
    ...lines.slice(0, 4),
    'FROM scratch',
    ...lines.slice(4),
    'FROM scratch AS stagegate-gate',
    'COPY --from=deps /stagegate-gate-m4rk-no-such-file-* /0/',
    'COPY --from=production /stagegate-gate-m4rk-no-such-file-* /1/',
    'COPY --from=test /stagegate-gate-m4rk-no-such-file-* /2/',
    ''
  ])
})

test('a registry that is named by its address is no index', () => {
  const text = 'FROM 127.0.0.1:5000/a AS deps\nCOPY --from=127.0.0.1:5000/b /c /c\nRUN false\n'
  expect(plan({ complete: [], failed: { stage: 'deps', line: 3 } }, text)).toContain('FROM scratch')
})

test('line ends are kept', () => {
  const text = plan({ complete: [], failed: { stage: 'test', line: 5 } }, lines.join('\r\n')).join('\n')
  expect(text.replaceAll('\r\n', '')).not.toContain('\n')
  expect(text).toContain('COPY . .\r\nFROM scratch\r\nRUN lint')
})

describe('nothing is cut', () => {
  test.each([
    ['in the middle of a step', 6, lines],
    ['where the base image is at fault', 3, lines],
    ['below the end', 40, lines],
    ['where a stage is copied from by its index', 5, [...lines, 'COPY --from=0 /y /y']],
    ['where a stage is mounted by its index', 5, [...lines, 'RUN --mount=type=bind,from=1,target=/t true']],
    ['where a stage starts from an index', 5, [...lines, 'FROM 2']]
  ])('%s', (_, line, text) => {
    const planned = plan({ complete: ['deps'], failed: { stage: 'test', line } }, text.join('\n'))
    expect(planned.slice(0, text.length)).toEqual(text)
    expect(planned.filter((each) => each.startsWith('COPY --from=test'))).toEqual([])
    expect(planned).toContain('COPY --from=deps /stagegate-gate-m4rk-no-such-file-* /0/')
  })

  test('and nothing is kept where nothing is complete', () => {
    expect(plan({ complete: [] })).toEqual(['no stage is complete'])
    expect(plan({ complete: [], failed: { stage: 'test', line: 3 } })).toEqual(['no stage is complete'])
  })
})
