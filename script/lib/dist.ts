/** What must hold for dist/: it is exactly what the sources build to, and it names the licence of all it contains. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Files that are not the same, byte for byte, in two folders of files, with what is the matter. */
export function compareFolders(committed: string, built: string): readonly string[] {
  const names = [...new Set([...filesIn(committed), ...filesIn(built)])].sort()
  return names.flatMap((name) => {
    const [was, is] = [join(committed, name), join(built, name)]
    if (!existsSync(is)) return [`${name} is left over: the build no longer writes it`]
    if (!existsSync(was)) return [`${name} is missing`]
    const [before, after] = [readFileSync(was), readFileSync(is)]
    return before.equals(after) ? [] : [`${name} differs (${before.length} bytes, built now: ${after.length})`]
  })
}

/** Paths of all files in a folder and below. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

/** The folders of dist/, one for each action's bundle. */
export function bundlesIn(dist: string): readonly string[] {
  const below = readdirSync(dist, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return [dist, ...below.map((entry) => join(dist, entry.name))]
}

/** Names of the packages whose files are in one bundle, as its source maps tell. */
export function bundledPackages(dist: string): readonly string[] {
  const maps = readdirSync(dist).filter((name) => name.endsWith('.map'))
  const sources = maps.flatMap((name) => sourcesOf(readFileSync(join(dist, name), 'utf8')))
  const names = sources.flatMap((source) => {
    const inner = source.split('node_modules/').at(-1)
    return source.includes('node_modules/') && inner !== undefined
      ? [/^(?:@[^/]+\/)?[^/]+/.exec(inner)?.[0] ?? source]
      : []
  })
  return [...new Set(names)].sort()
}

/** Packages of one bundle whose licence its own *.licenses.txt lack: the name, the licence's own name, or its text. */
export function missingLicences(dist: string, modules: string): readonly string[] {
  const files = readdirSync(dist).filter((name) => name.endsWith('.licenses.txt'))
  const told = files.map((name) => readFileSync(join(dist, name), 'utf8')).join('\n')
  return bundledPackages(dist).flatMap((name) => {
    const folder = join(modules, name)
    if (!existsSync(folder)) return [`${name} is in the bundle but not installed`]
    const text = licenceText(folder)
    if (text === undefined) return hasOwnText(name) ? [] : [`${name} comes without a licence file`]
    if (!told.split(/\r?\n/).includes(name)) return [`${name} is not named`]
    return squeezed(told).includes(squeezed(text))
      ? []
      : [`the licence text of ${name} is not there, or another version's`]
  })
}

/** A package that ships no licence text has it in docs/licences, which goes out with dist/. */
function hasOwnText(name: string): boolean {
  return existsSync(join(import.meta.dirname, '../../docs/licences', `${name.replace('/', '__')}.txt`))
}

function licenceText(folder: string): string | undefined {
  const file = readdirSync(folder).find((name) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(name))
  return file === undefined ? undefined : readFileSync(join(folder, file), 'utf8')
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function sourcesOf(map: string): readonly string[] {
  const parsed: unknown = JSON.parse(map)
  const sources: unknown = typeof parsed === 'object' && parsed !== null && 'sources' in parsed ? parsed.sources : []
  return Array.isArray(sources) ? sources.filter((source) => typeof source === 'string') : []
}
