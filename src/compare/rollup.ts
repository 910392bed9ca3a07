/** From thousands of changed files to the few directories and files that explain them. */

/** What weighs in at one path. */
export type Weighed = {
  /** A file, or the directory that speaks for it. */
  readonly path: string
  /** Bytes that changed, never negative. */
  readonly weight: number
}

export type RollupOptions = {
  readonly rows: number
  /** Whether a directory is new or gone as a whole: its many small parts say no more than itself. */
  readonly isWhole: (folder: string) => boolean
  /** Whether a directory is one whose children are packages. */
  readonly isHome: (folder: string) => boolean
}

/** A directory or file that a row speaks of; `rest` where rows of their own speak of parts of it. */
export type RollupRow = { readonly path: string; readonly rest: boolean }

export type Rollup = {
  readonly rows: readonly RollupRow[]
  /** By item: the place of its row, or -1 for one that no row speaks of. */
  readonly rowOf: Int32Array
}

/** The heaviest items get a place in the tree of their own, the others their directory's. Bounds the tree's memory. */
const MOST_LEAVES = 50_000

/** Parts of a path that the tree tells apart, and those that are kept of a light item's. */
const DEEPEST = 24
const DEEPEST_LIGHT = 4

/** A directory that came or went whole is one row where it has this many parts, and none of them more than this share. */
const MANY_PARTS = 8
const LARGE_PART = 0.3

/**
 * Finds the smallest weight at which at most so many rows have it: going up from the leaves, a directory becomes a row where what its
 * own rows leave of it still weighs that much. Rows never overlap, so their sum and what no row speaks of is the whole.
 */
export function rollUp(items: readonly Weighed[], { rows, isWhole, isHome }: RollupOptions): Rollup {
  const paths: string[] = ['/']
  const parents: number[] = [-1]
  const numbers = new Map([['/', 0]])
  const wholes = new Map<number, boolean>()
  const leaves = new Int32Array(items.length)
  const light = lightBelow(items)
  for (const [at, { path, weight }] of items.entries()) {
    leaves[at] = nodeOf(cutPath(path, weight < light ? DEEPEST_LIGHT : DEEPEST))
  }
  const count = paths.length
  const own = new Float64Array(count)
  for (const [at, { weight }] of items.entries()) own[leaves[at]!]! += weight
  const folded = foldedNodes()

  const total = own.reduce((sum, weight) => sum + weight, 0)
  let chosen: readonly number[] = []
  for (let threshold = Math.max(1, total / rows); ; threshold = Math.max(1, threshold / 2)) {
    const next = choose(threshold)
    if (next.length > rows) break
    chosen = next
    if (threshold === 1) break
  }
  return rowsOf(chosen)

  function nodeOf(path: string): number {
    const known = numbers.get(path)
    if (known !== undefined) return known
    const parent = nodeOf(parentOf(path))
    const added = paths.length
    numbers.set(path, added)
    paths.push(path)
    parents.push(parent)
    return added
  }

  /** Directories that are one row or none, and all below them: 1 where a node is in one. */
  function foldedNodes(): Uint8Array {
    const weights = own.slice()
    const parts = new Uint32Array(count)
    const largest = new Float64Array(count)
    for (let node = count - 1; node > 0; node--) {
      const parent = parents[node]!
      const weight = weights[node]!
      weights[parent]! += weight
      if (weight > 0) parts[parent]!++
      if (weight > largest[parent]!) largest[parent] = weight
    }
    const inside = new Uint8Array(count)
    for (let node = 1; node < count; node++) {
      const parent = parents[node]!
      const folds =
        parent !== 0 &&
        parts[parent]! >= MANY_PARTS &&
        largest[parent]! < weights[parent]! * LARGE_PART &&
        !isHome(paths[parent]!) &&
        isWholeOnce(parent)
      if (inside[parent] === 1 || folds) inside[node] = 1
    }
    return inside
  }

  function isWholeOnce(node: number): boolean {
    const known = wholes.get(node) ?? isWhole(paths[node]!)
    wholes.set(node, known)
    return known
  }

  function choose(threshold: number): readonly number[] {
    const left = own.slice()
    const found: number[] = []
    for (let node = count - 1; node > 0; node--) {
      if (folded[node] === 0 && left[node]! >= threshold) found.push(node)
      else left[parents[node]!]! += left[node]!
    }
    return found
  }

  function rowsOf(nodes: readonly number[]): Rollup {
    const places = new Int32Array(count).fill(-1)
    for (const [place, node] of nodes.entries()) places[node] = place
    const hasRows = new Uint8Array(count)
    for (let node = count - 1; node > 0; node--) {
      if (places[node] !== -1 || hasRows[node] === 1) hasRows[parents[node]!] = 1
    }
    const rowOf = new Int32Array(items.length)
    for (const at of items.keys()) {
      let node = leaves[at]!
      while (node > 0 && places[node] === -1) node = parents[node]!
      rowOf[at] = places[node]!
    }
    return { rows: nodes.map((node) => ({ path: paths[node]!, rest: hasRows[node] === 1 })), rowOf }
  }
}

function parentOf(path: string): string {
  const end = path.lastIndexOf('/')
  return end <= 0 ? '/' : path.slice(0, end)
}

/** The first parts of a path. */
function cutPath(path: string, parts: number): string {
  let end = 0
  for (let part = 0; part < parts; part++) {
    end = path.indexOf('/', end + 1)
    if (end === -1) return path
  }
  return path.slice(0, end)
}

/** The weight below which an item is a light one; 0 where there are few enough. */
function lightBelow(items: readonly Weighed[]): number {
  if (items.length <= MOST_LEAVES) return 0
  const weights = Float64Array.from(items, ({ weight }) => weight).sort()
  return weights[weights.length - MOST_LEAVES]!
}
