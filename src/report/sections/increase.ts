/** `max-increase` where it did not stop the run: not judged for want of a baseline, or exceeded where it only warns. */
import type { RuleResult } from '../../judge/index.js'
import { alert, code, text } from '../format/markdown.js'
import type { Report } from '../model.js'
import { enumerated } from '../../core/units.js'
import { budgetRules, limitText, measuredText, type BudgetRule } from './verdict.js'

type Unjudged = Extract<RuleResult, { readonly baseline: 'none' }>
type Growth = Extract<BudgetRule, { readonly rule: 'max-increase' }>

/** The platforms on which nothing was judged. */
export function unjudged(report: Report): readonly Unjudged[] {
  return report.verdict.filter((rule): rule is Unjudged => rule.rule === 'max-increase' && rule.baseline === 'none')
}

/** The platforms that grew too much in an event where that stops nothing. */
function grown(report: Report): readonly Growth[] {
  return budgetRules(report.verdict).filter(
    (rule): rule is Growth => rule.rule === 'max-increase' && rule.exceeded && rule.mode === 'warn'
  )
}

/** Behind the words that nothing was compared: what that means for the budget. Empty where nothing was to be judged. */
export function unjudgedWords(report: Report): string {
  if (unjudged(report).length === 0) return ''
  const where = report.comparison?.kind === 'compared' ? ' there' : ''
  return ` \`max-increase\` was not judged${where}: without a baseline it passes, and it counts again as soon as there is one.`
}

/** Growth beyond the limit in a branch: nothing to refuse any more, and yet the reader must know. */
export function renderGrowth(report: Report): string | undefined {
  const rules = grown(report)
  const [first] = rules
  if (first === undefined) return undefined
  const several = report.images.length > 1
  const sizes = rules.map((rule) => `${measuredText(rule)}${several ? ` on ${code(rule.platform, 60)}` : ''}`)
  return alert('WARNING', [
    `**The image grew by more than \`max-increase\` allows**: ${enumerated(sizes.map((size) => `**${size}**`))}, the limit is ${limitText(first)}. ${text(warnReason(report), 400)}`
  ])
}

function warnReason(report: Report): string {
  const what = report.publish.published ? 'It was published all the same' : 'That stops nothing here'
  return `${what}: \`max-increase\` stops a pull request, not what a branch has already.`
}

/** Both as plain sentences, for annotations. */
export function increaseWarnings(report: Report): readonly { readonly title: string; readonly message: string }[] {
  const reasons = new Map(unjudged(report).map(({ reason, platform }) => [reason, platform]))
  const several = report.images.length > 1
  return [
    ...grown(report).map((rule) => ({
      title: 'grew by more than max-increase allows',
      message: `${several ? `${rule.platform}: ` : ''}${measuredText(rule)}, the limit is ${limitText(rule)}. ${warnReason(report).replaceAll('`', '')}`
    })),
    ...[...reasons.keys()].map((reason) => ({
      title: 'max-increase was not judged',
      message: `There is no baseline: ${reason.replace(/\.$/, '')}. Without one the rule passes; it counts again as soon as there is one.`
    }))
  ]
}
