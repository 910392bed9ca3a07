/** What of YAML one line alone does not tell: values in several lines, values that a line beside them names, and Kubernetes' secrets. */

/** A value under a name, as it is written: between quotes, if it has some. */
export type YAMLEntry = {
  readonly name: string
  readonly value: string
  /** `data` of a Kubernetes Secret has its values in base64. */
  readonly isData: boolean
}

const LINE = /^( *)(- +)?["']?([\w./-]{1,200})["']?:(?: +(.*))?$/
const BLOCK = /^[|>][-+0-9]{0,2}(?: +#.*)?$/

/** The entries of a text that a look at each of its lines would miss. */
export function yamlEntries(lines: readonly string[]): readonly YAMLEntry[] {
  const entries: YAMLEntry[] = []
  const hasSecret = lines.some((line) => /^ *(?:- +)?["']?kind["']?: *["']?Secret["']? *$/.test(line))
  let data: number | undefined
  /** The item of a list that is open, with the column of its names. */
  let item: { readonly depth: number; name?: string; value?: string } | undefined
  for (let at = 0; at < lines.length; at++) {
    const [, margin = '', dash = '', name = '', rest = ''] = LINE.exec(lines[at] ?? '') ?? []
    if (name === '') continue
    const depth = margin.length + dash.length
    const block = BLOCK.test(rest) ? blockAfter(lines, at, margin.length) : undefined
    if (block !== undefined) at += block.length
    const value = block?.join('\n').trim() ?? rest.trim()
    if (data !== undefined && depth <= data) data = undefined
    const isData = data !== undefined
    if (block !== undefined || isData) entries.push({ name, value, isData })
    if (hasSecret && name === 'data' && rest.trim() === '') data = depth
    if (dash !== '') item = { depth }
    if (item?.depth !== depth) continue
    if (/^(?:name|key)$/i.test(name)) item.name = value.replace(/^(["'])(.*)\1$/, '$2')
    else if (/^value$/i.test(name)) item.value = value
    if (item.name === undefined || item.value === undefined) continue
    entries.push({ name: item.name, value: item.value, isData: false })
    item = undefined
  }
  return entries
}

/** The lines after `at` that stand deeper than its name. */
function blockAfter(lines: readonly string[], at: number, margin: number): readonly string[] {
  const from = at + 1
  let end = from
  while (end < lines.length && (/^\s*$/.test(lines[end] ?? '') || /\S/.exec(lines[end] ?? '')!.index > margin)) end++
  return lines.slice(from, end).map((line) => line.trim())
}
