/**
 * Searching a layer cache before it leaves the runner: nobody has inspected the layers of stages that are not the image.
 * The builder writes the cache to disk first, without the layers that need no search: where a file with a layer's digest
 * lies already, BuildKit takes the layer for written, and neither sends it nor downloads what it has not unpacked.
 */
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isIgnored, pathsOfHits, planNeedles, searchBlob, type NeedlePlan, type Secret } from '../image/index.js'
import { cacheForm, type CachePlan } from './plan.js'
import type { Solve } from '../buildkit/command.js'
import type { Ports } from '../ports.js'
import { writeField } from '../core/csv.js'
import type { Progress } from '../core/progress.js'
import type { Provenance } from '../buildkit/provenance.js'
import { readPlainError } from '../buildkit/plain_error.js'
import { logProgress, runSolve, type SolveResult } from '../buildkit/solve.js'

/** A solve that writes a cache. */
export type CacheSolve = Omit<Solve, 'outputs'> & { readonly cache: CachePlan }

export type SearchOptions = {
  /** What must not leave the runner, beside private keys of any kind; absent where nobody looks for anything. */
  readonly sensitive?: readonly Secret[] | undefined
  /** Paths, `/folder/**` and fingerprints of private keys that may leave. */
  readonly ignoredKeys?: readonly string[] | undefined
  /** Digests of layers that need no search: they were searched in the image, or are in the registry already. */
  readonly known: ReadonlySet<string>
  readonly env: Readonly<Record<string, string>>
  /** Private folder for the cache on disk. */
  readonly folder: string
  readonly timeoutSeconds: number
  readonly hiddenStage?: string
}

/** A cache on disk that was searched. Disposing of it removes it. */
export type SearchedCache = AsyncDisposable & {
  /** Why it must stay here; absent where nothing was found in it. */
  readonly why?: string
  /** An OCI layout. In the place of a layer that needed no search there is an empty file. */
  readonly layout: string
  /** What the solve that wrote it has read. */
  readonly progress: Pick<Progress, 'internals' | 'downloads' | 'broken'>
}

/** Writes what is new in the cache of a solve to disk and searches it; `undefined` where nobody looks for anything. */
export async function searchCache(
  ports: Pick<Ports, 'exec' | 'log'>,
  { cache, ...solve }: CacheSolve,
  { sensitive, ignoredKeys = [], known, env, folder, timeoutSeconds, hiddenStage }: SearchOptions
): Promise<SearchedCache | undefined> {
  if (sensitive === undefined) return undefined
  await using stack = new AsyncDisposableStack()
  const layout = path.join(folder, 'searched-cache')
  // What stays goes with the run's folder.
  stack.defer(() => rm(layout, { recursive: true, force: true }).catch(() => undefined))
  await leaveOut(layout, known)
  const local: CachePlan = { from: cache.from, to: [`type=local,${cacheForm},${writeField(`dest=${layout}`)}`] }
  const result = await runSolve(
    ports,
    { ...solve, cache: local, outputs: ['type=cacheonly'] },
    {
      env: { ...env, BUILDX_METADATA_PROVENANCE: 'max' },
      listener: logProgress(ports.log, { again: true }),
      timeoutSeconds,
      ...(hiddenStage === undefined ? {} : { hiddenStage })
    }
  )
  const why = result.ok
    ? await findSecret(layout, await planNeedles(sensitive), {
        leftOut: new Set([...known, ...baseLayers([result.metadata.provenance])]),
        ignoredKeys
      })
    : notWritten(result)
  const kept = stack.move()
  return {
    ...(why === undefined ? {} : { why }),
    ...{ layout, progress: result.progress },
    [Symbol.asyncDispose]: () => kept.disposeAsync()
  }
}

/** Why there is nothing to search, as a clause. What ends such a solve is seldom the cache: the step that ran again, say. */
function notWritten({ progress, timedOut }: Extract<SolveResult, { ok: false }>): string {
  if (timedOut) return 'it could not be searched for secrets in time'
  const { message } = readPlainError(progress.plain)
  return `it could not be searched for secrets, since it could not be built once more${message === '' ? '' : ` (${message})`}`
}

/** Digests of all layers of base images: what is in them was public, or somebody's, before this run. */
export function baseLayers(provenance: readonly Provenance[]): readonly string[] {
  return provenance.flatMap(({ baseImages }) => [...baseImages.keys()].flatMap((chain) => chain.split(' ')))
}

/** Empty files in the place of layers that need not be written. */
async function leaveOut(folder: string, digests: ReadonlySet<string>): Promise<void> {
  const blobs = blobsOf(folder)
  await mkdir(blobs, { recursive: true })
  const names = [...digests].flatMap((digest) => (/^sha256:[0-9a-f]{64}$/.test(digest) ? [digest.slice(7)] : []))
  await Promise.all(names.map((name) => writeFile(path.join(blobs, name), '')))
}

function blobsOf(folder: string): string {
  return path.join(folder, 'blobs', 'sha256')
}

/** Where packages put their files. The keys in them are for tests and examples, and anybody can download them. */
const ofPackages =
  /(?:^|\/)(?:node_modules|site-packages|dist-packages|pkg\/mod|gems|\.cargo\/registry|\.m2\/repository)\/|^\/usr\/(?:lib|lib64|libexec|share|include)\//

/** What is found first in the blobs of a local cache, without those left out, as a clause; never a value. */
async function findSecret(
  folder: string,
  needles: NeedlePlan,
  { leftOut, ignoredKeys }: { readonly leftOut: ReadonlySet<string>; readonly ignoredKeys: readonly string[] }
): Promise<string | undefined> {
  const blobs = blobsOf(folder)
  for (const name of await readdir(blobs)) {
    if (leftOut.has(`sha256:${name}`)) continue
    const file = path.join(blobs, name)
    const { size } = await stat(file)
    const hits = await searchBlob(file, size, needles)
    const secret = hits.find((hit) => hit.kind === 'secret')
    if (secret?.kind === 'secret') return `a layer of it holds the secret "${secret.secretId}"`
    if (hits.length === 0) continue
    const paths = (await pathsOfHits(file, size, hits)).map((each) => each?.replace(/^(?:\.?\/)?/, '/') ?? '')
    const own = hits.findIndex((hit, index) => {
      const at = paths[index] ?? ''
      return hit.kind === 'private-key' && !ofPackages.test(at) && !isIgnored(ignoredKeys, hit.fingerprint, at)
    })
    if (own !== -1)
      return ['a layer of it holds a private key', paths[own] ?? ''].filter((part) => part !== '').join(', ')
  }
  return undefined
}
