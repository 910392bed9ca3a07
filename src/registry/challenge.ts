/** What a registry wants to see: https://distribution.github.io/distribution/spec/auth/token/ */

/** One way to log in, as `WWW-Authenticate` names it (RFC 9110, section 11.6.1). */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer'
      readonly realm: string
      readonly service?: string
      /** As the registry writes them: `repository:acme/app:pull`. */
      readonly scopes: readonly string[]
    }

/** Reads the header; of several challenges the one that says most. `undefined` where there is none we could answer. */
export function readChallenge(header: string): Challenge | undefined {
  const starts = [...header.matchAll(/(?:^|,)\s*(basic|bearer)(?=\s|,|$)/gi)]
  const challenges = starts.map((start, at) => ({
    scheme: (start[1] ?? '').toLowerCase(),
    text: header.slice(start.index + start[0].length, starts[at + 1]?.index)
  }))
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  const parameters = readParameters(bearer?.text ?? '')
  const realm = parameters.get('realm')
  if (realm !== undefined && URL.canParse(realm)) {
    const service = parameters.get('service')
    return {
      scheme: 'bearer',
      realm,
      ...(service === undefined ? {} : { service }),
      scopes: (parameters.get('scope') ?? '').split(' ').filter((scope) => scope !== '')
    }
  }
  return challenges.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : undefined
}

function readParameters(text: string): ReadonlyMap<string, string> {
  const pairs = text.matchAll(/(?<![\w-])([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)
  return new Map(
    [...pairs].map(([, name = '', quoted, bare = '']) => [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare])
  )
}

/** Scopes with those of one repository made one, so that a token service is asked for each once. */
export function mergeScopes(scopes: readonly string[]): readonly string[] {
  const merged = new Map<string, Set<string>>()
  for (const scope of scopes) {
    const end = scope.lastIndexOf(':')
    const actions = merged.get(scope.slice(0, end)) ?? new Set<string>()
    for (const action of scope.slice(end + 1).split(',')) actions.add(action)
    merged.set(scope.slice(0, end), actions)
  }
  return [...merged].map(([resource, actions]) => `${resource}:${[...actions].sort().join(',')}`)
}
