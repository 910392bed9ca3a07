/** Two stacks of layers, each layer of the one put beside the layer of the other that it stands for. */
import type { SnapshotLayer } from './record.js'

/** A layer and its place, counted from 0 at the bottom. */
export type PlacedLayer = SnapshotLayer & { readonly index: number }

/** What became of one layer. `size` and `transferSize` are the change in bytes; `transferSize` is undefined where one side's is. */
export type LayerChange = {
  readonly size: number
  readonly transferSize?: number
  /** Part of the base image: in either, where it is in both. */
  readonly base: boolean
} & (
  | {
      /** The same diffID: the same files. */
      readonly kind: 'reused'
      readonly layer: PlacedLayer
      readonly before: PlacedLayer
      /** In another order than before among the layers that both have. */
      readonly moved: boolean
      /** The same files in another compression: another blob. */
      readonly recompressed: boolean
    }
  | {
      readonly kind: 'changed'
      readonly layer: PlacedLayer
      readonly before: PlacedLayer
      readonly moved: boolean
      /** Nothing but times differs. */
      readonly timestampsOnly: boolean
      /** The instruction itself was rewritten. */
      readonly edited: boolean
    }
  | { readonly kind: 'added'; readonly layer: PlacedLayer }
  | { readonly kind: 'removed'; readonly before: PlacedLayer }
)

/** Share of words that two instructions at the same place must have in common to be one that was edited. */
const EDITED_SHARE = 0.5

/** How many removed layers an instruction is likened to. */
const EDITED_REACH = 20

/**
 * Matches layers: by diffID, by content, by instruction and stage, by instruction alone, and what is left between two matches by
 * likeness. Current layers bottom up, each removed one after the one it stood on.
 */
export function matchLayers(
  currentLayers: readonly SnapshotLayer[],
  baselineLayers: readonly SnapshotLayer[]
): readonly LayerChange[] {
  const current = currentLayers.map((layer, index): PlacedLayer => ({ ...layer, index }))
  const baseline = baselineLayers.map((layer, index): PlacedLayer => ({ ...layer, index }))
  const partners: (PlacedLayer | undefined)[] = current.map(() => undefined)
  const taken = new Set<number>()
  const pair = (layer: PlacedLayer, before: PlacedLayer): void => {
    partners[layer.index] = before
    taken.add(before.index)
  }
  for (const key of keys) pairByKey(current, baseline, key)
  pairEdited()

  const inOrder = increasing(partners.map((before) => before?.index ?? -1))
  const changes = current.map((layer, index) => changeOf(layer, partners[index], !inOrder.has(index)))
  return withRemoved(
    changes,
    baseline.filter(({ index }) => !taken.has(index))
  )

  /** Pairs free layers with equal keys, first with first. */
  function pairByKey(layers: readonly PlacedLayer[], before: readonly PlacedLayer[], key: Key): void {
    const waiting = new Map<string, PlacedLayer[]>()
    for (const layer of before) {
      const name = taken.has(layer.index) ? undefined : key(layer)
      if (name === undefined) continue
      const queue = waiting.get(name)
      if (queue === undefined) waiting.set(name, [layer])
      else queue.push(layer)
    }
    for (const layer of layers) {
      const name = partners[layer.index] === undefined ? key(layer) : undefined
      const match = name === undefined ? undefined : waiting.get(name)?.shift()
      if (match !== undefined) pair(layer, match)
    }
  }

  /** Between two matches that follow each other on both sides, pairs instructions that are alike, in order. */
  function pairEdited(): void {
    const anchors = partners.flatMap((before, index) => (before === undefined ? [] : [{ index, before: before.index }]))
    const edges = [{ index: -1, before: -1 }, ...anchors, { index: current.length, before: baseline.length }]
    for (const [at, edge] of edges.entries()) {
      const next = edges[at + 1]
      if (next === undefined || next.before < edge.before) continue
      const free = baseline
        .slice(edge.before + 1, next.before)
        .filter(({ index }) => !taken.has(index))
        .map((layer) => ({ layer, words: wordsOf(layer) }))
      let from = 0
      for (const layer of current.slice(edge.index + 1, next.index)) {
        const words = wordsOf(layer)
        const found = free.slice(from, from + EDITED_REACH).findIndex((before) => areAlike(words, before.words))
        if (found === -1) continue
        pair(layer, free[from + found]!.layer)
        from += found + 1
      }
    }
  }
}

type Key = (layer: SnapshotLayer) => string | undefined

