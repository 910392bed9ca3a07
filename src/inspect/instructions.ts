/** Instructions as the Dockerfile has them: BuildKit writes the values of variables into the names of its steps. */
import { parseDockerfile } from '../dockerfile/index.js'
import type { ImageReport } from './model.js'

/** The layers of images with the Dockerfile's own words, where a line is known and has a variable in it. */
export function withOwnWords(images: readonly ImageReport[], dockerfile: string | undefined): readonly ImageReport[] {
  if (dockerfile === undefined) return images
  const texts = new Map(parseDockerfile(dockerfile).instructions.map(({ line, text }) => [line, text]))
  return images.map((image) => ({
    ...image,
    layers: image.layers.map((layer) => {
      const own = layer.base || layer.line === undefined ? undefined : texts.get(layer.line)
      const isSame = own?.split(' ', 1)[0]?.toUpperCase() === layer.instruction.split(' ', 1)[0]?.toUpperCase()
      return own !== undefined && isSame && own.includes('$') ? { ...layer, instruction: own } : layer
    })
  }))
}
