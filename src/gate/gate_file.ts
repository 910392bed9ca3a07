/**
 * The generated Dockerfile in which one stage stands for all: the questions to the Dockerfile are asked of it, and the layer
 * cache of both chains is exported from it. What is built and published comes from the user's own file (build.ts).
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Build } from '../builds/build.js'
import { buildMark } from '../builds/identity.js'
import { dockerfilePath } from '../core/source.js'
import { planGateDockerfile } from './gate_stage.js'

/** The file and stage to build for a gate in one solve. */
export type GateFile = { readonly path: string; readonly stage: string; readonly lastUserLine: number }

/**
 * Writes the gate Dockerfile into `folder`; a reason where the user's cannot take the stage.
 * @param text the user's bytes; absent where they are not on this machine
 */
export async function writeGateFile(
  build: Build,
  text: Buffer | undefined,
  { stages, folder }: { readonly stages: readonly string[]; readonly folder: string }
): Promise<GateFile | { readonly reason: string }> {
  if (text === undefined) return { reason: 'the context is remote' }
  const dockerfile = dockerfilePath(build.source)
  const planned = planGateDockerfile(text, stages, buildMark(build))
  if (!planned.ok) return { reason: planned.reason }
  const target = await placeDockerfile(planned.text, dockerfile, path.join(folder, 'gate'))
  return { path: target, stage: planned.stage, lastUserLine: planned.firstLine - 1 }
}

/** Writes a generated Dockerfile under the name of the one it comes from; returns its path. */
export async function placeDockerfile(text: Buffer, source: string, folder: string): Promise<string> {
  const target = path.join(folder, path.basename(source))
  await mkdir(folder, { recursive: true })
  await writeFile(target, text)
  // BuildKit looks for the ignore file of a Dockerfile beside it, before the context's own.
  await copyFile(`${source}.dockerignore`, `${target}.dockerignore`).catch(() => undefined)
  return target
}
