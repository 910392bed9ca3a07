/** Inputs as the runner hands them over: what a step gives, and action.yml's defaults for the rest. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ReadInput } from '../../src/inputs/grammar.js'
import type { Inputs } from '../../src/inputs/inputs.js'
import { parseInputs } from '../../src/inputs/parse.js'
import type { Folders, Look } from '../../src/ports.js'

type ActionFile = {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
}

export const action = parse(readFileSync(join(import.meta.dirname, '../../action.yml'), 'utf8')) as ActionFile

export type Given = Readonly<Record<string, string>>

/** Reads what is given; an input that action.yml does not declare is a mistake of the test or of the program. */
export function readGiven(given: Given): ReadInput {
  return (name) => {
    const declared = action.inputs[name]
    if (declared === undefined) throw new Error(`action.yml declares no input "${name}"`)
    const fallback = declared.default ?? ''
    return given[name] ?? (fallback.startsWith('${{') ? '' : fallback)
  }
}

/** A checkout with two Dockerfiles. */
const checkout: Readonly<Record<string, 'file' | 'folder'>> = {
  '.': 'folder',
  Dockerfile: 'file',
  app: 'folder',
  'app/Dockerfile': 'file',
  'app/release.Dockerfile': 'file',
  lower: 'folder',
  'lower/dockerfile': 'file',
  empty: 'folder',
  locked: 'folder'
}
export const look: Look = (place) => checkout[place]
export const folders: Folders = {
  isEmpty: (folder) => folder === 'empty',
  isWritable: (folder) => folder !== 'locked'
}

/** The inputs of a step without mistakes. */
export function inputsOf(given: Given = {}): Inputs {
  const { inputs, problems } = parseInputs(readGiven(given), look, folders)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return inputs
}

/**
 * Everything that is said about a step with mistakes, a line each.
 * @param files that the checkout has besides
 */
export function problemsOf(given: Given, files: readonly string[] = []): readonly string[] {
  const lookToo: Look = (place) => (files.includes(place) ? 'file' : look(place))
  const { problems } = parseInputs(readGiven(given), lookToo, folders)
  return problems.map(({ input, problem, fix }) => `${input}: ${problem}. ${fix}`)
}
