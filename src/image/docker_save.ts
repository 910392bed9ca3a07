import { sha256Of, type Digest } from './digest.js'
import { platformName, readConfig } from './documents.js'
import { ImageError } from './errors.js'
import { readRange, type FileRange, type Files } from './files.js'
import { asArray, asObject, asString, parseJSON, parseJSONObject, stringsOf } from './json.js'
import type { ImageLayer, ImageSet, PlatformImage } from './image_set.js'
import type { Limits } from './limits.js'

const LAYER_MEDIA_TYPE = 'application/vnd.docker.image.rootfs.diff.tar'

/**
 * Reads `docker save` as it was before version 25, and what imitates it (kaniko, go-containerregistry): a manifest.json that names
 * a config and one tar per layer. There is no manifest in the registry's sense, and no digest of a layer but its diffID.
 * https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
export async function readDockerSave(
  path: string,
  files: Files,
  manifestFile: FileRange,
  limits: Limits,
  name: string | undefined
): Promise<ImageSet> {
  const json = parseJSON(await readRange(manifestFile, limits.documentBytes, 'manifest.json'), 'manifest.json')
  const entries = asArray(json, 'manifest.json').map((item, at) => {
    const entry = asObject(item, `manifest.json[${at}]`)
    return {
      config: asString(entry.Config, `manifest.json[${at}].Config`),
      names: stringsOf(entry.RepoTags),
      layers: asArray(entry.Layers, `manifest.json[${at}].Layers`).map((layer) =>
        asString(layer, `manifest.json[${at}].Layers`)
      )
    }
  })
  const chosen = entries.filter((entry) => name === undefined || entry.names.includes(name))
  if (name !== undefined && chosen.length === 0) {
    const names = entries.flatMap((entry) => entry.names).join(', ')
    throw new ImageError(
      'not-an-image',
      `${path} has no image named ${name}; it has: ${names === '' ? 'no names' : names}`
    )
  }

  const images: PlatformImage[] = []
  for (const entry of chosen) {
    const configFile = await files.find(entry.config)
    if (configFile === undefined) throw new ImageError('missing-blob', `config ${entry.config} is not in the archive`)
    const bytes = await readRange(configFile, limits.documentBytes, entry.config)
    const configDigest = sha256Of(bytes)
    checkName(entry.config, configDigest)
    const config = readConfig(parseJSONObject(bytes, entry.config), entry.config)
    if (config.diffIDs.length !== entry.layers.length) {
      throw new ImageError(
        'corrupt-document',
        `manifest.json names ${entry.layers.length} layers, ${entry.config} ${config.diffIDs.length} diffIDs`
      )
    }
    const layers = entry.layers.map(async (layer, at): Promise<ImageLayer> => {
      const blob = await files.find(layer)
      if (blob === undefined) throw new ImageError('missing-blob', `layer ${layer} is not in the archive`)
      const diffID = config.diffIDs[at]!
      const descriptor = {
        mediaType: LAYER_MEDIA_TYPE,
        digest: diffID,
        size: blob.size,
        annotations: {},
        platform: undefined,
        artifactType: undefined,
        urls: []
      }
      return { descriptor, diffID, blob, named: false }
    })
    images.push({
      platform: {
        os: config.os,
        architecture: config.architecture,
        variant: config.variant,
        osVersion: config.osVersion
      },
      platformName: platformName(config),
      manifestDigest: undefined,
      manifestSize: 0,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config,
      configDigest,
      configSize: bytes.length,
      configText: bytes.toString('utf8'),
      layers: await Promise.all(layers),
      annotated: [],
      documents: [],
      names: entry.names,
      attestations: []
    })
  }
  return {
    format: 'docker-save',
    images,
    strayAttestations: [],
    others: []
  }
}

/** Docker names the config by its digest: hold it to that where the name is one. */
function checkName(name: string, digest: Digest): void {
  const hex = /([a-f0-9]{64})(?:\.json)?$/.exec(name)?.[1]
  if (hex !== undefined && digest !== `sha256:${hex}`) {
    throw new ImageError('wrong-digest', `config ${name} has digest ${digest}`)
  }
}
