/**
 * The pictures of docs/, from golden files: light and dark as a page shows them, and the width of a phone to look at.
 * What a picture was drawn from is kept beside the pictures, as hashes: so a check needs no browser.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const images = join(root, 'docs/images')
const record = join(images, 'drawn-from.json')

/** Name of the picture -> golden file. */
const PICTURES = {
  'first-run': 'no-baseline',
  larger: 'within-increase',
  smaller: 'smaller',
  same: 'same-image',
  'over-max-increase': 'red-increase',
  fork: 'larger'
}

/** A fork's comment is the second action's. */
const COMMENTS = { ...PICTURES, fork: 'relayed' }

const WIDTH = { comment: 800, summary: 1012 }

/** Everything that is drawn: its name without theme, and its source. */
export function listPictures() {
  const of = (surface, folder, names) =>
    Object.entries(names).map(([name, golden]) => ({
      name: `${surface}-${name}`,
      source: join('__tests__/golden', folder, `${golden}.md`),
      width: WIDTH[surface]
    }))
  return [...of('comment', 'comment', COMMENTS), ...of('summary', '', PICTURES)]
}

const hashOf = async (file) =>
  createHash('sha256')
    .update(await readFile(join(root, file)))
    .digest('hex')
    .slice(0, 16)

/** Names of pictures that are not there or not of today's golden file. */
export async function findOutdated() {
  const drawn = JSON.parse(await readFile(record, 'utf8').catch(() => '{}'))
  const outdated = []
  for (const { name, source } of listPictures()) {
    const there = await Promise.all(
      ['light', 'dark'].map((theme) =>
        stat(join(images, `${name}-${theme}.png`)).then(
          () => true,
          () => false
        )
      )
    )
    if (!there.every(Boolean) || drawn[name] !== (await hashOf(source))) outdated.push(name)
  }
  return outdated
}

/** Draws them. With a folder all go there, and each in the width of a phone, too. */
async function draw(folder) {
  const { toPage } = await import('./render.mjs')
  const { drawPages } = await import('./render-picture.mjs')
  await mkdir(folder ?? images, { recursive: true })
  const drawn = JSON.parse(await readFile(record, 'utf8').catch(() => '{}'))
  const wanted = folder === undefined ? await findOutdated() : listPictures().map(({ name }) => name)
  for (const { name, source, width } of listPictures().filter((each) => wanted.includes(each.name))) {
    const markdown = await readFile(join(root, source), 'utf8')
    const page = (theme, wide, suffix) => async () => ({
      ...{ theme, width: wide, scale: 1 },
      html: await toPage(markdown, { theme, title: name }),
      out: join(folder ?? images, `${name}-${suffix}.png`)
    })
    const pages = [page('light', width, 'light'), page('dark', width, 'dark')]
    if (folder !== undefined) pages.push(page('light', 390, 'phone'))
    await drawPages(await Promise.all(pages.map((make) => make())))
    shrink([`${name}-light`, `${name}-dark`].map((each) => join(folder ?? images, `${each}.png`)))
    drawn[name] = await hashOf(source)
    console.log(name)
  }
  if (folder !== undefined) return
  const sorted = Object.fromEntries(listPictures().map(({ name }) => [name, drawn[name]]))
  await writeFile(`${record}.new`, `${JSON.stringify(sorted, undefined, 2)}\n`)
  await rename(`${record}.new`, record)
}

/** A palette of 128 colours is a quarter of the bytes; without pngquant they stay as they are. */
function shrink(files) {
  spawnSync('pngquant', ['--force', '--skip-if-larger', '--ext', '.png', '128', '--', ...files], { stdio: 'inherit' })
}

async function main() {
  const [argument] = process.argv.slice(2)
  if (argument !== '--check') return draw(argument)
  const outdated = await findOutdated()
  if (outdated.length === 0) return
  console.error(`Not of today's golden files: ${outdated.join(', ')}. Run script/pictures.`)
  process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
