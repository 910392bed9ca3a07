/** Instructions as the Dockerfile has them: BuildKit writes the values of variables into the names of its steps. */
import { parseDockerfile } from '../dockerfile/index.js'
import type { ImageReport } from './model.js'

/** The layers of images with the Dockerfile's own words, where its line is known, and else without the values of build arguments. */
export function withOwnWords(
  images: readonly ImageReport[],
  dockerfile: string | undefined,
  buildArgs: readonly string[]
): readonly ImageReport[] {
  const instructions = dockerfile === undefined ? [] : parseDockerfile(dockerfile).instructions
  const texts = new Map(instructions.map(({ line, text }) => [line, text]))
  return images.map((image) => ({
    ...image,
    layers: image.layers.map((layer) => {
      if (layer.base) return layer
      const own = layer.line === undefined ? undefined : texts.get(layer.line)
      const isSame = own?.split(' ', 1)[0]?.toUpperCase() === layer.instruction.split(' ', 1)[0]?.toUpperCase()
      if (own === undefined || !isSame) return { ...layer, instruction: withoutValues(layer.instruction, buildArgs) }
      return hasVariables(own) ? { ...layer, instruction: own } : layer
    })
  }))
}

/** Whether BuildKit's words for an instruction may have values in them. Of a heredoc it shows a line. */
export function hasVariables(instruction: string): boolean {
  return instruction.includes('$') || instruction.includes('<<')
}

/** A shorter value is found in any instruction. */
const SHORTEST_VALUE = 6

/** An instruction with the names of build arguments in the place of their values, where nobody knows the Dockerfile's words. */
export function withoutValues(instruction: string, buildArgs: readonly string[]): string {
  const values = buildArgs
    .map((argument) => ({ name: argument.replace(/=.*$/s, ''), value: argument.replace(/^[^=]*=?/s, '') }))
    .filter(({ value }) => value.trim().length >= SHORTEST_VALUE)
    .toSorted((a, b) => b.value.length - a.value.length)
  return values.reduce((text, { name, value }) => text.replaceAll(value, () => `$${name}`), instruction)
}
