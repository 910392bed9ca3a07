/** Where in a builder the cache mounts of a build are. BuildKit knows a mount as `NAMESPACE/ID`. */

import { splitPair } from '../core/pair.js'
import type { Occasion } from '../occasion/occasion.js'

/** The build argument that says in which namespace the builder looks for the mounts of a build. */
export const NAMESPACE_ARGUMENT = 'BUILDKIT_CACHE_MOUNT_NS'

function withNamespace(buildArgs: readonly string[], namespace: string): readonly string[] {
  const others = buildArgs.filter((argument) => splitPair(argument).name !== NAMESPACE_ARGUMENT)
  return [...others, `${NAMESPACE_ARGUMENT}=${namespace}`]
}

/**
 * Build arguments that keep the cache mounts of a run apart, where they must be. What the user chose comes first in the
 * namespace.
 */
export function inMountNamespace(
  buildArgs: readonly string[],
  { ownerOfMounts, repository }: Pick<Occasion, 'ownerOfMounts' | 'repository'>
): readonly string[] {
  if (ownerOfMounts === undefined) return buildArgs
  const parts = [namespaceIn(buildArgs), repository, ownerOfMounts].filter((part) => part !== '')
  return withNamespace(buildArgs, parts.join('-').replaceAll('/', '-'))
}

/** The namespace that build arguments name; empty for none. */
export function namespaceIn(buildArgs: readonly string[]): string {
  const prefix = `${NAMESPACE_ARGUMENT}=`
  return buildArgs.findLast((argument) => argument.startsWith(prefix))?.slice(prefix.length) ?? ''
}
