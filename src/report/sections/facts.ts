/** The run in one line. */
import { savedWords } from './broken.js'
import { isCachedPass } from './headline.js'
import { code, text, unbroken } from '../format/markdown.js'
import { reachOf, type BuildView } from '../model.js'
import { reachWords } from './published.js'
import { cachedSteps } from './stages.js'
import { testWords } from './tests.js'
import { trialFact } from './trial.js'
import { twiceFact } from './twice.js'
import { duration, enumerated } from '../../core/units.js'

/** What the gate did, what left the runner, what it cost. */
export function facts(report: BuildView): string {
  const { cached, steps } = cachedSteps(report)
  const parts = [
    gateFact(report),
    trialFact(report),
    twiceFact(report),
    publishFact(report),
    steps === 0 ? undefined : [`${cached} of ${steps} steps cached`, savedWords(report)].filter(Boolean).join(', '),
    unbroken(`${duration(report.seconds.total)} ${report.own === undefined ? 'in all' : 'for all images'}`)
  ]
  return parts.filter((part) => part !== undefined).join(' · ')
}

/** How many names stand in the line of facts. */
const NAMED = 3

function gateFact(report: BuildView): string | undefined {
  const { gate } = report
  if (gate.verdict === 'skipped') return `**No gate**: ${text(gate.reason ?? 'no `test-target` is set', 200)}`
  const names = gate.targets.slice(0, NAMED).map((target) => code(target.stage, 60))
  const more = gate.targets.length - names.length
  const stages = enumerated([...names, ...(more > 0 ? [`${more} more`] : [])])
  const longest = Math.max(0, ...gate.targets.map((target) => target.seconds))
  const tests = testWords(report)
  const counted = tests === undefined ? '' : `: ${unbroken(tests)}`
  if (isCachedPass(report)) return `**Gate passed** (${stages}, cached: nothing had to run)${counted}`
  return `**Gate passed** (${stages}${longest > 0 ? `, ${unbroken(duration(longest))}` : ''})${counted}`
}

function publishFact(report: BuildView): string | undefined {
  const { publish } = report
  if (!publish.published) {
    if (report.images.length === 0 || report.outcome.kind === 'red') return undefined
    const reason = report.trusted && publish.reason !== '' ? ` (${text(publish.reason, 300)})` : ''
    return `**not published**${reason}`
  }
  const [first] = publish.tags
  const more = publish.tags.length - 1
  const tags = first === undefined ? '' : ` ${code(first, 120)}${more > 0 ? ` and ${more} more` : ''}`
  return `**${reachWords[reachOf(publish)]}**${tags}`
}
