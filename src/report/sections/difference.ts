/** The image against its baseline: by how much it changed, and why. What the numbers mean is in docs/difference.md. */
import type { Delta, Difference, LayerChange, PackageChange, PathChange, PathMove } from '../../compare/index.js'
import { briefInstruction, historyInstruction } from '../format/instruction.js'
import { unjudgedWords } from './increase.js'
import { capped, type Detail } from '../format/ladder.js'
import { lineLink } from '../format/links.js'
import {
  alert,
  bullets,
  code,
  details,
  html,
  htmlCode,
  pathCode,
  sections,
  table,
  text,
  unbroken,
  type Column
} from '../format/markdown.js'
import type { ComparisonReport, ImageReport, Report } from '../model.js'
import { bytes, count, enumerated, grouped, signedBytes, signedCount, signedPercent } from '../../core/units.js'

/** Rows in sight; the others are collapsed. */
const INSTRUCTIONS = 5
const PATHS = 8
const SENTENCES = 5

/** Part of the largest change from which on another is worth as much attention, and from which on it is worth a row. */
const BOLD_SHARE = 0.1
const ROW_SHARE = 0.01

type Compared = Extract<ComparisonReport, { kind: 'compared' }>

/** The comparison, where there is one. */
export function comparedIn(report: Report): Compared | undefined {
  return report.comparison?.kind === 'compared' ? report.comparison : undefined
}

/** The difference on an image's platform. */
export function differenceOf(report: Report, image: ImageReport): Difference | undefined {
  return comparedIn(report)?.differences.find(({ platform }) => platform === image.platform)
}

/** What was compared with, as a clause without an end: `main @ 3f2c1a9, the base commit itself`. Plain text. */
export function baselineClause({ baseline }: Compared): string {
  return baseline.replace(/^Compared with /, '').replace(/\.$/, '')
}

/** `main @ 3f2c1a9`: heads a column. No branch and no reference to an image has a comma before a blank. Plain text. */
export function baselineTitle(compared: Compared): string {
  return baselineClause(compared).split(', ', 1)[0] ?? ''
}

/** `main`. Plain text. */
export function baselineName(compared: Compared): string {
  return baselineTitle(compared).replace(/ @ .*$/s, '')
}

/** Neither a figure nor a layer differs, on any platform. */
export function isSameImage(report: Report): boolean {
  const compared = comparedIn(report)
  if (compared === undefined || compared.differences.length === 0) return false
  return compared.added.length === 0 && compared.removed.length === 0 && compared.differences.every(({ same }) => same)
}

/** `14.1 MB smaller than main`, for the headline; `undefined` where nothing was compared. Plain text. */
export function changeWords(report: Report): string | undefined {
  const compared = comparedIn(report)
  if (compared === undefined || compared.differences.length === 0) return undefined
  const name = baselineName(compared)
  if (isSameImage(report)) return `same image as ${name}`
  const changes = compared.differences.map(({ size }) => size.change)
  const [least, most] = [Math.min(...changes), Math.max(...changes)]
  if (least === 0 && most === 0) return `same size as ${name}`
  if (least < 0 && most > 0) return `${bytes(-least)} smaller to ${bytes(most)} larger than ${name}`
  const [near, far] = most > 0 ? [bytes(least), bytes(most)] : [bytes(-most), bytes(-least)]
  const words = near === far ? far : least === 0 || most === 0 ? `up to ${far}` : `${near} to ${far}`
  return `${words} ${most > 0 ? 'larger' : 'smaller'} than ${name}`
}

