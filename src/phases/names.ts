/** The names that an image leaves under: they stand in no layer, and anybody who sees the registry can read them. */
import type { Credentials } from '../credentials/credentials.js'
import type { InputProblem } from '../core/problem.js'
import { parseReference } from '../core/reference.js'
import type { Inputs } from '../inputs/inputs.js'

/**
 * Names with a secret in them. The host of a registry may well be one: who reads the name has it already.
 * @param redact to know in a moment that there is none
 */
export async function findNamedSecrets(
  { tags, outputs, cacheImage }: Pick<Inputs, 'tags' | 'outputs' | 'cacheImage'>,
  sensitive: Credentials['sensitive'],
  redact: (text: string) => string
): Promise<readonly InputProblem[]> {
  const named = [
    ...tags.map((name) => ({ input: 'tags', name })),
    ...outputs.flatMap(({ names }) => names.map((name) => ({ input: 'outputs', name }))),
    ...(cacheImage === '' ? [] : [{ input: 'cache-image', name: cacheImage }])
  ].filter(({ name }) => redact(name) !== name)
  if (named.length === 0) return []
  const { planNeedles, searchText } = await import(/* webpackChunkName: "later" */ '../image/index.js')
  const needles = await planNeedles(sensitive)
  return named.flatMap(({ input, name }): readonly InputProblem[] => {
    const reading = parseReference(name)
    const text = reading.ok ? [reading.reference.path, reading.reference.tag ?? ''].join(':') : name
    const [leak] = searchText(needles, text).filter(({ kind }) => kind === 'secret')
    if (leak?.kind !== 'secret') return []
    const problem = `the name "${redact(name)}" holds the secret "${leak.secretId}"`
    return [{ input, problem, fix: 'Use a name without it: whoever sees the registry can read it.' }]
  })
}
