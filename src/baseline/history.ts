/** What the clone on the runner knows of the commits before this one. Often little: checkouts are shallow. */
import type { Exec, ExecResult } from '../ports.js'
import { isCommit } from '../occasion/place.js'

/** Where to run git. */
export type Clone = { readonly exec: Exec; readonly workspace: string }

/** git answers from disk; a clone on a hanging network file system must not hold up a run. */
const GIT_SECONDS = 20

/**
 * `sha` and up to `count` first-parent ancestors, nearest first. Just `sha` where the clone does not have it. A branch's
 * own history is its first parents: of a merged branch's commits none was ever built as this branch.
 */
export async function firstParents(clone: Clone, sha: string, count: number): Promise<readonly string[]> {
  const { exitCode, stdout } = await git(clone, 'rev-list', '--first-parent', `--max-count=${count + 1}`, sha)
  const found = stdout.split('\n').filter(isCommit)
  return exitCode === 0 && found[0] === sha ? found : [sha]
}

/**
 * How many first-parent commits lie between, when `older` is an ancestor of `newer` in this clone. In a shallow clone a
 * path may be missing: then nothing is known.
 */
export async function commitsBetween(clone: Clone, older: string, newer: string): Promise<number | undefined> {
  if (!isCommit(older) || !isCommit(newer)) return undefined
  const ancestor = await git(clone, 'merge-base', '--is-ancestor', older, newer)
  if (ancestor.exitCode !== 0) return undefined
  const { exitCode, stdout } = await git(clone, 'rev-list', '--first-parent', '--count', `${older}..${newer}`)
  return exitCode === 0 && /^\d+\n$/.test(stdout) ? Number(stdout) : undefined
}

/**
 * The commit of the base branch that a pull request was merged with for this test. The event's `base.sha` is the branch
 * as it was when the pull request was last touched; the checked-out merge names what is in the image. Read from the commit
 * itself: in a shallow clone `HEAD^1` is cut off.
 */
export async function mergedBase(clone: Clone, headSha: string): Promise<string | undefined> {
  const { exitCode, stdout } = await git(clone, 'cat-file', 'commit', 'HEAD')
  if (exitCode !== 0) return undefined
  const [headers = ''] = stdout.split('\n\n', 1)
  const [first, second, ...more] = [...headers.matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, parent]) => parent)
  return second === headSha && more.length === 0 ? first : undefined
}

/** Seconds since 1970 at which the commit was made that is checked out in a folder, or why that cannot be had. */
export async function commitTime(
  exec: Exec,
  folder: string
): Promise<{ readonly seconds: string } | { readonly problem: string }> {
  const { exitCode, stdout, stderr } = await git({ exec, workspace: folder }, 'cat-file', 'commit', 'HEAD')
  const [headers = ''] = stdout.split('\n\n', 1)
  const seconds = /^committer .* (\d+) [+-]\d{4}$/m.exec(headers)?.[1]
  if (exitCode === 0 && seconds !== undefined) return { seconds }
  const [said = ''] = stderr.trim().split('\n', 1)
  return { problem: said === '' ? 'git does not answer' : `git says: ${said}` }
}

/** A folder of the checkout that looks like a repository is none: its configuration would be the change's own. */
const OWN_REPOSITORY = ['-c', 'safe.bareRepository=explicit']

/** Runs git; whatever hinders it counts as an answer that says nothing. */
async function git({ exec, workspace }: Clone, ...args: readonly string[]): Promise<ExecResult> {
  try {
    return await exec(
      { file: 'git', args: [...OWN_REPOSITORY, ...args] },
      { cwd: workspace, timeoutSeconds: GIT_SECONDS }
    )
  } catch {
    return { exitCode: 128, stdout: '', stderr: '', timedOut: false }
  }
}
