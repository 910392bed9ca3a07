/** A mistake of the user's, in terms of the inputs. */

/** A value the user gave, and what to do about it. Never holds a secret value. */
export type InputProblem = {
  /** The input's name as in action.yml. */
  readonly input: string
  /** What was seen and which rule it breaks, as a sentence. */
  readonly problem: string
  /** What to do, as a sentence. */
  readonly fix: string
}
