/** The verdict: rules over an image's analysis and its comparison. Pure. Each rule says what it measured, the limit, and whether it passed. */
import type { Difference } from '../compare/index.js'
import type { InputProblem } from '../core/problem.js'
import { RULES, type Budget, type RuleResult } from './rules.js'
import type { Evidence, Telling, Words } from './rule.js'

export type { Budget, RuleResult } from './rules.js'
export type { Lead, Telling, Words } from './rule.js'

/** What `max-increase` is judged by: the difference, or why there is none; and what growth beyond the limit does. */
export type Growth = {
  /** Absent where nothing was to be compared. */
  readonly comparison:
    | undefined
    | { readonly kind: 'compared'; readonly differences: readonly Pick<Difference, 'platform' | 'size'>[] }
    | { readonly kind: 'none'; readonly reason: string }
  readonly mode: 'fail' | 'warn'
}

/** An image to be judged. */
export type Judged = Evidence['analysis'] & Pick<Evidence, 'baseUnknown'>

/** Judges every platform by every rule, in the order of the rules. */
export function judge(
  images: readonly Judged[],
  budget: Budget,
  growth: Growth = { comparison: undefined, mode: 'fail' }
): readonly RuleResult[] {
  return images.flatMap((analysis) => {
    const evidence: Evidence = {
      analysis,
      baseUnknown: analysis.baseUnknown,
      growth: growthOn(analysis.platform, growth),
      growthMode: growth.mode
    }
    return RULES.flatMap((rule): readonly RuleResult[] => {
      const result = rule.judge(evidence, budget)
      return result === undefined ? [] : [result]
    })
  })
}

function growthOn(platform: string, { comparison }: Growth): Evidence['growth'] {
  if (comparison === undefined) return { reason: 'there is nothing to compare with' }
  if (comparison.kind === 'none') return { reason: comparison.reason }
  const found = comparison.differences.find((difference) => difference.platform === platform)
  return found ?? { reason: `the baseline has no ${platform}` }
}

/** Reads the budget from the texts of the inputs, all problems at once. */
export function readBudget(read: (input: string) => string): {
  readonly budget: Budget
  readonly problems: readonly InputProblem[]
} {
  const problems: InputProblem[] = []
  let budget: Budget = {}
  for (const rule of RULES) {
    const setting = rule.read(read(rule.name))
    if (setting.ok) budget = { ...budget, ...setting.budget }
    else problems.push({ input: rule.name, problem: setting.problem, fix: setting.fix })
  }
  return { budget, problems }
}

/** A result in words. Results of rules that this version does not know say nothing. */
export function tell(result: RuleResult): Telling {
  for (const rule of RULES) {
    const told = rule.tell(result)
    if (told !== undefined) return told
  }
  return { kind: 'findings' }
}

/** A limit that was judged, with its words. */
export type JudgedLimit = Words & Pick<RuleResult, 'rule' | 'platform' | 'passed'>

/** The limits that were judged, without those that were not and without the search for leaks. */
export function judgedLimits(results: readonly RuleResult[]): readonly JudgedLimit[] {
  return results.flatMap((result) => {
    const told = tell(result)
    const { rule, platform, passed } = result
    return 'words' in told ? [{ ...told.words, rule, platform, passed }] : []
  })
}
