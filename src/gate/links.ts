/** The files that are read here before BuildKit reads them: it follows no link out of a build's folder, and neither do we. */
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import type { InputProblem } from '../core/problem.js'
import { dockerfilePath, type Source } from '../core/source.js'

/**
 * Links that lead out of the workspace or, for a file that a workflow keeps elsewhere, out of its folder. Whoever wrote the
 * checkout would see in the log what the runner has there. The folders of contexts may be links that the workflow has
 * made, unless strangers wrote the checkout.
 */
export async function findForeignLinks(
  { context, file, buildContexts }: Source & { readonly buildContexts: readonly string[] },
  workspace: string,
  trusted: boolean
): Promise<readonly InputProblem[]> {
  const dockerfile = dockerfilePath({ context, file })
  const named = buildContexts.map((entry) => entry.slice(entry.indexOf('=') + 1).replace(/^oci-layout:\/\//, ''))
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
    ...(trusted ? [] : named.map((place) => ({ input: 'build-contexts', place })))
  ]
  const root = await realpath(workspace).catch(() => path.resolve(workspace))
  const isOurs = (place: string): boolean =>
    [workspace, root].some((folder) => isWithin(path.resolve(place), path.resolve(folder)))
  const problems = await Promise.all(
    places.map(async ({ input, place }): Promise<readonly InputProblem[]> => {
      const [folder, real] = await Promise.all(
        [path.dirname(place), place].map((each) => realpath(each).catch(() => undefined))
      )
      if (folder === undefined || real === undefined || isWithin(real, isOurs(place) ? root : folder)) return []
      const problem = `"${place}" is, or lies behind, a link that leads out of ${isOurs(place) ? 'the workspace' : 'its folder'}`
      return [{ input, problem, fix: 'Put the file or folder itself there.' }]
    })
  )
  return problems.flat()
}

function isWithin(place: string, folder: string): boolean {
  return place === folder || place.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`)
}
