/**
 * GitHub-flavoured Markdown from strings that nobody vouches for: layer commands, paths, stage and branch names, tags,
 * log lines. Text from outside enters a rendering only through a function of this file.
 *
 * GitHub turns mentions, issue numbers, commit ids, bare addresses, `:shortcodes:` and `$math$` into something else
 * *after* Markdown is parsed, so a backslash does not stop it; inside code it happens nowhere. Hence: names and
 * commands are code spans, and in prose every word that GitHub would turn into something becomes one.
 * https://github.github.com/gfm/ and https://github.com/gjtorikian/html-pipeline (its filters skip `pre`, `code`, `a`)
 */
import { grouped } from '../../core/units.js'

/** Colours, cursor movements, titles and links of terminals (ECMA-48 control sequences). */
const TERMINAL =
  /[\u001b\u009b](?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\u009b\n]{0,4000}(?:\u0007|\u001b\\)|[PX^_][^\u001b\u009b\n]{0,4000}\u001b\\|[ -/]+[0-~]|[0-Z\\-~])?/g

/** Characters without a shape: controls, bidirectional marks, zero-width, fillers, tags, lone surrogates. */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u{e0000}-\u{e0fff}]/gu

/** The joiner inside an emoji is no trick. */
const EMOJI_JOINER =
  /(?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=[\p{Extended_Pictographic}♀♂])/gu
const JOINER_KEPT = '\ufdd0'

function codePoint(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex}`
}

/** One line of a log as a terminal would show it in the end; what has no shape is written as `\u202e`. */
export function visibleLine(line: string): string {
  const drawn = line.replace(/(?<![\r\n])[\r\n]+$/, '')
  return drawn
    .slice(drawn.lastIndexOf('\r') + 1)
    .replace(TERMINAL, '')
    .replace(EMOJI_JOINER, JOINER_KEPT)
    .replace(INVISIBLE, (character) => (character === '\t' ? character : codePoint(character)))
    .replaceAll(JOINER_KEPT, '\u200d')
}

/** A string on one line, blanks folded, what has no shape written as `\u202e`. Plain text, not yet Markdown. */
export function inline(value: string): string {
  return visibleLine(value.replace(/[\s\u0085]+/g, ' ')).trim()
}

/** At most `max` characters; the end says what is missing. Never splits a surrogate pair. */
export function shorten(value: string, max: number): { readonly head: string; readonly omitted: number } {
  if (value.length <= max) return { head: value, omitted: 0 }
  const head = value.slice(0, max).replace(/[\ud800-\udbff]$/, '')
  return { head, omitted: value.length - head.length }
}

/** Where many characters are missing their number is told; for a few the ellipsis is enough. */
function omission(omitted: number): string {
  return omitted < 200 ? '' : ` (${grouped(omitted)} more characters)`
}

/** Shortens plain text: `RUN apt-get install …`. */
export function shortened(value: string, max: number): string {
  const { head, omitted } = shorten(value, max)
  return omitted === 0 ? head : `${head.trimEnd()}…${omission(omitted)}`
}

/** Stands between two code spans that would otherwise grow together; GitHub drops it. */
const SEAM = '<!-- -->'

/** Joins pieces of Markdown so that neighbouring code spans stay two. */
function sewn(pieces: readonly string[]): string {
  let whole = ''
  for (const piece of pieces) whole += whole.endsWith('`') && piece.startsWith('`') ? SEAM + piece : piece
  return whole
}

function span(content: string): string {
  const longest = (content.match(/`+/g) ?? []).reduce((length, run) => Math.max(length, run.length), 0)
  const fence = '`'.repeat(longest + 1)
  const padded = content.startsWith('`') || content.endsWith('`') ? ` ${content} ` : content
  return fence + padded + fence
}

/** Characters of a code span in a sentence. */
const MOST_CODE = 200

/** A code span. Safe in text, in a heading, in a link's label and in a table cell made by `table`. */
export function code(value: string, max = MOST_CODE): string {
  const { head, omitted } = shorten(inline(value), max)
  if (head === '') return '*(empty)*'
  const content = omitted === 0 ? head : `${head.trimEnd()}…`
  // Parsers disagree about `\|` in a code span in a table cell; a span that ends at the backslash avoids the question.
  const pieces = content.split(/(?<=\\)(?=\|)/)
  // In a cell of a table, where many stand below each other, the link beside it has the whole.
  return sewn(pieces.map(span)) + (max < MOST_CODE ? '' : omission(omitted))
}

/** Characters of a path. */
const MOST_PATH = 90

/** A path as code. Its end tells more than its beginning. */
export function pathCode(path: string, most = MOST_PATH): string {
  return path.length <= most ? code(path, most) : code(`…${path.slice(-most).toWellFormed()}`, most + 1)
}

