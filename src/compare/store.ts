/** Snapshots as text, and back. What is read may have been written by anybody: it is parsed, within bounds, or rejected with the reason. */
import { isDigest, isObject, type Digest, type JSONObject } from '../image/index.js'
import { MOST_BYTES, MOST_FILES, readColumns, writeColumns, type FileColumns, type LeftOut } from './files.js'
import { MOST_INSTRUCTION, MOST_LAYERS, withFewerFiles, type Snapshot, type SnapshotLayer } from './record.js'

/** Snapshots, or why the text holds none, as a clause that follows its name: `is not JSON`. */
export type ParsedSnapshots =
  { readonly ok: true; readonly snapshots: readonly Snapshot[] } | { readonly ok: false; readonly reason: string }

/** Characters of the whole text. */
export const MOST_TEXT = 32 * 2 ** 20

/** Platforms of one text. */
const MOST_PLATFORMS = 64

/** Characters of a name, and sentences of omissions. */
const MOST_NAME = 200
const MOST_OMISSIONS = 100

/** JSON values of the whole text: columns are one string each, so there are few, and a hostile text can't blow up when parsed. */
const MOST_VALUES = 500_000

const FORMAT = 'stagegate-snapshots'
const VERSION = 1

/** Writes one snapshot per platform as JSON, never longer than `MOST_TEXT`: the smallest files go first. */
export function writeSnapshots(snapshots: readonly Snapshot[]): string {
  for (let most = MOST_FILES; ; most = Math.floor(most / 2)) {
    const images = snapshots.slice(0, MOST_PLATFORMS).map((snapshot) => imageOf(withFewerFiles(snapshot, most)))
    const text = JSON.stringify({ format: FORMAT, version: VERSION, images })
    if (text.length <= MOST_TEXT || most === 0) return text
  }
}

function imageOf(snapshot: Snapshot): JSONObject {
  const { files, layers, ...image } = snapshot
  return {
    ...image,
    layers: layers.map(({ base, ...layer }) => (base ? { ...layer, base } : layer)),
    files: { ...writeColumns(files.list), ...(files.leftOut === undefined ? {} : { leftOut: files.leftOut }) }
  }
}

/** Reads what `writeSnapshots` wrote. Never throws; memory is bounded by `MOST_TEXT` and `MOST_FILES`. */
export function parseSnapshots(text: string): ParsedSnapshots {
  if (text.length > MOST_TEXT) return { ok: false, reason: `is longer than ${MOST_TEXT} characters` }
  if (countValues(text) > MOST_VALUES) return { ok: false, reason: `has more than ${MOST_VALUES} values` }
  try {
    const json: unknown = JSON.parse(text)
    return { ok: true, snapshots: readDocument(json) }
  } catch (caught) {
    if (caught instanceof Rejection) return { ok: false, reason: caught.message }
    if (caught instanceof SyntaxError) return { ok: false, reason: 'is not JSON' }
    throw caught
  }
}

/** Inside this file alone: what is wrong with a text, on its way to `parseSnapshots`. */
class Rejection extends Error {}

function reject(reason: string): never {
  throw new Rejection(reason)
}

/** An upper bound of the values in a JSON text: what begins one, outside of strings. */
function countValues(text: string): number {
  let values = 1
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (inString) {
      if (character === 0x5c) at++
      else if (character === 0x22) inString = false
    } else if (character === 0x22) inString = true
    else if (character === 0x2c || character === 0x5b || character === 0x7b || character === 0x3a) values++
  }
  return values
}

function readDocument(json: unknown): readonly Snapshot[] {
  const document = objectAt(json, 'the document')
  if (document.format !== FORMAT) reject('is not a stored baseline')
  if (document.version !== VERSION) reject('was written by another version of this action')
  const images = arrayAt(document.images, 'images', MOST_PLATFORMS)
  const snapshots = images.map((image, at) => readImage(objectAt(image, `images[${at}]`), `images[${at}]`))
  const platforms = new Set(snapshots.map(({ platform }) => platform))
  if (platforms.size !== snapshots.length) reject('has two images of one platform')
  return snapshots
}

