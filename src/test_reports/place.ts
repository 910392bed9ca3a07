/** Where a test failed: attributes where the runner gives them, else the first place in its own file that the text names. */
import path from 'node:path'
import type { FailingTest } from './model.js'

export type FailureFacts = {
  /** Class, file or package of the test. */
  readonly suite: string
  readonly file: string | undefined
  readonly line: number | undefined
  /** Message and text of the failure. */
  readonly text: string
}

export type Place = { readonly file?: string; readonly line?: number }

/** Frames of a runner or a library, which say nothing about the test. */
const foreign =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|\.cargo|rustc|\.m2)\/|^node:|^\/usr\/(?:lib|local\/(?:lib|go))\/|^internal\//

const patterns: readonly RegExp[] = [
  // .NET: `at Acme.CalcTests.Adds() in /src/CalcTests.cs:line 12`
  /\bin (?<file>[^\n]{1,300}?):line (?<line>\d{1,7})/g,
  // Java: `at com.acme.CalcTest.adds(CalcTest.java:14)`
  /\bat (?:[\w.-]+\/)?(?<owner>[\w.$]{1,300})\.[\w$<>]+\((?<file>[\w$]+\.\w+):(?<line>\d{1,7})\)/g,
  // Everybody else: `tests/test_app.py:12: AssertionError`, `src/lib.rs:12:9`, `(/app/a.test.js:5:17)`, `calc_test.go:9:`
  /(?<file>(?:[A-Za-z]:)?[\w./@+~\\-]{1,300}\.[A-Za-z]{1,5}):(?<line>\d{1,7})(?![\w.])/g
]

/** The place of a failure as the report tells it; empty where it tells none. */
export function failurePlace({ suite, file, line, text }: FailureFacts): Place {
  const places = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(placeOf))
  const own = places.filter((place) => !foreign.test(place.file))
  // In the test's own file the line of the assertion is better than that of the test.
  const named = file === undefined ? undefined : own.find((place) => sameFile(place.file, file))
  if (file !== undefined) return named ?? (line === undefined ? { file } : { file, line })
  return (
    own.find((place) => belongsTo(place.file, suite)) ??
    own.find((place) => /(?:^|[/._-])(?:test|spec)s?(?:[/._-]|$)|Tests?\.\w+$/i.test(place.file)) ??
    own[0] ??
    {}
  )
}

function placeOf({ groups = {} }: RegExpExecArray): { readonly file: string; readonly line: number } {
  const { owner, file = '', line = '' } = groups
  // A Java frame has the file's name only; its folder is the package.
  const folder = owner?.split('.').slice(0, -1).join('/') ?? ''
  const plain = file.replaceAll('\\', '/')
  return { file: folder === '' ? plain : `${folder}/${plain}`, line: Number(line) }
}

function sameFile(one: string, other: string): boolean {
  const [a, b] = [path.posix.normalize(one), path.posix.normalize(other.replaceAll('\\', '/'))]
  return a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`)
}

/** pytest's `tests.test_app.TestLogin`, Vitest's `src/a.test.ts`, Java's and .NET's `com.acme.CalcTest`. */
function belongsTo(file: string, suite: string): boolean {
  if (suite === '') return false
  if (sameFile(file, suite)) return true
  const bare = file.replace(/\.\w+$/, '').replace(/^\/+/, '')
  const dotted = bare.replaceAll('/', '.')
  return (
    suite === dotted || suite.startsWith(`${dotted}.`) || dotted.endsWith(`.${suite}`) || suite.endsWith(`.${dotted}`)
  )
}

/** Folders in which the sources of a JVM project lie. */
const sourceFolders = ['src/test/java', 'src/test/kotlin', 'src/test/groovy', 'src/test/scala', 'src/test']

/**
 * The file of the repository that a path of a report means: the longest end of the path that exists there. A Go test
 * names its file alone, and its package has the folder.
 * @param exists whether a path, from the repository's root and with `/`, is a file
 */
export function locateInRepository(file: string, suite: string, exists: (file: string) => boolean): string | undefined {
  const parts = path.posix
    .normalize(file.replaceAll('\\', '/'))
    .split('/')
    .filter((part) => part !== '' && part !== '..')
  const ends = parts.map((_part, index) => parts.slice(index).join('/')).slice(0, 20)
  const folders = suite.includes('/') ? suite.split('/').map((_part, index, all) => all.slice(index).join('/')) : []
  const name = parts.at(-1) ?? ''
  const candidates = [
    ...ends.slice(0, -1),
    ...folders.slice(0, 20).map((folder) => `${folder}/${name}`),
    ...sourceFolders.flatMap((folder) => ends.map((end) => `${folder}/${end}`)),
    ...ends.slice(-1)
  ]
  return candidates.find((candidate) => !candidate.startsWith('.git/') && exists(candidate))
}

/** A failing test with the file of the repository that it is in, where there is one. */
export function located(test: FailingTest, exists: (file: string) => boolean): FailingTest {
  const found = test.file === undefined ? undefined : locateInRepository(test.file, test.suite, exists)
  return found === undefined ? test : { ...test, fileInRepository: found }
}
