/** Prints the peak memory of a process that analyses a layout, or only loads the library: node peak.mjs BUNDLE [LAYOUT]. In bytes. */
import { readFileSync } from 'node:fs'

const [bundle, layout] = process.argv.slice(2)
const { analyseImage, planNeedles, readImages } = await import(bundle)

if (layout !== undefined) {
  const secrets = Array.from({ length: 10 }, (_, at) => ({
    id: `${at}`,
    kind: 'secret',
    value: `secret-${at}-abcdefghijklmnopqrstuvwxyz`
  }))
  const { images } = await readImages(layout)
  await analyseImage(images[0], { needles: planNeedles(secrets) })
}
// Not resourceUsage(): its maximum is inherited from the process that started this one.
const status = readFileSync('/proc/self/status', 'utf8')
process.stdout.write(String(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024))
