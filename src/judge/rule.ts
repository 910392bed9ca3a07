/**
 * What a rule over an image is: one value with its name, its input, how it judges, and its words. Rules are listed in
 * `rules.ts`; nothing else knows how many there are or what they are called.
 */
import type { Delta } from '../compare/index.js'
import type { ImageAnalysis } from '../image/index.js'

/** What a rule may look at, for one platform. */
export type Evidence = {
  readonly analysis: Pick<ImageAnalysis, 'platform' | 'size' | 'layers' | 'reclaimable' | 'leaks'>
  /** Why the layers of the base image cannot be told from the own ones, as a clause; absent where they can. */
  readonly baseUnknown?: string | undefined
  /** The change in size over the baseline, or why there is none, as a clause. */
  readonly growth: { readonly size: Delta } | { readonly reason: string }
  /** What growth beyond a limit does: `warn` where the change can no longer be refused. */
  readonly growthMode: 'fail' | 'warn'
}

/** What every result has. `passed` is false only where the run is stopped. */
export type Result = { readonly rule: string; readonly platform: string; readonly passed: boolean }

/** Where a reader looks first when a limit is exceeded; the report has a section for each. */
export type Lead =
  'base' | 'advice' | 'copies' | 'joinable' | 'reclaimable' | 'largest-layers' | 'largest-files' | 'growth'

/** A judged limit in words: plain text without an end, sizes as people read them. */
export type Words = {
  /** Heads the row of a table: `Size`. */
  readonly title: string
  /** `201.3 MB` */
  readonly measured: string
  /** `250 MB`, `10 MB or 5 %` */
  readonly limit: string
  /** How much has to go for the rule to pass, in the rule's own unit; 0 where the limit is kept. */
  readonly excess: number
  /** The same as text: `62.4 MB`, `2 layers`. */
  readonly over: string
  /** Puts it in proportion: `25 % of the limit`, `2.1 times the limit`. */
  readonly proportion?: string
  /** What is wrong, for a heading: `the image is 62.4 MB over its budget of 250 MB`. */
  readonly headline: string
  /** That the limit is kept: `201.3 MB of 250 MB`. */
  readonly within: string
  /** The same where it is the nearest of several platforms; `up to`, before it, unless told. */
  readonly nearest?: string
  /** How much of the limit is used; orders platforms of one rule. */
  readonly used: number
  readonly leads: readonly Lead[]
  /** What else can be done than to make the image smaller; Markdown. */
  readonly wayOut?: string
}

/** What became of a rule, told in words. */
export type Telling =
  | { readonly kind: 'kept' | 'broken'; readonly words: Words }
  /** Exceeded where that stops nothing. `what`: `grew by more than max-increase allows`; `why` it is no failure. */
  | { readonly kind: 'warned'; readonly words: Words; readonly what: string; readonly why: string }
  /** Not judged: what it lacks, why as a clause, and what that means for the rule as a sentence. */
  | {
      readonly kind: 'unjudged'
      readonly lacks: 'baseline' | 'base'
      readonly reason: string
      readonly consequence: string
    }
  /** The result is no measure of a budget: the report has a section of its own for it. */
  | { readonly kind: 'findings' }

/** What an input of a rule was read as. */
export type Setting<T> =
  { readonly ok: true; readonly budget: T } | { readonly ok: false; readonly problem: string; readonly fix: string }

/** A rule as it is written down. */
type Definition<Name extends string, Key extends string, Limit, R extends Result> = {
  /** The name of the input and of the rule in the report. */
  readonly name: Name
  /** The rule's member of the budget. */
  readonly key: Key
  /** Reads what the workflow wrote, never empty; `undefined` where it is no limit. */
  readonly parse: (text: string) => Limit | undefined
  /** The limit where the workflow says nothing; without it the rule is not applied. */
  readonly otherwise?: Limit
  /** How a limit is written, as a sentence. */
  readonly fix: string
  /** `undefined` where there is nothing to judge: the rule is switched off. */
  readonly judge: (evidence: Evidence, limit: Limit) => R | undefined
  readonly tell: (result: R) => Telling
}

/** Makes a rule of its parts. What it returns takes the whole budget and any result, and knows which is its own. */
export function rule<const Name extends string, const Key extends string, Limit, R extends Result & { rule: Name }>(
  definition: Definition<Name, Key, Limit, R>
) {
  type Budget = Readonly<Partial<Record<Key, Limit>>>
  const { name, key, otherwise } = definition
  const isOwn = (result: Result): result is R => result.rule === name
  const budgetOf = (limit: Limit | undefined): Budget => {
    const budget: Partial<Record<Key, Limit>> = {}
    if (limit !== undefined) budget[key] = limit
    return budget
  }
  return {
    name,
    key,
    /** Whether it is a limit that somebody sets; else it is always applied. */
    isLimit: otherwise === undefined,
    /** The rule's part of the budget, from the text of its input. */
    read: (text: string): Setting<Budget> => {
      const written = text.trim()
      const limit = written === '' ? otherwise : definition.parse(written)
      return written !== '' && limit === undefined
        ? { ok: false, problem: `"${written}" is not valid`, fix: definition.fix }
        : { ok: true, budget: budgetOf(limit) }
    },
    judge: (evidence: Evidence, budget: Budget): R | undefined => {
      const limit = budget[key]
      return limit === undefined ? undefined : definition.judge(evidence, limit)
    },
    /** The result in words; `undefined` where it is another rule's. */
    tell: (result: Result): Telling | undefined => (isOwn(result) ? definition.tell(result) : undefined)
  }
}
