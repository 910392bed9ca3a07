import {
  analyseImage,
  mergedFiles,
  readImages,
  type AnalyseOptions,
  type ImageAnalysis
} from '../../../src/image/index.js'
import { layoutOf, temporaryFolder, writeFiles, type ImageInput, type LayerInput } from './image-builder.js'
import type { TarInput } from './tar-builder.js'

/** Writes an image to a folder, analyses it, and removes the folder. */
export async function analyse(image: ImageInput, options: AnalyseOptions = {}): Promise<ImageAnalysis> {
  await using folder = await temporaryFolder()
  const { images } = await readImages(await writeFiles(folder.path, layoutOf([image])))
  return await analyseImage(images[0]!, options)
}

/** The same for plain layers of entries. */
export function analyseLayers(
  layers: readonly (readonly TarInput[] | LayerInput)[],
  options: AnalyseOptions = {}
): Promise<ImageAnalysis> {
  return analyse({ layers: layers.map((layer) => (isLayerInput(layer) ? layer : { entries: layer })) }, options)
}

function isLayerInput(layer: readonly TarInput[] | LayerInput): layer is LayerInput {
  return !Array.isArray(layer)
}

/** What a container sees, one line a path: `/a 3` for a file, `/b/`, `/c -> a`, `/d = /a` for a hard link. Without the root. */
export function listing(analysis: ImageAnalysis): readonly string[] {
  return [...mergedFiles(analysis.tree)]
    .filter(({ path }) => path !== '/')
    .map(({ path, type, size, link }) => {
      if (type === 'directory') return `${path}/`
      if (type === 'symlink') return `${path} -> ${link}`
      if (type === 'hard-link') return `${path} = ${link}`
      return type === 'file' ? `${path} ${size}` : `${path} ${type}`
    })
    .sort()
}
