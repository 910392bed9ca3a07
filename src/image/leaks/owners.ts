/**
 * Which package a file belongs to, by what package managers leave in an image. It is believed as it stands: whoever writes a
 * Dockerfile can forge it, and guards himself against accidents with the leak check.
 */
import { inflateLayer } from '../inflate.js'
import type { PlatformImage } from '../image_set.js'
import type { Limits } from '../limits.js'
import { tarReader } from '../tar/reader.js'
import { mergedFiles, type FileTree } from '../tree.js'

/** Most bytes of one database that are looked at. */
const LARGEST_DATABASE = 64 * 2 ** 20

/** The package whose folder a file is in: npm's, a gem, a Go module, Go itself. The package's own description must be there. */
export function packageOf(tree: FileTree, path: string): string | undefined {
  return foldersAround(path).find(({ described }) => described.every((file) => livePaths(tree).has(file)))?.owner
}

/** A package whose folder a path seems to be in, and the files that describe the package. */
export type PackageFolder = { readonly owner: string; readonly described: readonly string[] }

/** The packages that a path names. An image can have paths of 64 kB, so each of its parts is looked at once. */
export function foldersAround(path: string): readonly PackageFolder[] {
  const parts = path.split('/')
  return [npmPackage(parts), gem(parts), goModule(path), goItself(path)].filter((one) => one !== undefined)
}

function npmPackage(parts: readonly string[]): PackageFolder | undefined {
  const at = parts.findLastIndex((part, index) => part === 'node_modules' && index > 0 && index + 2 < parts.length)
  if (at < 0) return undefined
  const end = /^@./.test(parts[at + 1] ?? '') && at + 3 < parts.length ? at + 3 : at + 2
  return {
    owner: `the npm package ${parts.slice(at + 1, end).join('/')}`,
    described: [[...parts.slice(0, end), 'package.json'].join('/')]
  }
}

function gem(parts: readonly string[]): PackageFolder | undefined {
  const at = parts.findLastIndex(
    (part, index) => part === 'gems' && index > 0 && index + 2 < parts.length && /.-[0-9]/s.test(parts[index + 1] ?? '')
  )
  if (at < 0) return undefined
  const name = parts[at + 1] ?? ''
  return {
    owner: `the gem ${name}`,
    described: [[...parts.slice(0, at), 'specifications', `${name}.gemspec`].join('/')]
  }
}

function goModule(path: string): PackageFolder | undefined {
  const folder = '/pkg/mod/'
  let start = path.indexOf(folder)
  while (start >= 0) {
    const at = path.indexOf('@', start + folder.length)
    if (at < 0) return undefined
    const [version] = /^@v[^/]+(?=\/.)/s.exec(path.slice(at)) ?? []
    if (version !== undefined && at > start + folder.length) {
      return { owner: `the Go module ${path.slice(start + folder.length, at)}${version}`, described: [] }
    }
    start = path.indexOf(folder, at)
  }
  return undefined
}

