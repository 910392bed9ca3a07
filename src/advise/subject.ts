/** What advice is given on, gathered from a run: the only part of advising that touches files. */
import path from 'node:path'
import type { Subject } from './rule.js'
import { dockerfilePath } from '../core/source.js'
import type { Build } from '../builds/build.js'
import type { Look } from '../ports.js'
import type { PlatformImage } from '../image/index.js'
import type { LintFinding } from '../core/lint.js'
import type { ImageReport } from '../inspect/model.js'
import type { Step } from '../core/step.js'

type Run = {
  readonly build: Pick<Build, 'source' | 'target' | 'shape'>
  /** As it lies on the runner; a remote one only means less advice. */
  readonly dockerfile: Buffer | undefined
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

/** Gathers it. */
export function readSubject(run: Run): Subject {
  const { build, dockerfile, images, inspected, testTargets, steps, lint, contextBytes, look } = run
  const { source, target } = build
  const { buildArgs, buildContexts } = build.shape
  const { context } = source
  const file = dockerfilePath(source)
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
    ...(dockerfile === undefined ? {} : { dockerfile: dockerfile.toString('utf8') }),
    ...(context.kind === 'local'
      ? { context: { bytes: contextBytes, hasIgnoreFile: ignoreFiles.some((ignore) => look(ignore) === 'file') } }
      : {})
  }
}
