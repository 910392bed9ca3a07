/**
 * Lists as docker/build-push-action reads them: CSV in which a quoted entry may span lines and `""` is one quote. A quote
 * elsewhere than around a whole field belongs to the entry, so that JSON needs no rules. Lines that begin with `#` are
 * comments.
 */

/** The entries, or the 1-based line where a quote is opened that nothing closes. */
export type ListReading =
  { readonly ok: true; readonly entries: readonly string[] } | { readonly ok: false; readonly line: number }

/**
 * Reads a list.
 * @param commas whether a comma separates entries, or belongs to one
 */
export function readList(text: string, commas: 'separate' | 'keep'): ListReading {
  const entries: string[] = []
  let at = 0
  while (at < text.length) {
    const line = /[ \t]*(#[^\n]*)?/y
    line.lastIndex = at
    const [lead = '', comment] = line.exec(text) ?? []
    if (comment === undefined) {
      const record = readRecord(text, at + lead.length)
      if (record === undefined) return { ok: false, line: text.slice(0, at).split('\n').length }
      entries.push(...(commas === 'separate' ? separate(record.fields) : [record.fields.join(',')]))
      at = record.end
    } else at += lead.length
    at += 1 // the line end
  }
  return { ok: true, entries: entries.map((entry) => entry.trim()).filter((entry) => entry !== '') }
}

/** One field alone is split once more: `"a,b"` on a line of its own is two entries to build-push-action. */
function separate(fields: readonly string[]): readonly string[] {
  return fields.length === 1 ? (fields[0] ?? '').split(',') : fields
}

/** The fields up to the end of the line; `end` is where its line end stands. */
function readRecord(
  text: string,
  start: number
): { readonly fields: readonly string[]; readonly end: number } | undefined {
  const fields: string[] = []
  for (let at = start; ; at += 1) {
    const quoted = /"((?:[^"]|"")*)"[ \t]*(?=,|\r?\n|\r?$)/y
    quoted.lastIndex = at
    const [whole, inner] = text[at] === '"' ? (quoted.exec(text) ?? []) : []
    if (whole !== undefined && inner !== undefined) {
      fields.push(inner.replaceAll('""', '"').replaceAll('\r\n', '\n'))
      at += whole.length
    } else {
      if (text[at] === '"' && !closes(text, at)) return undefined
      const plain = /[^,\r\n]*/y
      plain.lastIndex = at
      const field = plain.exec(text)?.[0] ?? ''
      fields.push(field)
      at += field.length
    }
    if (text[at] === '\r' && text[at + 1] !== ',') at += text[at + 1] === '\n' ? 1 : 0
    if (text[at] !== ',') return { fields, end: at }
  }
}

function closes(text: string, at: number): boolean {
  return text.includes('"', at + 1)
}
