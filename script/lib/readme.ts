/**
 * The tables of README.md and docs/forks.md, each made from an action.yml. What lies between two markers is generated, the rest is written by hand:
 *
 *     <!-- inputs from context -->     the inputs from `context` up to where the next such table starts
 *     <!-- outputs -->                 all outputs
 *     <!-- end -->
 */
import { parse } from 'yaml'

/** Pages with such tables, and the file that they are made from. */
export const PAGES: readonly (readonly [page: string, action: string])[] = [
  ['README.md', 'action.yml'],
  ['docs/forks.md', 'comment/action.yml']
]

/** One input or output of action.yml. */
export type Declared = { readonly name: string; readonly description: string; readonly default?: string }

/** What action.yml declares, in its order. */
export type Declarations = { readonly inputs: readonly Declared[]; readonly outputs: readonly Declared[] }

/** Reads the text of action.yml. */
export function readDeclarations(actionYml: string): Declarations {
  const action: unknown = parse(actionYml)
  return { inputs: declarationsAt(action, 'inputs'), outputs: declarationsAt(action, 'outputs') }
}

/** The README with its tables as they should be. Throws where a marker and action.yml do not fit together. */
export function fillTables(readme: string, { inputs, outputs }: Declarations): string {
  const starts = [...readme.matchAll(INPUTS)].map(([, first = '']) => first)
  if (starts[0] !== inputs[0]?.name) {
    throw new Error(`The first table must start at the first input: <!-- inputs from ${inputs[0]?.name ?? ''} -->`)
  }
  const order = starts.map((start) => inputs.findIndex(({ name }) => name === start))
  order.forEach((at, index) => {
    if (at < 0) throw new Error(`action.yml has no input "${starts[index] ?? ''}"`)
    if (at < (order[index - 1] ?? 0)) throw new Error('The tables of inputs must be in the order of action.yml')
  })
  if (!readme.includes(OUTPUTS)) throw new Error(`There is no table of outputs: ${OUTPUTS}`)

  const open = [...readme.matchAll(MARKERS)].map(([marker]) => marker === END)
  if (open.some((isEnd, index) => isEnd !== (index % 2 === 1)) || open.length % 2 === 1) {
    throw new Error(`Each table must have its own ${END}`)
  }

  return readme.replace(TABLES, (_all, marker: string, first: string | undefined) => {
    const at = starts.indexOf(first ?? '')
    const table = first === undefined ? outputsTable(outputs) : inputsTable(inputs.slice(order[at], order[at + 1]))
    return `${marker}\n\n${table}\n\n${END}`
  })
}

const END = '<!-- end -->'
const INPUTS = /<!-- inputs from ([a-z0-9-]+) -->/g
const OUTPUTS = '<!-- outputs -->'
const MARKERS = /<!-- (?:inputs from [a-z0-9-]+|outputs|end) -->/g
const TABLES = /(<!-- (?:inputs from ([a-z0-9-]+)|outputs) -->)[^]*?<!-- end -->/g

function inputsTable(inputs: readonly Declared[]): string {
  const rows = inputs.map(({ name, description, default: value }) => [
    `\`${name}\``,
    value === undefined ? '' : `\`${value}\``,
    description
  ])
  return table([wide('Input', inputs), 'Default', 'What it is'], rows)
}

function outputsTable(outputs: readonly Declared[]): string {
  return table(
    [wide('Output', outputs), 'What it is'],
    outputs.map(({ name, description }) => [`\`${name}\``, description])
  )
}

/** A title as wide as the longest name, since browsers break names at their hyphens. A space is half as wide as code. */
function wide(title: string, names: readonly Declared[]): string {
  const longest = Math.max(...names.map(({ name }) => name.length))
  return title + '&nbsp;'.repeat(Math.max(0, 2 * (longest - title.length) + 2))
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(titles), `|${titles.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

/** Descriptions are Markdown already; only what would end the cell or the row is changed. */
function cell(text: string): string {
  return text.trim().replaceAll('|', '\\|').replace(/\s+/g, ' ')
}

function declarationsAt(action: unknown, key: 'inputs' | 'outputs'): readonly Declared[] {
  return Object.entries(fieldsOf(fieldsOf(action)[key])).map(([name, declared]) => {
    const { description, default: value } = fieldsOf(declared)
    if (typeof description !== 'string') throw new Error(`${key}.${name} of action.yml has no description`)
    return { name, description, ...(typeof value === 'string' ? { default: value } : {}) }
  })
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
