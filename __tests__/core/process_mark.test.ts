/** What a process has marked can be told from what a process that has ended has marked. */
import { expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { isOfEndedProcess, processMark } from '../../src/core/process_mark.js'

const { pid: ended } = spawnSync('true')

test.each<[string, string, boolean]>([
  ['of this process', processMark(), false],
  ['of one that has ended', processMark(ended), true],
  ['of one that has ended, with more behind it', `${processMark(ended)}-0123`, true],
  ['of another machine', `00000000${processMark(ended).slice(8)}`, false],
  ['of nobody', 'runner-1-2', false]
])('a mark %s', (_, mark, hasEnded) => {
  expect(isOfEndedProcess(mark)).toBe(hasEnded)
})