function goItself(path: string): PackageFolder | undefined {
  const data = [...path.matchAll(/\btestdata\//g)].at(-1)?.index
  const ofData = data === undefined ? -1 : path.slice(0, data).lastIndexOf('/src/')
  const tests = path.endsWith('_test.go') ? [...path.matchAll(/\/src(?=\/(?:crypto|net|cmd)\/.)/gs)] : []
  const root = path.slice(0, Math.max(ofData, 0) || (tests.at(-1)?.index ?? 0))
  return root === '' ? undefined : { owner: 'Go', described: [`${root}/VERSION`, `${root}/bin/go`] }
}

const live = new WeakMap<FileTree, ReadonlySet<string>>()

function livePaths(tree: FileTree): ReadonlySet<string> {
  const known = live.get(tree)
  if (known !== undefined) return known
  const paths = new Set([...mergedFiles(tree)].map(({ path }) => path))
  live.set(tree, paths)
  return paths
}

type Database = {
  readonly matches: (path: string) => boolean
  /** The files it lists, of those that are wanted, each with the package. */
  readonly read: (
    text: string,
    path: string,
    wanted: ReadonlySet<string>
  ) => Iterable<readonly [path: string, owner: string]>
}

const databases: readonly Database[] = [
  {
    // dpkg: https://man7.org/linux/man-pages/man1/dpkg-query.1.html
    matches: (path) => /^var\/lib\/dpkg\/info\/[^/]+\.list$/.test(path),
    *read(text, path, wanted) {
      const name = /([^/]+?)(?::[^/:]+)?\.list$/.exec(path)?.[1] ?? ''
      for (const line of text.split('\n')) yield* ownedBy(line, `the Debian package ${name}`, wanted)
    }
  },
  {
    // Distroless images have no lists, only checksums.
    matches: (path) => /^var\/lib\/dpkg\/(?:status\.d|info)\/[^/]+\.md5sums$/.test(path),
    *read(text, path, wanted) {
      const name = /([^/]+?)(?::[^/:]+)?\.md5sums$/.exec(path)?.[1] ?? ''
      for (const line of text.split('\n')) {
        yield* ownedBy(
          `/${line.replace(/^[0-9a-f]{32} +/, '').replace(/^\.?\//, '')}`,
          `the Debian package ${name}`,
          wanted
        )
      }
    }
  },
  {
    // apk: https://wiki.alpinelinux.org/wiki/Apk_spec
    matches: (path) => /^(?:usr\/)?lib\/apk\/db\/installed$/.test(path),
    *read(text, _path, wanted) {
      let name = ''
      let folder = ''
      for (const line of text.split('\n')) {
        if (line.startsWith('P:')) name = line.slice(2)
        else if (line.startsWith('F:')) folder = line.slice(2)
        else if (line.startsWith('R:'))
          yield* ownedBy(`/${folder}/${line.slice(2)}`, `the Alpine package ${name}`, wanted)
      }
    }
  },
  {
    // Wheels: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    matches: (path) => path.endsWith('.dist-info/RECORD'),
    *read(text, path, wanted) {
      const [, site = '', name = ''] = /^((?:.*\/)?)([^/]+)\.dist-info\/RECORD$/.exec(path) ?? []
      for (const line of text.split('\n')) {
        const file = (line.startsWith('"') ? line.slice(1).split('"', 1).join('') : line.split(',', 1).join('')).trim()
        yield* ownedBy(`/${site}${file}`, `the Python package ${name}`, wanted)
      }
    }
  },
  {
    // rpm keeps folders and names of files apart, as texts that end with a zero.
    matches: (path) => /^(?:var\/lib|usr\/lib\/sysimage)\/rpm\/(?:rpmdb\.sqlite|Packages|Packages\.db)$/.test(path),
    *read(text, _path, wanted) {
      for (const path of wanted) {
        const cut = path.lastIndexOf('/') + 1
        if (path.startsWith('/usr/local/') || path.startsWith('/home/')) continue
        if (text.includes(`\0${path.slice(cut)}\0`) && text.includes(`${path.slice(0, cut)}\0`))
          yield [path, 'an rpm package']
      }
    }
  }
]

function* ownedBy(path: string, owner: string, wanted: ReadonlySet<string>): Iterable<readonly [string, string]> {
  // Where /lib is a link to /usr/lib, a list may have either.
  for (const form of [
    path,
    path.replace(/^\/usr(?=\/(?:s?bin|lib[^/]*)\/)/, ''),
    path.replace(/^(?=\/(?:s?bin|lib[^/]*)\/)/, '/usr')
  ]) {
    if (wanted.has(form)) yield [form, owner]
  }
}

/** The packages that list some of the files, in any layer. */
export async function packageOwners(
  image: PlatformImage,
  wanted: ReadonlySet<string>,
  { limits, signal }: { readonly limits: Limits; readonly signal: AbortSignal | undefined }
): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>()
  for (const layer of image.layers) {
    if (layer.blob === undefined) continue
    let path = ''
    let database: Database | undefined
    let pieces: Buffer[] = []
    let size = 0
    const reader = tarReader(
      {
        entry(entry) {
          path = entry.path.toString('utf8').replace(/^(?:\.?\/)+/, '')
          database = entry.type === 'file' ? databases.find(({ matches }) => matches(path)) : undefined
          pieces = []
          size = 0
        },
        content(bytes) {
          if (database === undefined || size > LARGEST_DATABASE) return
          pieces.push(Buffer.from(bytes))
          size += bytes.length
        },
        entryEnd() {
          if (database === undefined) return
          const text = Buffer.concat(pieces).toString('latin1')
          for (const [file, owner] of database.read(text, path, wanted)) owners.set(file, owner)
          pieces = []
        }
      },
      limits
    )
    await inflateLayer(layer, (piece) => reader.write(piece), limits, signal)
    reader.end()
  }
  return owners
}
