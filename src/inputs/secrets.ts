/**
 * The grammar of `secrets`, `secret-envs` and `secret-files`.
 *
 * `secrets` is byte-exact and knows no quoting. Three forms, each starting on a line of its own:
 *
 *     ID=VALUE                 the value is the rest of the line, as it is
 *     ID<<END                  the value is every line up to a line that is just END (as in GITHUB_OUTPUT)
 *     "ID=VALUE"               build-push-action's form: the value may span lines, a quote is written twice
 *
 * A value that starts with `-----BEGIN ` goes on to its `-----END` line, so that a key can be pasted in as it is.
 */
import type { InputProblem } from '../build/failure.js'

/** A secret for the build, by its id, and where its value comes from. */
export type SecretSource =
  | { readonly id: string; readonly input: 'secrets'; readonly value: string }
  | { readonly id: string; readonly input: 'secret-envs'; readonly variable: string }
  | { readonly id: string; readonly input: 'secret-files'; readonly path: string }

type Reading = { readonly sources: readonly SecretSource[]; readonly problems: readonly InputProblem[] }

// BuildKit takes any id, but ids outside ASCII never reach the mount, and "," and quotes end the CSV field.
const idPattern = /^[A-Za-z0-9_.@:/ -]+$/

/** Parses the text of `secrets`. Problems name the line and the id, never a value. */
export function parseSecrets(text: string): Reading {
  const sources: SecretSource[] = []
  const problems: InputProblem[] = []
  const lines = text.split('\n')
  let at = 0
  const wrong = (problem: string, fix: string): void => {
    problems.push({ input: 'secrets', problem, fix })
  }
  const add = (id: string, value: string): void => {
    if (checkID('secrets', id, problems)) sources.push({ id, input: 'secrets', value })
  }

  while (at < lines.length) {
    const number = at + 1
    const line = lines[at] ?? ''
    at += 1
    if (line.trim() === '') continue

    if (line.startsWith('"')) {
      const quoted = readQuoted(lines, at - 1)
      if (quoted === undefined) {
        wrong(`the quote opened on line ${number} is never closed`, 'Close it, or use the form ID<<END.')
        break
      }
      at = quoted.next
      const entry = /^([^=]+)=([^]*)$/.exec(quoted.text)
      if (entry === null) wrong(`line ${number} has no "=" inside its quotes`, 'Write it as "ID=VALUE".')
      else add(entry[1] ?? '', entry[2] ?? '')
      continue
    }

    const heredoc = /^([^=<]+)<<(\S+)\r?$/.exec(line)
    if (heredoc !== null) {
      const [, id = '', end = ''] = heredoc
      const close = lines.findIndex((candidate, index) => index >= at && candidate.replace(/\r$/, '') === end)
      if (close < 0) {
        wrong(`the value of "${id}" (line ${number}) has no closing line "${end}"`, `Add a line that is just ${end}.`)
        break
      }
      add(id, lines.slice(at, close).join('\n'))
      at = close + 1
      continue
    }

    const plain = /^([^=]+)=([^]*)$/.exec(line)
    if (plain === null || !idPattern.test(plain[1] ?? '')) {
      wrong(
        `line ${number} is not ID=VALUE`,
        'If the value above it spans several lines, give it as secret-envs (ID=VARIABLE, with the value in env:) or between ID<<END and END.'
      )
      continue
    }
    const [, id = '', first = ''] = plain
    const isBlock = /^-----BEGIN /.test(first) && !/-----END /.test(first)
    const close = isBlock ? lines.findIndex((candidate, index) => index >= at && /^-----END /.test(candidate)) : -1
    if (close < 0) {
      add(id, first)
      continue
    }
    // A key's file ends with a new line; text pasted through an expression has lost it.
    add(id, `${[first, ...lines.slice(at, close + 1)].join('\n')}\n`)
    at = close + 1
  }
  return { sources, problems }
}

/** Parses `secret-envs` (`ID=VARIABLE`, or `ID` for a variable of the same name) and `secret-files` (`ID=PATH`). */
export function parseSecretList(input: 'secret-envs' | 'secret-files', entries: readonly string[]): Reading {
  const sources: SecretSource[] = []
  const problems: InputProblem[] = []
  for (const entry of entries) {
    const equals = entry.indexOf('=')
    const id = equals < 0 ? entry : entry.slice(0, equals)
    const rest = equals < 0 ? entry : entry.slice(equals + 1)
    if (!checkID(input, id, problems)) continue
    if (input === 'secret-envs') {
      if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(rest)) sources.push({ id, input, variable: rest })
      else {
        problems.push({
          input,
          problem: `"${id}": what follows "=" is not the name of an environment variable`,
          fix: 'Write ID=VARIABLE and put the value into the step\'s env: block. The value itself does not belong here.'
        })
      }
    } else if (equals < 0 || rest === '') {
      problems.push({ input, problem: `"${id}" names no file`, fix: 'Write ID=PATH.' })
    } else sources.push({ id, input, path: rest })
  }
  return { sources, problems }
}

function checkID(input: string, id: string, problems: InputProblem[]): boolean {
  if (idPattern.test(id) && id.trim() === id && id !== '') return true
  problems.push({
    input,
    problem: id.trim() === '' ? 'an id before "=" is empty' : `an id is not usable: it has characters outside A-Z a-z 0-9 _ . @ : / -`,
    fix: 'The id is the name in RUN --mount=type=secret,id=NAME.'
  })
  return false
}

/** A double-quoted field that starts on line `start`; a doubled quote stands for one. */
function readQuoted(lines: readonly string[], start: number): { text: string; next: number } | undefined {
  let text = ''
  for (let index = start; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    const part = index === start ? line.slice(1) : line
    const closed = /^((?:[^"]|"")*)"\s*$/.exec(part)
    text += (index === start ? '' : '\n') + (closed?.[1] ?? part)
    if (closed !== null) return { text: text.replaceAll('""', '"'), next: index + 1 }
  }
  return undefined
}
