/**
 * Image references as the distribution project defines them:
 * https://github.com/distribution/reference/blob/main/reference.go
 */

/** `domain/path:tag@digest`, each part as written; `domain` absent means Docker Hub. */
export type Reference = {
  readonly domain?: string
  readonly path: string
  readonly tag?: string
  readonly digest?: string
}

/** A reference, or what is wrong with the text and what to do about it. */
export type ReferenceReading =
  | { readonly ok: true; readonly reference: Reference }
  | { readonly ok: false; readonly problem: string; readonly fix: string }

const DOMAIN_COMPONENT = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domainPattern = new RegExp(`^(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const pathComponentPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/
const LONGEST_PATH = 255

/** More characters than a reference can have: a host's 253, a path's, a tag's 128 and those of a digest. */
export const BEYOND_A_REFERENCE = 1_000

/** Parses an image reference. */
export function parseReference(text: string): ReferenceReading {
  if (/\s/.test(text)) return wrong('it contains white space', 'Write one reference per line.')
  if (/^[a-z]+:\/\//i.test(text)) return wrong('it starts with a URL scheme', 'Leave out "https://".')

  const [beforeDigest = '', digest] = splitOnce(text, '@')
  if (digest !== undefined && !digestPattern.test(digest)) {
    return wrong(`"${digest}" is not a digest`, 'Write the digest as "sha256:" and 64 hexadecimal characters.')
  }

  const lastSlash = beforeDigest.lastIndexOf('/')
  const colon = beforeDigest.indexOf(':', lastSlash + 1)
  const name = colon < 0 ? beforeDigest : beforeDigest.slice(0, colon)
  const tag = colon < 0 ? undefined : beforeDigest.slice(colon + 1)
  if (tag !== undefined && !tagPattern.test(tag)) {
    return wrong(
      tag === '' ? 'the tag after ":" is empty' : `"${tag}" is not a valid tag`,
      'A tag has 1 to 128 letters, digits, "_", "." and "-", and starts with a letter, digit or "_".'
    )
  }

  const { domain, path } = splitDomain(name)
  // `app:${{ github.ref_name }}` on a branch such as feature/x.
  const slashed = /^[^:]+:(?![0-9]+$)[^:]*$/.test(domain ?? '') || path.includes(':')
  if (slashed && !/^\[|::/.test(name)) {
    return wrong(
      'the tag after ":" has a "/"',
      'Leave it out or replace it by "-"; docker/metadata-action makes tags of branch names.'
    )
  }
  if (domain !== undefined && !domainPattern.test(domain)) {
    return wrong(`"${domain}" is not a registry host`, 'Write the host as "ghcr.io" or "registry.example.com:5000".')
  }
  if (path === '') return wrong('the repository name is empty', 'Write it as "registry/name:tag".')
  if (path.length > LONGEST_PATH) return wrong(`the name is longer than ${LONGEST_PATH} characters`, 'Shorten it.')
  if (path !== path.toLowerCase()) {
    const lower = repositoryOf({ ...(domain === undefined ? {} : { domain }), path: path.toLowerCase() })
    return wrong('repository names are lower case', `Write "${lower}${text.slice(name.length)}".`)
  }
  if (domain === undefined && /^[0-9a-f]{64}$/.test(path)) {
    return wrong('64 hexadecimal digits are the id of an image, not a name', 'Write it as "registry/name:tag".')
  }
  const badComponent = path.split('/').find((component) => !pathComponentPattern.test(component))
  if (badComponent !== undefined) {
    return wrong(
      badComponent === '' ? 'a part of the name between two "/" is empty' : `"${badComponent}" is not a valid name`,
      'Name parts have lower-case letters and digits, separated by ".", "_", "__" or "-".'
    )
  }
  return {
    ok: true,
    reference: {
      ...(domain === undefined ? {} : { domain }),
      path,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest })
    }
  }
}

/** The repository a reference belongs to, as written: `domain/path`. */
export function repositoryOf(reference: Reference): string {
  return reference.domain === undefined ? reference.path : `${reference.domain}/${reference.path}`
}

/** Docker Hub under its names: those in references, the host that answers, and the key that logins are kept under. */
export const dockerHub = {
  name: 'docker.io',
  oldName: 'index.docker.io',
  host: 'registry-1.docker.io',
  loginKey: 'https://index.docker.io/v1/'
} as const

/** Whether a host is one of Docker Hub's names. */
export function isDockerHub(host: string): boolean {
  return [dockerHub.name, dockerHub.oldName, dockerHub.host].some((name) => name === host)
}

/**
 * The repository in the one form that all ways of writing it have: Docker Hub's name and `library/` are often left out.
 * The host that answers is another one to docker, so it stays.
 */
export function canonicalRepository({ domain = dockerHub.name, path }: Reference): string {
  const host = domain === dockerHub.oldName ? dockerHub.name : domain
  return `${host}/${host === dockerHub.name && !path.includes('/') ? `library/${path}` : path}`
}

/** The name with tag in that form: `docker.io/library/app:latest` of `app`; `undefined` for a text that is no reference. */
export function canonicalName(text: string): string | undefined {
  const reading = parseReference(text)
  return reading.ok ? `${canonicalRepository(reading.reference)}:${reading.reference.tag ?? 'latest'}` : undefined
}

/**
 * The name under which BuildKit looks for a context in the place of an image: without Docker Hub's host and without `latest`.
 * A text that is no reference stays as it is. https://github.com/moby/buildkit/blob/master/frontend/dockerui/namedcontext.go
 */
export function familiarName(text: string): string {
  const reading = parseReference(text)
  if (!reading.ok) return text
  const { domain = dockerHub.name, path, tag, digest } = reading.reference
  const isHub = domain === dockerHub.name || domain === dockerHub.oldName
  const name = isHub ? path.replace(/^library\/(?=[^/]+$)/, '') : `${domain}/${path}`
  if (digest !== undefined) return `${name}${tag === undefined ? '' : `:${tag}`}@${digest}`
  return tag === undefined || tag === 'latest' ? name : `${name}:${tag}`
}

/** The first part is a host if it looks like one: it has a dot or a port, is `localhost`, or has upper-case letters. */
function splitDomain(name: string): { domain?: string; path: string } {
  const [first = '', rest] = splitOnce(name, '/')
  const isHost = rest !== undefined && (/[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  return isHost ? { domain: first, path: rest } : { path: name }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)]
}

function wrong(problem: string, fix: string): ReferenceReading {
  return { ok: false, problem, fix }
}
