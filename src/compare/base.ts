/** Which part of a difference is the base image's, and what can be said where only one of the two images knows its base. */
import type { LayerChange } from './layers.js'

/** The layers of a difference, those of the base image apart. */
export type BaseShare = {
  /** Change in bytes of the layers that are not in `own`. */
  readonly size: number
  readonly own: readonly LayerChange[]
  /** Every layer of a base image is known to be one. Otherwise all that may be one is apart, and indexes of files hold different things. */
  readonly known: boolean
}

/**
 * Sets the base image's layers apart. Where one image doesn't know its base and the other's has layers that it lacks, any layer that
 * only the first has may be what these replaced, up to the lowest own layer of both: beside the other's they are one net figure.
 */
export function shareOfBase(layers: readonly LayerChange[]): BaseShare {
  const unknown = sideWithoutBase(layers)
  const below = unknown === undefined ? 0 : lowestOwn(layers, unknown)
  const isBase = (change: LayerChange): boolean => {
    if (change.base) return true
    if (change.kind === 'removed') return unknown === 'before' && change.before.index < below
    return change.kind === 'added' && unknown === 'layer' && change.layer.index < below
  }
  return {
    size: layers.reduce((sum, change) => sum + (isBase(change) ? change.size : 0), 0),
    own: layers.filter((change) => !isBase(change)),
    known: unknown === undefined
  }
}

type Side = 'layer' | 'before'

function sideWithoutBase(layers: readonly LayerChange[]): Side | undefined {
  const here = layers.some((change) => change.kind !== 'removed' && change.layer.base)
  const there = layers.some((change) => change.kind !== 'added' && change.before.base)
  const isShared = layers.every(({ kind, base }) => !base || kind === 'reused')
  if (here === there || isShared) return undefined
  return here ? 'before' : 'layer'
}

/** The lowest place of an own layer that both have, in their order; an empty one may be any instruction's. */
function lowestOwn(layers: readonly LayerChange[], side: Side): number {
  return layers.reduce((lowest, change) => {
    if (change.kind === 'added' || change.kind === 'removed' || change.base || change.moved) return lowest
    return change[side].size === 0 ? lowest : Math.min(lowest, change[side].index)
  }, Infinity)
}
