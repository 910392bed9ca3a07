/** The command behind script/render. */
import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'

const USAGE = 'script/render FILE.md [OUT.html|OUT.png] [--theme light|dark] [--width PIXELS] [--open]'

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { theme: { type: 'string' }, width: { type: 'string' }, open: { type: 'boolean' } }
  })
  const [file, out = file?.replace(/(\.md)?$/, '.html')] = positionals
  if (file === undefined || positionals.length > 2) throw new Error(`Usage: ${USAGE}`)
  if (!/\.(html|png)$/.test(out)) throw new Error(`The output "${out}" is neither .html nor .png. Usage: ${USAGE}`)
  const { theme, open = false } = values
  if (theme !== undefined && theme !== 'light' && theme !== 'dark') throw new Error('--theme is light or dark.')
  const width = values.width === undefined ? 1012 : Number(values.width)
  if (!Number.isInteger(width) || width < 200) throw new Error('--width is a number of pixels, 200 or more.')

  const { toPage } = await import('./render.mjs').catch((error) => {
    throw error.code === 'ERR_MODULE_NOT_FOUND' ? new Error(`${error.message}\nRun npm ci first.`) : error
  })
  const html = await toPage(await readFile(file, 'utf8'), { theme, open, title: basename(file) })
  if (out.endsWith('.html')) {
    await writeFile(out, html)
  } else {
    const { drawPages } = await import('./render-picture.mjs')
    const [charts] = await drawPages([{ html, out, theme, width }])
    if (charts.errors.length > 0) throw new Error(`mermaid could not draw a chart: ${charts.errors.join('; ')}`)
  }
  console.log(out)
}

main().catch((error) => {
  console.error(`script/render: ${error.message}`)
  process.exitCode = 1
})
