import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from '@jest/globals'
import { toPage } from '../../script/lib/render.mjs'
import { findOutdated, listPictures } from '../../script/lib/pictures.mjs'
import { findBrowser } from '../../script/lib/render-picture.mjs'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'render-test-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const golden = (name: string): string => join(ROOT, '__tests__/golden', `${name}.md`)
const run = (...args: readonly string[]): string =>
  execFileSync(process.execPath, [join(ROOT, 'script/lib/render-command.mjs'), ...args], {
    encoding: 'utf8',
    stdio: 'pipe'
  })

describe('script/render', () => {
  it('writes a page that needs nothing else', () => {
    const out = join(folder, 'a.html')
    run(golden('red-test'), out)
    const page = readFileSync(out, 'utf8')
    expect(page).toContain('the tests failed')
    expect(page).not.toMatch(/<(?:link|img)\b|src="/)
    expect(page.length).toBeLessThan(200_000)
  })

  it('removes what GitHub removes and draws its alerts', async () => {
    const page = await toPage('> [!WARNING]\n> careful\n\n<script>x</script><b onclick="x">b</b>', { theme: 'dark' })
    expect(page).toContain('class="markdown-alert markdown-alert-warning"')
    expect(page).not.toMatch(/onclick|\[!WARNING\]|<script>x/)
  })

  it('says how it is used', () => {
    expect(() => run()).toThrow(/Usage: script\/render/)
    expect(() => run(golden('fork'), join(folder, 'a.gif'))).toThrow(/neither \.html nor \.png/)
  })

  it('has drawn the pictures of the docs from today’s golden files', async () => {
    expect(listPictures().length).toBeGreaterThan(10)
    expect(await findOutdated()).toEqual([])
  })

  const picture = findBrowser() === undefined ? it.skip : it
  picture(
    'draws a picture, with its chart',
    () => {
      const out = join(folder, 'a.png')
      run(golden('first-green'), out, '--theme', 'dark')
      expect(readFileSync(out).subarray(1, 4).toString()).toBe('PNG')
    },
    60_000
  )
})
