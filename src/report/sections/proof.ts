/** The small print: what was proved, with what it was compared, and how it was measured. Only what this run did. */
import { baselineSentence } from './difference.js'
import { logLink } from '../format/links.js'
import { bullets, details, sections, text } from '../format/markdown.js'
import type { BuildView } from '../model.js'
import { searchProof } from './verdict.js'

/** Of the job summary. */
export function smallPrint(report: BuildView): string | undefined {
  const line = [...proofs(report), ...baselineSentence(report), ...versions(report)].join(' ')
  const parts = [
    ...(line === '' ? [] : [text(line, 700)]),
    ...(report.source.runUrl === undefined ? [] : [logLink(report)])
  ]
  const how = [...searchProof(report), ...measures(report)]
  return sections([
    how.length === 0
      ? undefined
      : details('How it was measured and searched', bullets(how.map((each) => text(each, 1000)))),
    parts.length === 0 ? undefined : `<sub>${parts.join(' · ')}</sub>`
  ])
}

/** Of a comment: the summary, which the run's page has, tells the rest. */
export function shortPrint(report: BuildView): string | undefined {
  const words = [...proofs(report), ...(comparesSizes(report) ? baselineSentence(report) : [])].join(' ')
  const parts = [...(words === '' ? [] : [text(words, 700)]), ...fullReport(report)]
  return parts.length === 0 ? undefined : `<sub>${parts.join(' · ')}</sub>`
}

/** Of other failures the sizes are not the news. */
function comparesSizes({ outcome }: BuildView): boolean {
  return outcome.kind === 'green' || outcome.failure.kind === 'budget' || outcome.failure.kind === 'leak'
}

/** The run's page has the job summary. */
export function fullReport(report: BuildView): readonly string[] {
  return report.source.runUrl === undefined ? [] : [logLink(report, 'full report')]
}

function proofs(report: BuildView): readonly string[] {
  const { outcome, publish, gate } = report
  if (outcome.kind === 'red' || !publish.published) return []
  const what = publish.tags.length === 0 ? 'What left the builder' : 'What the tags point to'
  const when = gate.verdict === 'passed' ? ', and it left only after the gate had passed' : ''
  return [`${what} is the image that was inspected${when}.`]
}

function measures(report: BuildView): readonly string[] {
  if (report.outcome.kind === 'red' || report.images.length === 0) return []
  const compressed = report.images.some((image) => image.transferSize !== undefined)
  const transfer = compressed ? '; transfer: the same compressed, as a registry holds it' : ''
  return [
    `Size: bytes of all layers’ content, unpacked${transfer}; read from the manifest and the layers, 1 MB = 1,000,000 bytes.`
  ]
}

function versions(report: BuildView): readonly string[] {
  const { buildx, buildkit, driver } = report.builder
  const parts = [
    ...(buildx === '' ? [] : [`buildx ${buildx}`]),
    ...(buildkit === undefined || buildkit === '' ? [] : [`BuildKit ${buildkit}`]),
    ...(driver === '' ? [] : [`${driver} driver`])
  ]
  return parts.length === 0 ? [] : [`Built with ${parts.join(', ')}.`]
}
