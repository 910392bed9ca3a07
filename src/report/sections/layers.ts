/** The layer table of one image: what weighs what, and which line of the Dockerfile made it. */
import type { Difference, LayerChange } from '../../compare/index.js'
import { briefInstruction, historyInstruction } from '../format/instruction.js'
import { baselineName, changedLayer, comparedIn, differenceOf } from './difference.js'
import { capped, type Detail } from '../format/ladder.js'
import { lineLink } from '../format/links.js'
import { code, details, html, htmlCode, sections, table, text, unbroken, type Column } from '../format/markdown.js'
import type { ImageReport, LayerReport, BuildView } from '../model.js'
import { bar, bytes, count, grouped, percent, share, signedBytes } from '../../core/units.js'

/** Up to this many own layers each has a row in the open table; beyond, the small ones are grouped. */
const OWN_ROWS = 14

/** How many of the largest own layers may keep a row of their own then, and what part of the image each must be. */
const LARGEST = 10
const LARGEST_SHARE = 0.005

/** Base layers in a row of their own only when there is one or two of them. */
const BASE_ROWS = 2

/** A phone shows the first columns: what a layer weighs, what became of it, and what made it. */
function columnsOf(compared: boolean): readonly Column[] {
  return [
    { title: 'Size', align: 'right' },
    ...(compared ? [CHANGE] : []),
    { title: 'Made by', align: 'left' },
    { title: 'Share', align: 'left' },
    { title: 'Files', align: 'left' },
    { title: 'Stage', align: 'left' },
    { title: 'Layer', align: 'right' }
  ]
}

const CHANGE: Column = { title: 'Change', align: 'right' }

/** Layers that are gone, named below the table. */
const GONE = 5

/** Cells of a bar: enough to compare by, and room for the instruction. */
const BAR_CELLS = 12

/** Layers that share a row. `first` counts from 1. */
type Row = { readonly first: number; readonly layers: readonly LayerReport[] }

/** The title of the section with its facts: `70.4 MB of your own in 4 layers, on a base of 130.9 MB`. */
function layersTitle(image: ImageReport): string {
  const own = image.layers.filter((layer) => !layer.base)
  const base = image.layers.filter((layer) => layer.base)
  const yours = `${bytes(total(own))} in ${count(own.length, 'layer')}`
  if (image.baseUnknown !== undefined) return `${bytes(total(own))} in ${count(own.length, 'layer')}`
  return base.length === 0 ? yours : `${yours}, on a base of ${bytes(total(base))}`
}

/** The layers of the image, or those of each platform. */
export function renderLayers(report: BuildView, detail: Detail): string | undefined {
  const [first] = report.images
  if (first === undefined || detail.layerTables === 0) return undefined
  if (report.images.length === 1) return layersOfOne(report, first, detail)
  const { shown, more } = capped(report.images, detail.layerTables)
  return sections([
    ...shown.map((image) => layersOfPlatform(report, image, detail)),
    more === 0 ? undefined : `And ${count(more, 'more platform')}.`
  ])
}

/** For the title of the section where it is folded; HTML. */
export function layersSummary({ images }: BuildView): string {
  const [first] = images
  return images.length === 1 && first !== undefined
    ? `Layers: ${html(layersTitle(first))}`
    : `Layers of ${html(count(images.length, 'platform'))}`
}

/** The open table, and the complete one collapsed where rows were grouped. */
function layersOfOne(report: BuildView, image: ImageReport, detail: Detail): string {
  const rows = groupRows(image.layers)
  const grouped = rows.some((row) => row.layers.length > 1)
  const every = image.layers.map((layer, index): Row => ({ first: index + 1, layers: [layer] }))
  return sections([
    layerTable(report, image, rows, detail),
    renderRemoved(report, image, detail),
    grouped && detail.collapsed
      ? details(
          `All ${html(count(image.layers.length, 'layer'))} and their digests`,
          fullTable(report, image, every, detail)
        )
      : undefined
  ])
}

/** The same, collapsed, for one platform of several. */
function layersOfPlatform(report: BuildView, image: ImageReport, detail: Detail): string {
  return details(
    `${htmlCode(image.platform)}: ${html(layersTitle(image))}`,
    sections([layerTable(report, image, groupRows(image.layers), detail), renderRemoved(report, image, detail)])
  )
}

function total(layers: readonly LayerReport[]): number {
  return layers.reduce((sum, layer) => sum + layer.size, 0)
}

function groupRows(layers: readonly LayerReport[]): readonly Row[] {
  const own = layers.filter((layer) => !layer.base)
  const bases = layers.length - own.length
  const whole = total(layers)
  const alone = new Set(
    own.length <= OWN_ROWS
      ? own
      : own
          .filter((layer) => share(layer.size, whole) >= LARGEST_SHARE)
          .sort((a, b) => b.size - a.size)
          .slice(0, LARGEST)
  )
  const joins = (layer: LayerReport): boolean => (layer.base ? bases > BASE_ROWS : !alone.has(layer))
  const rows: { first: number; layers: LayerReport[] }[] = []
  layers.forEach((layer, index) => {
    const last = rows.at(-1)
    const joined = last?.layers.some((before) => before.base === layer.base && joins(before)) === true && joins(layer)
    if (joined) last?.layers.push(layer)
    else rows.push({ first: index + 1, layers: [layer] })
  })
  return rows
}

