/** What BuildKit calls a step in the Dockerfile's own words: it writes the values of variables into its names. */
import { parseName } from '../buildkit/progress.js'
import { isWork, withoutLink, type Step } from '../core/step.js'
import { hasVariables, withoutValues } from '../inspect/instructions.js'
import { indexSteps, type BuildRecord } from './record.js'

/**
 * Replaces texts that are the name or the instruction of a step; others are returned as they are.
 * @param now the record of these steps, in their order; absent where there is none
 */
export function ownWords(
  steps: readonly Step[],
  buildArgs: readonly string[],
  now?: BuildRecord
): (text: string) => string {
  const words = new Map<string, string>()
  const places = now === undefined ? [] : indexSteps(now).places
  steps.forEach((step, index) => {
    if (!isWork(step)) return // the report names the image anyway
    const { name, instruction } = step
    const written = parseName(name)?.instruction ?? instruction
    const head = name.slice(0, name.length - written.length)
    const place = places[index]
    const text = place === undefined ? undefined : now?.stages[place.stage]?.instructions[place.instruction]?.text
    const own = text ?? withoutValues(withoutLink(written), buildArgs)
    if (text !== undefined && !hasVariables(text)) return
    for (const link of ['', 'LINK ']) {
      words.set(`${link}${withoutLink(written)}`, `${link}${own}`)
      words.set(`${head}${link}${withoutLink(written)}`, `${head}${link}${own}`)
    }
  })
  return (text) => words.get(text) ?? text
}
