/** A range of bytes, `end` excluded. */
export type ByteRange = { readonly start: number; readonly end: number }

/** One element of a DER encoding: its tag, and where its content lies. */
export type DerElement = ByteRange & { readonly tag: number }

export const DER_INTEGER = 0x02
export const DER_OCTETS = 0x04
export const DER_IDENTIFIER = 0x06
export const DER_SEQUENCE = 0x30

/**
 * The elements that fill a range exactly, or undefined if it is no DER. Keys need no lengths beyond 2^24.
 * https://www.itu.int/rec/T-REC-X.690, sections 8.1 and 10.1
 */
export function derElements(bytes: Uint8Array, range: ByteRange): readonly DerElement[] | undefined {
  const elements: DerElement[] = []
  let at = range.start
  while (at < range.end) {
    const element = derElement(bytes, at, range.end)
    if (element === undefined) return undefined
    elements.push(element)
    at = element.end
  }
  return elements
}

function derElement(bytes: Uint8Array, at: number, limit: number): DerElement | undefined {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return undefined
  let start = at + 2
  let length = first
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 3) return undefined
    length = 0
    for (let index = 0; index < count; index++) length = length * 256 + (bytes[start + index] ?? 0)
    start += count
  }
  return start + length <= limit ? { tag, start, end: start + length } : undefined
}
