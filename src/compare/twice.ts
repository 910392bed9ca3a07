/** Two builds of one image: in what they differ, down to the file. Pure; what it is for is told in docs/inputs.md. */
import { parseJSON } from '../core/json.js'
import { isObject, type ImageLayer, type LayerFile, type PlatformImage } from '../image/index.js'

/** In what two files of one path differ, the weightiest alone. `presence`: only one of the builds has it. */
export type FileMismatch = {
  readonly path: string
  readonly differs: 'presence' | 'content' | 'attributes' | 'time'
}

/** Two images of one platform that are not the same. */
export type ImageMismatch = {
  readonly platform: string
  /** Digests of the manifests. */
  readonly first: string
  readonly second: string
  /** The lowest layer that differs; absent where all layers are the same. */
  readonly layer?: MismatchedLayer
  /** Parts of the image's config that differ, where no layer does. */
  readonly config: readonly string[]
}

export type MismatchedLayer = {
  /** From the bottom, beginning with 0. */
  readonly index: number
  /** As the report shows it. */
  readonly instruction: string
  readonly line?: number
  readonly stage?: string
  /** It is the base image's. */
  readonly base: boolean
  /** The weightiest differences first. */
  readonly files: readonly FileMismatch[]
  /** How many files differ. */
  readonly count: number
  /** The files are the same in every way, and stand in another order. */
  readonly reordered: boolean
  /**
   * Only times differ: those of the second build are the image's own time, to which `rewrite-timestamp` lowers a newer one,
   * and those of the first are older. So the first build took the step from a cache, where an earlier one had put it.
   */
  readonly madeBefore: boolean
}

/** Files that are named. */
const MOST_NAMED = 20

const byWeight: readonly FileMismatch['differs'][] = ['content', 'presence', 'attributes', 'time']

/**
 * Compares the entries of two layers. Where neither count nor order says anything, it is the compression that differs.
 * @param time seconds since 1970: the newest a file of an own layer may have; absent where each has its own
 */
export function compareLayerFiles(
  first: readonly LayerFile[],
  second: readonly LayerFile[],
  time?: number
): Pick<MismatchedLayer, 'files' | 'count' | 'reordered' | 'madeBefore'> {
  const before = new Map(first.map((file) => [file.path, file]))
  const after = new Map(second.map((file) => [file.path, file]))
  const all = [...new Set([...before.keys(), ...after.keys()])].flatMap((path): readonly FileMismatch[] => {
    const differs = differenceOf(before.get(path), after.get(path))
    return differs === undefined ? [] : [{ path, differs }]
  })
  const files = byWeight.flatMap((kind) => all.filter(({ differs }) => differs === kind))
  const reordered = all.length === 0 && first.some(({ path }, at) => path !== second[at]?.path)
  const isOlder = ({ path, differs }: FileMismatch): boolean =>
    differs === 'time' && after.get(path)?.modified === time && (before.get(path)?.modified ?? NaN) < (time ?? NaN)
  const madeBefore = all.length > 0 && all.every(isOlder)
  return { files: files.slice(0, MOST_NAMED), count: all.length, reordered, madeBefore }
}

function differenceOf(one: LayerFile | undefined, other: LayerFile | undefined): FileMismatch['differs'] | undefined {
  if (one === undefined || other === undefined) return 'presence'
  if (one.type !== other.type || one.content !== other.content) return 'content'
  if (one.attributes !== other.attributes) return 'attributes'
  return Object.is(one.modified, other.modified) ? undefined : 'time'
}

/** The lowest place at which the layers of two images differ, with what stands there. */
export function firstDifference(
  one: PlatformImage,
  other: PlatformImage
): { readonly index: number; readonly pair: readonly [ImageLayer | undefined, ImageLayer | undefined] } | undefined {
  const length = Math.max(one.layers.length, other.layers.length)
  for (let index = 0; index < length; index += 1) {
    const pair = [one.layers[index], other.layers[index]] as const
    if (pair[0]?.descriptor.digest !== pair[1]?.descriptor.digest) return { index, pair }
  }
  return undefined
}

/** Members of two configs that differ, those of their inner `config` by name. */
export function configDifference(one: string, other: string): readonly string[] {
  const [before, after] = [membersOf(one), membersOf(other)]
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).sort()
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  const parsed = parseJSON(text)
  const { config, ...rest } = isObject(parsed) ? parsed : {}
  return isObject(config) ? { ...rest, ...config } : rest
}