function layerTable(report: BuildView, image: ImageReport, rows: readonly Row[], detail: Detail): string {
  const { shown, more } = capped(rows, detail.rows)
  const difference = differenceOf(report, image)
  const cells = shown.map((row) => {
    const size = total(row.layers)
    return [
      unbroken(bytes(size)),
      ...(difference === undefined ? [] : [layerMark(difference, row.first - 1, row.layers.length)]),
      madeBy(report, image, row),
      shareCell(size, image.size),
      filesCell(row.layers.filter(({ base }) => !base)),
      stageCell(row),
      number(row)
    ]
  })
  const compared = difference !== undefined
  const rest = more === 0 ? [] : [['', ...(compared ? [''] : []), `*and ${count(more, 'more row')}*`]]
  return table(columnsOf(compared), [...cells, ...rest])
}

/** `1–5`, not to be broken after the dash. */
function number(row: Row): string {
  const last = row.first + row.layers.length - 1
  return last === row.first ? String(row.first) : `${row.first}–&NoBreak;${last}`
}

/** `+187 ~3 −1`: files added, changed and removed. */
function filesCell(layers: readonly LayerReport[]): string {
  const sum = (of: (files: LayerReport['files']) => number): number =>
    layers.reduce((total, { files }) => total + of(files), 0)
  const parts = [
    { sign: '+', number: sum(({ added }) => added) },
    { sign: '~', number: sum(({ changed }) => changed) },
    { sign: '−', number: sum(({ removed }) => removed) }
  ]
  // A tilde between two others would strike out what is between them.
  return parts
    .filter(({ number }) => number > 0)
    .map(({ sign, number }) => `${sign === '~' ? '\\~' : sign}${grouped(number)}`)
    .join('\u00a0')
}

function shareCell(size: number, whole: number): string {
  const cells = bar(size, whole, BAR_CELLS)
  const words = unbroken(percent(size, whole))
  // An empty bar is a grey box that seems to say something.
  return cells.trim() === '' ? words : `\`${cells}\`\u00a0${words}`
}

function madeBy(report: BuildView, image: ImageReport, row: Row): string {
  const [layer] = row.layers
  if (layer === undefined) return ''
  if (row.layers.length === 1) {
    return layerCode(report, layer)
  }
  if (!layer.base) return count(row.layers.length, 'smaller layer')
  const name = image.base === undefined ? 'the base image' : code(image.base, 100)
  return `${name}, ${count(row.layers.length, 'layer')}`
}

function stageCell(row: Row): string {
  const [layer] = row.layers
  if (layer === undefined) return ''
  if (layer.base) return '*base*'
  const stages = [...new Set(row.layers.map((each) => each.stage ?? ''))].filter((stage) => stage !== '')
  return stages.length > 2 ? '' : stages.map((stage) => code(stage, 60)).join(', ')
}

/** What made a layer: `[31](…) COPY ./app /app`. */
export function layerCode(report: BuildView, layer: LayerReport, max = 64): string {
  return [lineLink(report.source, layer.line), instructionCode(layer, max)].filter((part) => part !== '').join(' ')
}

function instructionCode(layer: LayerReport, max = 64): string {
  return code(layer.base ? historyInstruction(layer.instruction) : briefInstruction(layer.instruction), max)
}

function fullTable(report: BuildView, image: ImageReport, rows: readonly Row[], detail: Detail): string {
  const transfer = image.layers.some((layer) => layer.transferSize !== undefined)
  const difference = differenceOf(report, image)
  const columns: readonly Column[] = [
    { title: '#', align: 'right' },
    { title: 'Size', align: 'right' },
    ...(difference === undefined ? [] : [CHANGE]),
    ...(transfer ? [{ title: 'Transfer', align: 'right' } as const] : []),
    { title: 'Digest', align: 'left' },
    { title: 'Made by', align: 'left' },
    { title: 'Files', align: 'left' },
    { title: 'Stage', align: 'left' }
  ]
  const { shown, more } = capped(rows, detail.rows)
  const cells = shown.flatMap((row) =>
    row.layers.map((layer) => [
      number(row),
      unbroken(bytes(layer.size)),
      ...(difference === undefined ? [] : [layerMark(difference, row.first - 1, 1)]),
      ...(transfer ? [layer.transferSize === undefined ? '' : unbroken(bytes(layer.transferSize))] : []),
      code(shortDigest(layer.digest)),
      layerCode(report, layer),
      filesCell([layer]),
      stageCell(row)
    ])
  )
  return sections([table(columns, cells), more === 0 ? undefined : text(`And ${count(more, 'more layer')}.`)])
}

/** `sha256:9f86d081884c`: enough to find it again. */
function shortDigest(digest: string): string {
  return digest.replace(/^(\w+:[0-9a-f]{12})[0-9a-f]+$/, '$1')
}

/** What became of the layers of a row of the layer table: `same`, `new`, `−14.5 MB`, `only times`. */
function layerMark(difference: Difference, first: number, number: number): string {
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
function renderRemoved(report: BuildView, image: ImageReport, detail: Detail): string | undefined {
  const removed = differenceOf(report, image)?.layers.filter((change) => change.kind === 'removed') ?? []
  if (removed.length === 0) return undefined
  const compared = comparedIn(report)
  const { shown, more } = capped(
    removed.toSorted((a, b) => a.size - b.size),
    Math.min(detail.rows, GONE)
  )
  const names = shown.map((change) =>
    [change.size === 0 ? '' : unbroken(signedBytes(change.size)), changedLayer(report, change, 64)]
      .filter((part) => part !== '')
      .join(' ')
  )
  const name = compared === undefined ? 'the baseline' : text(baselineName(compared), 60)
  return `Gone (in ${name} only): ${[...names, ...(more > 0 ? [`${count(more, 'more layer')}`] : [])].join(' · ')}`
}
