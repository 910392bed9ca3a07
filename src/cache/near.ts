/** Registries that the runner may be asked instead of the builder: a process less, and an answer that we can read. */
import { isLoopback } from '../core/host.js'
import { repositoryAt } from '../registry/address.js'

/** Where a run stands towards the registries of its cache. */
export type Near = {
  /** The runner's environment, for docker's logins. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The builder's driver. */
  readonly driver: string
}

/**
 * Whether the runner sees the registry of a reference as the builder does. A builder elsewhere has a network of its own,
 * and one in a container has a loopback address of its own.
 */
export function seesAsBuilder({ driver }: Pick<Near, 'driver'>, reference: string): boolean {
  const host = repositoryAt(reference)?.host
  return host !== undefined && (driver === 'docker' || (driver === 'docker-container' && !isLoopback(host)))
}
