/**
 * Build arguments that somebody took for secrets. To BuildKit they are none, and they stay in the image's history; what is told and kept of a
 * run has them out all the same, since more people read it than can pull the image.
 */
import { splitPair } from '../core/pair.js'
import { addressPasswords, isSecretName } from '../core/secret_parts.js'

/**
 * The values of arguments whose names say token, password, secret, key, auth or credential, and passwords of addresses.
 * @param environment has the values of arguments that are given by name alone
 */
export function secretArguments(
  buildArgs: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {}
): readonly { readonly id: string; readonly value: string }[] {
  return buildArgs.flatMap((argument) => {
    const { name: id, value = environment[id] } = splitPair(argument)
    if (id === '' || value === undefined) return []
    return (isSecretName(id) ? [value] : addressPasswords(value)).map((secret) => ({ id, value: secret }))
  })
}
