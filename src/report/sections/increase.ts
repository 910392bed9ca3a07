/** Limits that did not stop the run: not judged and why, or exceeded where that only warns. */
import { enumerated } from '../../core/units.js'
import { tell, type RuleResult, type Telling } from '../../judge/index.js'
import { alert, code, text } from '../format/markdown.js'
import { reachOf, type BuildView } from '../model.js'
import { reachWords } from './published.js'

type LimitResult<Kind extends Telling['kind']> = Extract<Telling, { readonly kind: Kind }> &
  Pick<RuleResult, 'rule' | 'platform'>

/** The limits that were not judged, on each platform. */
export function unjudged(report: BuildView): readonly LimitResult<'unjudged'>[] {
  return report.verdict.flatMap((result) => {
    const told = tell(result)
    return told.kind === 'unjudged' ? [{ ...told, rule: result.rule, platform: result.platform }] : []
  })
}

/** The limits that were exceeded in an event where that stops nothing. */
function warned(report: BuildView): readonly LimitResult<'warned'>[] {
  return report.verdict.flatMap((result) => {
    const told = tell(result)
    return told.kind === 'warned' ? [{ ...told, rule: result.rule, platform: result.platform }] : []
  })
}

/** Behind the words that nothing was compared: what that means for the budget. Empty where nothing was to be judged. */
export function unjudgedWords(report: BuildView): string {
  const [first] = unjudged(report).filter(({ lacks }) => lacks === 'baseline')
  if (first === undefined) return ''
  const where = report.comparison?.kind === 'compared' ? ' there' : ''
  return ` ${code(first.rule)} was not judged${where}. ${first.consequence}`
}

/** What else was not judged and why, one sentence for each rule and reason; Markdown. */
export function renderUnjudged(report: BuildView): string | undefined {
  const those = unjudged(report).filter(({ lacks }) => lacks !== 'baseline')
  const groups = [...Map.groupBy(those, ({ rule, reason }) => `${rule} ${reason}`).values()]
  if (groups.length === 0) return undefined
  const sentences = groups.flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [
          `**${code(first.rule)} was not judged**${on(report, [first, ...others])}: ${text(ended(first.reason), 400)} ${first.consequence}`
        ]
  )
  return alert('WARNING', sentences)
}

/** Figures of own layers hold the base's, too, where the builder does not tell them apart. */
export function renderBaseUnknown({ images }: BuildView): string | undefined {
  const those = images.filter(({ baseUnknown }) => baseUnknown !== undefined)
  const [first] = those
  if (first === undefined) return undefined
  const where =
    those.length === images.length ? '' : ` (${enumerated(those.map(({ platform }) => code(platform, 60)))})`
  return `Base layers could not be told apart${where}: ${text(ended(first.baseUnknown ?? ''), 300)} What is called yours below may be the base image’s.`
}

/** Beyond the limit where that stops nothing: nothing to refuse any more, and yet the reader must know. */
export function renderGrowth(report: BuildView): string | undefined {
  const those = warned(report)
  const [first] = those
  if (first === undefined) return undefined
  const several = report.images.length > 1
  const sizes = those.map(({ words, platform }) => `**${words.measured}${several ? ` on ${code(platform, 60)}` : ''}**`)
  return alert('WARNING', [
    `**The image ${first.what}**: ${enumerated(sizes)}, limit: ${first.words.limit}. ${text(warnReason(report, first), 400)}`
  ])
}

function on(report: BuildView, those: readonly { readonly platform: string }[]): string {
  return those.length === report.images.length
    ? ''
    : ` on ${enumerated(those.map(({ platform }) => code(platform, 60)))}`
}

function warnReason(report: BuildView, { why }: LimitResult<'warned'>): string {
  const reach = reachOf(report.publish)
  return `${reach === 'nowhere' ? 'That stops nothing here' : `It was ${reachWords[reach]} all the same`}: ${why}.`
}

/** Both as plain sentences, for annotations. */
export function increaseWarnings(report: BuildView): readonly { readonly title: string; readonly message: string }[] {
  const several = report.images.length > 1
  const plain = (words: string): string => words.replaceAll('`', '')
  const reasons = new Map(unjudged(report).map((each) => [`${each.rule} ${each.reason}`, each]))
  return [
    ...warned(report).map((told) => ({
      title: plain(told.what),
      message: `${several ? `${told.platform}: ` : ''}${told.words.measured}, limit: ${told.words.limit}, ${told.words.over} over. ${plain(warnReason(report, told))}`
    })),
    ...[...reasons.values()].map(({ rule, reason, consequence }) => ({
      title: `${rule} was not judged`,
      message: `${capital(ended(reason))} ${plain(consequence)}`
    }))
  ]
}

function ended(clause: string): string {
  return `${clause.replace(/\.$/, '')}.`
}

function capital(words: string): string {
  return words.replace(/^[a-z]/, (letter) => letter.toUpperCase())
}
