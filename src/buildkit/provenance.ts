/**
 * The metadata file of a build: the image's digests and, from the provenance in it, which Dockerfile line made which
 * step and which layer. The builder says this itself, so nothing here parses a Dockerfile.
 * https://docs.docker.com/build/metadata/attestations/slsa-definitions/ (mode=max)
 */
import { asArray, asNumber, asObject, asString, dig, parseJSON } from '../core/json.js'

/** Digests as in build-push-action's outputs of the same names; absent where nothing was exported. */
export type BuildMetadata = {
  readonly digest?: string
  readonly configDigest?: string
  readonly mediaType?: string
  /** The file's text, for the `metadata` output. */
  readonly text: string
  readonly provenance: Provenance
}

/** What the provenance tells, joined by digests. Empty where the builder gave none (buildx before 0.14). */
export type Provenance = {
  /** 1-based first line of the instruction, by vertex digest. */
  readonly lines: ReadonlyMap<string, number>
  /** The vertex that added a layer, by `chainKey`: a layer alone says little, all empty ones being the same. */
  readonly layerSteps: ReadonlyMap<string, string>
  /** Digests of the layers that a step's result consists of, by vertex digest; of steps whose layers have been made. */
  readonly stepLayers: ReadonlyMap<string, readonly string[]>
  /** Digests of the layers of what was built, lowest first, before an exporter changed any; absent for several platforms. */
  readonly result?: readonly string[]
  /** Reference of an image named in the Dockerfile, by the `chainKey` of all its layers. */
  readonly baseImages: ReadonlyMap<string, string>
  /** Digest of what was fetched, by its package URL or address: images, git commits, files of the web. */
  readonly materials: ReadonlyMap<string, string>
  /** Compressed bytes of the layers that have been made, by digest. */
  readonly layerSizes?: ReadonlyMap<string, number>
}

/** A layer by its digest and those of the layers below it, lowest first. */
export function chainKey(digests: readonly string[]): string {
  return digests.join(' ')
}

const IMAGE_SCHEME = 'docker-image://'
const BUILDKIT_METADATA = 'https://mobyproject.org/buildkit@v1#metadata'

/** Reads the text of a metadata file; unusable text gives empty metadata. */
export function parseMetadata(text: string): BuildMetadata {
  return readMetadata(parseJSON(text), text)
}

/** Reads the metadata of each target of a bake call. */
export function parseBakeMetadata(text: string): ReadonlyMap<string, BuildMetadata> {
  const targets = Object.entries(asObject(parseJSON(text)) ?? {})
  return new Map(targets.map(([name, json]) => [name, readMetadata(json, JSON.stringify(json, undefined, 2))]))
}

/** What nothing was written of. */
export const noMetadata: BuildMetadata = readMetadata(undefined, '')

function readMetadata(value: unknown, text: string): BuildMetadata {
  const json = asObject(value) ?? {}
  const digest = asString(json['containerimage.digest'])
  const mediaType = asString(dig(json['containerimage.descriptor'], 'mediaType'))
  const config = asString(json['containerimage.config.digest'])
  // Docker 26 gives an index's own digest here.
  const configDigest = config === digest && mediaType !== undefined ? undefined : config
  const provenances = Object.keys(json)
    .filter((key) => key.startsWith('buildx.build.provenance')) // one per platform, "…/linux/amd64", where there are several
    .map((key) => json[key])
  return {
    text,
    provenance: readProvenances(provenances),
    ...(digest === undefined ? {} : { digest }),
    ...(configDigest === undefined ? {} : { configDigest }),
    ...(mediaType === undefined ? {} : { mediaType })
  }
}

