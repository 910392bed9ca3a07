/** Whose run it is: what it may not do, and who vouches for what it says. */
import { endOf, isContradicted } from './headline.js'
import { alert, link, text } from '../format/markdown.js'
import type { BuildView } from '../model.js'

/** Why an untrusted run wrote nothing. `trustReason` is a clause: `pull request #7 comes from the fork x/app`. */
export function untrustedSentence(report: BuildView): string {
  const reason = (report.trustReason ?? 'GitHub gives it no credentials').replace(/\.$/, '')
  return `This run is untrusted: ${reason}. It builds, tests and reports; it gets nothing of the runner’s own, and writes neither tags nor cache.`
}

/** For the run's own report; a handed-on one says it above everything. */
export function renderUntrusted(report: BuildView): string | undefined {
  if (report.trusted || report.relayed !== undefined) return undefined
  return alert('NOTE', [text(untrustedSentence(report), 800)])
}

/** Whose word a handed-on report is, and how its run ended by GitHub's. Stands before everything that it could say. */
export function renderRelayed(report: BuildView): string | undefined {
  if (report.relayed === undefined) return undefined
  const whose = text(`The words and figures below are an untrusted run’s own: ${report.trustReason ?? 'unknown'}.`, 800)
  const end = link(`the workflow run ${text(endOf(report.relayed), 100)}`, report.source.runUrl)
  return alert(isContradicted(report) ? 'WARNING' : 'NOTE', [`${whose} GitHub says that ${end}.`])
}
