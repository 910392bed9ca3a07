/** Where a registry's web interface is: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints */
import { canonicalRepository, dockerHub, isDockerHub, parseReference } from '../core/reference.js'

/** A repository as its registry is asked about it. */
export type Repository = {
  /** As people write it, for messages: `ghcr.io/acme/app`; `docker.io/library/alpine` on Docker Hub. */
  readonly name: string
  /** Whom to ask: `ghcr.io`, `127.0.0.1:5000`, `registry-1.docker.io`. */
  readonly host: string
  /** As a token is asked for: `acme/app`. */
  readonly path: string
  /** `latest` where the reference has neither tag nor digest. */
  readonly tag: string
  /** The digest of the reference, if it has one. */
  readonly digest?: string
}

/** Reads a reference; `undefined` for one that is none. */
export function repositoryAt(text: string): Repository | undefined {
  const reading = parseReference(text)
  if (!reading.ok) return undefined
  const { reference } = reading
  const { domain = dockerHub.name, path, tag = 'latest', digest } = reference
  const isHub = isDockerHub(domain)
  const name = canonicalRepository(isHub ? { path } : reference)
  return {
    name,
    host: isHub ? dockerHub.host : domain,
    path: name.slice(name.indexOf('/') + 1),
    tag,
    ...(digest === undefined ? {} : { digest })
  }
}
