/** What was thrown, told as what ended the run. */
import { expect, test } from '@jest/globals'
import { failureOf } from '../../src/failure/of.js'
import { Stop } from '../../src/failure/stop.js'
import { Cancelled, ProgramMissing } from '../../src/ports.js'

const veto = { kind: 'verify', results: [] } as const

test.each([
  ['its own failure', new Stop(veto), veto],
  ['a cancel', new Cancelled(), { kind: 'cancelled' }],
  ['a program that is not there', new ProgramMissing('tar'), { kind: 'engine', fix: 'Install tar on the runner.' }],
  ['the disk', Object.assign(new Error('write'), { code: 'ENOSPC' }), { kind: 'engine' }],
  ['a defect', new TypeError('x is not a function'), { kind: 'internal', message: 'TypeError: x is not a function' }],
  ['what is no error', 'no', { kind: 'internal', message: 'no' }]
])('%s', (_, thrown, expected) => {
  expect(failureOf(thrown)).toMatchObject(expected)
})

test('what ended the run, where cleaning up after it failed as well', async () => {
  const run = async (): Promise<void> => {
    await using stack = new AsyncDisposableStack()
    stack.defer(() => Promise.reject(new Error('EACCES')))
    stack.defer(() => Promise.reject(new Error('EBUSY')))
    throw new Stop(veto)
  }
  expect(await run().catch(failureOf)).toEqual(veto)
})
