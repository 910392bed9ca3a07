/** What an attack is, how the next one is chosen, and where the figures go. */
import { appendFileSync } from 'node:fs'

/** Makes the attack of a number; resolves to what got through, or to nothing. */
export type Area = {
  readonly name: string
  readonly doors: number
  /** So many times dearer than a look at a line; so many fewer are tried. */
  readonly cost?: number
  readonly attack: (index: number, pick: Pick) => Promise<string | undefined> | string | undefined
}

/** Chooses one of a list, differently for each attack. */
export type Pick = <T>(from: readonly T[]) => T

/** A linear congruential generator behind the choices: the same for the same seed. */
export function pickFrom(seed: number): Pick {
  let state = seed >>> 0
  return (from) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const chosen = from[Math.floor((state / 2 ** 32) * from.length)]
    if (chosen === undefined) throw new Error('nothing to choose from')
    return chosen
  }
}

/** Puts the figures of an area into the table that `script/attack` prints. */
export function tally(area: string, tried: number, through: number): void {
  const table = process.env.ATTACK_TABLE
  if (table !== undefined && table !== '') appendFileSync(table, `${area}\t${tried}\t${through}\n`)
}
