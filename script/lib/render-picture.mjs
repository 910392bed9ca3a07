/** A page -> PNG, by a headless Chromium. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** The browser to draw with; `CHROMIUM` names another one. */
export function findBrowser() {
  return [process.env.CHROMIUM, ...PLACES].find((place) => place !== undefined && existsSync(place))
}

/** Draws each page; returns, for each, how many mermaid charts were drawn and what mermaid complained about. */
export async function drawPages(pages) {
  const executablePath = findBrowser()
  if (executablePath === undefined) {
    throw new Error(
      'A picture needs Chromium, and none was found. Install it (apt-get install chromium fonts-noto-color-emoji fonts-dejavu-core), name it in CHROMIUM, or render to .html.'
    )
  }
  const { chromium } = await import('playwright-core')
  const folder = await mkdtemp(join(tmpdir(), 'render-'))
  const browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath,
    headless: true,
    args: FLAGS,
    deviceScaleFactor: pages[0]?.scale ?? 2
  })
  try {
    const results = []
    for (const [index, { html, out, theme, width = 1012 }] of pages.entries()) {
      const file = join(folder, `${index}.html`)
      await writeFile(file, html)
      const page = await browser.newPage()
      await page.emulateMedia({ colorScheme: theme ?? 'light' })
      // A picture is as high as the page, but never lower than the window.
      await page.setViewportSize({ width, height: 50 })
      await page.goto(pathToFileURL(file).href)
      const hasCharts = html.includes('<pre class="mermaid">')
      if (hasCharts) await page.waitForFunction(() => window.charts !== undefined, undefined, { timeout: 20_000 })
      await page.screenshot({ path: out, fullPage: true })
      results.push(hasCharts ? await page.evaluate(() => window.charts) : { drawn: 0, errors: [] })
      await page.close()
    }
    return results
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  }
}
