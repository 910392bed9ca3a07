/** One line of CSV (RFC 4180), the form of buildx's `--output`, `--cache-to`, `--secret` and of a RUN's `--mount`. */

/** The fields of a line. A quote counts at the start of a field alone; one that is not closed reaches to the end. */
export function readFields(line: string): readonly string[] {
  const fields: string[] = []
  for (let at = 0; at <= line.length;) {
    const quoted = /^"((?:[^"]|"")*)(?:"|$)/.exec(line.slice(at))
    const start = at + (quoted?.[0].length ?? 0)
    const comma = line.indexOf(',', start)
    const end = comma < 0 ? line.length : comma
    fields.push((quoted?.[1] ?? '').replaceAll('""', '"') + line.slice(start, end))
    at = end + 1
  }
  return fields
}

/**
 * The name of a `KEY=VALUE` as buildx, BuildKit and bake read it: whatever its case, and without the blanks of Go, for which
 * U+0085 is one.
 */
export function attributeKey(written: string): string {
  return written.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '').toLowerCase()
}

/** A field as it is written in a line of CSV: in quotes where it must be. */
export function writeField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