function readImage(image: JSONObject, where: string): Snapshot {
  const layers = arrayAt(image.layers, `${where}: layers`, MOST_LAYERS).map((layer, at) =>
    readLayer(objectAt(layer, `${where}: layers[${at}]`), `${where}: layers[${at}]`)
  )
  const files = objectAt(image.files, `${where}: files`)
  const list = readColumns(readFileColumns(files, `${where}: files`), layers.length)
  if (typeof list === 'string') reject(`${where} ${list}`)
  const { leftOut } = files
  const { transferSize, manifestDigest, base } = image
  return {
    platform: textAt(image.platform, `${where}: platform`, MOST_NAME),
    size: bytesAt(image.size, `${where}: size`),
    reclaimable: bytesAt(image.reclaimable, `${where}: reclaimable`),
    layers,
    files: leftOut === undefined ? { list } : { list, leftOut: readLeftOut(leftOut, `${where}: leftOut`) },
    omissions: arrayAt(image.omissions, `${where}: omissions`, MOST_OMISSIONS).map((omission) =>
      textAt(omission, `${where}: omissions`, MOST_INSTRUCTION)
    ),
    ...(transferSize === undefined ? {} : { transferSize: bytesAt(transferSize, `${where}: transferSize`) }),
    ...(manifestDigest === undefined ? {} : { manifestDigest: digestAt(manifestDigest, `${where}: manifestDigest`) }),
    ...(base === undefined ? {} : { base: textAt(base, `${where}: base`, MOST_INSTRUCTION) })
  }
}

function readLayer(layer: JSONObject, where: string): SnapshotLayer {
  const { contentDigest, transferSize, line, stage, base } = layer
  if (base !== undefined && typeof base !== 'boolean') reject(`${where}: base is neither true nor false`)
  return {
    digest: digestAt(layer.digest, `${where}: digest`),
    diffID: digestAt(layer.diffID, `${where}: diffID`),
    size: bytesAt(layer.size, `${where}: size`),
    instruction: textAt(layer.instruction, `${where}: instruction`, MOST_INSTRUCTION),
    base: base === true,
    ...(contentDigest === undefined ? {} : { contentDigest: digestAt(contentDigest, `${where}: contentDigest`) }),
    ...(transferSize === undefined ? {} : { transferSize: bytesAt(transferSize, `${where}: transferSize`) }),
    ...(line === undefined ? {} : { line: bytesAt(line, `${where}: line`) }),
    ...(stage === undefined ? {} : { stage: textAt(stage, `${where}: stage`, MOST_INSTRUCTION) })
  }
}

function readFileColumns(files: JSONObject, where: string): FileColumns {
  return {
    count: bytesAt(files.count, `${where}: count`),
    names: textAt(files.names, `${where}: names`),
    shared: textAt(files.shared, `${where}: shared`),
    sizes: textAt(files.sizes, `${where}: sizes`),
    layers: textAt(files.layers, `${where}: layers`),
    crcs: textAt(files.crcs, `${where}: crcs`)
  }
}

function readLeftOut(value: unknown, where: string): LeftOut {
  const leftOut = objectAt(value, where)
  return {
    files: bytesAt(leftOut.files, `${where}: files`),
    size: bytesAt(leftOut.size, `${where}: size`),
    largest: bytesAt(leftOut.largest, `${where}: largest`)
  }
}

function objectAt(value: unknown, where: string): JSONObject {
  return isObject(value) ? value : reject(`${where} is not an object`)
}

function arrayAt(value: unknown, where: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) reject(`${where} is not a list`)
  if (value.length > most) reject(`${where} has more than ${most} items`)
  return value
}

function textAt(value: unknown, where: string, most: number = MOST_TEXT): string {
  if (typeof value !== 'string') reject(`${where} is not a string`)
  if (value.length > most) reject(`${where} is longer than ${most} characters`)
  return value
}

function bytesAt(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST_BYTES) return value
  return reject(`${where} is not a whole number of 0 or more`)
}

function digestAt(value: unknown, where: string): Digest {
  return typeof value === 'string' && isDigest(value) ? value : reject(`${where} is not a digest`)
}
