/** Inputs that are not ours: what was meant by them. */
import type { InputProblem } from '../core/problem.js'
import { didYouMean } from './grammar.js'

/**
 * Inputs the workflow set that action.yml does not declare. One that is nearly a known name is a problem: a mistyped
 * `test-target` would publish what was never tested. Anything else has no effect.
 */
export function findUnknownInputs(
  given: readonly string[],
  declared: readonly string[]
): { readonly mistyped: readonly InputProblem[]; readonly foreign: readonly string[] } {
  const unknown = given.filter((name) => !declared.includes(name))
  // Of four letters two may differ, and nothing is meant: `call` is not a mistyped `pull`.
  const suggest = (name: string): string => (name.length <= 4 ? '' : didYouMean(name, declared))
  const fixOf = (name: string): string => {
    const meant = otherNames[name]
    if (meant !== undefined) return `The input is called "${meant}".`
    const renamed = bakeActionNames[name]
    if (renamed !== undefined) return `What docker/bake-action calls "${name}" is "${renamed}" here.`
    if (bakeActionFixes[name] !== undefined) return bakeActionFixes[name]
    return suggest(name) === '' ? '' : `Correct its name.${suggest(name)}`
  }
  return {
    mistyped: unknown
      .filter((name) => fixOf(name) !== '')
      .map((name) => ({ input: name, problem: 'there is no such input', fix: fixOf(name) })),
    foreign: unknown.filter((name) => fixOf(name) === '')
  }
}

/** What people call inputs of ours, and would miss in silence. */
const otherNames: Readonly<Record<string, string>> = {
  ...{ tag: 'tags', test: 'test-target', tests: 'test-target' },
  ...{ dockerfile: 'file', path: 'context', 'build-arg': 'build-args' }
}

/** Nearly names of ours, and meant otherwise. */
const bakeActionNames: Readonly<Record<string, string>> = {
  files: 'bake-files',
  targets: 'bake-targets',
  set: 'bake-set'
}

/** Whether an input that does not exist means a bake file, of which nothing is known then. */
export function meansBake({ input }: InputProblem): boolean {
  return bakeActionNames[input] !== undefined
}

/** Without these, docker/bake-action's own, another image would be built. */
const bakeActionFixes: Readonly<Record<string, string>> = {
  source: 'Leave it out, and run actions/checkout before this step: bake-files are paths in the checkout.',
  workdir: 'Leave it out, and write bake-files and the contexts of the bake file relative to the checkout.',
  vars: 'Leave it out, and give the variables of the bake file in the env: of this step.'
}
