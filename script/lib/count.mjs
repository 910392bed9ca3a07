// Adds up the results of script/test and prints them as the last line. Exit code 1 if anything failed or nothing ran.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const folder = process.argv[2] ?? '.'
let passed = 0
let failed = 0

for (const name of readdirSync(folder)) {
  const text = readFileSync(path.join(folder, name), 'utf8')
  if (name === 'checks') {
    passed += text.match(/^pass$/gm)?.length ?? 0
    failed += text.match(/^fail$/gm)?.length ?? 0
  } else if (name.endsWith('.json')) {
    const run = JSON.parse(text)
    passed += run.numPassedTests
    // A file that cannot even be loaded has no tests to count.
    failed += run.numFailedTests + run.numRuntimeErrorTestSuites
  }
}

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
