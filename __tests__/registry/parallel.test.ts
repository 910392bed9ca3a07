import { describe, expect, test } from '@jest/globals'
import { setImmediate } from 'node:timers/promises'
import { inParallel } from '../../src/registry/parallel.js'

const items = Array.from({ length: 12 }, (_, index) => index)
const never = new AbortController().signal

/** Work whose end is told from outside. */
function begin(saysSent: (item: number) => boolean = () => false) {
  const ends = new Map<number, { readonly resolve: () => void; readonly reject: (error: Error) => void }>()
  const stopped: number[] = []
  const working = inParallel(items, never, (item, stop, sent) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    ends.set(item, { resolve, reject })
    stop.addEventListener('abort', () => {
      stopped.push(item)
      resolve()
    })
    if (saysSent(item)) sent()
    return promise
  })
  return { working, ends, stopped, begun: () => [...ends.keys()] }
}

async function finish({ working, ends }: ReturnType<typeof begin>): Promise<void> {
  for (const item of items) {
    ends.get(item)?.resolve()
    await setImmediate()
  }
  await working
}

describe('four at once', () => {
  test('and another one when one is done', async () => {
    const work = begin()
    await setImmediate()
    expect(work.begun()).toEqual([0, 1, 2, 3])
    work.ends.get(2)?.resolve()
    await setImmediate()
    expect(work.begun()).toEqual([0, 1, 2, 3, 4])
    await finish(work)
    expect(work.begun()).toEqual(items)
  })

  test('and as many more as wait for nothing but an answer', async () => {
    const work = begin((item) => item < 8)
    await setImmediate()
    // Two for each of the four, and no third one before the first is answered.
    expect(work.begun()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    work.ends.get(0)?.resolve()
    await setImmediate()
    expect(work.begun()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    await finish(work)
    expect(work.begun()).toEqual(items)
  })
})

test('one that fails while its answer is waited for ends the others, and no other one begins', async () => {
  const work = begin((item) => item === 0)
  await setImmediate()
  expect(work.begun()).toEqual([0, 1, 2, 3, 4])
  work.ends.get(0)?.reject(new Error('refused'))
  await expect(work.working).rejects.toThrow('refused')
  expect(work.stopped).toEqual(expect.arrayContaining([1, 2, 3, 4]))
  expect(work.begun()).toEqual([0, 1, 2, 3, 4])
})
