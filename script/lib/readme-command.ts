/** The command behind script/readme. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fillTables, PAGES, readDeclarations } from './readme.ts'

const USAGE = `usage: script/readme [--check]

Writes the tables of README.md and docs/forks.md from the two action.yml. With --check nothing is written; it fails when
they are not exact.`

const root = resolve(import.meta.dirname, '../..')

function main(args: readonly string[]): void {
  const [option] = args
  if (args.length > 1 || (option !== undefined && option !== '--check')) {
    const asked = option === '-h' || option === '--help'
    ;(asked ? console.log : console.error)(USAGE)
    process.exitCode = asked ? 0 : 2
    return
  }
  for (const [page, action] of PAGES) {
    const file = join(root, page)
    const before = readFileSync(file, 'utf8')
    const after = fillTables(before, readDeclarations(readFileSync(join(root, action), 'utf8')))
    if (option === undefined) writeFileSync(file, after)
    else if (before !== after) {
      const [was, is] = [before.split('\n'), after.split('\n')]
      const line = is.findIndex((text, index) => text !== was[index])
      throw new Error(`${page}:${line + 1} is not what ${action} says; run script/readme`)
    }
  }
}

try {
  main(process.argv.slice(2))
} catch (error) {
  console.error(`script/readme: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
