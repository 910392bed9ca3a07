/**
 * Who wrote a report. A cache mount is one folder for every stage that mounts it, and it outlives the run: a file counts as
 * a step's only where it was written while the step ran. Both times are the builder's own, so that it does not matter what
 * the runner's clock says. Pure.
 */

/** A step that may have written reports. */
export type Writer = {
  /** Name of its stage. */
  readonly stage: string
  readonly platform?: string
  /** When it ran, by the builder's clock: milliseconds since the epoch, and how long. */
  readonly startedAt: number
  readonly seconds: number
  /** What it was made of; absent where that is not known for certain. */
  readonly mark?: string
}

/** Tar archives hold whole seconds, and the last write of a step may come to the disk after its end. */
const SLACK_SECONDS = 2

/** The steps that a file may be from: none for what an earlier run has left, several where nothing tells them apart. */
export function writersOf<W extends Writer>(
  file: { readonly path: string; readonly seconds: number },
  writers: readonly W[]
): readonly W[] {
  const during = writers.filter(
    ({ startedAt, seconds }) =>
      file.seconds >= Math.floor(startedAt / 1000) && file.seconds <= startedAt / 1000 + seconds + SLACK_SECONDS
  )
  if (new Set(during.map(labelOf)).size < 2) return during
  // What all of them have in common tells none of them from the others.
  const stages = new Set(during.map(({ stage }) => stage)).size > 1
  const platforms = new Set(during.map(({ platform }) => platform)).size > 1
  const parts = partsOf(file.path)
  const named = during.filter(
    ({ stage, platform = '' }) =>
      (!stages || holds(parts, stage)) && (!platforms || holds(parts, platform.split('/').slice(1).join('/')))
  )
  return new Set(named.map(labelOf)).size === 1 ? named : during
}

/** Stage and platform as one text. */
export function labelOf({ stage, platform }: Pick<Writer, 'stage' | 'platform'>): string {
  return platform === undefined ? stage : `${stage} ${platform}`
}

/** `unit/junit.xml`, `junit-unit.xml`, `arm64/unit.xml`: the words of a path, of which a stage's or a platform's name may be one. */
function partsOf(path: string): readonly string[] {
  return path
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '')
}

function holds(parts: readonly string[], name: string): boolean {
  const wanted = partsOf(name)
  return wanted.length > 0 && wanted.every((part) => parts.includes(part))
}
