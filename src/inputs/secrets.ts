/**
 * The grammar of `secrets`, `secret-envs` and `secret-files`.
 *
 * `secrets` is byte-exact and knows no quoting. Three forms, each starting on a line of its own:
 *
 *     ID=VALUE                 the value is the rest of the line, as it is
 *     ID<<END                  the value is every line up to a line that is just END (as in GITHUB_OUTPUT)
 *     "ID=VALUE"               build-push-action's form: the value may span lines, a quote is written twice
 *
 * A value that starts with `-----BEGIN ` goes on to its `-----END` line, and over all such blocks that follow at once, so
 * that a key or a chain of certificates can be pasted in as it is.
 */
import { splitPair } from '../core/pair.js'
import type { InputProblem } from '../core/problem.js'

/** A secret for the build, by its id, and where its value comes from. */
export type SecretSource =
  | { readonly id: string; readonly input: 'secrets'; readonly value: string }
  | { readonly id: string; readonly input: 'secret-envs'; readonly variable: string }
  | { readonly id: string; readonly input: 'secret-files'; readonly path: string }

type Reading = { readonly sources: readonly SecretSource[]; readonly problems: readonly InputProblem[] }

// BuildKit takes any id, but ids outside ASCII never reach the mount, and "," and quotes end the CSV field.
const idPattern = /^[A-Za-z0-9_.@:/ -]+$/

/** For a line that is the rest of a value: what an expression stands for may have any number of them. */
const severalLines =
  'If the value above it spans several lines, give it as secret-envs (ID=VARIABLE, with the value in env:) or between ID<<END and END.'

/** Parses the text of `secrets`. Problems name the line and the id, never a value. */
export function parseSecrets(text: string): Reading {
  const sources: SecretSource[] = []
  const problems: InputProblem[] = []
  const lines = text.split('\n')
  let at = 0
  const wrong = (problem: string, fix: string): void => {
    problems.push({ input: 'secrets', problem, fix })
  }
  const add = (id: string, value: string, number: number): void => {
    if (checkID('secrets', id, `line ${number}`, problems)) sources.push({ id, input: 'secrets', value })
  }

  while (at < lines.length) {
    const number = at + 1
    const line = (lines[at] ?? '').replace(/^[ \t]+/, '')
    at += 1
    if (line.trim() === '') continue

    if (line.startsWith('"')) {
      const quoted = readQuoted([line, ...lines.slice(at)])
      if (quoted === undefined) {
        const fix = number === 1 ? 'Close it, or use the form ID<<END.' : `Close it. ${severalLines}`
        wrong(`the quote opened on line ${number} is never closed`, fix)
        break
      }
      at += quoted.lines - 1
      const entry = /^([^=]+)=([^]*)$/.exec(quoted.text)
      if (entry === null) wrong(`line ${number} has no "=" inside its quotes`, 'Write it as "ID=VALUE".')
      else add(entry[1] ?? '', entry[2] ?? '', number)
      continue
    }

    const heredoc = /^([^=<]+)<<(\S+)\r?$/.exec(line)
    if (heredoc !== null) {
      const [, id = '', end = ''] = heredoc
      const close = lines.findIndex((candidate, index) => index >= at && candidate.replace(/\r$/, '') === end)
      if (close < 0) {
        // Not quoted here: what looks like ID<<END may be a line of somebody's value.
        wrong(
          `the value that opens with "<<" on line ${number} is never closed`,
          'End it with a line that is just the word after "<<".'
        )
        break
      }
      add(id, lines.slice(at, close).join('\n'), number)
      at = close + 1
      continue
    }

    const plain = /^([^=]+)=([^]*)$/.exec(line)
    const strange = strangeForm(line, number)
    if (strange !== undefined) {
      wrong(strange.problem, strange.fix)
      break
    }
    if (plain === null || !idPattern.test(plain[1] ?? '') || looksLikeBase64(line)) {
      wrong(`line ${number} is not ID=VALUE`, `An id has only A-Z a-z 0-9 _ . @ : / -. ${severalLines}`)
      break // What follows is probably the rest of that value, and no part of it may be taken for an id and shown.
    }
    const [, id = '', first = ''] = plain
    const close = first.startsWith('-----BEGIN ') && !first.includes('-----END ') ? endOfBlocks(lines, at) : undefined
    if (close === undefined) {
      add(id, first, number)
      continue
    }
    // A key's file ends with a new line; text pasted through an expression has lost it.
    add(id, `${[first, ...lines.slice(at, close)].join('\n')}\n`, number)
    at = close
  }
  return { sources, problems }
}

