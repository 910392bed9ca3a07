/** What went wrong with a registry, as a value: what was seen, and what to do about it. Never holds a secret. */

export type ProblemKind =
  /** The registry wants a login, and there is none. */
  | 'login-missing'
  /** There is a login, and the registry or its token service does not take it. */
  | 'login-refused'
  /** The login is taken, and may not do this. */
  | 'forbidden'
  /** The repository is not there, and this registry does not make one by itself. */
  | 'no-repository'
  | 'rate-limit'
  | 'quota'
  /** The tag is taken by another image, and may not be moved. */
  | 'immutable-tag'
  /** The registry does not take an attestation in its new form, or in any. */
  | 'attestation-refused'
  | 'too-large'
  /** Any other refusal, in the registry's words. */
  | 'refused'
  /** The registry is broken or overloaded: 5xx and 408 to the last attempt. */
  | 'broken'
  | 'unreachable'
  /** The certificate does not hold, or TLS is not spoken. */
  | 'certificate'
  /** It takes questions and gives no answer. */
  | 'silent'
  /** The bytes on the disk are not what they should be. */
  | 'layout'
  | 'cancelled'

export type RegistryProblem = {
  readonly kind: ProblemKind
  /** What it is about: a repository or a reference, as people write it. */
  readonly reference: string
  /** What was seen, in one line. */
  readonly message: string
  /** What to do, as one or more sentences. */
  readonly fix: string
  /** HTTP status, where there was one. */
  readonly status?: number
}

/** Thrown where there is no answer to give back. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly problem: RegistryProblem
  constructor(problem: RegistryProblem, options?: { readonly cause?: unknown }) {
    super(`${problem.reference}: ${problem.message}`, options)
    this.problem = problem
  }
}
