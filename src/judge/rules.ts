/** Every rule, in the order of the promise: leaks before budgets. A new one is a file like these and a line here. */
import { leakCheck } from './leak_check.js'
import { maxIncrease } from './max_increase.js'
import { maxLayers } from './max_layers.js'
import { maxReclaimable } from './max_reclaimable.js'
import { maxSize } from './max_size.js'

export const RULES = [leakCheck, maxSize, maxLayers, maxReclaimable, maxIncrease] as const

type Rule = (typeof RULES)[number]

/** One rule's result for one platform. */
export type RuleResult = NonNullable<ReturnType<Rule['judge']>>

type Intersection<Union> = (Union extends unknown ? (of: Union) => void : never) extends (of: infer All) => void
  ? All
  : never

/** What the rules are judged by, from the inputs; a limit that is absent is not judged. */
export type Budget = Intersection<Parameters<Rule['judge']>[1]>
