/** Parser directives, the comments at the very top: https://docs.docker.com/reference/dockerfile/#parser-directives */
import { asString, dig, parseJSON } from '../core/json.js'

export type Directives = {
  readonly syntax?: string
  /** Empty without one. */
  readonly check: string
  readonly escape: '\\' | '`'
}

/** The lines of a Dockerfile, without the mark of UTF-8 before the first: one character, or three where each byte is one. */
export function linesOf(text: string): readonly string[] {
  return text.replace(/^(?:\ufeff|\u00ef\u00bb\u00bf)/, '').split(/\r?\n/)
}

/**
 * The first line that is no directive ends them. `#!` may go before. Only the frontend is also told in the ways of other
 * languages, behind `//` and as a member of a JSON document.
 * https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/directives.go
 */
export function readDirectives(lines: readonly string[]): Directives {
  const own = lines[0]?.startsWith('#!') === true ? lines.slice(1) : lines
  const directives = directivesBehind(/^\s*#/, own)
  const syntax =
    (directives.get('syntax') ?? directivesBehind(/^\s*\/\//, own).get('syntax'))?.split(/\s/, 1)[0] ??
    asString(dig(parseJSON(own.join('\n')), 'syntax'))
  return {
    check: directives.get('check') ?? '',
    escape: directives.get('escape') === '`' ? '`' : '\\',
    ...(syntax === undefined ? {} : { syntax })
  }
}

/** Of two directives with one name the first counts. */
function directivesBehind(mark: RegExp, lines: readonly string[]): ReadonlyMap<string, string> {
  const directives = new Map<string, string>()
  for (const line of lines) {
    const comment = mark.test(line) ? line.replace(mark, '') : ''
    const [, name, value = ''] = /^\s*([A-Za-z][A-Za-z0-9]*)\s*=([^]+)$/.exec(comment) ?? []
    if (name === undefined) break
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), value.trim())
  }
  return directives
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
