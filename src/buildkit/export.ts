/** A solve whose result is put on disk to be looked at: an OCI layout or, from the classic image store, a saved archive. */
import { randomBytes } from 'node:crypto'
import os from 'node:os'
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
  const temporaryTag = nameTag(process.pid)
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

const temporaryRepository = 'stagegate-inspect'

/** A tag of this process on this machine, so that a later run can tell whether anybody still needs it. */
function nameTag(pid: number): string {
  return `${temporaryRepository}:${machineName()}-${pid}-${randomBytes(6).toString('hex')}`
}

/** Removes the tags of runs on this machine that were killed before they could. Trouble with it is nobody's. */
async function removeStaleTags({ exec }: Pick<Ports, 'exec'>): Promise<void> {
  const list = ['image', 'ls', '--filter', `reference=${temporaryRepository}`, '--format', '{{.Tag}}']
  const listed = await exec({ file: 'docker', args: list }, { timeoutSeconds: 30 })
  for (const tag of listed.stdout.split('\n')) {
    const [, machine, pid] = /^(.+)-(\d+)-[0-9a-f]{12}$/.exec(tag.trim()) ?? []
    if (machine !== machineName() || isAlive(Number(pid))) continue
    await exec(removeImageCommand(`${temporaryRepository}:${tag.trim()}`), { timeoutSeconds: 30 })
  }
}

function machineName(): string {
  return os
    .hostname()
    .replace(/[^\w.-]/g, '_')
    .slice(0, 64)
}

/** EPERM tells of a process of somebody else's. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function csvOutput(attributes: string, destination: string): string {
  return `${attributes},${writeField(`dest=${destination}`)}`
}
