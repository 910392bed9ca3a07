/**
 * The oracle: for images that try to confuse it, the overlay lists what the engine itself extracts (`type=tar`), entry by entry.
 * The listing is GNU tar's, so none of our code reads both sides.
 */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import {
  analyseImage,
  mergedFiles,
  planNeedles,
  readImages,
  scanAhead,
  type ImageAnalysis
} from '../../src/image/index.js'
import { watchBlobs } from '../../src/inspect/landing.js'
import { temporaryFolder } from '../image/support/image-builder.js'
import { baseImage } from './support/workspace.js'
import { some } from '../support/tiers.js'

const run = promisify(execFile)
const long = `${'a-long-folder-name/'.repeat(8)}file`
const veryLong = `${'one-more-long-folder-name/'.repeat(15)}file`

const dockerfile = (base: string): string => `
FROM ${base}
RUN mkdir -p /d/e /o/p /f /mv && echo 1 >/d/a && echo 22 >/d/e/b && echo 333 >/o/p/c && echo 4 >/o/q && echo 5 >/f/x && echo 66 >/mv/y
RUN echo changed >/d/a && rm /d/e/b && rm -rf /o && mkdir -p /o/p && echo new >/o/p/n
RUN rm -rf /f && echo file >/f && rm -rf /mv && ln -s d /mv
RUN rm /f && mkdir /f && echo again >/f/z && rm /mv && mkdir /mv && echo back >/mv/w
RUN mkdir /h && echo content >/h/one && ln /h/one /h/two && ln /h/one /h/three && ln -s one /h/soft && ln -s ../nowhere /h/broken
RUN rm /h/one && ln /h/two /h/four
RUN chown -R 1000:2000 /h && chmod 4711 /h/two && chmod 1777 /f && chmod 000 /d/a
RUN mkfifo /pipe && mknod /null c 1 3 && mknod /disk b 8 1
RUN mkdir -p "/$(dirname ${long})" "/$(dirname ${veryLong})" && echo 1 >/${long} && echo 2 >/${veryLong} && ln -s /${veryLong} /to-long
RUN mkdir "/with blanks" && echo x >"/with blanks/and 'quotes'" && echo y >"/ünïcödé-文件" && touch /.hidden "/-dash" "/.wh"
RUN mkdir /real && ln -s real /link
COPY file /link/
COPY --chown=7:8 --chmod=600 file /link/owned
RUN rm -r /${long.split('/')[0]} && rm -rf /real/file && touch /link/touched && mkdir /empty
RUN mv /d /moved && cp -a /moved /d && rm -rf /moved/e
WORKDIR /srv/deep
`

type Line = {
  readonly type: string
  readonly mode: string
  readonly owner: string
  readonly size: string
  readonly link: string
  readonly names: string
}

/** Puts names of one file together, since either side may call any of them the first. */
function groupLinks(
  entries: ReadonlyMap<string, Omit<Line, 'names'> & { readonly hardLink?: string }>
): Readonly<Record<string, Line>> {
  const first = (path: string): string => {
    const to = entries.get(path)?.hardLink
    return to === undefined ? path : first(to)
  }
  const groups = new Map<string, string[]>()
  for (const path of entries.keys()) groups.set(first(path), [...(groups.get(first(path)) ?? []), path])
  return Object.fromEntries(
    [...entries.keys()].sort().map((path) => {
      const { type, mode, owner, size, link } = entries.get(first(path))!
      return [path, { type, mode, owner, size, link, names: groups.get(first(path))!.sort().join(' = ') }]
    })
  )
}

function ours(analysis: ImageAnalysis): Readonly<Record<string, Line>> {
  const letters = {
    file: '-',
    directory: 'd',
    symlink: 'l',
    fifo: 'p',
    'character-device': 'c',
    'block-device': 'b',
    'hard-link': '-',
    other: '?'
  }
  const entries = [...mergedFiles(analysis.tree)].map((record) => {
    const hardLink = record.type === 'hard-link' ? record.link : undefined
    const line = {
      type: letters[record.type],
      mode: record.mode.toString(8),
      owner: `${record.uid}/${record.gid}`,
      size: record.type === 'file' ? String(record.size) : '',
      link: record.type === 'symlink' ? (record.link ?? '') : ''
    }
    return [record.path, hardLink === undefined ? line : { ...line, hardLink }] as const
  })
  return groupLinks(new Map(entries.filter(([path]) => path !== '/')))
}

/** Reads GNU tar's verbose listing. */
async function theirs(archive: string): Promise<Readonly<Record<string, Line>>> {
  const { stdout } = await run('tar', ['--numeric-owner', '--quoting-style=literal', '-tvf', archive], {
    maxBuffer: 2 ** 26,
    env: { ...process.env, LC_ALL: 'C.UTF-8' }
  })
  const entries = stdout
    .trimEnd()
    .split('\n')
    .map((text) => {
      const [, mode = '', owner = '', size = '', rest = ''] = /^(\S+) +(\S+) +(\S+) +\S+ \S+ (.*)$/.exec(text) ?? []
      const [name = '', target] = rest.split(mode.startsWith('l') ? ' -> ' : ' link to ')
      const type = mode.startsWith('h') ? '-' : (mode[0] ?? '')
      const line = {
        type,
        mode: octal(mode),
        owner,
        size: mode.startsWith('-') ? size : '',
        link: type === 'l' ? (target ?? '') : ''
      }
      const path = `/${name.replace(/^\.?\//, '').replace(/\/$/, '')}`
      return [
        path,
        mode.startsWith('h') ? { ...line, hardLink: `/${(target ?? '').replace(/^\.?\//, '')}` } : line
      ] as const
    })
  return groupLinks(new Map(entries.filter(([path]) => path !== '/')))
}