/** A line that means something elsewhere: a comment, an entry of a YAML list, an attribute list of `docker build`. */
function strangeForm(line: string, number: number): Pick<InputProblem, 'problem' | 'fix'> | undefined {
  if (/^#(?:\s|$)/.test(line)) {
    return {
      problem: `line ${number} is a comment`,
      fix: 'Remove it: values are taken as they are, so the input has no comments.'
    }
  }
  if (line.startsWith('- ')) {
    return { problem: `line ${number} is an entry of a YAML list`, fix: 'The input is text: write ID=VALUE.' }
  }
  if (!hasAttributes(line)) return undefined
  return {
    problem: `line ${number} is written as for "docker build --secret"`,
    fix: 'Write ID=VALUE here, ID=VARIABLE in secret-envs or ID=PATH in secret-files.'
  }
}

/** `id=npm,src=.npmrc` or `id=npm,env=TOKEN`. */
function hasAttributes(entry: string): boolean {
  return /^(?:type=(?:file|env),)?id=[^,=]+,(?:src|source|env)=[^,=]+\r?$/.test(entry)
}

/** The comma of `id=npm,env=TOKEN` separates entries in `secret-envs`, where nobody means secrets called "id" and "env". */
function rejoin(entries: readonly string[]): readonly string[] {
  return entries.reduce<readonly string[]>((before, entry) => {
    const both = `${before.at(-1) ?? ''},${entry}`
    return hasAttributes(both) ? [...before.slice(0, -1), both] : [...before, entry]
  }, [])
}

/** Index after the `-----END` line of the block that began before `at`, and of blocks that follow it at once. */
function endOfBlocks(lines: readonly string[], at: number): number | undefined {
  const close = lines.findIndex((line, index) => index >= at && line.startsWith('-----END '))
  if (close < 0) return undefined
  return lines[close + 1]?.startsWith('-----BEGIN ') === true ? (endOfBlocks(lines, close + 2) ?? close + 1) : close + 1
}

/** The last line of some base64, whose padding would pass for the "=" of `ID=`. */
function looksLikeBase64(line: string): boolean {
  return /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9+/]{16,}={1,2}\r?$/.test(line)
}

/** Parses `secret-envs` (`ID=VARIABLE`, or `ID` for a variable of the same name) and `secret-files` (`ID=PATH`). */
export function parseSecretList(input: 'secret-envs' | 'secret-files', entries: readonly string[]): Reading {
  const sources: SecretSource[] = []
  const problems: InputProblem[] = []
  for (const [index, entry] of (input === 'secret-envs' ? rejoin(entries) : entries).entries()) {
    const { name: id, value } = splitPair(entry)
    if (hasAttributes(entry)) {
      const problem = `entry ${index + 1} is written as for "docker build --secret"`
      problems.push({
        input,
        problem,
        fix: `Write ${input === 'secret-envs' ? 'ID=VARIABLE' : 'ID=PATH'} in one line.`
      })
      continue
    }
    if (!checkID(input, id, `entry ${index + 1}`, problems)) continue
    if (input === 'secret-envs') {
      const variable = value ?? id
      if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) sources.push({ id, input, variable })
      else {
        problems.push({
          input,
          problem: `"${id}": what follows "=" is not the name of an environment variable`,
          fix: "Write ID=VARIABLE and put the value into the step's env: block. The value itself does not belong here."
        })
      }
    } else if (value === undefined || value === '') {
      problems.push({ input, problem: `"${id}" names no file`, fix: 'Write ID=PATH.' })
    } else sources.push({ id, input, path: value })
  }
  return { sources, problems }
}

/** The id itself is not shown: where something is wrong with it, it may be a part of a value. */
function checkID(input: string, id: string, where: string, problems: InputProblem[]): boolean {
  if (idPattern.test(id) && id.trim() === id && id !== '') return true
  const problem =
    id.trim() === ''
      ? 'the id before "=" is empty'
      : idPattern.test(id)
        ? 'there is white space around the id'
        : 'the id has characters outside A-Z a-z 0-9 _ . @ : / -'
  problems.push({
    input,
    problem: `${where}: ${problem}`,
    fix: 'The id is the name in RUN --mount=type=secret,id=NAME.'
  })
  return false
}

/** A double-quoted field at the start of the lines, and how many it takes; a doubled quote stands for one. */
function readQuoted(lines: readonly string[]): { readonly text: string; readonly lines: number } | undefined {
  const parts: string[] = []
  for (const [index, line] of lines.entries()) {
    const part = index === 0 ? line.slice(1) : line
    const closed = /^((?:[^"]|"")*)"\s*$/.exec(part)
    parts.push(closed?.[1] ?? part)
    if (closed !== null) return { text: parts.join('\n').replaceAll('""', '"'), lines: index + 1 }
  }
  return undefined
}
