/** Why an image is larger, smaller or another one than its baseline: by instruction, by path, and what sizes cannot say. */
import type { Difference, LayerChange, PackageChange, PathChange, PathMove } from '../../compare/index.js'
import { editOf, editWords } from '../format/edit.js'
import { changedLayer, comparedIn, differenceOf, isSameImage } from './difference.js'
import { capped, type Detail } from '../format/ladder.js'
import { lineLink } from '../format/links.js'
import {
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
import type { BuildView, ImageReport } from '../model.js'
import { bytes, count, enumerated, grouped, signedBytes, signedPercent } from '../../core/units.js'

/** Rows in sight; the others are collapsed. */
const INSTRUCTIONS = 5
const PATHS = 8
const SENTENCES = 5

/** Part of the largest change from which on another is worth as much attention, and from which on it is worth a row. */
const BOLD_SHARE = 0.1
const ROW_SHARE = 0.01

/** "Why it changed": by instruction and by path; `undefined` where nothing did. */
export function renderWhy(report: BuildView, detail: Detail): string | undefined {
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
  report: BuildView,
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
    remarks({ report, image, difference }, detail, shownPaths),
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
  { title: '', align: 'left' }
]

function limited(columns: readonly Column[], rows: Rows, detail: Detail, what: string): string | undefined {
  const { shown, more } = capped(rows, detail.rows)
  return listed(columns, shown, more, what)
}

function listed(columns: readonly Column[], rows: Rows, more: number, what: string): string | undefined {
  if (rows.length === 0) return undefined
  const rest = more === 0 ? [] : [['', `*and ${count(more, `more ${what}`)}*`]]
  return table(columns, [...rows, ...rest])
}

function instructionRows(report: BuildView, image: ImageReport, difference: Difference): Rows {
  const changeCell = changeCells(difference)
  const own = difference.byInstruction.map((change) => ({
    size: change.size,
    cells: [changeCell(change.size), changedLayer(report, change), instructionWords(change)]
  }))
  const base =
    difference.base === 0
      ? []
      : [
          {
            size: difference.base,
            cells: [changeCell(difference.base), ...baseWords(image, difference)]
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

function baseWords({ base }: ImageReport, { baseUnknown }: Difference): readonly string[] {
  if (baseUnknown) return ['the layers below your own', 'the base image is known of only one of the two']
  return [base === undefined ? 'the base image' : `\`FROM\` ${code(base, 100)}`, 'the base image has changed']
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
        ...(change.edited ? [layerEdit(change.before.instruction, change.layer.instruction)] : [])
      ]
      return words.length === 0 ? 'changed' : words.join('; ')
    }
  }
}

function layerEdit(before: string, now: string): string {
  const edit = editOf(before, now)
  return edit === undefined ? 'the line was edited' : editWords(edit)
}

function pathRows(report: BuildView, difference: Difference): Rows {
  const { byPath } = difference
  const changeCell = changeCells(difference)
  const rows = byPath.rows.map((change) => [
    changeCell(change.size),
    [
      isGone(change) ? '' : lineLink(report.source, change.layer?.line),
      change.rest ? `the rest of ${pathCode(change.path)}` : pathCode(change.path)
    ]
      .filter((part) => part !== '')
      .join(' '),
    pathWords(change)
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
  if (change.from !== undefined) {
    const files = change.directory ? `; ${fileWords(change.files)}` : ''
    return `was ${pathCode(change.from, 60)}${files}`
  }
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

/** `boto3 1.35.0, was 1.34.1`. Other versions may be there beside one that is gone. */
function packageWords({ name, from, to }: PackageChange): string {
  const versions = (all: readonly string[]): string => {
    const { shown, more } = capped(all, SENTENCES)
    return enumerated([...shown.map((version) => code(version, 40)), ...(more > 0 ? [`${more} more`] : [])])
  }
  const subject = `package ${code(name, 60)}`
  if (to === undefined) return `${subject}${from === undefined ? '' : ` ${versions(from)}`} is gone`
  if (from === undefined) return `${subject} ${versions(to)} is new`
  return `${subject} ${versions(to)}, was ${versions(from)}`
}

/** Where no byte was won or lost, and yet layers are others. */
function sameSizeSentence(report: BuildView, difference: Difference): string | undefined {
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
  const names = shown.map((change) => changedLayer(report, change, 44))
  const sizes = others.every(({ size }) => size === 0)
    ? 'No layer is larger or smaller.'
    : 'In all, the size is the same.'
  return `${sizes} ${count(number, 'layer')} ${number === 1 ? 'is' : 'are'} not the same: ${enumerated([...names, ...(more > 0 ? [`${more} more`] : [])])}.`
}

/** What a table of sizes cannot say: counts, packages without a size, moves, times, and what was not compared. */
function remarks(
  { report, image, difference }: { report: BuildView; image: ImageReport; difference: Difference },
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
    ...baseGrowth(image, difference),
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

/** Growth of the base image, and how it is kept apart from the change that is looked at. */
function baseGrowth(
  { base }: ImageReport,
  { base: grown, baseBefore, baseUnknown, size }: Difference
): readonly string[] {
  if (baseUnknown || grown <= 0 || grown * 2 < size.change) return []
  const more = unbroken(bytes(grown))
  const apart = 'A new base in a change of its own keeps the two apart.'
  if (base !== undefined && baseBefore !== undefined && base !== baseBefore) {
    return [
      `The base image was ${code(baseBefore, 100)}, now ${code(base, 100)}: **${more}** more, not of your layers. ${apart}`
    ]
  }
  if (base !== undefined && base === baseBefore && !base.includes('@sha256:')) {
    return [
      `The base image ${code(base, 100)} grew by **${more}**, not your layers. A tag may move at any time; pinned by its digest, the base changes only in a change of its own.`
    ]
  }
  // Whether the tag moved or another base was written is not known.
  const name = base === undefined ? 'The base image' : `The base image ${code(base, 100)}`
  return [`${name} has **${more}** more than the baseline's, not of your layers. ${apart}`]
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

function timesOnly(report: BuildView, { layers, timestampsOnly }: Difference): readonly string[] {
  if (timestampsOnly === 0) return []
  const all = layers.filter((change) => change.kind === 'changed' && change.timestampsOnly && !change.base)
  const { shown, more } = capped(all, 3)
  const names = [...shown.map((change) => changedLayer(report, change, 44)), ...(more > 0 ? [`${more} more`] : [])]
  const [subject, it] =
    timestampsOnly === 1
      ? ['1 layer differs in nothing but timestamps, and yet it', 'it']
      : [`${grouped(timestampsOnly)} layers differ in nothing but timestamps, and yet they`, 'them']
  const verb = timestampsOnly === 1 ? 'is' : 'are'
  return [
    `${subject} ${verb} pulled again${names.length === 0 ? '' : `: ${enumerated(names)}`}. \`SOURCE_DATE_EPOCH\` and \`rewrite-timestamp=true\` would keep ${it} the same.`
  ]
}