/** Why nothing was compared, or which platforms were not; `undefined` where there is nothing to say. */
export function renderNotCompared(report: Report): string | undefined {
  const { comparison } = report
  if (comparison === undefined) return undefined
  if (comparison.kind === 'none') {
    const reason = text(comparison.reason.replace(/^Compared with nothing: /, '').replace(/\.$/, ''), 300)
    return warned(report, `**Not compared with a baseline**: ${reason}.`)
  }
  const name = text(baselineName(comparison), 100)
  const named = (platforms: readonly string[]): string => {
    const { shown, more } = capped(platforms, SENTENCES)
    return enumerated([...shown.map((each) => code(each, 60)), ...(more > 0 ? [`${more} more`] : [])])
  }
  const { added, removed } = comparison
  const sentences = [
    ...(added.length === 0 ? [] : [`Not compared: ${named(added)}, which ${name} does not have.`]),
    ...(removed.length === 0 ? [] : [`No longer built: ${named(removed)}, which ${name} has.`])
  ]
  return sentences.length === 0 ? undefined : warned(report, sentences.join(' '))
}

/** Where a limit depends on the comparison, that there was none must not be overlooked. */
function warned(report: Report, sentence: string): string {
  const consequence = unjudgedWords(report)
  return consequence === '' ? sentence : alert('WARNING', [`${sentence}${consequence}`])
}

/** For the small print: which baseline was used, and how far behind it is. Plain text. */
export function baselineSentence(report: Report): readonly string[] {
  const compared = comparedIn(report)
  return compared === undefined ? [] : [`Baseline: ${baselineClause(compared)}.`]
}

/** One figure a row: this build, the baseline, what lies between. `efficiency` stands alone, a baseline has none. */
export function sizesCompared(
  report: Report,
  image: ImageReport,
  difference: Difference,
  efficiency: string | undefined
): string {
  const compared = comparedIn(report)
  const columns: readonly Column[] = [
    { title: code(image.platform, 60), align: 'left' },
    { title: 'This build', align: 'right' },
    { title: compared === undefined ? 'Baseline' : text(baselineTitle(compared), 60), align: 'right' },
    { title: 'Change', align: 'right' }
  ]
  const { size, transferSize, reclaimable, layerCount } = difference
  const own = image.layers.filter(({ base }) => !base).length
  const rows = [
    ['Size (unpacked)', `**${sizeText(size.now)}**`, sizeText(size.before), sizeChange(size)],
    ...(transferSize === undefined
      ? image.transferSize === undefined
        ? []
        : [['Transfer (compressed)', sizeText(image.transferSize), '', '']]
      : [
          [
            'Transfer (compressed)',
            sizeText(transferSize.now),
            sizeText(transferSize.before),
            plainChange(transferSize)
          ]
        ]),
    ...pullRow(report, image, difference),
    ['Reclaimable, own layers', sizeText(reclaimable.now), sizeText(reclaimable.before), plainChange(reclaimable)],
    ...(efficiency === undefined ? [] : [['Efficiency', unbroken(efficiency), '', '']]),
    [
      'Layers',
      unbroken(`${grouped(layerCount.now)} (${own} own)`),
      grouped(layerCount.before),
      unbroken(signedCount(layerCount.change))
    ]
  ]
  return table(columns, rows)
}

function pullRow(report: Report, image: ImageReport, { pullCost }: Difference): readonly (readonly string[])[] {
  const compared = comparedIn(report)
  if (pullCost === undefined || compared === undefined) return []
  const name = text(baselineName(compared), 60)
  return [[`Pull on a host that has ${name}`, sizeText(pullCost.bytes), '', newLayers(pullCost.layers, image)]]
}

function newLayers(lacking: number, image: ImageReport): string {
  const all = image.layers.length
  if (lacking === 0) return 'no layer is new'
  return `${grouped(lacking)} of ${count(all, 'layer')} ${lacking === 1 ? 'is' : 'are'} new`
}

function sizeText(size: number): string {
  return unbroken(bytes(size))
}

/** The number that the reader came for. */
function sizeChange({ change, share }: Delta): string {
  const percent = signedPercent(share)
  if (change === 0) return 'none'
  return `**${unbroken(signedBytes(change))}**${percent === undefined ? '' : ` (${unbroken(percent)})`}`
}

