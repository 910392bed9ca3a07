import { file, folder, hardLink, symlink, type TarInput } from './tar-builder.js'

/** A small generator of numbers that is the same on every machine: mulberry32. */
export function seeded(seed: number) {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit: number): number => next() % limit
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)]!
  const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)))
  const path = (): string => Array.from({ length: below(3) + 1 }, () => pick(['a', 'b', 'c'])).join('/')
  const entry = (): TarInput => {
    switch (below(8)) {
      case 0:
        return folder(path())
      case 1: {
        const hidden = path().split('/')
        return file([...hidden.slice(0, -1), `.wh.${hidden.at(-1)}`].join('/'))
      }
      case 2:
        return below(2) === 0 ? file(`${path()}/.wh..wh..opq`) : symlink(path(), path())
      case 3:
        return hardLink(path(), path())
      default:
        return file(path(), 'x'.repeat(below(9)))
    }
  }
  return {
    below,
    pick,
    bytes,
    path,
    entry,
    entries: (count: number): readonly TarInput[] => Array.from({ length: count }, entry)
  }
}
