/** Parser directives, the comments at the very top: https://docs.docker.com/reference/dockerfile/#parser-directives */

export type Directives = {
  readonly syntax?: string
  /** Empty without one. */
  readonly check: string
  readonly escape: '\\' | '`'
}

/** The first line that is no directive ends them. `#!` may go before; `//` marks the syntax of other languages. */
export function readDirectives(lines: readonly string[]): Directives {
  const own = lines[0]?.startsWith('#!') === true ? lines.slice(1) : lines
  const directives = new Map<string, string>()
  for (const line of own) {
    const [, name, value = ''] = /^\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(line) ?? []
    if (name === undefined) break
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), value)
  }
  const slashed = /^\s*\/\/\s*syntax\s*=\s*(.+?)\s*$/i.exec(own[0] ?? '')?.[1]
  const syntax = directives.get('syntax')?.split(/\s/)[0] ?? slashed
  return {
    check: directives.get('check') ?? '',
    escape: directives.get('escape') === '`' ? '`' : '\\',
    ...(syntax === undefined ? {} : { syntax })
  }
}

/**
 * The rules that a Dockerfile says to ignore, as BuildKit reads it: names as written, `all` for every one. The build
 * argument BUILDKIT_DOCKERFILE_CHECK takes the directive's place. Unknown names are no error to BuildKit.
 * https://docs.docker.com/reference/dockerfile/#check
 */
export function ignoredRules(check: string): ReadonlySet<string> {
  const values = check.split(';').map((part) => /^\s*skip\s*=(.*)$/i.exec(part)?.[1] ?? '')
  return new Set(values.flatMap((value) => value.split(',').map((name) => name.trim())).filter((name) => name !== ''))
}
