/** `NAME=VALUE`, as build arguments, contexts, environments and the fields of CSV have it. */

/** A pair taken apart. */
export type Pair = {
  readonly name: string
  /** Everything behind the first "="; absent where there is none. */
  readonly value?: string
}

/** Takes a pair apart at its first "=". A text without one is a name alone; what that means, each list says for itself. */
export function splitPair(text: string): Pair {
  const at = text.indexOf('=')
  return at < 0 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** Names and values of some pairs; the value of a name alone is empty. */
export function splitPairs(texts: readonly string[]): readonly (readonly [name: string, value: string])[] {
  return texts.map(splitPair).map(({ name, value = '' }) => [name, value])
}
