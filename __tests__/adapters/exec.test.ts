/** Commands that are ended before they end themselves. */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { createExec } from '../../src/adapters/exec.js'
import { send } from '../../src/adapters/processes.js'
import { Cancelled } from '../../src/ports.js'

jest.setTimeout(30_000)

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

test('of a program that prints without end the beginning is kept', async () => {
  const piece = 'const piece = Buffer.alloc(2 ** 20, 120); const more = () => { while (process.stdout.write(piece)); };'
  const endless = { file: process.execPath, args: ['-e', `${piece} process.stdout.on('drain', more); more()`] }
  const { stdout, timedOut } = await start()(endless, { timeoutSeconds: 3 })
  expect([timedOut, stdout.length <= 64 * 2 ** 20, /^x+$/.test(stdout.slice(0, 1000))]).toEqual([true, true, true])
})

test('a limit of time is told apart', async () => {
  const result = await start()(sleep, { timeoutSeconds: 0.2 })
  expect(result).toMatchObject({ exitCode: 143, timedOut: true })
})

describe('a grandchild that holds the pipes', () => {
  let pid = 0
  afterEach(() => void (pid > 1 && send(pid, 'SIGKILL')))

  /** A shell that prints the id of what it leaves behind, and waits for it or ends. */
  const leaving = (behind: string, then: string) => ({ file: 'sh', args: ['-c', `${behind} & echo $!; ${then}`] })
  /** Takes the id, and calls back. */
  const noting = (next = (): void => undefined) => ({
    onStdout: (chunk: Buffer) => {
      pid = Number(chunk)
      next()
    }
  })
  /** Whether it is there and stays; what was killed takes a moment. A zombie has ended: without an init nobody collects it. */
  const isLeft = async (): Promise<boolean> => {
    const isThere = () =>
      readFile(`/proc/${pid}/stat`, 'latin1').then(
        (stat) => !/\) [ZX] /.test(stat),
        () => false
      )
    for (let look = 0; look < 10 && (await isThere()); look += 1) await sleepFor(20)
    return isThere()
  }

  const stubborn = `sh -c 'trap "" TERM; sleep 60; sleep 60'`

  describe.each([
    ['ends with it', 'sleep 120', false],
    ['ends with it, also against its will', stubborn, false],
    ['is not waited for where it has left the group', 'setsid sleep 120', true]
  ])('%s', (_, behind, stays) => {
    test('once the time is up', async () => {
      const result = await start()(leaving(behind, 'wait'), { ...noting(), timeoutSeconds: 0.5 })
      expect(result).toMatchObject({ exitCode: 143, timedOut: true })
      expect(await isLeft()).toBe(stays)
    })

    test('where nobody waits for the command any more', async () => {
      const unwanted = new AbortController()
      const result = await start()(leaving(behind, 'wait'), {
        ...noting(() => setTimeout(() => unwanted.abort(), 100)),
        signal: unwanted.signal
      })
      expect(result).toMatchObject({ exitCode: 143, timedOut: false })
      expect(await isLeft()).toBe(stays)
    })

    test.each(['wait', 'exit 0'])('in a cancelled run: %s', async (then) => {
      const cancelling = new AbortController()
      const running = start(cancelling.signal)(
        leaving(behind, then),
        noting(() => setTimeout(() => cancelling.abort(), 200))
      )
      await expect(running).rejects.toThrow(Cancelled)
      expect(await isLeft()).toBe(stays)
    })
  })

  test('is waited for where the command ended by itself: its output counts', async () => {
    const result = await start()({ file: 'sh', args: ['-c', '(sleep 0.5; echo late) & echo early'] })
    expect(result).toMatchObject({ exitCode: 0, stdout: 'early\nlate\n' })
  })

  test.each([
    [0, true],
    [1, false]
  ])('without them, after exit code %i', async (exitCode, stays) => {
    const result = await start()(leaving('sleep 120 >/dev/null 2>&1', `exit ${exitCode}`), noting())
    expect(result).toMatchObject({ exitCode, timedOut: false })
    expect(await isLeft()).toBe(stays)
  })
})