/** `drwxr-sr-t` as digits. */
function octal(mode: string): string {
  const bits = [...mode.slice(1, 10)].reduce((sum, letter) => sum * 2 + (/[rwxst]/.test(letter) ? 1 : 0), 0)
  const special =
    (/[sS]/.test(mode[3] ?? '') ? 0o4000 : 0) +
    (/[sS]/.test(mode[6] ?? '') ? 0o2000 : 0) +
    (/[tT]/.test(mode[9] ?? '') ? 0o1000 : 0)
  return (bits + special).toString(8)
}

// Not estargz: BuildKit's writer of it panics under Go 1.27 ("footer buffer = 48, not 51") and takes dockerd with it.
test.each(some(['gzip', 'zstd', 'uncompressed'], 1))(
  'a nasty image with %s layers has the files that the engine extracts',
  async (compression) => {
    await using folder = await temporaryFolder()
    const context = folder.path
    await writeFile(join(context, 'Dockerfile'), dockerfile(await baseImage('busybox')))
    await writeFile(join(context, 'file'), 'copied\n')
    const layout = join(context, 'layout')
    const archive = join(context, 'tree.tar')
    const force = 'force-compression=true,oci-mediatypes=true'
    await run('docker', [
      'buildx',
      'build',
      '--provenance=mode=max',
      '--output',
      `type=oci,tar=false,dest=${layout},compression=${compression},${force}`,
      context
    ])
    await run('docker', ['buildx', 'build', '--provenance=false', '--output', `type=tar,dest=${archive}`, context])
    const { images } = await readImages(layout)
    expect(images).toHaveLength(1)
    expect(images[0]!.attestations).toHaveLength(1)
    const analysis = await analyseImage(images[0]!, { needles: await planNeedles([]) })
    expect(analysis.omissions).toEqual([])
    const kind = { uncompressed: 'none', gzip: 'gzip', zstd: 'zstd' }[compression]
    expect(new Set(analysis.layers.map((layer) => layer.compression))).toEqual(new Set([kind]))
    expect(ours(analysis)).toEqual(await theirs(archive))
  },
  300_000
)

test('what docker save writes, and a registry-less archive', async () => {
  await using folder = await temporaryFolder()
  const context = folder.path
  await writeFile(join(context, 'Dockerfile'), dockerfile(await baseImage('busybox')))
  await writeFile(join(context, 'file'), 'copied\n')
  const [ociTar, dockerTar] = [join(context, 'oci.tar'), join(context, 'docker.tar')]
  await run('docker', ['buildx', 'build', '--output', `type=oci,dest=${ociTar}`, context])
  await run('docker', [
    'buildx',
    'build',
    '--output',
    `type=docker,dest=${dockerTar},name=stagegate-e2e:image`,
    context
  ])
  const analyses = await Promise.all(
    [ociTar, dockerTar].map(async (path) => analyseImage((await readImages(path)).images[0]!))
  )
  expect(analyses[1]!.layers.map(({ diffID }) => diffID)).toEqual(analyses[0]!.layers.map(({ diffID }) => diffID))
  expect(ours(analyses[1]!)).toEqual(ours(analyses[0]!))
}, 300_000)

test('buildx shows a layer while it writes it, and it is scanned meanwhile', async () => {
  await using folder = await temporaryFolder()
  const make = 'RUN head -c 30000000 /dev/urandom >/large'
  await writeFile(join(folder.path, 'Dockerfile'), `FROM ${await baseImage('busybox')}\n${make}\n${make}-too\n`)
  const layout = join(folder.path, 'layout')
  const ahead = scanAhead({ needles: undefined })
  const growing = new Set<string>()
  const stopping = new AbortController()
  const watching = watchBlobs(layout, stopping.signal, (digest, blob) => {
    if ('later' in blob) growing.add(digest)
    ahead.begin(digest, blob)
  })
  const output = `type=oci,dest=${layout},tar=false`
  await run('docker', ['buildx', 'build', '--provenance=false', '--output', output, folder.path])
  stopping.abort()
  await watching
  const [image] = (await readImages(layout)).images
  const seen = image!.layers.flatMap(({ descriptor }, index) => (growing.has(descriptor.digest) ? [index] : []))
  expect(seen.filter((layer) => layer > 0)).not.toEqual([])
  const scanned = await ahead.take(image!.layers, undefined)
  expect(seen.map((layer) => scanned?.scans.has(layer))).toEqual(seen.map(() => true))
}, 300_000)
