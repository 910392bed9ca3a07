/** Names and values of an XML document, read forgivingly and in one pass: a settings.xml, a nuget.config. */

/** An attribute, or the text of an element with nothing else in it, as a program reads it. */
export type XMLValue = { readonly name: string; readonly value: string }

const ATTRIBUTE = /\s*([^\s=<>"'/]{1,64})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const TAG = /<([A-Za-z_][\w:.-]{0,63})/y

/** Members that name what stands in a `value` beside them. */
const NAMING = /^(?:key|name|id)$/i

/** The values of a document in their order. One that stands in `value` has the name that stands beside it. */
export function xmlValues(text: string): readonly XMLValue[] {
  const values: XMLValue[] = []
  let open: { readonly name: string; text: string } | undefined
  /** What a `<name>` said last, for the `<value>` behind it. */
  let said: string | undefined
  const take = (end: number, at: number): void => {
    if (open !== undefined) open.text += unescapedXML(text.slice(at, end))
  }
  /** Past a section that is closed by `mark`; one that nobody closes goes on to the end. */
  const past = (mark: string, from: number): number => {
    const end = text.indexOf(mark, from)
    return end === -1 ? text.length : end
  }
  for (let at = 0; at < text.length;) {
    const start = past('<', at)
    take(start, at)
    at = start
    if (text.startsWith('<!--', at)) at = past('-->', at + 4) + 3
    else if (text.startsWith('<![CDATA[', at)) {
      const end = past(']]>', at + 9)
      if (open !== undefined) open.text += text.slice(at + 9, end)
      at = end + 3
    } else if (text.startsWith('</', at)) {
      if (open !== undefined) {
        const { name, text: value } = open
        values.push({ name: name === 'value' ? (said ?? name) : name, value })
        if (NAMING.test(name)) said = value.trim()
        open = undefined
      }
      at = past('>', at) + 1
    } else {
      TAG.lastIndex = at
      const name = TAG.exec(text)?.[1]
      at = name === undefined ? at + 1 : openTag(name, TAG.lastIndex)
    }
  }
  return values

  /** Where a tag ends, whose attributes begin at `from`. */
  function openTag(name: string, from: number): number {
    const own: { name: string; value: string }[] = []
    let at = from
    for (;;) {
      ATTRIBUTE.lastIndex = at
      const found = ATTRIBUTE.exec(text)
      if (found === null) break
      own.push({ name: found[1] ?? '', value: unescapedXML(found[2] ?? found[3] ?? '') })
      at = ATTRIBUTE.lastIndex
    }
    const naming = own.find((each) => NAMING.test(each.name))?.value
    for (const { name: attribute, value } of own) {
      values.push({ name: attribute === 'value' ? (naming ?? attribute) : attribute, value })
    }
    const next = /[<>]/g
    next.lastIndex = at
    const end = next.exec(text)?.index ?? text.length
    const isEmpty = text[end - 1] === '/'
    open = isEmpty ? open : { name, text: '' }
    return text[end] === '<' ? end : end + 1
  }
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** A text without XML's own references, and those to characters by number. https://www.w3.org/TR/xml/#sec-references */
export function unescapedXML(text: string): string {
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (all, name, decimal, hex) => {
    if (typeof name === 'string') return NAMED[name.toLowerCase()] ?? all
    const code = typeof decimal === 'string' ? Number(decimal) : parseInt(String(hex), 16)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all
  })
}