/** What GitHub would turn into a link, a mention, an emoji or a formula. */
const ALIVE = /@\S|#\w|:\/\/|www\.|:[\w+-]+:|\$|\bgh-\d|(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{7,64}(?![0-9a-z])/i

function escaped(word: string): string {
  return word
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*[\]~#]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replaceAll('|', '&#124;')
}

function word(value: string): string {
  if (!ALIVE.test(value)) return escaped(value)
  const [, before = '', core = value, after = ''] = /^([("'[<{]*)(.*?)([)"'\]>},.;:!?]*)$/s.exec(value) ?? []
  return escaped(before) + code(core, core.length) + escaped(after)
}

/**
 * Prose. Markup is escaped; words that GitHub would bring to life become code spans; pairs of backticks stay code
 * spans, so a message may say "add `packages: write`". One line.
 */
export function text(value: string, max = 2000): string {
  const { head, omitted } = shorten(inline(value), max)
  const pieces = head
    .split(/(`[^`]*[^`\s][^`]*`)/)
    .flatMap((piece, index) => (index % 2 === 1 ? [code(piece.slice(1, -1))] : piece.split(/(\s+)/).map(word)))
  const line = sewn(pieces) + (omitted === 0 ? '' : `…${omission(omitted)}`)
  // Nothing at the start of a line may open a heading, a list, a rule or a definition.
  return line.replace(/^(\d{1,9})([.)])/, '$1\\$2').replace(/^[+=:-]/, '\\$&')
}

/** Text inside raw HTML (`<summary>`), where Markdown is not parsed. Untrusted strings go through `htmlCode`. */
export function html(value: string): string {
  return inline(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** Code inside raw HTML. */
export function htmlCode(value: string, max = 120): string {
  return `<code>${html(shortened(inline(value), max))}</code>`
}

/** A fenced block, its fence longer than any in the content. Each line is cleaned and, over `maxLine`, shortened. */
export function block(lines: readonly string[], language = 'text', maxLine = 500): string {
  const content = lines.map((line) => shortened(visibleLine(line), maxLine))
  const longest = content.reduce(
    (length, line) => Math.max(length, ...(line.match(/`+/g) ?? []).map((run) => run.length)),
    0
  )
  const fence = '`'.repeat(Math.max(3, longest + 1))
  return [fence + language, ...content, fence].join('\n')
}

/** A link to an address that we built. Returns the label alone where the address is not http(s). */
export function link(label: string, address: string | undefined): string {
  if (address === undefined || !/^https?:\/\/[^\s<>"\\]+$/.test(address)) return label
  return `[${label}](${address.replaceAll('(', '%28').replaceAll(')', '%29')})`
}

export type Column = { readonly title: string; readonly align: 'left' | 'right' }

/** A table. Cells are Markdown from this file's functions; a row never has more or fewer cells than the header. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const cell = (value: string): string => value.replace(/(?<!\s)\s*\n\s*/g, ' ').replaceAll('|', '\\|')
  return [
    line(columns.map((column) => cell(column.title))),
    line(columns.map((column) => (column.align === 'right' ? '--:' : ':--'))),
    ...rows.map((row) => line(columns.map((_, index) => cell(row[index] ?? ''))))
  ].join('\n')
}

/** A collapsed section. `title` is raw HTML (`html`, `htmlCode`), `body` is Markdown. */
export function details(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

/** One of GitHub's alerts. */
export function alert(kind: 'NOTE' | 'WARNING', paragraphs: readonly string[]): string {
  const lines = paragraphs.flatMap((paragraph, index) => (index === 0 ? [paragraph] : ['', paragraph]))
  return [`[!${kind}]`, ...lines.flatMap((line) => line.split('\n'))]
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')
}

/** A list; an item of several lines is indented. */
export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item.replace(/\n(?!\n)/g, '\n  ')}`).join('\n')
}

/** Keeps a number and its unit on one line (in a narrow table cell). */
export function unbroken(value: string): string {
  return value.replaceAll(' ', '\u00a0')
}

/** Joins the sections that are there with the blank line Markdown needs. */
export function sections(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n')
}

/**
 * A label in a mermaid chart: letters, digits and a few signs. Everything else could end the label or open a directive.
 * Never starts with a word of mermaid's own grammar.
 */
export function mermaidLabel(value: string, max = 48): string {
  const plain = inline(value)
    .replace(/[^\p{L}\p{N} ./_=+,()@&'!*-]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const { head, omitted } = shorten(plain, max)
  const label = omitted === 0 ? head : `${head.trimEnd()}…`
  const ours = /^(?:RUN|COPY|ADD|FROM|WORKDIR|ENV|ARG|USER|LABEL|SHELL|EXPOSE|VOLUME|CMD|ENTRYPOINT)\b/.test(label)
  return ours ? label : `step ${label}`.trim()
}