function plainChange({ change }: Delta): string {
  return unbroken(signedBytes(change))
}

/** `74.2 MB (−5.8 MB)`. */
function withChange(now: number, change: number | undefined): string {
  return change === undefined || change === 0 ? sizeText(now) : `${sizeText(now)} (${unbroken(signedBytes(change))})`
}

/** One platform a row. What the changes are against stands below: the table is wide enough. */
export function platformsCompared(report: Report, detail: Detail): string {
  const compared = comparedIn(report)
  const transfer = report.images.some(({ transferSize }) => transferSize !== undefined)
  const pulled = compared?.differences.some(({ pullCost }) => pullCost !== undefined) === true
  // In a comment there is room for it only where it changed.
  const reclaimable = detail.collapsed || compared?.differences.some((each) => each.reclaimable.change !== 0) === true
  const columns: readonly Column[] = [
    { title: 'Platform', align: 'left' },
    { title: 'Size', align: 'right' },
    { title: 'Change', align: 'right' },
    ...(transfer ? [{ title: 'Transfer', align: 'right' } as const] : []),
    ...(pulled
      ? [{ title: 'Pull', align: 'right' } as const, { title: unbroken('New layers'), align: 'right' } as const]
      : []),
    ...(reclaimable ? [{ title: 'Reclaimable', align: 'right' } as const] : [])
  ]
  const { shown, more } = capped(report.images, detail.rows)
  const rows = shown.map((image) => {
    const difference = differenceOf(report, image)
    const pull = difference?.pullCost
    return [
      code(image.platform, 60),
      `**${sizeText(image.size)}**`,
      difference === undefined ? 'not compared' : sizeChange(difference.size),
      ...(transfer
        ? [image.transferSize === undefined ? '' : withChange(image.transferSize, difference?.transferSize?.change)]
        : []),
      ...(pulled
        ? pull === undefined
          ? ['–', '–']
          : [sizeText(pull.bytes), unbroken(`${grouped(pull.layers)} of ${grouped(image.layers.length)}`)]
        : []),
      ...(reclaimable ? [withChange(image.figures.reclaimable.own, difference?.reclaimable.change)] : [])
    ]
  })
  const against =
    compared === undefined
      ? undefined
      : `Changes are against ${text(baselineTitle(compared), 100)}${pulled ? '; pull: what a host that has it downloads' : ''}.`
  return sections([table(columns, rows), more === 0 ? undefined : `And ${count(more, 'more platform')}.`, against])
}

/** "Why it changed": by instruction and by path; `undefined` where nothing did. */
export function renderWhy(report: Report, detail: Detail): string | undefined {
  const compared = comparedIn(report)
  if (compared === undefined || isSameImage(report)) return undefined
  // The platform that changed most stands open.
  const changed = report.images
    .flatMap((image) => {
      const difference = differenceOf(report, image)
      return difference === undefined || difference.same ? [] : [{ image, difference }]
    })
    .sort((a, b) => Math.abs(b.difference.size.change) - Math.abs(a.difference.size.change))
  const [first, ...others] = changed
  if (first === undefined) return undefined
  const several = compared.differences.length > 1
  const rest = detail.collapsed ? others.slice(0, Math.max(0, detail.layerTables - 1)) : []
  const more = others.length - rest.length
  const why = first.difference.size.change === 0 ? 'What changed' : 'Why it changed'
  return sections([
    `### ${why}${several ? ` (${code(first.image.platform, 60)})` : ''}`,
    ...storyOf(report, first.image, first.difference, detail),
    ...rest.map(({ image, difference }) =>
      details(
        `${htmlCode(image.platform)}: ${html(platformWords(difference))}`,
        sections(storyOf(report, image, difference, { ...detail, collapsed: false }))
      )
    ),
    more === 0 ? undefined : `${count(more, 'more platform')} changed.`
  ])
}

