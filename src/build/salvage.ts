/**
 * After a red build: the cache of the stages that were completed, so that the next run does not build them again. It goes
 * to a reference of its own, since the one of the last green run holds more. Nothing of the image has been inspected by
 * then, so every layer is searched for what must not leave the runner; a layer that holds it keeps all of it back.
 */
import { copyFile, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Secret } from '../image/index.js'
import { dockerfilePath } from '../inputs/inputs.js'
import { planCall, type BuildBase } from '../plan/command.js'
import type { CachePlan } from '../plan/cache.js'
import { planSalvage } from '../plan/salvage.js'
import type { Ports } from '../ports.js'
import { csvField } from '../secrets.js'
import { exportCache, type CacheWriting } from './cache.js'
import type { Failure } from './failure.js'
import type { GatePlan } from './gate.js'
import { listStages } from './preflight.js'
import type { Provenance } from './provenance.js'
import { logProgress, runSolve } from './solve.js'
import type { Step } from './step.js'

export type SalvageOptions = {
  readonly base: BuildBase
  readonly plan: GatePlan
  readonly cache: CachePlan
  readonly failure: Failure
  readonly steps: readonly Step[]
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  /** What must not leave the runner; absent where nobody looks for it. */
  readonly sensitive?: readonly Secret[]
  /** Whether buildx knows `--call`. */
  readonly calls: boolean
  readonly limitSeconds?: number
}

/** A red run has its answer: whoever waits for it must not wait for a cache. */
const salvageSeconds = 120

/** Exports what a red build had built; `undefined` where there is nothing to keep, or no place for it. Never fails a run. */
export async function salvageCache(
  ports: Pick<Ports, 'exec' | 'log'>,
  options: SalvageOptions
): Promise<CacheWriting | undefined> {
  const { base, cache, failure, plan, env, folder, limitSeconds = salvageSeconds } = options
  const to = cache.to.length === 0 ? undefined : cache.toAfterFailure
  if (to === undefined || plan.file === undefined || (failure.kind !== 'test' && failure.kind !== 'build'))
    return undefined

  const source = dockerfilePath(base.inputs)
  const { step, line } = failure
  const stages = options.calls ? await listStages(ports.exec, planCall(base, 'targets', '')) : undefined
  const salvage = planSalvage({
    dockerfile: await readFile(source),
    steps: options.steps,
    ...(step === undefined || line === undefined ? {} : { failed: { step, line } }),
    ...(stages === undefined ? {} : { stageLines: stages.flatMap((stage) => stage.line ?? []) })
  })
  if (!salvage.ok) {
    ports.log.debug(`Nothing was written to the layer cache: ${salvage.reason}.`)
    return undefined
  }
  const dockerfile = path.join(folder, 'salvage', path.basename(source))
  await mkdir(path.dirname(dockerfile), { recursive: true })
  await writeFile(dockerfile, salvage.text)
  await copyFile(`${source}.dockerignore`, `${dockerfile}.dockerignore`).catch(() => undefined)
  ports.log.info(`What was built is kept in the layer cache: ${salvage.kept.join(', ')}.`)

  const solve = { ...base, dockerfile, target: salvage.stage }
  const searched = await search(ports, solve, { ...options, limitSeconds })
  if (searched !== undefined) return { internals: [], notes: [searched], uploads: {}, unchanged: [] }
  return exportCache(
    ports,
    { ...solve, cache: { from: cache.from, to: [to] }, metadataFile: path.join(folder, 'salvage.json') },
    { env, limitSeconds, hiddenStage: salvage.stage, known: new Map() }
  )
}

/** Writes the cache to disk and searches it. Returns why it must stay here, or `undefined`. */
async function search(
  ports: Pick<Ports, 'exec' | 'log'>,
  solve: BuildBase & { readonly dockerfile: string; readonly target: string },
  { sensitive, cache, env, folder, limitSeconds = salvageSeconds }: SalvageOptions
): Promise<string | undefined> {
  if (sensitive === undefined) return undefined
  const written = path.join(folder, 'salvage-cache')
  const result = await runSolve(
    ports,
    {
      ...solve,
      outputs: ['type=cacheonly'],
      cache: { from: cache.from, to: [`type=local,mode=max,${csvField(`dest=${written}`)}`] },
      metadataFile: path.join(folder, 'salvage-search.json')
    },
    {
      env: { ...env, BUILDX_METADATA_PROVENANCE: 'max' },
      listener: logProgress(ports.log, { again: true }),
      hiddenStage: solve.target,
      timeoutSeconds: limitSeconds
    }
  )
  if (!result.ok) {
    return 'What the failed run had built was not written to the layer cache: it could not be searched for secrets in time.'
  }
  const found = await findSecrets(written, sensitive, result.metadata.provenance)
  return found === undefined
    ? undefined
    : `What the failed run had built was not written to the layer cache: a layer of it holds ${found}.`
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
