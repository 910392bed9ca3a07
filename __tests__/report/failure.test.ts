/** The box of the command that failed. */
import { expect, test } from '@jest/globals'
import type { Script } from '../../src/failure/failure.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { redTest } from './support/reports.js'

function boxOf(instruction: string, script?: Script): string {
  const report = redTest()
  if (report.outcome.kind === 'green' || report.outcome.failure.kind !== 'test') throw new Error('a test is to be red')
  const { failure } = report.outcome
  const failed = {
    ...failure,
    step: { ...failure.step, instruction },
    ...(script === undefined ? {} : { script })
  }
  const summary = renderSummary({ ...report, outcome: { kind: 'red', failure: failed } })
  return /```dockerfile\n([^]*?)\n```/.exec(summary)?.[1] ?? ''
}

test('a step with a heredoc is shown with its lines', () => {
  const lines = ['set -e', 'pytest', 'EOF']
  expect(boxOf('RUN --network=none <<EOF (set -e...)', { lines, more: 0 })).toBe(
    'RUN --network=none <<EOF\nset -e\npytest\nEOF'
  )
  expect(boxOf('RUN <<EOF (set -e...)', { lines: ['set -e'], more: 1200 })).toBe(
    'RUN <<EOF\nset -e\n… 1,200 more lines'
  )
})

test('without them as BuildKit names it', () => {
  expect(boxOf('RUN <<EOF (set -e...)')).toBe('RUN <<EOF (set -e...)')
})