function platformWords({ size }: Difference): string {
  const percent = signedPercent(size.share)
  if (size.change === 0) return 'the same size'
  return `${signedBytes(size.change)}${percent === undefined ? '' : ` (${percent})`}`
}

function storyOf(
  report: Report,
  image: ImageReport,
  difference: Difference,
  detail: Detail
): readonly (string | undefined)[] {
  const instructions = instructionRows(report, image, difference)
  const paths = pathRows(report, difference)
  const openInstructions = capped(instructions, Math.min(detail.rows, INSTRUCTIONS))
  const openPaths = capped(paths, Math.min(detail.rows, PATHS))
  const shownPaths = new Set(difference.byPath.rows.slice(0, openPaths.shown.length).map(({ path }) => path))
  return [
    sameSizeSentence(report, difference),
    listed(INSTRUCTION_COLUMNS, openInstructions.shown, openInstructions.more, 'instruction'),
    listed(PATH_COLUMNS, openPaths.shown, openPaths.more, 'path'),
    remarks(report, difference, detail, shownPaths),
    detail.collapsed && (openInstructions.more > 0 || openPaths.more > 0)
      ? details(
          html(
            `All ${enumerated([
              ...(openInstructions.more > 0 ? [count(instructions.length, 'instruction')] : []),
              ...(openPaths.more > 0 ? [count(paths.length, 'path')] : [])
            ])}`
          ),
          sections([
            openInstructions.more === 0 ? undefined : limited(INSTRUCTION_COLUMNS, instructions, detail, 'instruction'),
            openPaths.more === 0 ? undefined : limited(PATH_COLUMNS, paths, detail, 'path')
          ])
        )
      : undefined
  ]
}

type Rows = readonly (readonly string[])[]

const INSTRUCTION_COLUMNS: readonly Column[] = [
  { title: 'Change', align: 'right' },
  { title: 'By instruction', align: 'left' },
  { title: '', align: 'left' }
]

const PATH_COLUMNS: readonly Column[] = [
  { title: 'Change', align: 'right' },
  { title: 'By path', align: 'left' },
  { title: '', align: 'left' },
  { title: 'Line', align: 'right' }
]

function limited(columns: readonly Column[], rows: Rows, detail: Detail, what: string): string | undefined {
  const { shown, more } = capped(rows, detail.rows)
  return listed(columns, shown, more, what)
}

function listed(columns: readonly Column[], rows: Rows, more: number, what: string): string | undefined {
  if (rows.length === 0) return undefined
  const rest = more === 0 ? [] : [['', `*and ${count(more, `more ${what}`)}*`]]
  // A builder that tells no lines leaves the last column empty.
  const used = columns.filter(({ title }, index) => title !== 'Line' || rows.some((row) => (row[index] ?? '') !== ''))
  return table(used, [...rows, ...rest])
}

function instructionRows(report: Report, image: ImageReport, difference: Difference): Rows {
  const changeCell = changeCells(difference)
  const own = difference.byInstruction.map((change) => ({
    size: change.size,
    cells: [changeCell(change.size), layerWords(report, change), instructionWords(change)]
  }))
  const base =
    difference.base === 0
      ? []
      : [
          {
            size: difference.base,
            cells: [changeCell(difference.base), baseWords(image), 'the base image is another']
          }
        ]
  return [...own, ...base].sort((a, b) => Math.abs(b.size) - Math.abs(a.size)).map(({ cells }) => cells)
}

/** Writes sizes of a difference. Bold is what makes up a good part of the change. */
function changeCells({ byInstruction, base }: Difference): (size: number) => string {
  const largest = byInstruction.reduce((most, { size }) => Math.max(most, Math.abs(size)), Math.abs(base))
  return (size) => {
    const words = unbroken(signedBytes(size))
    return Math.abs(size) >= largest * BOLD_SHARE ? `**${words}**` : words
  }
}

