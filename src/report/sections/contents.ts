/** What is in an image, collapsed: its biggest files, what it ships without any use, and what brought it in. */
import { capped, type Detail } from '../format/ladder.js'
import { layerCode } from './layers.js'
import { code, details, html, htmlCode, pathCode, sections, table, unbroken, type Column } from '../format/markdown.js'
import type { ReclaimablePath } from '../../image/index.js'
import type { ImageReport, BuildView } from '../model.js'
import { bytes, count, enumerated, grouped } from '../../core/units.js'

/** What is smaller is not worth a row. */
const LEAST_BYTES = 1000

/** Rows of each table. */
const ROWS = 10

const SIZE: Column = { title: 'Size', align: 'right' }
const MADE_BY: Column = { title: 'Made by', align: 'left' }

/** What is in the image on each platform. */
export function renderContents(report: BuildView, detail: Detail): string {
  return sections(report.images.slice(0, detail.layerTables).map((image) => contentsOf(report, image, detail)))
}

/** The collapsed section of one; `undefined` where there is nothing to tell. */
export function contentsOf(report: BuildView, image: ImageReport, detail: Detail): string | undefined {
  const parts = [
    part('Biggest files of your own layers', biggestFiles(report, image, detail)),
    part('Biggest directories of your own', biggestDirectories(image, detail)),
    part('Reclaimable: bytes that no container sees', reclaimable(report, image, detail)),
    part('Shipped twice with the same content', copies(report, image, detail)),
    part('The same content under several names', duplicates(report, image, detail)),
    part('Caches of package managers', packageCaches(report, image, detail))
  ].filter((each) => each !== undefined)
  if (parts.length === 0) return undefined
  const { own } = image.figures.reclaimable
  const facts = `biggest files, ${own > 0 ? `${bytes(own)} reclaimable` : 'nothing reclaimable'}`
  const title = report.images.length > 1 ? `${htmlCode(image.platform)}: ${html(facts)}` : `Contents: ${html(facts)}`
  return details(title, sections(parts))
}

function part(title: string, body: string | undefined): string | undefined {
  return body === undefined ? undefined : `**${title}**\n\n${body}`
}

/** The largest files that a container sees, of own layers. */
export function biggestFiles(report: BuildView, image: ImageReport, detail: Detail, most = ROWS): string | undefined {
  const own = image.figures.biggestFiles.own.filter(({ size }) => size >= LEAST_BYTES)
  if (own.length === 0) return undefined
  return listed(
    [SIZE, { title: 'File', align: 'left' }, MADE_BY],
    own,
    Math.min(detail.rows, most),
    ({ path, size, layer }) => [unbroken(bytes(size)), pathCode(path), madeBy(report, image, layer)]
  )
}

function biggestDirectories(image: ImageReport, detail: Detail): string | undefined {
  const own = image.figures.biggestDirectories.own.filter((directory) => directory.own >= LEAST_BYTES)
  if (own.length === 0) return undefined
  const columns: readonly Column[] = [SIZE, { title: 'Directory', align: 'left' }]
  return listed(columns, own, Math.min(detail.rows, ROWS), (directory) => [
    unbroken(bytes(directory.own)),
    pathCode(directory.path)
  ])
}

/** What own layers hold without any use: each path with the layers that have a copy. */
export function reclaimable(report: BuildView, image: ImageReport, detail: Detail, most = ROWS): string | undefined {
  const { own, base, paths } = image.figures.reclaimable
  const inBase =
    base > 0 ? `The base image has ${bytes(base)} more of it; only another base image changes that.` : undefined
  const mine = paths.filter((path) => path.own >= LEAST_BYTES).sort((a, b) => b.own - a.own)
  if (mine.length === 0) return own === 0 ? inBase : sections([`${bytes(own)} in small pieces.`, inBase])
  const columns: readonly Column[] = [
    SIZE,
    { title: 'Path', align: 'left' },
    { title: 'In layers', align: 'left' },
    { title: 'Made useless by', align: 'left' }
  ]
  const rows = listed(columns, mine, Math.min(detail.rows, most), (path) => [
    unbroken(bytes(path.own)),
    pathCode(path.path),
    unbroken(heldBy(path.layers)),
    path.deleted ? deletedBy(report, image, path.deletedBy) : replacedBy(report, image, path)
  ])
  return sections([rows, inBase])
}

