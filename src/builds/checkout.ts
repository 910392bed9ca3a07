/** Where in the workspace the repository lies: `path` of actions/checkout puts it into a folder, and others beside it. */
import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { dockerfilePath, type Source } from '../core/source.js'
import type { Occasion } from '../occasion/occasion.js'

/** What a run has of the repository on its disk. */
type Workspace = Pick<Occasion, 'workspace' | 'repository' | 'pullRequest'>

/** Characters of a git configuration that are read. */
const MOST_CONFIGURATION = 1_000_000

/** Path of the Dockerfile from the repository's root; `undefined` where it is none of its files. */
export function dockerfileInRepository(source: Source, workspace: Workspace): string | undefined {
  if (source.context.kind === 'remote' || source.inlineIn !== undefined) return undefined
  const file = path.resolve(dockerfilePath(source))
  const root = repositoryRoot(path.dirname(file), workspace)
  if (root === undefined) return undefined
  const inRepository = path.relative(root, file)
  return inRepository.startsWith('..') || path.isAbsolute(inRepository) ? undefined : inRepository
}

/** Whether a path, from the root of the repository that is built and with `/`, is a file. */
export function filesInRepository(
  { context }: Pick<Source, 'context'>,
  workspace: Workspace
): (file: string) => boolean {
  const root = repositoryRoot(context.kind === 'local' ? context.path : workspace.workspace, workspace)
  if (root === undefined) return () => false
  return (file) => statSync(path.join(root, file), { throwIfNoEntry: false })?.isFile() === true
}

/**
 * The nearest folder upwards with `.git`, or the workspace where there is none; `undefined` where what is checked out there
 * is another repository, as far as its remote can be read.
 */
function repositoryRoot(folder: string, { workspace, repository, pullRequest }: Workspace): string | undefined {
  const top = path.resolve(workspace)
  for (
    let place = path.resolve(folder);
    place === top || place.startsWith(top + path.sep);
    place = path.dirname(place)
  ) {
    const git = path.join(place, '.git')
    if (statSync(git, { throwIfNoEntry: false }) === undefined) continue
    const remote = remoteOf(git)?.toLowerCase()
    // A fork's commits can be seen in the repository of the pull request, too.
    const ours = [repository, pullRequest?.headRepository].map((name) => name?.toLowerCase())
    return remote === undefined || repository === '' || ours.includes(remote) ? place : undefined
  }
  return top
}

/** `owner/name` of the remote `origin`. */
function remoteOf(git: string): string | undefined {
  // Of a submodule or a worktree it is a file that names the folder.
  const [, elsewhere] = /^gitdir: (.+)$/m.exec(readText(git)) ?? []
  const folder = elsewhere === undefined ? git : path.resolve(path.dirname(git), elsewhere)
  const common = path.resolve(folder, readText(path.join(folder, 'commondir')).trim())
  const lines = readText(path.join(common, 'config')).split(/\r?\n/)
  const begin = lines.findIndex((line) => /^\s*\[remote "origin"\]/.test(line))
  if (begin < 0) return undefined
  const section = lines.slice(begin + 1)
  const end = section.findIndex((line) => /^\s*\[/.test(line))
  const urls = (end < 0 ? section : section.slice(0, end)).flatMap(
    (line) => /^\s*url\s*=\s*"?([^"\s]+)/.exec(line)?.[1] ?? []
  )
  return /^(?:(?:https?|ssh|git):\/\/[^/]+\/|[^/:]+@[^/:]+:)([^/]+\/[^/]+?)(?:\.git)?\/?$/i.exec(urls[0] ?? '')?.[1]
}

/** The text of a file; empty where it is none, or cannot be read. */
function readText(file: string): string {
  try {
    const found = statSync(file)
    return found.isFile() && found.size <= MOST_CONFIGURATION ? readFileSync(file, 'utf8') : ''
  } catch {
    return ''
  }
}
