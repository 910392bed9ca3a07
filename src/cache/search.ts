/** Searching a layer cache before it leaves the runner: nobody has inspected the layers of stages that are not the image. */
import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Secret } from '../image/index.js'
import type { CachePlan } from './plan.js'
import type { Solve } from '../buildkit/command.js'
import type { Ports } from '../ports.js'
import { csvField } from '../credentials/secrets.js'
import type { Provenance } from '../buildkit/provenance.js'
import { logProgress, runSolve } from '../buildkit/solve.js'

export type SearchOptions = {
  readonly sensitive: readonly Secret[]
  readonly env: Readonly<Record<string, string>>
  /** Private folder for the cache on disk. */
  readonly folder: string
  readonly timeoutSeconds: number
  readonly hiddenStage?: string
}

/** Writes the cache of a solve to disk and searches it. Returns why it must stay here, or `undefined`. */
export async function searchCache(
  ports: Pick<Ports, 'exec' | 'log'>,
  { cache, ...solve }: Omit<Solve, 'outputs'> & { readonly cache: CachePlan },
  { sensitive, env, folder, timeoutSeconds, hiddenStage }: SearchOptions
): Promise<string | undefined> {
  if (sensitive.length === 0) return undefined
  const written = path.join(folder, 'searched-cache')
  const local: CachePlan = { from: cache.from, to: [`type=local,mode=max,${csvField(`dest=${written}`)}`] }
  try {
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
    if (!result.ok) return 'it could not be searched for secrets'
    const found = await findSecrets(written, sensitive, result.metadata.provenance)
    return found === undefined ? undefined : `a layer of it holds ${found}`
  } finally {
    await rm(written, { recursive: true, force: true })
  }
}

/** What is found in the layers of a local cache, those of base images left out; never a value. */
async function findSecrets(
  folder: string,
  sensitive: readonly Secret[],
  { baseImages }: Provenance
): Promise<string | undefined> {
  const { planNeedles, searchBlob } = await import(/* webpackChunkName: "image" */ '../image/index.js')
  const needles = planNeedles(sensitive)
  const base = new Set([...baseImages.keys()].flatMap((chain) => chain.split(' ')))
  const blobs = path.join(folder, 'blobs', 'sha256')
  for (const name of await readdir(blobs)) {
    if (base.has(`sha256:${name}`)) continue
    const file = path.join(blobs, name)
    const [hit] = await searchBlob(file, (await stat(file)).size, needles)
    if (hit !== undefined) return hit.kind === 'secret' ? `the secret "${hit.secretId}"` : 'a private key'
  }
  return undefined
}
