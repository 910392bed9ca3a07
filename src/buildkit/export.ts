/** A solve whose result is put on disk to be looked at: an OCI layout or, from the classic image store, a saved archive. */
import path from 'node:path'
import type { Solve } from './command.js'
import type { Ports } from '../ports.js'
import { writeField } from '../core/csv.js'
import { removeImageCommand } from './builder.js'
import { classifyFailure } from './classify.js'
import type { Progress } from '../core/progress.js'
import type { ProgressListener } from './progress.js'
import type { BuildMetadata } from './provenance.js'
import { runSolve } from './solve.js'
import { nameTag, removeStaleTags } from './temporary_tag.js'
import { Stop } from '../failure/stop.js'

export type ExportOptions = {
  readonly solve: Omit<Solve, 'outputs' | 'tags' | 'metadataFile'>
  readonly env: Readonly<Record<string, string>>
  /** Private folder for the image and the metadata. */
  readonly folder: string
  /** The engine's classic image store exports no OCI layout: the image is loaded and saved instead. */
  readonly classicStore: boolean
  /** Told about a temporary tag before it is made, so that `post` can remove it when the run cannot. */
  readonly onTag: (tag: string) => void
  readonly listener: ProgressListener
  readonly onlyStage?: string
  /** The build is ended after this many seconds. */
  readonly timeoutSeconds?: number
  /** The build is ended when this is aborted. */
  readonly signal?: AbortSignal
}

/** An image on disk, for `readImages`; disposing it removes what the engine keeps of it. */
export type Exported = AsyncDisposable & {
  readonly path: string
  readonly progress: Progress
  readonly metadata: BuildMetadata
}

/** Runs the solve. Throws a `Stop` that says what failed. */
export async function exportImage(ports: Pick<Ports, 'exec' | 'log'>, options: ExportOptions): Promise<Exported> {
  const { folder, classicStore, timeoutSeconds, signal } = options
  const layout = path.join(folder, 'image')
  const temporaryTag = nameTag()
  const solve: Solve = {
    ...options.solve,
    metadataFile: path.join(folder, 'metadata.json'),
    outputs: classicStore ? ['type=docker'] : [csvOutput('type=oci,tar=false', layout)],
    tags: classicStore ? [temporaryTag] : []
  }
  if (classicStore) {
    await removeStaleTags(ports)
    options.onTag(temporaryTag)
  }
  const result = await runSolve(ports, solve, {
    env: { ...options.env, BUILDX_METADATA_PROVENANCE: 'max' },
    listener: options.listener,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(signal === undefined ? {} : { signal })
  })
  if (!result.ok) {
    if (result.timedOut) {
      throw new Stop({ kind: 'engine', message: `it took longer than ${timeoutSeconds ?? 0} seconds` })
    }
    const onlyStage = options.onlyStage === undefined ? {} : { onlyStage: options.onlyStage }
    throw new Stop(classifyFailure({ ...result, testStages: [], ...onlyStage }))
  }
  const { progress, metadata } = result
  if (!classicStore) return { path: layout, progress, metadata, [Symbol.asyncDispose]: () => Promise.resolve() }

  const removeTag = async (): Promise<void> => {
    await ports.exec(removeImageCommand(temporaryTag), { timeoutSeconds: 30 }).catch(() => undefined)
  }
  const archive = path.join(folder, 'image.tar')
  const saved = await ports.exec({ file: 'docker', args: ['image', 'save', '--output', archive, temporaryTag] })
  if (saved.exitCode !== 0) {
    await removeTag()
    throw new Stop({ kind: 'engine', message: `docker image save failed: ${saved.stderr.trim()}` })
  }
  return { path: archive, progress, metadata, [Symbol.asyncDispose]: removeTag }
}

function csvOutput(attributes: string, destination: string): string {
  return `${attributes},${writeField(`dest=${destination}`)}`
}
