import { orderEntries, TYPE_DIRECTORY, TYPE_FILE, TYPE_HARD_LINK } from './entries.js'
import { ROOT_PATH } from './paths.js'
import type { FileTree } from './tree.js'

/** A package manager's cache that own layers hold. */
export type PackageCache = {
  /** `apt`, `apt-lists`, `pip`, `npm`, … */
  readonly kind: string
  readonly path: string
  /** Bytes that own layers hold, also of files that a later layer deletes. */
  readonly size: number
  /** Those of them that a container sees. */
  readonly live: number
  readonly files: number
  /** Indices of the own layers that hold them. */
  readonly layers: readonly number[]
}

/** A path in the final image, brought by an own layer, with a mode that deserves a look. */
export type ModeFact = { readonly path: string; readonly mode: number; readonly layer: number }

/** A program in the final image. */
export type ClientProgram = {
  readonly name: string
  readonly path: string
  readonly layer: number
  readonly base: boolean
}

/** A list that may be cut, with how many there are. */
export type Counted<Item> = { readonly count: number; readonly first: readonly Item[] }

/** Below every home folder. */
const homeCaches: Readonly<Record<string, string>> = {
  '.cache/pip': 'pip',
  '.cache/uv': 'uv',
  '.cache/pypoetry': 'poetry',
  '.cache/pipenv': 'pipenv',
  '.npm': 'npm',
  '.cache/yarn': 'yarn',
  '.yarn/berry/cache': 'yarn',
  '.cache/pnpm': 'pnpm',
  '.local/share/pnpm/store': 'pnpm',
  '.bun/install/cache': 'bun',
  '.cargo/registry': 'cargo',
  '.cargo/git': 'cargo',
  '.cache/go-build': 'go',
  'go/pkg/mod': 'go',
  '.m2/repository': 'maven',
  '.gradle/caches': 'gradle',
  '.cache/composer': 'composer',
  '.composer/cache': 'composer',
  '.nuget/packages': 'nuget',
  '.cache/ccache': 'ccache',
  '.ccache': 'ccache'
}

const systemCaches: Readonly<Record<string, string>> = {
  '/var/cache/apt': 'apt',
  '/var/lib/apt/lists': 'apt-lists',
  '/var/cache/apk': 'apk',
  '/etc/apk/cache': 'apk',
  '/var/cache/dnf': 'dnf',
  '/var/cache/libdnf5': 'dnf',
  '/var/cache/yum': 'yum',
  '/var/cache/zypp': 'zypper',
  '/var/cache/pacman/pkg': 'pacman',
  '/usr/local/share/.cache/yarn': 'yarn',
  '/usr/local/share/.cache/pnpm': 'pnpm',
  '/usr/local/cargo/registry': 'cargo',
  '/usr/local/cargo/git': 'cargo',
  '/go/pkg/mod': 'go',
  '/usr/local/bundle/cache': 'bundler',
  '/opt/conda/pkgs': 'conda'
}

/** The caches of package managers in own layers, largest first. `homes` are folders to look below besides /root and /home/*. */
export function packageCaches(tree: FileTree, shown: Uint8Array, homes: readonly string[]): readonly PackageCache[] {
  const kinds = new Map<number, string>()
  const note = (path: string, kind: string) => {
    const found = tree.paths.find(path)
    if (found !== 0) kinds.set(found, kind)
  }
  for (const [path, kind] of Object.entries(systemCaches)) note(path, kind)
  for (const home of new Set(['/root', ...childrenOf(tree, '/home'), ...homes])) {
    for (const [path, kind] of Object.entries(homeCaches)) note(`${home}/${path}`, kind)
  }
  const sums = sumBelow(tree, [...kinds.keys()], (entry) => !tree.isBase(tree.entries.layer[entry]!), shown)
  return [...sums]
    .map(([path, sum]) => ({ kind: kinds.get(path) ?? '', path: tree.paths.format(path), ...sum }))
    .sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1))
}

type Sum = { size: number; live: number; files: number; layers: number[] }