function readProvenances(provenances: readonly unknown[]): Provenance {
  const lines = new Map<string, number>()
  const layerSteps = new Map<string, string>()
  const baseImages = new Map<string, string>()
  const stepLayers = new Map<string, readonly string[]>()
  const materials = new Map<string, string>()
  const layerSizes = new Map<string, number>()
  const results: (readonly string[])[] = []

  for (const provenance of provenances) {
    for (const material of asArray(dig(provenance, 'materials'))) {
      const [digest] = Object.values(asObject(dig(material, 'digest')) ?? {})
      const uri = asString(dig(material, 'uri'))
      if (uri !== undefined && typeof digest === 'string') materials.set(uri, digest)
    }
    const stepVertices = new Map<string, string>()
    for (const [vertex, step] of Object.entries(asObject(dig(provenance, 'buildConfig', 'digestMapping')) ?? {})) {
      if (typeof step === 'string') stepVertices.set(step, vertex)
    }
    const metadata = dig(provenance, 'metadata', BUILDKIT_METADATA)
    const locations = asObject(dig(metadata, 'source', 'locations')) ?? {}
    for (const [step, location] of Object.entries(locations)) {
      const vertex = stepVertices.get(step)
      const line = asNumber(dig(asArray(dig(asArray(dig(location, 'locations'))[0], 'ranges'))[0], 'start', 'line'))
      if (vertex !== undefined && line !== undefined) lines.set(vertex, line)
    }

    const parents = new Map<string, string>()
    /** The output that was asked for: the last definition does nothing but name it. */
    let asked: string | undefined
    /** How many layers a step adds to its first input. */
    const adding = new Map<string, number>()
    const sources = new Map<string, string>()
    for (const definition of asArray(dig(provenance, 'buildConfig', 'llbDefinition'))) {
      const id = asString(dig(definition, 'id')) ?? ''
      const inputs = asArray(dig(definition, 'inputs'))
      const parent = asString(inputs[0])
      if (parent !== undefined) parents.set(id, parent)
      const op = dig(definition, 'op', 'Op')
      if (Object.keys(asObject(op) ?? {}).length === 0) asked = parent
      if (dig(op, 'exec') !== undefined || dig(op, 'file') !== undefined) adding.set(id, 1)
      // COPY --link: the files of each further input are a layer of their own upon the first.
      if (dig(op, 'merge') !== undefined) adding.set(id, inputs.length - 1)
      const source = asString(dig(definition, 'op', 'Op', 'source', 'identifier'))
      if (source?.startsWith(IMAGE_SCHEME) === true)
        sources.set(id, source.slice(IMAGE_SCHEME.length).replace(/@.*$/, ''))
    }

    const chains = asObject(dig(metadata, 'layers')) ?? {}
    const chainOf = (output: string): readonly string[] =>
      asArray(asArray(chains[output])[0]).map((layer) => asString(dig(layer, 'digest')) ?? '')
    if (asked !== undefined) results.push(chainOf(asked))
    for (const layer of Object.values(chains).flatMap((outputs) => asArray(outputs).flatMap(asArray))) {
      const size = asNumber(dig(layer, 'size'))
      if (size !== undefined) layerSizes.set(asString(dig(layer, 'digest')) ?? '', size)
    }
    for (const output of Object.keys(chains)) {
      const step = output.slice(0, output.lastIndexOf(':'))
      const chain = chainOf(output)
      const maker = stepVertices.get(step)
      if (maker !== undefined) stepLayers.set(maker, chain)
      const source = sources.get(step)
      if (source !== undefined) {
        baseImages.set(chainKey(chain), source)
        continue
      }
      // A step that comes from a cache needs no base image, and the builder then does not know its layers. They are all
      // but those that the step adds.
      const parent = parents.get(step) ?? ''
      const base = sources.get(parent.replace(/:\d+$/, ''))
      const own = adding.get(step) ?? 0
      if (base !== undefined && own > 0 && chain.length > own && chainOf(parent).length === 0) {
        baseImages.set(chainKey(chain.slice(0, -own)), base)
      }
      // A step's chain is its parent's with at most one layer more: its own.
      const added = chain.length > chainOf(parent).length
      const vertex = stepVertices.get(step)
      const key = chainKey(chain)
      if (added && vertex !== undefined && !layerSteps.has(key)) layerSteps.set(key, vertex)
    }
  }
  const [result] = results.length === 1 ? results : []
  return {
    ...{ lines, layerSteps, stepLayers, baseImages, layerSizes, materials },
    ...(result === undefined ? {} : { result })
  }
}