/** In the order in which they are tried. Among equal layers (all empty ones are) the instruction decides. */
const keys: readonly Key[] = [
  (layer) => [layer.diffID, layer.stage, normaliseInstruction(layer.instruction)].join('\0'),
  ({ diffID }) => diffID,
  ({ contentDigest, instruction }) =>
    contentDigest === undefined ? undefined : [contentDigest, normaliseInstruction(instruction)].join('\0'),
  ({ contentDigest }) => contentDigest,
  ({ instruction, stage }) => (instruction === '' ? undefined : [stage, normaliseInstruction(instruction)].join('\0')),
  ({ instruction }) => (instruction === '' ? undefined : normaliseInstruction(instruction))
]

/** An instruction without what builders put around it and without digests, so that two builds of one line are equal. */
function normaliseInstruction(instruction: string): string {
  return instruction
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/ ?# buildkit$/, '')
    .replace(/^\/bin\/sh -c #\(nop\) ?/, '')
    .replace(/^RUN \|\d+ (?:\S[^\s=]*=\S* )*/, 'RUN ')
    .replace(/^(?:RUN )?\/bin\/sh -c /, 'RUN ')
    .replace(/\b(file|dir|multi):[0-9a-f]{8,}…?/g, '$1:')
    .replace(/\bsha256:[0-9a-f]{64}\b/g, 'sha256:')
    .replace(/^[a-z]+/i, (word) => word.toUpperCase())
}

/** What an instruction begins with, and its words after that. */
type Words = { readonly first: string; readonly rest: ReadonlySet<string>; readonly base: boolean }

function wordsOf({ instruction, base }: SnapshotLayer): Words {
  const [first = '', ...rest] = normaliseInstruction(instruction).split(/[ =]/)
  return { first, rest: new Set(rest), base }
}

function areAlike(one: Words, other: Words): boolean {
  if (one.base !== other.base || one.first === '' || one.first !== other.first) return false
  return 2 * one.rest.intersection(other.rest).size >= EDITED_SHARE * (one.rest.size + other.rest.size)
}

function changeOf(layer: PlacedLayer, before: PlacedLayer | undefined, moved: boolean): LayerChange {
  if (before === undefined) return { kind: 'added', layer, base: layer.base, ...bytesOf(layer, undefined) }
  const both = { layer, before, moved, base: layer.base || before.base, ...bytesOf(layer, before) }
  if (layer.diffID === before.diffID)
    return { kind: 'reused', ...both, recompressed: layer.transferSize !== undefined && layer.digest !== before.digest }
  return {
    kind: 'changed',
    ...both,
    timestampsOnly: layer.contentDigest !== undefined && layer.contentDigest === before.contentDigest,
    edited: normaliseInstruction(layer.instruction) !== normaliseInstruction(before.instruction)
  }
}

function bytesOf(
  layer: SnapshotLayer | undefined,
  before: SnapshotLayer | undefined
): { readonly size: number; readonly transferSize?: number } {
  const size = (layer?.size ?? 0) - (before?.size ?? 0)
  const known = [layer, before].every((side) => side === undefined || side.transferSize !== undefined)
  return known ? { size, transferSize: (layer?.transferSize ?? 0) - (before?.transferSize ?? 0) } : { size }
}

/** Puts each removed layer behind the layer that it stood on, as far as that is still there. */
function withRemoved(changes: readonly LayerChange[], removed: readonly PlacedLayer[]): readonly LayerChange[] {
  const result = [...changes]
  for (const before of removed) {
    const below = result.findLastIndex((change) => change.kind !== 'added' && change.before.index < before.index)
    result.splice(below + 1, 0, { kind: 'removed', before, base: before.base, ...bytesOf(undefined, before) })
  }
  return result
}

/** The places of a longest increasing run among the numbers from 0 on: what kept its order. */
function increasing(numbers: readonly number[]): ReadonlySet<number> {
  const lengths: number[] = []
  const previous: number[] = []
  let last = -1
  for (const [at, number] of numbers.entries()) {
    lengths.push(0)
    previous.push(-1)
    if (number < 0) continue
    lengths[at] = 1
    for (let below = 0; below < at; below++) {
      if (numbers[below]! < 0 || numbers[below]! >= number || lengths[below]! < lengths[at]) continue
      lengths[at] = lengths[below]! + 1
      previous[at] = below
    }
    if (last === -1 || lengths[at] > lengths[last]!) last = at
  }
  const kept = new Set<number>()
  for (let at = last; at !== -1; at = previous[at]!) kept.add(at)
  return kept
}
