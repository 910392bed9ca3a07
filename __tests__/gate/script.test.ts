import { expect, test } from '@jest/globals'
import type { Step } from '../../src/core/step.js'
import type { Failure } from '../../src/failure/failure.js'
import { scriptsOf, withScript } from '../../src/gate/script.js'

const dockerfile = `FROM a AS test
RUN --mount=type=cache,target=/x \\
    <<EOF
set -e
pytest "é"
EOF
RUN make
COPY <<-A <<"B" /x/
	one
	A
two
B
RUN <<EOF
${Array.from({ length: 30 }, (_, at) => `echo ${at}`).join('\n')}
EOF
`

const scripts = scriptsOf(Buffer.from(dockerfile.replaceAll('\n', '\r\n')))

test('the lines of heredocs are those of the Dockerfile, twenty at most', () => {
  expect(scripts).toEqual([
    { first: 2, last: 6, script: { lines: ['set -e', 'pytest "é"', 'EOF'], more: 0 } },
    { first: 8, last: 12, script: { lines: ['\tone', '\tA', 'two', 'B'], more: 0 } },
    {
      ...{ first: 13, last: 44 },
      script: { lines: Array.from({ length: 20 }, (_, at) => `echo ${at}`), more: 11 }
    }
  ])
})

/** The script that a failed step is told with. */
function scriptOf(instruction: string, line: number | undefined, { stage = 'test', known = 0 } = {}) {
  const step: Step = { ...{ vertex: 'v', name: '', instruction, stage, state: 'failed', seconds: 1 }, logTail: [] }
  const failure: Failure = { kind: 'test', step, exitCode: 1, ...(line === undefined ? {} : { line }) }
  const told = withScript(failure, scripts, (vertex) => (vertex === 'v' && known > 0 ? known : undefined))
  return told.kind === 'test' ? told.script?.lines.at(-1) : undefined
}

test.each<[string, Parameters<typeof scriptOf>, string | undefined]>([
  ['its line is told with the error', ['RUN <<EOF (set -e...)', 2], 'EOF'],
  ['its line is one below', ['RUN <<EOF (set -e...)', 3], 'EOF'],
  ['its line is known from the provenance', ['RUN <<EOF (set -e...)', undefined, { known: 2 }], 'EOF'],
  ['it copies', ['COPY <<-A <<B /x/', 8], 'B'],
  ['its line is not known', ['RUN <<EOF (set -e...)', undefined], undefined],
  ['it has no heredoc', ['RUN make', 7], undefined],
  ['it has none, and another has', ['RUN make', 2], undefined],
  ['it is of a linked target', ['RUN <<EOF (set -e...)', 2, { stage: 'target:base:build' }], undefined]
])('a failed step has its heredocs where %s', (_, args, expected) => {
  expect(scriptOf(...args)).toBe(expected)
})
