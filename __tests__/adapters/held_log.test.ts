/** What waits is written in its order, groups included. */
import { expect, test } from '@jest/globals'
import { setImmediate as soon } from 'node:timers/promises'
import { holdLog, inTurns } from '../../src/adapters/held_log.js'
import type { Log } from '../../src/ports.js'

/** A log as the runner prints it. */
function printed(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  return {
    lines,
    log: {
      ...{ info: write, untrusted: write, notice: write, warning: write, error: write, debug: write },
      async group(title, body) {
        lines.push(`> ${title}`)
        try {
          return await body()
        } finally {
          lines.push('<')
        }
      }
    }
  }
}

test('nothing is written before it is released, and all of it then, in its order', async () => {
  const { log, lines } = printed()
  const held = holdLog(log)
  held.log.info('one')
  await held.log.group('group', () => Promise.resolve(held.log.untrusted('two')))
  held.log.warning('three', { title: '' })
  expect(lines).toEqual([])
  await held.release()
  expect(lines).toEqual(['one', '> group', 'two', '<', 'three'])
  held.log.info('four')
  expect(lines.at(-1)).toBe('four')
})

test('a group that goes on while it is released goes on in the log', async () => {
  const { log, lines } = printed()
  const held = holdLog(log)
  const { promise, resolve } = Promise.withResolvers<void>()
  const running = held.log.group('group', async () => {
    held.log.info('one')
    await promise
    held.log.info('two')
    return 3
  })
  await held.release()
  expect(lines).toEqual(['> group', 'one'])
  resolve()
  expect(await running).toBe(3)
  held.log.info('four')
  expect(lines).toEqual(['> group', 'one', 'two', '<', 'four'])
})

test('a group whose body fails ends, and the failure is its caller’s', async () => {
  const { log, lines } = printed()
  const held = holdLog(log)
  await expect(held.log.group('group', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await held.release()
  await soon()
  expect(lines).toEqual(['> group', '<'])
})

test('parts stand one after the other, in whichever order they end', async () => {
  const { log, lines } = printed()
  const [a, b, c] = inTurns(log, ['a', 'b', 'c'])
  if (a === undefined || b === undefined || c === undefined) throw new Error('there are three')
  c.log.info('c1')
  a.log.info('a1')
  b.log.info('b1')
  await c.done()
  expect(lines).toEqual(['a1'])
  a.log.info('a2')
  await a.done()
  expect(lines).toEqual(['a1', 'a2', 'b1'])
  b.log.info('b2')
  await b.done()
  expect(lines).toEqual(['a1', 'a2', 'b1', 'b2', 'c1'])
})

test('each part says whose it is', async () => {
  const { log, lines } = printed()
  const names = ['api', 'web', 'cli']
  for (const { item, log: own, done } of inTurns(log, names)) {
    own.info(item)
    await done()
  }
  expect(lines).toEqual(names)
  expect(inTurns(log, [])).toEqual([])
})

test('a part that ends while another one is written out does not begin in the middle of it', async () => {
  const { log, lines } = printed()
  const [a, b, c] = inTurns(log, ['a', 'b', 'c'])
  if (a === undefined || b === undefined || c === undefined) throw new Error('there are three')
  await b.log.group('b', () => Promise.resolve(b.log.info('b1')))
  await b.done()
  await c.log.group('c', () => Promise.resolve(c.log.info('c1')))
  const first = a.done()
  await Promise.all([first, c.done()])
  expect(lines).toEqual(['> b', 'b1', '<', '> c', 'c1', '<'])
})
