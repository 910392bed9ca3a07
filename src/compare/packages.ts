/** Packages, as far as paths tell: their directories, and their versions where a path has them. */

/** A package that came, went, or changed its version. */
export type PackageChange = {
  readonly name: string
  /** Where its files are or, if it is gone, where they were. */
  readonly path: string
  /** Absent where it is new. */
  readonly from?: string
  /** Absent where it is gone. */
  readonly to?: string
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

/** The packages whose version directories came or went. `sizeOf` knows the change in bytes below a package's directory. */
export function packageChanges(
  newPaths: readonly string[],
  gonePaths: readonly string[],
  { hasFolder, sizeOf }: { readonly hasFolder: HasFolder; readonly sizeOf: (folder: string) => number | undefined }
): readonly PackageChange[] {
  const now = versionsIn(newPaths, hasFolder)
  const before = versionsIn(gonePaths, hasFolder)
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((key): PackageChange[] => {
    const [to, from] = [now.get(key), before.get(key)]
    const shown = to ?? from
    if (shown === undefined || from?.package.version === to?.package.version) return []
    const folders = new Set([from, to].flatMap((side) => (side?.package.known === true ? [side.folder] : [])))
    const size = [...folders].reduce((sum, folder) => sum + (sizeOf(folder) ?? 0), 0)
    return [
      {
        name: shown.package.name,
        path: shown.folder,
        ...(from === undefined ? {} : { from: from.package.version }),
        ...(to === undefined ? {} : { to: to.package.version }),
        ...(folders.size === 0 ? {} : { size })
      }
    ]
  })
}

type Version = Required<Place>

/** The first version of each package, by its home and name. */
function versionsIn(paths: readonly string[], hasFolder: HasFolder): ReadonlyMap<string, Version> {
  const versions = new Map<string, Version>()
  for (const path of paths) {
    const place = placeOf(path, hasFolder)
    if (place?.package === undefined) continue
    const { folder, package: found } = place
    const key = `${found.home}\0${found.name.toLowerCase().replace(/[-_.]+/g, '-')}`
    if (!versions.has(key)) versions.set(key, { folder, package: found })
  }
  return versions
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
