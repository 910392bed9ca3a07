/** All known doors and many around them. `script/attack` runs more of them and prints the figures. */
import { expect, jest, test } from '@jest/globals'
import { pickFrom, tally } from './area.js'
import { areas } from './areas.js'

jest.setTimeout(1_800_000)

/** Attacks around the doors of each area. */
const around = Math.min(1_000_000, Number(process.env.ATTACK_ROUNDS ?? 200))
/** What is shown of those that are through. */
const SHOWN = 5

test.each(areas.map((area) => [area.name, area] as const))('nothing gets through: %s', async (name, area) => {
  const through: string[] = []
  const tried = area.doors + Math.ceil(around / (area.cost ?? 1))
  for (let index = 0; index < tried; index += 1) {
    const got = await area.attack(index, pickFrom(index + 20_261_128))
    if (got !== undefined) through.push(got)
  }
  tally(name, tried, through.length)
  expect(through.slice(0, SHOWN)).toEqual([])
})
