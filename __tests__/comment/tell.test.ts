/** What the second action says at its end, also where a file of the runner cannot be written. */
import { expect, test } from '@jest/globals'
import type { CommentResult } from '../../src/comment/run.js'
import { tell } from '../../src/comment/tell.js'
import type { Runner } from '../../src/ports.js'
import { keptLog } from '../buildkit/support/buildx.js'

const result: CommentResult = {
  ...{ done: ['"app": a comment was written.'], warnings: [], problems: [] },
  ...{ pullRequest: 7, comments: ['https://github.com/acme/app/pull/7#1'] }
}

async function told(change: Partial<CommentResult> = {}, setOutput?: Runner['setOutput']) {
  const { log, lines } = keptLog()
  const outputs: Record<string, string> = {}
  let summary = ''
  const runner: Runner = {
    ...{ mask: () => undefined, saveState: () => undefined, exportVariable: () => undefined },
    setOutput: setOutput ?? ((name, value) => void (outputs[name] = value)),
    writeSummary: (text) => Promise.resolve(void (summary = text))
  }
  const isGreen = await tell({ log, runner }, { ...result, ...change })
  return { isGreen, lines, outputs, summary }
}

test('what was done is said, and green', async () => {
  const { isGreen, lines, outputs, summary } = await told()
  expect([isGreen, lines]).toEqual([true, result.done])
  expect(outputs).toEqual({ 'pull-request': '7', comments: 'https://github.com/acme/app/pull/7#1' })
  expect(summary).toContain('a comment was written')
})

test('a report that is none is red', async () => {
  const { isGreen, lines } = await told({ problems: [{ input: 'report', problem: 'it is not JSON', fix: 'Look.' }] })
  expect([isGreen, lines.at(-1)]).toEqual([false, 'report: it is not JSON. Look.'])
})

test.each([
  [
    Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
    /no space, or no inode, is left/
  ],
  [new Error('Missing file at path: /no/such/output'), /Missing file at path: \/no\/such\/output\.$/]
])('outputs that cannot be written are red, and keep back nothing else: %s', async (error, words) => {
  const { isGreen, lines, summary } = await told({}, () => {
    throw error
  })
  expect(isGreen).toBe(false)
  expect(lines.at(-1)).toMatch(/^The outputs could not be written, so the steps after this one do not get them: /)
  expect(lines.at(-1)).toMatch(words)
  expect(summary).toContain('a comment was written')
})
