/**
 * What an analysis costs, as ratios to inflating the same blobs in the same run.
 *
 *     node --import ./bench/lib/register.mjs bench/analysis.ts [speed] [bytes] [files] [memory] [tiny]
 *
 * Images are made once, in the folder STAGEGATE_BENCH or a temporary one (about 1 GB).
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import type { ImageAnalysis, PlatformImage } from '../src/image/index.js'
import { bundleLibrary } from './lib/bundle.js'
import { makeImage, type ImageShape } from './lib/make-image.js'

const folder = process.env.STAGEGATE_BENCH ?? join(tmpdir(), 'stagegate-bench')
const megabyte = 1_000_000

await mkdir(folder, { recursive: true })
const bundle = bundleLibrary(folder)
const library: unknown = await import(bundle)
const { analyseImage, planNeedles, readImages } = library as typeof import('../src/image/index.js')

const secrets = await planNeedles(
  Array.from({ length: 10 }, (_, at) => ({
    id: `secret-${at}`,
    kind: 'secret' as const,
    value: `ghp_${createToken(at)}`
  }))
)

async function read(shape: ImageShape): Promise<PlatformImage> {
  const { images } = await readImages(await makeImage(folder, shape))
  return images[0]!
}

function analyse(image: PlatformImage): Promise<ImageAnalysis> {
  return analyseImage(image, { needles: secrets })
}

/** Node's own gunzip, one blob after the other, as one would write it. */
async function gunzip(image: PlatformImage): Promise<void> {
  for (const { blob } of image.layers) {
    const stream = createReadStream(blob!.path).pipe(createGunzip())
    for await (const piece of stream) void piece
  }
}

/** The same with the chunk sizes that were found to be the fastest. */
async function gunzipLarge(image: PlatformImage): Promise<void> {
  for (const { blob } of image.layers) {
    const source = createReadStream(blob!.path, { highWaterMark: 2 ** 20 })
    const stream = source.pipe(createGunzip({ chunkSize: 512 * 1024 }))
    stream.on('data', () => undefined)
    await new Promise((resolve) => stream.on('end', resolve))
  }
}

function gzipCommand(image: PlatformImage): Promise<void> {
  for (const { blob } of image.layers)
    execFileSync('gzip', ['-dc'], { stdio: [fileOf(blob!.path), 'ignore', 'inherit'] })
  return Promise.resolve()
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function speed(): Promise<void> {
  const image = await read({ layers: 8, files: 20_000, bytes: 500 * megabyte, data: 'real' })
  const contenders = { gunzip, 'gunzip, large chunks': gunzipLarge, 'gzip -dc': gzipCommand, analysis: analyse }
  const times = new Map<string, number[]>()
  const cpu = new Map<string, number[]>()
  for (let round = 0; round < 9; round++) {
    for (const [name, work] of Object.entries(contenders)) {
      const before = process.cpuUsage()
      const taken = await timed(() => work(image))
      const { user, system } = process.cpuUsage(before)
      times.set(name, [...(times.get(name) ?? []), taken])
      cpu.set(name, [...(cpu.get(name) ?? []), (user + system) / 1000])
    }
  }
  console.log('\n500 MB, 20 000 files, 8 layers, 10 secrets; 9 rounds, taken in turn')
  console.log(
    `${''.padEnd(22)} ${'best'.padStart(6)} ${'median'.padStart(9)}   ${'CPU'.padStart(5)}      analysis is (best, median)`
  )
  for (const [name, taken] of times) {
    const best = Math.min(...times.get('analysis')!) / Math.min(...taken)
    const middle = median(times.get('analysis')!) / median(taken)
    const own = name === 'gzip -dc' ? '-' : median(cpu.get(name)!).toFixed(0)
    const columns = [
      Math.min(...taken)
        .toFixed(0)
        .padStart(6),
      median(taken).toFixed(0).padStart(6),
      own.padStart(6)
    ]
    console.log(`${name.padEnd(22)} ${columns.join(' ms ')} ms   ${best.toFixed(2)}, ${middle.toFixed(2)} of it`)
  }
}

async function growth(
  title: string,
  shapes: readonly ImageShape[],
  unit: (shape: ImageShape) => number,
  unitName: string
): Promise<void> {
  console.log(`\n${title}`)
  for (const shape of shapes) {
    const image = await read(shape)
    const taken = [
      await timed(() => analyse(image)),
      await timed(() => analyse(image)),
      await timed(() => analyse(image))
    ]
    const best = Math.min(...taken)
    console.log(
      `${String(unit(shape)).padStart(9)} ${unitName}  ${best.toFixed(0).padStart(6)} ms  ${((best * 1000) / unit(shape)).toFixed(2).padStart(8)} µs each`
    )
  }
}

/** Peak memory of a process of its own, above one that loads the library and does nothing. */
async function memory(): Promise<void> {
  const million = await makeImage(folder, { layers: 4, files: 1_000_000, bytes: 200 * megabyte, data: 'real' })
  const huge = await makeImage(folder, { layers: 4, files: 5_000, bytes: 5000 * megabyte, data: 'repeated' })
  const idle = peakOf()
  console.log(`\npeak memory above idle (${idle.toFixed(0)} MB)`)
  console.log(`1 000 000 files          ${(peakOf(million) - idle).toFixed(0).padStart(6)} MB`)
  console.log(`5 GB of repeated data    ${(peakOf(huge) - idle).toFixed(0).padStart(6)} MB`)
}

function peakOf(...layout: readonly string[]): number {
  const args = [join(import.meta.dirname, 'lib/peak.mjs'), bundle, ...layout]
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' })) / megabyte
}

async function tiny(): Promise<void> {
  const shape: ImageShape = { layers: 5, files: 50, bytes: megabyte, data: 'real' }
  const path = await makeImage(folder, shape)
  const taken: number[] = []
  for (let round = 0; round < 20; round++)
    taken.push(await timed(async () => analyse((await readImages(path)).images[0]!)))
  console.log(
    `\n5 layers, 50 files, 1 MB: first ${taken[0]!.toFixed(1)} ms, then ${median(taken.slice(1)).toFixed(1)} ms`
  )
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}

function fileOf(path: string): number {
  return openSync(path, 'r')
}

function createToken(seed: number): string {
  return createHash('sha256').update(String(seed)).digest('base64').replace(/[+/=]/g, 'x').slice(0, 36)
}

const bytesShapes = [64, 128, 256, 512].map((size): ImageShape => ({
  layers: 4,
  files: 5_000,
  bytes: size * megabyte,
  data: 'real'
}))
const filesShapes = [125_000, 250_000, 500_000, 1_000_000].map((files): ImageShape => ({
  layers: 4,
  files,
  bytes: files * 200,
  data: 'real'
}))

const parts: Readonly<Record<string, () => Promise<void>>> = {
  speed,
  bytes: () => growth('by bytes (5 000 files, 4 layers)', bytesShapes, ({ bytes }) => bytes / megabyte, 'MB   '),
  files: () => growth('by files (200 bytes each, 4 layers)', filesShapes, ({ files }) => files, 'files'),
  memory,
  tiny
}
const chosen = process.argv.slice(2)
for (const [name, part] of Object.entries(parts)) if (chosen.length === 0 || chosen.includes(name)) await part()
