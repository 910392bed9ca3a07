/** What tells an image from another one that goes by the same name: two services, two legs of a matrix, two steps of a job. */
import { splitPair } from '../core/pair.js'
import { createHash } from 'node:crypto'
import { dockerfileName, type Source } from '../core/source.js'
import type { Occasion } from '../occasion/occasion.js'
import type { Build } from './build.js'
import { cacheIdentity } from './shape.js'

/** The Dockerfile and the context, as the workflow writes them. Two of one name are never one image. */
export function subjectOf(source: Source): string {
  const { context, file, inlineIn } = source
  const where = context.kind === 'local' ? context.path : context.kind
  return `${file === '' && inlineIn === undefined ? 'Dockerfile' : dockerfileName(source)} in ${where}`
}

/**
 * Which stage is built for which platforms from which build arguments, as a mark of sixteen digits. The arguments of one image change
 * from commit to commit, so two marks tell of two images only where both are of one run or of one commit. An argument
 * that names the commit, the run or the time says nothing of the image: its value is left out.
 */
export function identityOf(build: Build, occasion: Pick<Occasion, 'sha' | 'runID' | 'pullRequest'>): string {
  const { source, tests, target, gateOnly } = build
  const { platforms, buildArgs, buildContexts } = build.shape
  const commits = [occasion.sha, occasion.pullRequest?.headSha ?? ''].filter((sha) => sha !== '')
  const written = buildArgs.map((argument) => {
    const { name, value = '' } = splitPair(argument)
    return isOfTheRun(value, commits, occasion.runID) ? name : argument
  })
  const parts = [
    subjectOf(source),
    gateOnly ? ['gate', ...[...tests].sort()] : ['target', target],
    ...[platforms, written, buildContexts].map((list) => [...list].sort())
  ]
  return sixteenDigits(parts)
}

/** Sixteen digits of what is built and where it is kept: the same in each run, and others for another image of the same run. */
export function buildMark(build: Build): string {
  return sixteenDigits([...cacheIdentity(build), build.name, build.cache.image, build.cache.variant])
}

/** One mark for all images of a run; that of an only one is its own. */
export function jointIdentity(identities: readonly [string, ...string[]]): string {
  return identities.length === 1 ? identities[0] : sixteenDigits(identities)
}

/** Sixteen hexadecimal digits that differ where the parts do. */
export function sixteenDigits(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

function isOfTheRun(value: string, commits: readonly string[], runID: string): boolean {
  const isTime = /\b\d{4}-?\d{2}-?\d{2}(?!\d)|^\d{10,13}$/.test(value)
  const namesRun = runID.length >= 6 && value.includes(runID)
  return isTime || namesRun || commits.some((sha) => value.includes(sha.slice(0, 7)))
}