function deletedBy(report: BuildView, image: ImageReport, layer: number | undefined): string {
  const by = madeBy(report, image, layer)
  return by === '' ? 'a later layer deletes it' : `${by} deletes it`
}

/** What made the copy that is left, or the folder or link that is there instead. */
function replacedBy(report: BuildView, image: ImageReport, { layers, replacedBy: other }: ReclaimablePath): string {
  const by = madeBy(report, image, layers.findLast(({ live }) => live)?.index ?? other)
  return by === '' ? 'a later layer replaces it' : by
}

/** `5, 6 and 7`, counted from 1 as in the layer table. */
function heldBy(layers: readonly { readonly index: number }[]): string {
  const numbers = layers.map(({ index }) => String(index + 1))
  return numbers.length > 6 ? `${count(numbers.length, 'layer')}` : enumerated(numbers)
}

function copies(report: BuildView, image: ImageReport, detail: Detail): string | undefined {
  const copied = image.layers
    .filter(({ base, copies: { size } }) => !base && size >= LEAST_BYTES)
    .sort((a, b) => b.copies.size - a.copies.size)
  if (copied.length === 0) return undefined
  const columns: readonly Column[] = [
    SIZE,
    MADE_BY,
    { title: 'Files', align: 'right' },
    { title: 'Changed', align: 'left' },
    { title: 'Largest', align: 'left' }
  ]
  return listed(columns, copied, Math.min(detail.rows, ROWS), (layer) => {
    const { size, files, chown, chmod, attributes, paths } = layer.copies
    const changed = [
      ...(chown.files > 0 ? ['owner'] : []),
      ...(chmod.files > 0 ? ['mode'] : []),
      ...(attributes === undefined ? [] : ['extended attributes (capabilities)'])
    ]
    const [largest] = paths
    return [
      unbroken(bytes(size)),
      layerCode(report, layer),
      grouped(files),
      changed.length === 0 ? 'nothing but times' : enumerated(changed),
      largest === undefined ? '' : pathCode(largest.path)
    ]
  })
}

/** What is smaller in all is chance: empty packages, licences. */
const LEAST_DUPLICATES = 100_000

function duplicates(report: BuildView, image: ImageReport, detail: Detail): string | undefined {
  const found = image.figures.duplicates
  if (found === undefined || found.size < LEAST_DUPLICATES) return undefined
  const columns: readonly Column[] = [
    SIZE,
    { title: 'Copies', align: 'right' },
    { title: 'Paths', align: 'left' },
    { title: 'Last one by', align: 'left' }
  ]
  const rows = listed(columns, found.contents, Math.min(detail.rows, ROWS), ({ size, copies, paths, layer }) => [
    unbroken(bytes(size)),
    grouped(copies),
    `${paths.map((path) => pathCode(path)).join('<br>')}${copies > paths.length ? '<br>…' : ''}`,
    madeBy(report, image, layer)
  ])
  const words = `${bytes(found.size)} in ${count(found.files, 'file')} that a link, or one copy, would save.`
  return sections([words, rows])
}

function packageCaches(report: BuildView, image: ImageReport, detail: Detail): string | undefined {
  const caches = image.figures.packageCaches.filter(({ size }) => size >= LEAST_BYTES)
  if (caches.length === 0) return undefined
  const columns: readonly Column[] = [SIZE, { title: 'Path', align: 'left' }, { title: 'Of', align: 'left' }, MADE_BY]
  return listed(columns, caches, Math.min(detail.rows, ROWS), ({ size, live, path, kind, layers }) => [
    unbroken(bytes(size)),
    `${pathCode(path)}${live === 0 ? ' (deleted, but in the image)' : ''}`,
    code(kind, 40),
    madeBy(report, image, layers[0])
  ])
}

/** What made a layer: the line and the instruction. */
function madeBy(report: BuildView, image: ImageReport, index: number | undefined): string {
  const layer = index === undefined ? undefined : image.layers[index]
  return layer === undefined ? '' : layerCode(report, layer, 44)
}

function listed<T>(
  columns: readonly Column[],
  items: readonly T[],
  most: number,
  row: (item: T) => readonly string[]
): string {
  const { shown, more } = capped(items, most)
  return sections([table(columns, shown.map(row)), more === 0 ? undefined : `And ${grouped(more)} more.`])
}
