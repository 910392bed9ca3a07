/** The whole comment where there is no news: the same image, tested, and nothing to warn of. */
import { testsAreNews } from './tests.js'
import { baselineTitle, comparedIn, isSameImage } from './difference.js'
import { facts } from './facts.js'
import { isContradicted, stateOf, SYMBOL } from './headline.js'
import { text, unbroken } from '../format/markdown.js'
import type { BuildView } from '../model.js'
import { fullReport } from './proof.js'
import { bytes, count } from '../../core/units.js'

/** Whether there is none. */
export function isQuiet(report: BuildView): boolean {
  return (
    report.outcome.kind === 'green' &&
    !isContradicted(report) &&
    report.gate.verdict === 'passed' &&
    isSameImage(report) &&
    !testsAreNews(report) &&
    comparedIn(report)?.differences.every(({ omissions }) => omissions.length === 0) === true &&
    report.images.every(({ figures }) => figures.leaks.length === 0 && figures.omissions.length === 0)
  )
}

/** One line says it. */
export function quietLine(report: BuildView): string {
  const compared = comparedIn(report)
  const [first] = report.images
  // With its colon, which could make an emoji of the name's end.
  const name = text(`${compared === undefined ? 'the baseline' : baselineTitle(compared)}:`, 100)
  const what =
    report.images.length > 1 || first === undefined
      ? count(report.images.length, 'platform')
      : `${unbroken(bytes(first.size))} in ${count(first.layers.length, 'layer')}`
  return [
    `${SYMBOL[stateOf(report)]} **${text(report.name, 100)}**: same image as ${name} ${what}`,
    facts(report),
    ...(report.relayed === undefined ? [] : ['an untrusted run’s own figures']),
    ...fullReport(report)
  ].join(' · ')
}
