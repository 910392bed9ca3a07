/** Variables of `FROM`: they take the values of the `ARG`s above the first stage, which `build-args` can set. */
import { splitPair } from '../core/pair.js'
import { BEYOND_A_REFERENCE } from '../core/reference.js'
import type { Dockerfile } from './parse.js'
import { unquote, wordsOf } from './words.js'

/** Values of `--build-arg`, by name. */
export type BuildArguments = ReadonlyMap<string, string>

/** Reads `NAME=VALUE` entries; one without a value takes it from the environment, so it is not known here. */
export function readArguments(entries: readonly string[]): BuildArguments {
  return new Map(
    entries.flatMap((entry): readonly [string, string][] => {
      const { name, value } = splitPair(entry)
      return value === undefined ? [] : [[name, value]]
    })
  )
}

/** The names that `ARG` declares, above all stages and in them. */
export function declaredArguments({ instructions }: Dockerfile): ReadonlySet<string> {
  return new Set(
    instructions
      .filter(({ keyword }) => keyword === 'ARG')
      .flatMap(({ rest }) => wordsOf(rest))
      .map((word) => splitPair(word).name)
  )
}

/**
 * Tells whether a name, in whatever case, is one that a `FROM` can mean. It is the very text where all values are known;
 * where the builder alone knows one (TARGETARCH), that place fits anything.
 */
export function meaningOf(text: string, dockerfile: Dockerfile, given: BuildArguments): (name: string) => boolean {
  const pieces: [string, ...string[]] = ['']
  for (const part of split(text, globalValues(dockerfile, given))) {
    if (part === undefined) pieces.push('')
    else pieces.push(`${pieces.pop() ?? ''}${part.toLowerCase()}`)
  }
  return (name) => hasPieces(name.toLowerCase(), pieces)
}

/** A text of `FROM` with the values of its variables; `undefined` where one is not known here. */
export function valueOfText(text: string, dockerfile: Dockerfile, given: BuildArguments): string | undefined {
  return expand(text, globalValues(dockerfile, given))
}

type Values = ReadonlyMap<string, string | undefined>

const known = new WeakMap<Dockerfile, WeakMap<BuildArguments, Values>>()

/** The values above the first stage, found once: each stage of a file can ask for them. */
function globalValues(dockerfile: Dockerfile, given: BuildArguments): Values {
  const values = known.get(dockerfile)?.get(given) ?? readValues(dockerfile, given)
  known.set(dockerfile, (known.get(dockerfile) ?? new WeakMap()).set(given, values))
  return values
}

/** `undefined` is a value that is not known here; a name that is absent is an empty value to BuildKit. */
function readValues({ instructions }: Dockerfile, given: BuildArguments): Values {
  const values = new Map<string, string | undefined>(platformVariables.map((name) => [name, undefined]))
  for (const { keyword, rest, stage } of instructions) {
    if (stage >= 0) break
    if (keyword !== 'ARG') continue
    for (const word of wordsOf(rest)) {
      const { name, value } = splitPair(word)
      const set = given.get(name)
      if (set !== undefined) values.set(name, set)
      else if (value !== undefined) values.set(name, expand(unquote(value), values))
      else if (!values.has(name)) values.set(name, '')
    }
  }
  return values
}

/** `undefined` where it has a variable that is not known. */
function expand(text: string, values: Values): string | undefined {
  const parts = split(text, values)
  return parts.every((part) => part !== undefined) ? parts.join('') : undefined
}

/** Whether a text is made of pieces in their order, with anything between two of them. */
function hasPieces(text: string, [first, ...others]: readonly [string, ...string[]]): boolean {
  const last = others.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const piece of others) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return text.length - at >= last.length && text.endsWith(last)
}

/**
 * The text in pieces: literal ones, and `undefined` for each that is not known. Values are put together from values, and
 * can double in each line: one piece that is not known is all there is of a text that grows beyond what a `FROM` can mean.
 */
function split(text: string, values: Values): readonly (string | undefined)[] {
  // Behind the last brace that closes, "${" begins no variable; its end would be looked for from each of them.
  const end = text.lastIndexOf('}') + 1
  const most = Math.max(text.length, BEYOND_A_REFERENCE)
  const parts: (string | undefined)[] = []
  let length = 0
  for (const [variable, half] of [
    [/(\$\{[^}]*\}|\$\w+)/, text.slice(0, end)],
    [/(\$\w+)/, text.slice(end)]
  ] as const) {
    for (const [index, written] of half.split(variable).entries()) {
      const part = index % 2 === 0 ? written : valueOf(written, values)
      length += part?.length ?? 0
      if (length > most) return [undefined]
      parts.push(part)
    }
  }
  return parts
}

/** The value of `$NAME`, `${NAME}` or `${NAME:-word}`. */
function valueOf(variable: string, values: Values): string | undefined {
  const [, name = '', rest = ''] = /^\$\{?(\w+)([^}]*)\}?$/.exec(variable) ?? []
  const value = values.has(name) ? values.get(name) : ''
  if (rest === '') return value
  const [, operator = '', word = ''] = /^(:?[-+])(.*)$/s.exec(rest) ?? []
  if (operator === '' || (value === undefined && values.has(name))) return undefined
  const isSet = operator.startsWith(':') ? value !== '' : values.has(name)
  if (operator.endsWith('-')) return isSet ? value : expand(word, values)
  return isSet ? expand(word, values) : ''
}

/** https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
const platformVariables = ['BUILD', 'TARGET']
  .flatMap((side) => ['PLATFORM', 'OS', 'ARCH', 'VARIANT'].map((what) => `${side}${what}`))
  .concat('TARGETSTAGE')
