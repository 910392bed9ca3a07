/** Several images at once: which of them the run ends with, and what is said. */
import { expect, test } from '@jest/globals'
import { setImmediate as soon } from 'node:timers/promises'
import { sideBySide, type Side } from '../../src/phases/side_by_side.js'
import { Cancelled } from '../../src/ports.js'
import { keptLog } from '../buildkit/support/buildx.js'

type Build = (side: Side) => Promise<string>

/** Builds them; tells what came of it, and at which image the run was then. */
async function together(builds: Readonly<Record<string, Build>>, signal = new AbortController().signal) {
  const { log, lines } = keptLog()
  let at: string | undefined
  const images = Object.entries(builds).map(([name, build]) => ({ build, turn: () => void (at = name) }))
  const end = await sideBySide(images, { log, signal }, ({ build }, side) => build(side)).catch(
    (error: unknown) => error
  )
  return { end, at, lines }
}

/** Goes on until it is not wanted any more. */
const waits: Build = async ({ unwanted }) => {
  while (!unwanted.aborted) await soon()
  throw new Cancelled()
}

/** Red, which takes a while to be told. */
const red =
  (error: Error): Build =>
  async ({ onRed }) => {
    onRed()
    for (let turn = 0; turn < 5; turn += 1) await soon()
    throw error
  }

const wrong = new Error('the first')
const other = new Error('another')

test('come back in their order', async () => {
  const late: Build = () => soon('a')
  expect(await together({ a: late, b: () => Promise.resolve('b') })).toMatchObject({ end: ['a', 'b'], at: undefined })
})

test.each<[string, Readonly<Record<string, Build>>]>([
  ['another one is ended', { b: red(wrong), a: waits }],
  ['another one breaks meanwhile', { b: red(wrong), a: () => soon().then(() => Promise.reject(other)) }],
  ['another one is red as well', { b: red(wrong), a: red(other) }],
  [
    'another one breaks when it is ended',
    { a: (side) => waits(side).catch(() => Promise.reject(other)), b: red(wrong) }
  ]
])('the first that is red is the one that is told, while %s', async (_, builds) => {
  expect(await together(builds)).toMatchObject({ end: wrong, at: 'b' })
})

test('none is begun after it', async () => {
  const begun: string[] = []
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const builds = names.map((name): [string, Build] => [
    name,
    (side) => {
      begun.push(name)
      return name === 'b' ? Promise.reject(wrong) : waits(side)
    }
  ])
  expect(await together(Object.fromEntries(builds))).toMatchObject({ end: wrong, at: 'b' })
  expect(begun).toEqual(['a', 'b', 'c', 'd'])
})

test('a run that is cancelled ends all of them', async () => {
  const cancelling = new AbortController()
  const cancels: Build = (side) => {
    cancelling.abort()
    return waits(side)
  }
  const { end } = await together({ a: waits, b: cancels }, cancelling.signal)
  expect(end).toBeInstanceOf(Cancelled)
})

test('what each says stands together, also of the one that is ended', async () => {
  const says =
    (name: string, build: Build): Build =>
    async (side) => {
      side.log.info(`${name} begins`)
      return build(side).finally(() => side.log.info(`${name} ends`))
    }
  const { lines } = await together({ a: says('a', waits), b: says('b', red(wrong)) })
  expect(lines).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})

test('never come back without one of them, even where the first that was red is there all the same', async () => {
  const there: Build = ({ onRed }) => {
    onRed()
    return Promise.resolve('a')
  }
  const { end } = await together({ a: there, b: waits })
  expect(end).toBeInstanceOf(Error)
})
