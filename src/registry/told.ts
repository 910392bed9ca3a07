/** A step of a push, with its failure in words. */
import type { Repository } from './address.js'
import type { RegistryClient } from './client.js'
import { explainAnswer, explainNoAnswer, type Doing } from './explain.js'
import { RegistryError } from './problem.js'
import { NoAnswer, type Answer } from './transport.js'

/** What came out, or the problem that stands against it, thrown. */
export async function told<T extends string>(
  client: RegistryClient,
  repository: Repository,
  doing: Doing,
  run: () => Promise<T | Answer>
): Promise<T> {
  try {
    const outcome = await run()
    if (typeof outcome === 'string') return outcome
    const login = client.loginFor({ repository, actions: 'pull,push' })
    throw new RegistryError(explainAnswer(outcome, { ...doing, ...(login === undefined ? {} : { login }) }))
  } catch (error: unknown) {
    if (!(error instanceof NoAnswer)) throw error
    throw new RegistryError(explainNoAnswer(error, doing), { cause: error })
  }
}

/** The repository as a whole, for `Doing`. */
export function placeOf({ name, host }: Repository): { readonly reference: string; readonly host: string } {
  return { reference: name, host }
}
