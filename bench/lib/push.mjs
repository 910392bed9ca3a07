/** Pushes a layout and prints milliseconds and peak bytes of memory: node push.mjs FOLDER LAYOUT REFERENCE, with compiled sources in the folder. */
import { readFileSync } from 'node:fs'

const [folder, layout, reference] = process.argv.slice(2)
const { readContent } = await import(`${folder}/registry/content.js`)
const { pushImages } = await import(`${folder}/registry/push.js`)
const ports = {
  exec: () => Promise.reject(new Error('no login is wanted here')),
  signal: new AbortController().signal
}

const start = performance.now()
const content = await readContent([layout])
const outcome = await pushImages(ports, { env: {}, images: [{ content, references: [reference] }] })
const milliseconds = performance.now() - start
if (!outcome.ok) throw new Error(JSON.stringify(outcome.problem))
// Not resourceUsage(): its maximum is inherited from the process that started this one.
const status = readFileSync('/proc/self/status', 'utf8')
process.stdout.write(`${milliseconds} ${Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024}`)
