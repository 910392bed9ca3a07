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

/** Each once: what is wrong with an input of the step is wrong with each of its images. */
export function onceEach(problems: readonly InputProblem[]): readonly InputProblem[] {
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()]
}
