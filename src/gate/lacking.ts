/** What a step mounts and the build was not given: a mount that is not required runs without it. */
import type { Step } from '../core/step.js'
import { credentialOf, mountsIn } from '../dockerfile/index.js'
import type { Credential, Failure } from '../failure/failure.js'

/**
 * The secrets and ssh ids that a step mounts and the build was not given, each once.
 * @param supplied `secret:ID`, `ssh:ID`
 */
export function lackingOf(
  { instruction }: Pick<Step, 'instruction'>,
  supplied: readonly string[]
): readonly Credential[] {
  const lacking = new Map<string, Credential>()
  for (const mount of mountsIn(instruction)) {
    const id = credentialOf(mount) ?? ''
    const key = `${mount.type}:${id}`
    if (id === '' || supplied.includes(key)) continue
    lacking.set(key, { credential: mount.type === 'ssh' ? 'ssh' : 'secret', id })
  }
  return [...lacking.values()]
}

/** A failure with what its step was not given. */
export function withLacking(failure: Failure, supplied: readonly string[]): Failure {
  if ((failure.kind !== 'test' && failure.kind !== 'build') || failure.step === undefined) return failure
  const lacking = lackingOf(failure.step, supplied)
  return lacking.length === 0 ? failure : { ...failure, lacking }
}

/** A credential in a sentence. */
export function credentialInWords({ credential, id }: Credential): string {
  return `the ${credential === 'ssh' ? 'ssh id' : 'secret'} "${id}"`
}
