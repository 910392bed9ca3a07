/**
 * Build arguments that somebody took for secrets. To BuildKit they are none, and they stay in the image's history; what is told and kept of a
 * run has them out all the same, since more people read it than can pull the image.
 */
import { isSecretName } from '../core/secret_parts.js'

/** The values of arguments whose names say token, password, secret, key, auth or credential. */
export function secretArguments(
  buildArgs: readonly string[]
): readonly { readonly id: string; readonly value: string }[] {
  return buildArgs.flatMap((argument) => {
    const equals = argument.indexOf('=')
    const name = argument.slice(0, equals)
    return equals > 0 && isSecretName(name) ? [{ id: name, value: argument.slice(equals + 1) }] : []
  })
}
