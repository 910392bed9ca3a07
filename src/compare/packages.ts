/** Packages, as far as paths tell: their directories, and their versions where a path has them. */
import { versionless } from './changes.js'

/** A package that came, went, or changed its version. */
export type PackageChange = {
  readonly name: string
  /** Where its files are or, if it is gone, where they were. */
  readonly path: string
  /** The versions that are gone, lowest first: more than one where they became others. Absent where it is new. */
  readonly from?: readonly string[]
  /** The versions that are new. Absent where it is gone. */
  readonly to?: readonly string[]
  /** Change in bytes of its files, those of its metadata included; undefined where its directory has another name. */
  readonly size?: number
}

/** Whether either image has files below a directory. */
export type HasFolder = (folder: string) => boolean

/** Each child of one of these is a thing of its own: a package, or the cache of one program. */
const homes = new Set(['site-packages', 'dist-packages', 'node_modules', 'gems', '.cache', 'cache'])

/** A thing of its own wherever it is. */
const wholes = new Set(['.git', '.npm', '_cacache'])

/** Characters of a file name that a pattern may look at. Linux allows 255 bytes. */
const MOST_NAME = 255

const pythonMetadata = /^(.+?)-(\d[^-]*?)(?:-py\d[^-]*)?\.(?:dist|egg)-info$/
const pnpmPackage = /^(@?[^@]+)@(\d[^_(]*)/
const nameAndVersion = /^(.+?)-(\d.*)$/

/** Where packages of a kind are, and where their names and versions stand. */
type Place = {
  /** The directory that speaks for the file: the package's own, or the whole of a cache. */
  readonly folder: string
  readonly package?: { readonly name: string; readonly version: string; readonly home: string; readonly known: boolean }
}

/** The directory that speaks for a file, if it belongs to a package or a cache. */
export function packageFolder(path: string, hasFolder: HasFolder): string | undefined {
  return placeOf(path, hasFolder)?.folder
}

/** A change, and the directories of all versions that it is made of; none where it has no size by itself. */
export type FoundChange = { readonly change: PackageChange; readonly folders: readonly string[] }

/** The packages whose version directories came or went. `sizeOf` knows the change in bytes below a package's directory. */
export function packageChanges(
  newPaths: readonly string[],
  gonePaths: readonly string[],
  { hasFolder, sizeOf }: { readonly hasFolder: HasFolder; readonly sizeOf: (folder: string) => number | undefined }
): readonly FoundChange[] {
  const [now, before] = [versionsIn(newPaths, hasFolder), versionsIn(gonePaths, hasFolder)]
  const groups = [...new Set([...before.keys(), ...now.keys()])].map((key): Group => {
    return { before: before.get(key) ?? [], now: now.get(key) ?? [] }
  })
  return withoutMoves(joinHomes(groups)).flatMap(({ before, now }) => {
    const [from, to] = [versionsOf(before, now), versionsOf(now, before)]
    if (from.length > 0 && to.length > 0) return [changeOf(before, now)]
    // What came or went beside others is one of its own, each directory of it.
    return [
      ...from.flatMap((version) => before.filter(isOf(version)).map((one) => changeOf([one], []))),
      ...to.flatMap((version) => now.filter(isOf(version)).map((one) => changeOf([], [one])))
    ]
  })

  function changeOf(before: readonly Version[], now: readonly Version[]): FoundChange {
    const [from, to] = [versionsOf(before, now), versionsOf(now, before)]
    const last = [...now, ...before].find(isOf(to.at(-1) ?? from.at(-1) ?? ''))!
    const folders = new Set([...before, ...now].flatMap(({ folder, package: { known } }) => (known ? [folder] : [])))
    const size = [...folders].reduce((sum, folder) => sum + (sizeOf(folder) ?? 0), 0)
    const change = {
      name: last.package.name,
      path: last.folder,
      ...(from.length === 0 ? {} : { from }),
      ...(to.length === 0 ? {} : { to }),
      ...(folders.size === 0 ? {} : { size })
    }
    return { change, folders: last.package.known ? [...folders] : [] }
  }
}

type Version = Required<Place>

/** What went and what came of one package in one home. */
type Group = { readonly before: readonly Version[]; readonly now: readonly Version[] }

function isOf(version: string): (one: Version) => boolean {
  return (one) => one.package.version === version
}

/** The versions that the other side lacks, lowest first. */
function versionsOf(side: readonly Version[], other: readonly Version[]): readonly string[] {
  const there = new Set(other.map((one) => one.package.version))
  const versions = new Set(side.map((one) => one.package.version).filter((version) => !there.has(version)))
  return [...versions].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/** A package that went from one home and came to another of the same path but for a version is one: Python's, of another Python. */
function joinHomes(groups: readonly Group[]): readonly Group[] {
  const whole = groups.filter(({ before, now }) => before.length > 0 && now.length > 0)
  const half = groups.filter(({ before, now }) => before.length === 0 || now.length === 0)
  const joined = Map.groupBy(half, ({ before, now }) => {
    const { home, name } = (now[0] ?? before[0]!).package
    return keyOf(versionless({ path: home }) ?? home, name)
  })
  return [
    ...whole,
    ...[...joined.values()].flatMap((same) => {
      const [gone, came] = [same.filter(({ before }) => before.length > 0), same.filter(({ now }) => now.length > 0)]
      // Of several nobody knows which became which.
      return gone.length === 1 && came.length === 1 ? [{ before: gone[0]!.before, now: came[0]!.now }] : same
    })
  ]
}

/** The same version at another home has moved. */
function withoutMoves(groups: readonly Group[]): readonly Group[] {
  const keyed = ({ package: { name, version } }: Version): string => keyOf(version, name)
  const half = groups.filter(({ before, now }) => before.length === 0 || now.length === 0)
  const gone = new Set(half.flatMap(({ before }) => before.map(keyed)))
  const moved = new Set(half.flatMap(({ now }) => now.map(keyed))).intersection(gone)
  return groups.map((group) => {
    if (group.before.length > 0 && group.now.length > 0) return group
    const isLeft = (one: Version): boolean => !moved.has(keyed(one))
    return { before: group.before.filter(isLeft), now: group.now.filter(isLeft) }
  })
}

function keyOf(place: string, name: string): string {
  return `${place}\0${name.toLowerCase().replace(/[-_.]+/g, '-')}`
}

/** The versions of each package, by its home and name. */
function versionsIn(paths: readonly string[], hasFolder: HasFolder): ReadonlyMap<string, readonly Version[]> {
  const versions = new Map<string, Map<string, Version>>()
  for (const path of paths) {
    const place = placeOf(path, hasFolder)
    if (place?.package === undefined) continue
    const { folder, package: found } = place
    const key = keyOf(found.home, found.name)
    const own = versions.get(key) ?? new Map<string, Version>()
    versions.set(key, own.set(`${found.version}\0${folder}`, { folder, package: found }))
  }
  return new Map([...versions].map(([key, own]) => [key, [...own.values()]]))
}

/** Sources of packages that are there by version: Go's modules, Cargo's crates, NuGet's packages. */
const versioned: readonly (readonly [part: string, pattern: RegExp])[] = [
  ['/pkg/mod/', /^(?=[^@]*@v\d[^/]*\/)([^@]*\/pkg\/mod)\/(?!cache\/)([^@]+)@(v\d[^/]*)\//],
  ['/registry/src/', /^(.*?\/registry\/src\/[^/]+)\/(?=[^/]*\/)([^/]+?)-(\d[^/]*)\//],
  ['/.nuget/packages/', /^(.*?\/\.nuget\/packages)\/([^/]+)\/(\d[^/]*)\//]
]

function versionedPlace(path: string): Place | undefined {
  for (const [part, pattern] of versioned) {
    const [folder, home, name, version] = path.includes(part) ? (pattern.exec(path) ?? []) : []
    if (folder === undefined || home === undefined || name === undefined || version === undefined) continue
    return { folder: folder.slice(0, -1), package: { name, version, home, known: true } }
  }
  return undefined
}

function placeOf(path: string, hasFolder: HasFolder): Place | undefined {
  const exact = versionedPlace(path)
  if (exact !== undefined) return exact
  const parts = path.split('/')
  const upTo = (end: number) => parts.slice(0, end).join('/')
  for (const [at, part] of parts.entries()) {
    const inner = parts[at + 1]
    if (inner === undefined) break
    if (wholes.has(part)) return { folder: upTo(at + 1) }
    // A folder may hold the one that is meant: `usr/lib/ruby/gems/3.2.0/gems/rack-3.1.0`.
    if (part === 'gems' && /^\d+(?:\.\d+)+$/.test(inner) && parts[at + 2] !== undefined) continue
    if (!homes.has(part)) continue
    const home = upTo(at + 1)
    if (part === 'node_modules') {
      const isNested = (inner.startsWith('@') || inner === '.pnpm' || inner === '.store') && at + 2 < parts.length
      const folder = upTo(isNested ? at + 3 : at + 2)
      const found = inner === '.pnpm' ? matchName(pnpmPackage, parts[at + 2]) : undefined
      if (found === undefined) return { folder }
      return { folder, package: { ...found, name: found.name.replace('+', '/'), home, known: true } }
    }
    const folder = upTo(at + 2)
    if (part === 'gems') {
      const found = matchName(nameAndVersion, inner)
      return found === undefined ? { folder } : { folder, package: { ...found, home, known: true } }
    }
    const found = part.endsWith('-packages') ? matchName(pythonMetadata, inner) : undefined
    if (found === undefined) return { folder }
    const module = moduleNames(found.name).find((name) => hasFolder(`${home}/${name}`))
    return {
      folder: module === undefined ? folder : `${home}/${module}`,
      package: { ...found, home, known: module !== undefined }
    }
  }
  const jar = path.endsWith('.jar') ? matchName(nameAndVersion, parts.at(-1)?.slice(0, -4)) : undefined
  return jar === undefined
    ? undefined
    : { folder: path, package: { ...jar, home: upTo(parts.length - 1), known: true } }
}

function matchName(pattern: RegExp, text = ''): { readonly name: string; readonly version: string } | undefined {
  const match = text.length > MOST_NAME ? null : pattern.exec(text)
  return match?.[1] === undefined || match[2] === undefined ? undefined : { name: match[1], version: match[2] }
}

/** Python writes a project's name in its metadata's path in one way and its module's in another. */
function moduleNames(name: string): readonly string[] {
  return [...new Set([name, name.toLowerCase(), name.toLowerCase().replace(/[-.]+/g, '_')])]
}
