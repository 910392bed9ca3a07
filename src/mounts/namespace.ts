/** Where in a builder the cache mounts of a build are. BuildKit knows a mount as `NAMESPACE/ID`. */

import { isOfTheJob, type Builder } from '../buildkit/builder.js'
import { NAMESPACE_ARGUMENT, namespaceIn } from '../builds/mount_namespace.js'
import { splitPair } from '../core/pair.js'
import type { Occasion } from '../occasion/occasion.js'

function withNamespace(buildArgs: readonly string[], namespace: string): readonly string[] {
  const others = buildArgs.filter((argument) => splitPair(argument).name !== NAMESPACE_ARGUMENT)
  return [...others, `${NAMESPACE_ARGUMENT}=${namespace}`]
}

type Whose = Pick<Occasion, 'ownerOfMounts' | 'repository' | 'trust' | 'isHosted'>

/**
 * The namespace that keeps the cache mounts of a run apart; `undefined` where it need not be. To BuildKit a step with a mount
 * in another namespace is another step, which no layer cache of another run has: a run of the repository itself is kept apart
 * only in a builder that outlives it.
 * @param builder where it is known; until then GitHub's own machines are taken to have one of their own
 */
export function ownNamespace(
  { ownerOfMounts, repository, trust, isHosted }: Whose,
  builder?: Pick<Builder, 'created' | 'driver'>
): string | undefined {
  const isAlone = builder === undefined ? isHosted : isOfTheJob(builder, isHosted)
  if (ownerOfMounts === undefined || (trust.trusted && isAlone)) return undefined
  return [repository, ownerOfMounts].filter((part) => part !== '').join('-')
}

/** Build arguments with that namespace, in which what the user chose comes first. */
export function inMountNamespace(
  buildArgs: readonly string[],
  whose: Whose,
  builder?: Pick<Builder, 'created' | 'driver'>
): readonly string[] {
  const own = ownNamespace(whose, builder)
  if (own === undefined) return buildArgs
  const parts = [namespaceIn(buildArgs), own].filter((part) => part !== '')
  return withNamespace(buildArgs, parts.join('-').replaceAll('/', '-'))
}