function baseWords(image: ImageReport): string {
  return image.base === undefined ? 'the base image' : `\`FROM\` ${code(image.base, 100)}`
}

/** `[31](…) COPY ./app /app`. A layer that is gone has no line in this Dockerfile. */
function layerWords(report: Report, change: LayerChange, max = 64): string {
  const layer = change.kind === 'removed' ? change.before : change.layer
  const words = layer.base ? historyInstruction(layer.instruction) : briefInstruction(layer.instruction)
  const line = change.kind === 'removed' ? '' : lineLink(report.source, layer.line)
  return [line, code(words, max)].filter((part) => part !== '').join(' ')
}

function instructionWords(change: LayerChange): string {
  switch (change.kind) {
    case 'added':
      return 'new'
    case 'removed':
      return change.before.line === undefined ? 'gone' : `gone (was line ${change.before.line})`
    case 'reused':
      return ''
    case 'changed': {
      const [now, before] = [bytes(change.layer.size), bytes(change.before.size)]
      const sizes = now === before ? [] : [`${unbroken(now)}, was ${unbroken(before)}`]
      const words = [
        ...sizes,
        ...(change.edited ? [editWords(change.before.instruction, change.layer.instruction)] : [])
      ]
      return words.length === 0 ? 'changed' : words.join('; ')
    }
  }
}

/** What was edited in an instruction: the words between its common beginning and end. */
function editWords(before: string, now: string): string {
  const [old, words] = [briefInstruction(before).split(/\s+/), briefInstruction(now).split(/\s+/)]
  const least = Math.min(old.length, words.length)
  let start = 0
  while (start < least && old[start] === words[start]) start += 1
  let end = 0
  while (end < least - start && old.at(-1 - end) === words.at(-1 - end)) end += 1
  const part = (list: readonly string[]): string => list.slice(start, list.length - end).join(' ')
  const [was, is] = [part(old), part(words)]
  if (was === '' && is === '') return 'the line was edited'
  if (was === '') return `${code(is, 60)} was added`
  return is === '' ? `${code(was, 60)} was removed` : `${code(is, 60)}, was ${code(was, 60)}`
}

function pathRows(report: Report, difference: Difference): Rows {
  const { byPath } = difference
  const changeCell = changeCells(difference)
  const rows = byPath.rows.map((change) => [
    changeCell(change.size),
    change.rest ? `the rest of ${pathCode(change.path)}` : pathCode(change.path),
    pathWords(change),
    isGone(change) ? '' : lineLink(report.source, change.layer?.line)
  ])
  const { other, hidden } = byPath
  const largest = Math.max(0, ...byPath.rows.map(({ size }) => Math.abs(size)))
  return [
    ...rows,
    ...(other.size === 0 ? [] : [[changeCell(other.size), `*${count(other.files, 'other file')}*`]]),
    ...(hidden === 0 || Math.abs(hidden) < largest * ROW_SHARE || rows.length === 0
      ? []
      : [[changeCell(hidden), '*no path*', 'overwritten or deleted by a later layer, or too small for the index']])
  ]
}

/** Then the layer is the baseline's, and its line is of another Dockerfile. */
function isGone({ kind, files }: PathChange): boolean {
  return kind === 'removed' || files.added + files.changed === 0
}

function pathWords(change: PathChange): string {
  if (change.package !== undefined) return packageWords(change.package)
  if (change.from !== undefined) return `was ${pathCode(change.from, 60)}`
  const { added, changed, removed } = change.files
  const all = added + changed + removed
  if (change.kind === 'added') return change.directory ? `new, ${count(all, 'file')}` : 'new'
  if (change.kind === 'removed') return change.directory ? `gone, ${count(all, 'file')}` : 'gone'
  return change.directory ? fileWords(change.files) : 'changed'
}

