/**
 * The long fuzz: `node --import ./bench/lib/register.mjs __tests__/image/fuzz.ts [seconds] [first seed]`.
 * Prints the seeds that found something; keep them in fuzz.test.ts.
 */
import { fuzzRound } from './support/fuzz.js'

const seconds = Number(process.argv[2] ?? 60)
const first = Number(process.argv[3] ?? Math.floor(Date.now() / 1000))
const end = performance.now() + seconds * 1000

let seed = first
let found = 0
for (; performance.now() < end; seed++) {
  const start = performance.now()
  const wrong = await fuzzRound(seed)
  const taken = performance.now() - start
  if (taken > 5000) console.log(`seed ${seed} took ${taken.toFixed(0)} ms`)
  if (wrong === undefined) continue
  found++
  console.log(`seed ${seed}: ${wrong}`)
}
console.log(`${seed - first} images from seed ${first} on, ${found} found something`)
process.exitCode = found === 0 ? 0 : 1