/** Sums the files at or below each root, in one pass: a parent's number is smaller than its children's. Inner roots win. */
function sumBelow(
  { paths, entries }: FileTree,
  roots: readonly number[],
  counts: (entry: number) => boolean,
  shown: Uint8Array
): Map<number, Sum> {
  const sums = new Map<number, Sum>()
  if (roots.length === 0) return sums
  const isRoot = new Set(roots)
  const rootOf = new Int32Array(paths.count())
  for (let path = ROOT_PATH; path < rootOf.length; path++) {
    rootOf[path] = isRoot.has(path) ? path : rootOf[paths.parent(path)]!
  }
  for (let entry = 1; entry < entries.count; entry++) {
    const root = rootOf[entries.path[entry]!]!
    if (root === 0 || entries.type[entry] !== TYPE_FILE || !counts(entry)) continue
    const sum = sums.get(root) ?? { size: 0, live: 0, files: 0, layers: [] }
    sums.set(root, sum)
    const layer = entries.layer[entry]!
    sum.size += entries.size[entry]!
    if (shown[entry] === 1) sum.live += entries.size[entry]!
    sum.files++
    if (!sum.layers.includes(layer)) sum.layers.push(layer)
  }
  for (const sum of sums.values()) sum.layers.sort((a, b) => a - b)
  return sums
}

/** Names of modes a reviewer asks about, in the final image and from own layers only. */
export type ModeFacts = {
  /** Files and folders that everyone may write to; sticky folders such as /tmp are as they should be. */
  readonly worldWritable: Counted<ModeFact>
  /** Files that run as their owner or group. */
  readonly setuid: Counted<ModeFact>
}

export function modeFacts({ paths, entries, overlay, isBase }: FileTree, most: number): ModeFacts {
  const worldWritable: number[] = []
  const setuid: number[] = []
  for (let path = ROOT_PATH; path < paths.count(); path++) {
    const entry = overlay.live[path] ?? 0
    if (entry <= 0) continue
    const type = entries.type[entry]!
    const mode = entries.mode[entry]!
    const layer = entries.layer[entry]!
    // Whoever opens a pipe, a socket or a device decides by other means than the mode of a file.
    if (!(type === TYPE_FILE || type === TYPE_HARD_LINK || type === TYPE_DIRECTORY) || isBase(layer)) continue
    if ((mode & 0o002) !== 0 && !(type === TYPE_DIRECTORY && (mode & 0o1000) !== 0)) worldWritable.push(entry)
    if (type === TYPE_FILE && (mode & 0o6000) !== 0) setuid.push(entry)
  }
  const counted = (found: readonly number[]): Counted<ModeFact> => ({
    count: found.length,
    first: found
      .toSorted((a, b) => orderEntries(entries, a, b))
      .slice(0, most)
      .map((entry) => ({
        path: paths.format(entries.path[entry]!),
        mode: entries.mode[entry]!,
        layer: entries.layer[entry]!
      }))
  })
  return { worldWritable: counted(worldWritable), setuid: counted(setuid) }
}

const clientNames = ['curl', 'wget', 'ssh', 'scp']
const programFolders = ['/usr/local/bin', '/usr/local/sbin', '/usr/bin', '/usr/sbin', '/bin', '/sbin']

/** Clients in the final image that an attacker would bring along otherwise. */
export function clientPrograms({ paths, entries, overlay, isBase }: FileTree): readonly ClientProgram[] {
  return clientNames.flatMap((name) =>
    programFolders.flatMap((folder) => {
      const path = `${folder}/${name}`
      const entry = overlay.live[paths.find(path)] ?? 0
      if (entry <= 0 || entries.type[entry] === TYPE_DIRECTORY) return []
      const layer = entries.layer[entry]!
      return [{ name, path, layer, base: isBase(layer) }]
    })
  )
}

function childrenOf({ paths }: FileTree, folder: string): readonly string[] {
  const parent = paths.find(folder)
  const children: string[] = []
  if (parent === 0) return children
  for (let path = ROOT_PATH; path < paths.count(); path++)
    if (paths.parent(path) === parent) children.push(paths.format(path))
  return children
}
