/** The files that are read here before BuildKit reads them: it follows no link out of a build's folder, and neither do we. */
import { splitPair } from '../core/pair.js'
import { readlink, realpath } from 'node:fs/promises'
import path from 'node:path'
import type { InputProblem } from '../core/problem.js'
import { dockerfilePath, localPlace, type Source } from '../core/source.js'

/** A path, and the input that names it. One that is written does not have to be there. */
type Named = { readonly input: string; readonly place: string; readonly written?: true }

/**
 * Links that lead out of the workspace or, for a file that a workflow keeps elsewhere, out of its folder. Whoever wrote the
 * checkout would see in the log what the runner has there. The folders of contexts, and the places of outputs, may be links
 * that the workflow has made, unless strangers wrote the checkout.
 */
export function findForeignLinks(
  { context, file, buildContexts, outputs }: Source & LinkedInputs,
  workspace: string,
  trusted: boolean
): Promise<readonly InputProblem[]> {
  const dockerfile = dockerfilePath({ context, file })
  const named = buildContexts.map((entry) => localPlace(splitPair(entry).value ?? ''))
  const local = context.kind === 'local' ? context.path : undefined
  const places = [
    ...(local === undefined
      ? []
      : [
          { input: 'file', place: dockerfile },
          { input: 'file', place: `${dockerfile}.dockerignore` },
          { input: 'context', place: path.join(local, '.dockerignore') }
        ]),
    ...(trusted || local === undefined ? [] : [{ input: 'context', place: local }]),
    ...(trusted ? [] : named.map((place) => ({ input: 'build-contexts', place }))),
    // What is built would be written over the runner's own.
    ...(trusted
      ? []
      : outputs.flatMap(({ dest }) =>
          dest === undefined ? [] : [{ input: 'outputs', place: dest, written: true } as const]
        ))
  ]
  return findLinksOut(places, workspace)
}

type LinkedInputs = {
  readonly buildContexts: readonly string[]
  readonly outputs: readonly { readonly dest?: string }[]
}

/** Which of the paths lead out of the workspace or, elsewhere, out of their folder. */
export async function findLinksOut(places: readonly Named[], workspace: string): Promise<readonly InputProblem[]> {
  const root = await followed(workspace)
  const isOurs = (place: string): boolean =>
    [workspace, root].some((folder) => isWithin(path.resolve(place), path.resolve(folder)))
  const problems = await Promise.all(
    places.map(async ({ input, place, written = false }): Promise<readonly InputProblem[]> => {
      const folder = await followed(path.dirname(path.resolve(place)))
      const real = written ? await followed(place) : await realpath(place).catch(() => undefined)
      if (real === undefined || isWithin(real, isOurs(place) ? root : folder)) return []
      const problem = `"${place}" is, or lies behind, a link that leads out of ${isOurs(place) ? 'the workspace' : 'its folder'}`
      return [{ input, problem, fix: 'Put the file or folder itself there.' }]
    })
  )
  return problems.flat()
}

/** More links than this on the way are a loop. */
const MOST_LINKS = 255

/** Where a path leads, also one that is not there yet: it is made behind the links on its way. */
async function followed(place: string, depth = 0): Promise<string> {
  const whole = path.resolve(place)
  const real = await realpath(whole).catch(() => undefined)
  const parent = path.dirname(whole)
  if (real !== undefined || parent === whole || depth > MOST_LINKS) return real ?? whole
  const folder = await followed(parent, depth + 1)
  const link = await readlink(whole).catch(() => undefined)
  return link === undefined ? path.join(folder, path.basename(whole)) : followed(path.resolve(folder, link), depth + 1)
}

/** Whether a path is a folder or lies in it. Both are absolute; no link is followed. */
export function isWithin(place: string, folder: string): boolean {
  return place === folder || place.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`)
}
