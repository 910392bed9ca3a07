/** What advice is given on, gathered from a run: the only part of advising that touches files. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Subject } from './advise.js'
import { dockerfilePath } from '../core/source.js'
import type { Inputs, Look } from '../inputs/inputs.js'
import type { PlatformImage } from '../image/index.js'
import type { LintFinding } from '../buildkit/preflight.js'
import type { ImageReport } from '../inspect/model.js'
import type { Step } from '../core/step.js'

type Run = {
  readonly inputs: Inputs
  readonly look: Look
  /** The images as inspected and as reported, in the same order. */
  readonly inspected: readonly PlatformImage[]
  readonly images: readonly ImageReport[]
  readonly testTargets: readonly string[]
  readonly steps: readonly Step[]
  readonly lint: readonly LintFinding[]
  /** Bytes of the build context that were sent to the builder. */
  readonly contextBytes: number
}

/** Gathers it. A Dockerfile that is not on this machine, or gone by now, only means less advice. */
export async function readSubject(run: Run): Promise<Subject> {
  const { inputs, images, inspected, testTargets, steps, lint, contextBytes, look } = run
  const { context, target, buildArgs, buildContexts } = inputs
  const file = dockerfilePath(inputs)
  const dockerfile = context.kind === 'local' ? await readFile(file, 'utf8').catch(() => undefined) : undefined
  const ignoreFiles = context.kind === 'local' ? [`${file}.dockerignore`, path.join(context.path, '.dockerignore')] : []
  return {
    images: images.flatMap((report, index) => {
      const config = inspected[index]?.config
      return config === undefined ? [] : [{ report, config }]
    }),
    target,
    testTargets,
    steps,
    lint,
    buildArgs,
    buildContexts,
    ...(dockerfile === undefined ? {} : { dockerfile }),
    ...(context.kind === 'local'
      ? { context: { bytes: contextBytes, hasIgnoreFile: ignoreFiles.some((ignore) => look(ignore) === 'file') } }
      : {})
  }
}