/** `3 files new, 12 changed, 1 gone`. */
function fileWords(files: { added: number; changed: number; removed: number; moved?: number }): string {
  const parts = [
    { number: files.added, word: 'new' },
    { number: files.changed, word: 'changed' },
    { number: files.removed, word: 'gone' },
    { number: files.moved ?? 0, word: 'moved' }
  ].filter(({ number }) => number > 0)
  return parts
    .map(({ number, word }, index) => `${index === 0 ? count(number, 'file') : grouped(number)} ${word}`)
    .join(', ')
}

/** `boto3 1.35.0, was 1.34.1`. */
function packageWords({ name, from, to }: PackageChange): string {
  const version = (words: string): string => code(words, 40)
  if (to === undefined) return `package ${code(name, 60)} is gone${from === undefined ? '' : `, was ${version(from)}`}`
  if (from === undefined) return `package ${code(name, 60)} ${version(to)} is new`
  return `package ${code(name, 60)} ${version(to)}, was ${version(from)}`
}

/** Where no byte was won or lost, and yet layers are others. */
function sameSizeSentence(report: Report, difference: Difference): string | undefined {
  if (difference.byInstruction.length > 0 || difference.base !== 0) return undefined
  const others = difference.layers.filter((change) => change.kind !== 'reused')
  if (others.length === 0) {
    const kept = difference.layers.filter((change) => change.kind === 'reused')
    const moved = kept.filter((change) => change.kind === 'reused' && change.moved).length
    const again = kept.filter((change) => change.kind === 'reused' && change.recompressed).length
    const parts = [
      ...(moved === 0 ? [] : [`${count(moved, 'layer')} in another order`]),
      ...(again === 0 ? [] : [`${count(again, 'layer')} compressed anew`])
    ]
    return `All layers hold the same files${parts.length === 0 ? '' : `; ${enumerated(parts)}`}.`
  }
  const { shown, more } = capped(
    others.filter((change) => change.kind !== 'changed' || !change.timestampsOnly),
    SENTENCES
  )
  if (shown.length === 0) return undefined
  const number = shown.length + more
  const names = shown.map((change) => layerWords(report, change, 44))
  return `No layer is larger or smaller. ${count(number, 'layer')} ${number === 1 ? 'is' : 'are'} not the same: ${enumerated([...names, ...(more > 0 ? [`${more} more`] : [])])}.`
}

/** What a table of sizes cannot say: counts, packages without a size, moves, times, and what was not compared. */
function remarks(
  report: Report,
  difference: Difference,
  detail: Detail,
  shownPaths: ReadonlySet<string>
): string | undefined {
  const { byPath } = difference
  // One row has said it.
  const files = byPath.rows.length > 1 || byPath.files.moved > 0 ? fileWords(byPath.files) : ''
  const most = Math.min(detail.rows, SENTENCES)
  const packages = capped(
    byPath.packages.filter(({ path }) => !shownPaths.has(path)),
    most
  )
  const moves = capped(byPath.moves, most)
  const omissions = capped(difference.omissions, most)
  const items = [
    ...(files === '' ? [] : [`In all: ${files}.`]),
    ...(packages.shown.length === 0
      ? []
      : [
          `Packages besides: ${[
            ...packages.shown.map((each) => besideWords(each)),
            ...(packages.more > 0 ? [`${packages.more} more`] : [])
          ].join('; ')}.`
        ]),
    ...moves.shown.map(moveWords),
    ...(moves.more > 0 ? [`${count(moves.more, 'more move')}.`] : []),
    ...timesOnly(report, difference),
    ...omissions.shown.map((omission) => `Not compared in full: ${text(omission.replace(/\.$/, ''), 300)}.`),
    ...(omissions.more > 0 ? [`${count(omissions.more, 'more thing')} could not be compared.`] : [])
  ]
  return items.length === 0 ? undefined : bullets(items)
}

function besideWords(change: PackageChange): string {
  const size = change.size === undefined || change.size === 0 ? '' : ` (${unbroken(signedBytes(change.size))})`
  return `${packageWords(change).replace(/^package /, '')}${size}`
}

