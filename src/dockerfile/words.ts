/** The words of an instruction: flags, the operands of COPY, and text that a shell would split. */

/**
 * The flags that begin an instruction's arguments, and what follows them. Quotes and backslashes belong to the
 * spelling of a flag, not to its value: `--mount="type=bind,from=a b"`.
 */
export function splitFlags(text: string): { readonly flags: readonly string[]; readonly rest: string } {
  const flags: string[] = []
  let at = 0
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at += 1
    if (!text.startsWith('--', at)) break
    const word = readWord(text, at)
    at = word.end
    if (word.value === '--') break
    flags.push(word.value)
  }
  return { flags, rest: text.slice(at).trim() }
}

function readWord(text: string, start: number): { readonly value: string; readonly end: number } {
  let value = ''
  let quote = ''
  let at = start
  for (; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (quote === '' && /\s/.test(character)) break
    if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else if (character === '\\' && at + 1 < text.length) value += text[(at += 1)] ?? ''
    else value += character
  }
  return { value, end: at }
}

/** Splits at blanks that are not quoted; quotes and backslashes stay. A quote that is not closed reaches to the end. */
export function splitRaw(text: string): readonly string[] {
  return text.match(/(?:\\[^]|'[^']*(?:'|$)|"(?:\\[^]|[^"\\])*(?:"|$)|[^\s'"\\]|\\$)+/g) ?? []
}

/** A word as a shell reads it, without variables. */
export function unquote(word: string): string {
  return word.replace(
    /\\([^])|'([^']*)'|"((?:\\[^]|[^"\\])*)"/g,
    (_all, escaped?: string, single?: string, double?: string) =>
      escaped ?? single ?? (double ?? '').replace(/\\(["\\$`])/g, '$1')
  )
}

/** The words of `COPY` or `ADD`, in either form. */
export function wordsOf(rest: string): readonly string[] {
  if (rest.startsWith('[')) {
    // One that is not closed is taken to its end as well, or each quote in it would be tried as another beginning.
    const found = [...rest.matchAll(/"((?:[^"\\]|\\.)*)("?)/g)]
    const strings = found.flatMap(([, string = '', end]) => (end === '' ? [] : [string]))
    if (strings.length > 0) return strings
  }
  return rest.split(/\s+/).filter((word) => word !== '')
}

/** Whether a text is the exec form: a JSON array of strings. */
export function isExecForm(rest: string): boolean {
  if (!rest.startsWith('[')) return false
  try {
    const value: unknown = JSON.parse(rest)
    return Array.isArray(value) && value.every((word) => typeof word === 'string')
  } catch {
    return false
  }
}
