/** Pushes a layout and prints milliseconds and peak bytes of memory: node push.mjs MODULE LAYOUT REFERENCE. */
import { readFileSync } from 'node:fs'

const [module, layout, reference] = process.argv.slice(2)
const { pushImages } = await import(module)
const ports = {
  exec: () => Promise.reject(new Error('no login is wanted here')),
  signal: new AbortController().signal
}

const start = performance.now()
const outcome = await pushImages(ports, { env: {}, images: [{ layouts: [layout], references: [reference] }] })
const milliseconds = performance.now() - start
if (!outcome.ok) throw new Error(JSON.stringify(outcome.problem))
// Not resourceUsage(): its maximum is inherited from the process that started this one.
const status = readFileSync('/proc/self/status', 'utf8')
process.stdout.write(`${milliseconds} ${Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024}`)
