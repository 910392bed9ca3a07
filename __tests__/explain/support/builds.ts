/** Builds as a few words: a Dockerfile, and what became of each of its steps. */
import { crc32 } from 'node:zlib'
import { isWork, type Step } from '../../../src/core/step.js'
import { parseName } from '../../../src/buildkit/progress.js'
import type { SnapshotFile } from '../../../src/compare/files.js'
import type { Circumstances } from '../../../src/explain/causes.js'
import { takeRecord, type BuildRecord } from '../../../src/explain/record.js'
import { markShape } from '../../../src/explain/shape.js'
import { plainBuild, type Shape } from '../../../src/builds/build.js'
import type { LinkedTarget } from '../../../src/core/linked.js'
import { loadMatcher } from '../../../src/explain/context.js'

export { CONTEXT } from '../../../src/explain/record.js'
export const matcher = await loadMatcher()

export const digest = (digit: string): string => `sha256:${digit.repeat(64)}`

/** `[name, state or seconds it ran, inputs]`; a step stands on the one before it unless told. */
export type Told = readonly [name: string, how: 'cached' | 'failed' | number, inputs?: readonly string[] | undefined]

export function stepsOf(told: readonly Told[]): readonly Step[] {
  return told.map(([name, how, inputs], index): Step => {
    const { stage, platform, instruction } = parseName(name) ?? { instruction: name }
    const before = told[index - 1]?.[0]
    return {
      ...{ vertex: digest(String(index % 10)), name, instruction, logTail: [] },
      state: typeof how === 'number' ? 'ran' : how,
      seconds: typeof how === 'number' ? how : 0,
      startedAt: index,
      inputs: inputs ?? (before === undefined ? [] : [before]),
      ...(stage === undefined ? {} : { stage }),
      ...(platform === undefined ? {} : { platform })
    }
  })
}

/** Files by path and content. */
export function filesOf(contents: Readonly<Record<string, string>>): readonly SnapshotFile[] {
  return Object.entries(contents)
    .map(([path, content]) => ({ path: `/${path}`, size: content.length, crc: crc32(content), layer: 0 }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

export type Build = {
  readonly steps: readonly Told[]
  readonly dockerfile?: string
  readonly files?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** Members of the build's shape, and linked targets. */
  readonly shape?: Partial<Shape>
  readonly linked?: readonly LinkedTarget[]
}

export function recordOf(
  { steps, dockerfile, files, args = [], shape, linked = [] }: Build,
  before?: BuildRecord
): BuildRecord {
  return takeRecord(
    {
      steps: stepsOf(steps),
      buildArgs: args,
      ...(shape === undefined && linked.length === 0
        ? {}
        : { shape: markShape({ shape: { ...plainBuild('app', '.').shape, ...shape }, linked }) }),
      redact: (text) => text.replaceAll('hunter2', '***'),
      ...(dockerfile === undefined ? {} : { dockerfile }),
      ...(files === undefined ? {} : { files: filesOf(files) })
    },
    before
  )
}

/** The first step that ran, and what is known of it. */
export function questionOf(
  now: Build,
  before?: Build,
  change: Partial<Circumstances> = {}
): readonly [Step, Circumstances] {
  const steps = stepsOf(now.steps)
  const first = steps.find((step) => step.state !== 'cached' && isWork(step))
  if (first === undefined) throw new Error('everything is cached')
  return [
    first,
    {
      ...{ steps, matcher, imports: [], noCache: false, noCacheFilters: [], refreshed: [], rerun: [] },
      now: recordOf(now),
      ...(before === undefined ? {} : { before: recordOf(before) }),
      ...change
    }
  ]
}
