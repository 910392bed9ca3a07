/** Telling GitHub: the comment on the pull request and the commit status. Trouble is a sentence, never a red job. */
import type { Occasion } from '../occasion/occasion.js'
import { createClient } from '../github/client.js'
import { commentNote, upsertComment } from '../github/comment.js'
import { fetchThroughProxy } from '../github/fetch.js'
import { setCommitStatus } from '../github/status.js'
import type { Inputs } from '../inputs/inputs.js'
import type { Ports } from '../ports.js'
import { renderComment } from '../report/surfaces/comment.js'
import { headline } from '../report/sections/headline.js'
import { inline } from '../report/format/markdown.js'
import type { Report } from '../report/model.js'

export type Telling = {
  readonly report: Report
  readonly inputs: Inputs
  readonly occasion: Occasion
  readonly redact: (text: string) => string
}

/** Whether there is anybody to tell: a pull request to comment on, or a status that was asked for. */
export function wantsTelling({ report, inputs, occasion }: Omit<Telling, 'redact'>): boolean {
  return wantsComment(report, inputs, occasion) || inputs.commitStatus !== ''
}

/** Writes the comment and the status. Returns sentences about what could not be written, and which permission is missing. */
export async function tellGitHub(ports: Pick<Ports, 'now' | 'signal'>, telling: Telling): Promise<readonly string[]> {
  const { report, inputs, occasion, redact } = telling
  const { place, repository, apiUrl } = occasion
  if (inputs.githubToken === '') return ['Neither comment nor status was written: github-token is empty.']
  const client = createClient({
    ...ports,
    apiUrl,
    repository,
    redact,
    token: inputs.githubToken,
    fetch: fetchThroughProxy
  })
  const notes: (string | undefined)[] = []
  // Two workflows that build the same image share neither comment nor status.
  const identity = report.identity === undefined ? undefined : `${report.identity} ${occasion.workflowFile}`

  if (wantsComment(report, inputs, occasion) && place.pullRequest !== undefined) {
    const sequence = Number(occasion.runID)
    const outcome = await upsertComment({
      client,
      pullRequest: place.pullRequest,
      name: report.name,
      ...(identity === undefined ? {} : { image: { identity, commit: place.commit ?? '' } }),
      render: (limit) => renderComment(report, limit),
      ...(Number.isSafeInteger(sequence) && sequence > 0 ? { sequence } : {})
    })
    notes.push(commentNote(outcome))
  }
  if (inputs.commitStatus !== '' && report.trusted && place.commit !== undefined) {
    const { runUrl } = report.source
    const outcome = await setCommitStatus({
      client,
      sha: place.commit,
      state: report.outcome.kind === 'green' ? 'success' : 'failure',
      context: inputs.commitStatus,
      // Plain text, and yet it must not turn around or hide anything.
      description: inline(headline(report)),
      ...(runUrl === undefined ? {} : { targetUrl: runUrl }),
      ...(identity === undefined ? {} : { identity })
    })
    notes.push(outcome.message)
  }
  return notes.filter((note) => note !== undefined)
}

/** A fork's token cannot comment, so `auto` does not try; `true` does, and says why it failed. */
function wantsComment(report: Report, { comment }: Inputs, { pullRequest }: Occasion): boolean {
  if (pullRequest === undefined || comment === 'false') return false
  return comment === 'true' || report.trusted
}
