/**
 * Markdown -> what GitHub makes of it. GitHub-flavoured Markdown, GitHub's allow-list of HTML, its alerts, its style
 * sheet in both themes, and mermaid. https://github.com/rehypejs/rehype-sanitize (its default schema is GitHub's)
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import rehypeRaw from 'rehype-raw'
import rehypeSanitize from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'

const require = createRequire(import.meta.url)

/** The sanitized tree (hast), before alerts are drawn: what a test looks into. */
export function toTree(markdown) {
  const processor = unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(remarkRehype, { allowDangerousHtml: true })
    .use(rehypeRaw)
    .use(rehypeSanitize)
  return processor.runSync(processor.parse(markdown))
}

const ALERT = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*/

// Primer's octicons, 16 px (MIT): info, light-bulb, report, alert, stop.
const ICONS = {
  note: 'M0 8a8 8 0 1 1 16 0A8 8 0 0 1 0 8Zm8-6.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM6.5 7.75A.75.75 0 0 1 7.25 7h1a.75.75 0 0 1 .75.75v2.75h.25a.75.75 0 0 1 0 1.5h-2a.75.75 0 0 1 0-1.5h.25v-2h-.25a.75.75 0 0 1-.75-.75ZM8 6a1 1 0 1 1 0-2 1 1 0 0 1 0 2Z',
  warning:
    'M6.457 1.047c.659-1.234 2.427-1.234 3.086 0l6.082 11.378A1.75 1.75 0 0 1 14.082 15H1.918a1.75 1.75 0 0 1-1.543-2.575Zm1.763.707a.25.25 0 0 0-.44 0L1.698 13.132a.25.25 0 0 0 .22.368h12.164a.25.25 0 0 0 .22-.368Zm.53 3.996v2.5a.75.75 0 0 1-1.5 0v-2.5a.75.75 0 0 1 1.5 0ZM9 11a1 1 0 1 1-2 0 1 1 0 0 1 2 0Z'
}

/** Turns `> [!NOTE]` into the box that GitHub draws. */
function drawAlerts(node) {
  for (const child of node.children ?? []) drawAlerts(child)
  if (node.type !== 'element' || node.tagName !== 'blockquote') return
  const paragraph = node.children.find((child) => child.type === 'element')
  const first = paragraph?.children?.[0]
  const match = first?.type === 'text' ? ALERT.exec(first.value) : null
  if (match === null || paragraph.tagName !== 'p') return
  const kind = match[1].toLowerCase()
  first.value = first.value.slice(match[0].length)
  if (paragraph.children.every((child) => child.type === 'text' && child.value.trim() === '')) {
    node.children = node.children.filter((child) => child !== paragraph)
  }
  node.tagName = 'div'
  node.properties = { className: ['markdown-alert', `markdown-alert-${kind}`] }
  const icon = {
    type: 'element',
    tagName: 'svg',
    properties: { className: ['octicon', 'mr-2'], viewBox: '0 0 16 16', width: 16, height: 16, ariaHidden: 'true' },
    children: [{ type: 'element', tagName: 'path', properties: { d: ICONS[kind] ?? ICONS.note }, children: [] }]
  }
  const title = [icon, { type: 'text', value: kind[0].toUpperCase() + kind.slice(1) }]
  node.children.unshift({
    type: 'element',
    tagName: 'p',
    properties: { className: ['markdown-alert-title'] },
    children: title
  })
}

/** The mermaid fences of a tree; each becomes an element that the page's script draws. */
function takeCharts(node, charts = []) {
  for (const [index, child] of (node.children ?? []).entries()) {
    const code = child.tagName === 'pre' ? child.children[0] : undefined
    if (code?.properties?.className?.includes('language-mermaid')) {
      charts.push(code.children.map((text) => text.value ?? '').join(''))
      node.children[index] = {
        type: 'element',
        tagName: 'pre',
        properties: { className: ['mermaid'] },
        children: code.children
      }
    } else takeCharts(child, charts)
  }
  return charts
}

/** Options: `theme` is `light`, `dark` or, when absent, the reader's own; `open` opens the collapsed sections. */
export async function toPage(markdown, { theme, title = 'Summary', open = false } = {}) {
  const tree = toTree(markdown)
  drawAlerts(tree)
  const charts = takeCharts(tree)
  const body = unified().use(rehypeStringify).stringify(tree)
  const sheet = theme === undefined ? 'github-markdown.css' : `github-markdown-${theme}.css`
  const style = await readFile(require.resolve(`github-markdown-css/${sheet}`), 'utf8')
  const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<!doctype html>
<html lang="en"${theme === undefined ? '' : ` data-theme="${theme}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>
${style}
body { margin: 0; background: ${theme === 'dark' ? '#0d1117' : '#ffffff'}; }
${theme === undefined ? '@media (prefers-color-scheme: dark) { body { background: #0d1117; } }' : ''}
.markdown-body { box-sizing: border-box; max-width: 1012px; margin: 0 auto; padding: 32px; }
@media (max-width: 767px) { .markdown-body { padding: 16px; } }
.markdown-body pre.mermaid { background: transparent; padding: 0; }
</style>
</head>
<body>
<article class="markdown-body">
${open ? body.replaceAll('<details>', '<details open>') : body}
</article>
${charts.length === 0 ? '' : await chartScript()}
</body>
</html>
`
}

async function chartScript() {
  const mermaid = await readFile(require.resolve('mermaid/dist/mermaid.min.js'), 'utf8')
  return `<script>
${mermaid.replaceAll('</script', '<\\/script')}
</script>
<script>
(async () => {
  const dark = document.documentElement.dataset.theme === 'dark' ||
    (document.documentElement.dataset.theme === undefined && matchMedia('(prefers-color-scheme: dark)').matches)
  mermaid.initialize({ startOnLoad: false, theme: dark ? 'dark' : 'default', securityLevel: 'strict' })
  const errors = []
  for (const [index, element] of [...document.querySelectorAll('pre.mermaid')].entries()) {
    const closed = element.closest('details:not([open])')
    if (closed) closed.open = true // A chart drawn in a closed section has no width.
    try {
      element.innerHTML = (await mermaid.render('chart-' + index, element.textContent)).svg
    } catch (error) {
      errors.push(String(error))
    }
    if (closed) closed.open = false
  }
  window.charts = { drawn: document.querySelectorAll('pre.mermaid svg').length, errors }
})()
</script>`
}
