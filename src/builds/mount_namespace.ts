/** The build argument that says in which namespace the builder looks for the cache mounts of a build. */
export const NAMESPACE_ARGUMENT = 'BUILDKIT_CACHE_MOUNT_NS'

/** The namespace that build arguments name; empty for none. */
export function namespaceIn(buildArgs: readonly string[]): string {
  const prefix = `${NAMESPACE_ARGUMENT}=`
  return buildArgs.findLast((argument) => argument.startsWith(prefix))?.slice(prefix.length) ?? ''
}
