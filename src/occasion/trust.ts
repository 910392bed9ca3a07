/** Whether whoever is behind a run may hold the repository's credentials. Pure. */
import type { Context } from './context.js'

/**
 * May this run hold credentials and write? A fork's or Dependabot's may not write, and gets nothing of the runner's own:
 * no files, no variables, no key files, no agent. The values that the workflow has of GitHub (`secrets`,
 * `ssh-private-key`) are mostly GitHub's care: it gives such a run none, or those that were set up for it.
 * `pull_request_target` is the exception: it has everything, so `withholds` says that these must not reach the fork's
 * Dockerfile either.
 */
export type Trust =
  { readonly trusted: true } | { readonly trusted: false; readonly reason: string; readonly withholds: boolean }

/**
 * Events in which GitHub runs a workflow for Dependabot with a read-only token and with Dependabot's secrets only.
 * https://docs.github.com/code-security/dependabot/working-with-dependabot/automating-dependabot-with-github-actions
 */
const dependabotEvents = [
  'push',
  'create',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'deployment',
  'deployment_status'
]
/** Events for which GitHub itself keeps the repository's credentials from a fork. */
const forkEvents = ['pull_request', 'pull_request_review', 'pull_request_review_comment']

const DEPENDABOT = 'dependabot[bot]'

/** Whether the code being built comes from someone who may hold the repository's credentials. */
export function judgeTrust(context: Context): Trust {
  const { pullRequest, repository, actor, eventName } = context
  if (pullRequest === undefined && eventName.startsWith('pull_request')) {
    const reason = 'the event file (GITHUB_EVENT_PATH) does not tell where the pull request comes from'
    return { trusted: false, reason, withholds: true }
  }
  if (pullRequest !== undefined && pullRequest.headRepository !== repository) {
    const from = pullRequest.headRepository ?? 'a deleted repository'
    return {
      trusted: false,
      reason: `pull request #${pullRequest.number} comes from the fork ${from}`,
      withholds: !forkEvents.includes(eventName)
    }
  }
  if (
    pullRequest !== undefined &&
    eventName === 'pull_request_target' &&
    [actor, pullRequest.author].includes(DEPENDABOT)
  ) {
    return {
      trusted: false,
      reason: `pull request #${pullRequest.number} is Dependabot's`,
      withholds: true // GitHub gives this event everything, whoever opened the pull request
    }
  }
  if (actor === DEPENDABOT && dependabotEvents.includes(eventName)) {
    return {
      trusted: false,
      reason: 'Dependabot started it, and GitHub gives such a run a read-only token',
      withholds: false
    }
  }
  return { trusted: true }
}
