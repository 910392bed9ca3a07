/** The rooms of `src/`, from the ground up: a room imports only from rooms below it, type imports counted. So there is no circle, of files neither. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import ts from 'typescript'

/** A folder of `src/`, or a file that lies in `src/` itself. CONTRIBUTING.md says what each is for. */
const ROOMS = [
  ...['core', 'ports.ts', 'image', 'dockerfile', 'test_reports', 'compare', 'judge', 'inputs', 'adapters', 'serve'],
  ...['smoke', 'verify', 'failure', 'ssh', 'guard.ts', 'occasion', 'builds', 'buildkit', 'leftovers.ts', 'credentials'],
  ...['gate', 'registry', 'cache', 'github', 'inspect', 'actions-cache', 'baseline', 'explain', 'mounts', 'advise'],
  ...['report', 'publish', 'comment', 'findings.ts', 'phases', 'run.ts', 'outputs.ts', 'tell.ts', 'step.ts'],
  ...['start.ts', 'post.ts', 'main.ts']
]

/** Rooms with one door: the rest of them is their own affair. */
const DOORS: Readonly<Record<string, string>> = { image: 'image/index.ts' }

type Import = { readonly from: string; readonly to: string }

/** What a file imports, re-exports or names as `import('…')`, as paths in `src/`; packages and files outside are left out. */
function importsOf(file: string, text: string): readonly Import[] {
  return ts.preProcessFile(text).importedFiles.flatMap(({ fileName }) => {
    const to = path.posix.join(path.posix.dirname(file), fileName.replace(/\.js$/, '.ts'))
    return fileName.startsWith('.') && !to.startsWith('..') ? [{ from: file, to }] : []
  })
}

function roomOf(file: string): string {
  return file.split('/')[0] ?? ''
}

/** What is wrong with an import; `undefined` for one as it should be. */
function refuse({ from, to }: Import): string | undefined {
  const [here, there] = [roomOf(from), roomOf(to)]
  if (here === there) return undefined
  if (ROOMS.indexOf(there) >= ROOMS.indexOf(here)) return `${from} imports ${to}, and ${there} is above ${here}`
  const door = DOORS[there]
  return door === undefined || to === door ? undefined : `${from} imports ${to}, and ${there} is entered by ${door}`
}

/** Files that lie in a circle of imports or lead to one: what is left when those that import nothing of the rest go, again and again. */
function inCircles(imports: readonly Import[]): readonly string[] {
  const left = imports.filter(({ to }) => imports.some(({ from }) => from === to))
  return left.length === imports.length ? [...new Set(left.map(({ from }) => from))].sort() : inCircles(left)
}

const source = path.join(import.meta.dirname, '..', 'src')
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll(path.sep, '/'))

test('every room has its place', () => {
  expect([...new Set(files.map(roomOf))].sort()).toEqual([...ROOMS].sort())
})

test('CONTRIBUTING tells what each is for', () => {
  const text = readFileSync(path.join(source, '..', 'CONTRIBUTING.md'), 'utf8')
  expect(ROOMS.filter((room) => !text.includes(`\`${room.endsWith('.ts') ? room : `${room}/`}\``))).toEqual([])
})

const imports = files.flatMap((file) => importsOf(file, readFileSync(path.join(source, file), 'utf8')))

test('a room imports only from rooms below it, and through their doors', () => {
  expect(imports.length).toBeGreaterThan(500)
  expect(imports.flatMap((one) => refuse(one) ?? [])).toEqual([])
})

test('no file imports itself by way of others', () => {
  expect(inCircles(imports)).toEqual([])
  const circle = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
    { from: 'c', to: 'b' },
    { from: 'c', to: 'd' }
  ]
  expect(inCircles(circle)).toEqual(['a', 'b', 'c'])
})

test.each([
  ["import { a } from '../report/model.js'", 'gate/plan.ts imports report/model.ts, and report is above gate'],
  ["import type { A } from '../report/model.js'", 'gate/plan.ts imports report/model.ts, and report is above gate'],
  ["export * from '../run.js'", 'gate/plan.ts imports run.ts, and run.ts is above gate'],
  ["const a = await import('../cache/plan.js')", 'gate/plan.ts imports cache/plan.ts, and cache is above gate'],
  ["type A = import('../cache/plan.js').A", 'gate/plan.ts imports cache/plan.ts, and cache is above gate'],
  [
    "import { a } from '../image/tree.js'",
    'gate/plan.ts imports image/tree.ts, and image is entered by image/index.ts'
  ],
  ["import { a } from '../image/index.js'", undefined],
  ["import { a } from '../core/step.js'", undefined],
  ["import { a } from './judge.js'", undefined],
  ["import path from 'node:path'", undefined]
])('%s in gate/plan.ts', (text, problem) => {
  expect(importsOf('gate/plan.ts', text).flatMap((one) => refuse(one) ?? [])).toEqual(
    problem === undefined ? [] : [problem]
  )
})
