/** Where in a builder the cache mounts of a build are. BuildKit knows a mount as `NAMESPACE/ID`. */

/** The build argument that says in which namespace the builder looks for the mounts of a build. */
export const namespaceArgument = 'BUILDKIT_CACHE_MOUNT_NS'

/** Build arguments with another namespace, or with none. */
export function withNamespace(buildArgs: readonly string[], namespace: string | undefined): readonly string[] {
  if (namespace === undefined) return buildArgs
  const others = buildArgs.filter((argument) => argument.split('=')[0] !== namespaceArgument)
  return [...others, `${namespaceArgument}=${namespace}`]
}

/** The namespace that build arguments name; empty for none. */
export function namespaceIn(buildArgs: readonly string[]): string {
  const prefix = `${namespaceArgument}=`
  return buildArgs.findLast((argument) => argument.startsWith(prefix))?.slice(prefix.length) ?? ''
}
