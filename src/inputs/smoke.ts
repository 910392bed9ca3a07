/** The grammars of `smoke`, `smoke-env` and `smoke-timeout`. */
import { didYouMean } from './grammar.js'

/** How an image is tried. */
export type SmokeProbe =
  /** Its own HEALTHCHECK must say that it is healthy. */
  | { readonly kind: 'healthy' }
  /** A GET of this port and path must be answered with a 2xx or 3xx. */
  | { readonly kind: 'http'; readonly port: number; readonly path: string }
  /** Started with these arguments it must end with exit code 0. */
  | { readonly kind: 'arguments'; readonly args: readonly string[] }

/** What is wrong with an input, and what to do; the shape of an input's problem without its name. */
export type Wrong = { readonly problem: string; readonly fix: string }

/** Reads `smoke`. */
export function parseSmoke(text: string): SmokeProbe | Wrong {
  const value = text.trim()
  if (value === 'healthy') return { kind: 'healthy' }
  if (/^https?:/i.test(value)) return parseURL(value)
  const forms = 'Use "healthy", a URL or arguments.'
  // A program of that name would pass whatever the image is.
  if (isSwitch(value)) return { problem: `"${value}" does not say how to test the image`, fix: forms }
  if (/^\w+:\/\/|^\/*:\d+(?:\/\S*)?$/.test(value)) {
    return { problem: `"${value}" is not an http URL`, fix: `${forms} ${EXAMPLE}` }
  }
  if (/^healthy\s/.test(value))
    return { problem: 'more follows "healthy"', fix: 'Write "healthy" alone, or one other form.' }
  const near = /^[A-Za-z]+$/.test(value) ? didYouMean(value, ['healthy']) : ''
  if (near !== '') return { problem: `"${value}" is not one of the accepted forms`, fix: `${forms}${near}` }
  return parseWords(value)
}

/** What YAML or a person takes for yes or no. */
export function isSwitch(value: string): boolean {
  return /^(?:true|false|yes|no|on|off|none|null|~)$/i.test(value)
}

const EXAMPLE = 'Write port and path, as in "http://:8080/healthz".'

function parseURL(value: string): SmokeProbe | Wrong {
  if (/^https:/i.test(value)) {
    return { problem: `"${value}" is https`, fix: `The probe reaches the container's own port, over http. ${EXAMPLE}` }
  }
  if (/\s/.test(value))
    return { problem: 'the URL has a space or a line end in it', fix: `Write one URL, and a space as %20. ${EXAMPLE}` }
  const [, host, port = '', path = ''] = /^http:\/\/([^/:?#@]*)(?::(\d+))?([/?#].*)?$/i.exec(value) ?? []
  if (host === undefined) return { problem: 'it is not a URL with a port and a path', fix: EXAMPLE }
  if (port === '') return { problem: `"${value}" has no port`, fix: EXAMPLE }
  if (!['', 'localhost', '127.0.0.1', '0.0.0.0'].includes(host)) {
    return { problem: `"${value}" names the host "${host}"`, fix: `The host is always the container. ${EXAMPLE}` }
  }
  const number = Number(port)
  if (number < 1 || number > 65535) return { problem: `${port} is not a port`, fix: EXAMPLE }
  // As a browser sends it: `ä` as %C3%A4, without what follows `#`.
  const { pathname, search } = new URL(`http://localhost${path}`)
  return { kind: 'http', port: number, path: `${pathname}${search}` }
}

/** Words as a shell splits them: quotes and backslashes, no variables, no globs and no operators. */
function parseWords(text: string): Extract<SmokeProbe, { kind: 'arguments' }> | Wrong {
  const words: string[] = []
  let rest = text.replaceAll(/\\\r?\n/g, ' ').trim()
  const shell = `To run a shell, write sh -c and put the command in quotes.`
  while (rest !== '') {
    const [word = ''] = /^(?:"(?:[^"\\]|\\[^])*"|'[^']*'|\\[^]|[^\s"'\\])+/.exec(rest) ?? []
    const next = rest.slice(word.length)
    if (word === '' || (next !== '' && !/^\s/.test(next))) {
      return { problem: 'a quote in it is never closed', fix: 'Close it, or write a backslash before it.' }
    }
    // The image would get them as arguments, which most programs leave unread.
    if (/^(?:[|&;<>]+|\d?>{1,2}(?:&\d|\S*))$|[^\\];$/.test(word)) {
      return {
        problem: `${word} means nothing without a shell`,
        fix: `Give the arguments of one program. ${shell}`
      }
    }
    if (/^[^\S\n]*\n/.test(next)) {
      return {
        problem: 'it has several lines',
        fix: `Give the arguments of one program, with a backslash before a line end. ${shell}`
      }
    }
    words.push(unquoted(word))
    rest = next.trimStart()
  }
  return { kind: 'arguments', args: words }
}

function unquoted(word: string): string {
  return word.replace(
    /"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])/g,
    (_all, double: string | undefined, single: string | undefined, escaped: string | undefined) =>
      double?.replace(/\\(["\\$`\n])/g, '$1') ?? single ?? escaped ?? ''
  )
}

/** Seconds of a duration such as `90s`, `2m`, `1m30s` or `1h`; `undefined` if it is none or longer than an hour. */
export function parseDuration(text: string): number | undefined {
  const [whole = '', hours = '0', minutes = '0', seconds = '0'] =
    /^(?:(\d{1,5})h)?\s*(?:(\d{1,5})m)?\s*(?:(\d{1,5})s?)?$/.exec(text.trim()) ?? []
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return whole === '' || total < 1 || total > 3600 ? undefined : total
}

/** A variable of `smoke-env`. */
export type SmokeVariable = { readonly name: string; readonly value: string }

/** One line of `smoke-env`: `NAME=VALUE`; the value is taken as it is. `undefined` if the name is none. */
export function parseVariable(line: string): SmokeVariable | undefined {
  const [, name, value] = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(line) ?? []
  return name === undefined || value === undefined ? undefined : { name, value }
}
