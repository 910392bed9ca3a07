/** Commands that are ended before they end themselves. */
import { expect, test } from '@jest/globals'
import { createExec } from '../../src/adapters/exec.js'
import { Cancelled } from '../../src/ports.js'

const sleep = { file: process.execPath, args: ['-e', 'console.log("up"); setTimeout(() => {}, 60_000)'] }

function start(signal = new AbortController().signal): ReturnType<typeof createExec> {
  return createExec({ PATH: process.env.PATH ?? '' }, signal)
}

test('a command that nobody waits for any more ends, and its result says how', async () => {
  const unwanted = new AbortController()
  const result = await start()(sleep, { signal: unwanted.signal, onStdout: () => unwanted.abort() })
  expect(result).toMatchObject({ exitCode: 143, timedOut: false })
})

test('so does one that nobody waited for from the start', async () => {
  const result = await start()(sleep, { signal: AbortSignal.abort() })
  expect(result.exitCode).toBe(143)
})

test('a cancelled run is no result', async () => {
  const cancelling = new AbortController()
  const running = start(cancelling.signal)(sleep, { onStdout: () => cancelling.abort() })
  await expect(running).rejects.toThrow(Cancelled)
})

test('a limit of time is told apart', async () => {
  const result = await start()(sleep, { timeoutSeconds: 0.2 })
  expect(result).toMatchObject({ exitCode: 143, timedOut: true })
})