/** Moves change no size; they are said so that nobody takes them for growth. */
function moveWords({ from, to, files, size }: PathMove): string {
  const folder = (path: string): string => path.slice(0, path.lastIndexOf('/'))
  const verb = files === 1 && folder(from) === folder(to) ? 'Renamed' : 'Moved'
  const what = files === 1 ? '' : `${count(files, 'file')}, `
  return `${verb}: ${pathCode(from, 60)} is now ${pathCode(to, 60)} (${what}${unbroken(bytes(size))}, no change in size).`
}

function timesOnly(report: Report, { layers, timestampsOnly }: Difference): readonly string[] {
  if (timestampsOnly === 0) return []
  const all = layers.filter((change) => change.kind === 'changed' && change.timestampsOnly && !change.base)
  const { shown, more } = capped(all, 3)
  const names = [...shown.map((change) => layerWords(report, change, 44)), ...(more > 0 ? [`${more} more`] : [])]
  const [subject, it] =
    timestampsOnly === 1
      ? ['1 layer differs in nothing but timestamps, and yet it', 'it']
      : [`${grouped(timestampsOnly)} layers differ in nothing but timestamps, and yet they`, 'them']
  const verb = timestampsOnly === 1 ? 'is' : 'are'
  return [
    `${subject} ${verb} pulled anew${names.length === 0 ? '' : `: ${enumerated(names)}`}. \`SOURCE_DATE_EPOCH\` and \`rewrite-timestamp=true\` would keep ${it}.`
  ]
}

/** What became of the layers of a row of the layer table: `same`, `new`, `−14.5 MB`, `only times`. */
export function layerMark(difference: Difference, first: number, number: number): string {
  const changes = difference.layers.filter(
    (change) => change.kind !== 'removed' && change.layer.index >= first && change.layer.index < first + number
  )
  const [only] = changes
  if (only === undefined) return ''
  if (changes.length === 1) return markOf(only)
  const size = changes.reduce((sum, change) => sum + change.size, 0)
  const of = (kind: LayerChange['kind']): number => changes.filter((change) => change.kind === kind).length
  const [added, changed] = [of('added'), of('changed')]
  if (added === 0 && changed === 0) return 'same'
  const parts = [
    ...(size === 0 ? [] : [signedBytes(size)]),
    ...(added === 0 ? [] : [`${added} new`]),
    ...(changed === 0 ? [] : [`${changed} changed`])
  ]
  return parts.map(unbroken).join(', ')
}

function markOf(change: LayerChange): string {
  switch (change.kind) {
    case 'added':
      return '**new**'
    case 'removed':
      return 'gone'
    case 'reused':
      return change.moved ? 'moved' : change.recompressed ? 'recompressed' : 'same'
    case 'changed':
      if (change.size !== 0) return `**${unbroken(signedBytes(change.size))}**`
      return change.timestampsOnly ? unbroken('only times') : 'changed'
  }
}

/** Layers that only the baseline has, below the table of those that are there. */
export function renderRemoved(report: Report, image: ImageReport, detail: Detail): string | undefined {
  const removed = differenceOf(report, image)?.layers.filter((change) => change.kind === 'removed') ?? []
  if (removed.length === 0) return undefined
  const compared = comparedIn(report)
  const { shown, more } = capped(
    removed.toSorted((a, b) => a.size - b.size),
    Math.min(detail.rows, SENTENCES)
  )
  const names = shown.map((change) =>
    [change.size === 0 ? '' : unbroken(signedBytes(change.size)), layerWords(report, change, 64)]
      .filter((part) => part !== '')
      .join(' ')
  )
  const name = compared === undefined ? 'the baseline' : text(baselineName(compared), 60)
  return `Gone (in ${name} only): ${[...names, ...(more > 0 ? [`${count(more, 'more layer')}`] : [])].join(' · ')}`
}
