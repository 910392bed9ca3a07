/** Advice on tests that pass although they failed. */
import { chainOf, wordsOf, type Instruction } from '../dockerfile/index.js'
import type { Found, OnBuild } from './rule.js'
import { hidesFailure, plainScript } from './shell_text.js'

/**
 * Test steps whose failure nobody sees. `sh` goes by the last command of a pipe and of a heredoc's lines, so the gate
 * passes although the tests failed. https://docs.docker.com/build/building/best-practices/#using-pipes
 */
export const hiddenFailures: OnBuild = ({ subject: { testTargets }, dockerfile }) => {
  const stages = new Set(testTargets.flatMap((test) => chainOf(dockerfile, test).slice(0, 1)))
  return [...stages].flatMap(({ name, index, instructions }) => {
    const [, ...parents] = chainOf(dockerfile, name ?? String(index))
    const inherited = parents.flatMap(
      (parent) => parent.instructions.findLast(({ keyword }) => keyword === 'SHELL') ?? []
    )
    let shell = inherited[0] === undefined ? 'sh -c' : shellOf(inherited[0])
    return instructions.flatMap((instruction): readonly Found[] => {
      const { keyword, rest, line } = instruction
      if (keyword === 'SHELL') shell = shellOf(instruction)
      // PowerShell and others have rules of their own.
      if (keyword !== 'RUN' || rest.startsWith('[') || !isShell(shell)) return []
      const { command, script, interpreter } = readRun(instruction, shell)
      const found: Found[] = []
      if (script !== undefined && !/\s-\w*e|\berrexit\b/.test(`${interpreter} ${optionsSet(script)}`)) {
        if (hidesFailure(script)) {
          found.push({
            rule: 'HeredocWithoutErrexit',
            subject: String(line),
            message: 'A command of this heredoc may fail and the test passes: only the last one counts',
            fix: 'Begin the heredoc with `set -e`.',
            line
          })
        }
      }
      const hides = (text: string, by: string): boolean =>
        hasPipe(text) && !`${by} ${optionsSet(text)}`.includes('pipefail')
      if (hides(command, shell) || (script !== undefined && hides(script, interpreter))) {
        found.push({
          rule: 'PipeHidesFailure',
          subject: String(line),
          message: 'A test that ends in a pipe passes when the command before the pipe fails',
          fix: pipeFix(shell),
          line
        })
      }
      return found
    })
  })
}

/** A RUN in its parts: the command line without its heredocs, and the script that a shell reads, with what runs it. */
type Run = { readonly command: string; readonly script?: string; readonly interpreter: string }

function readRun({ rest, heredocs: [heredoc] }: Instruction, shell: string): Run {
  if (heredoc === undefined) return { command: rest, interpreter: shell }
  const command = rest.replace(/(^|\s)\d*<<-?\s*(?:"[^"]*"|'[^']*'|[^\s<]+)/g, '$1').trim()
  const script = heredoc.content
  if (command !== '') {
    // What a heredoc hands to another program is no command of the shell.
    return readsScript(command) ? { command, script, interpreter: command } : { command, interpreter: shell }
  }
  const first = script.trimStart().split('\n', 1)[0] ?? ''
  if (isOtherProgram(first)) return { command, interpreter: first }
  return { command, script, interpreter: first.startsWith('#!') ? `${shell} ${first}` : shell }
}

/** `bash -e`, which reads its commands from its input; with a file or `-c` it has them from there. */
function readsScript(command: string): boolean {
  if (!isShell(command)) return false
  const words = (command.split(/[;&|<>]/, 1)[0] ?? '')
    .replace(/^\s*(?:\S*\/)?env\s+/, '')
    .trim()
    .split(/\s+/)
    .slice(1)
  return words.every((word, at) =>
    /^[-+]/.test(word) ? !/^-[a-z]*c/i.test(word) : /^[-+]\w*o$/i.test(words[at - 1] ?? '')
  )
}

/** What `set` says in a script. */
function optionsSet(script: string): string {
  return (script.match(/(?:^|[\s;])set\s+[^\n;&|]*/g) ?? []).join(' ')
}

/** Which shells an image has is not known, but for the one that the Dockerfile names. */
function pipeFix(shell: string): string {
  const bash = /^(\S*\bbash)(?:\s|$)/.exec(shell)?.[1]
  const line = `\`SHELL ["${bash ?? '/bin/bash'}", "-eo", "pipefail", "-c"]\``
  return bash === undefined
    ? `Run the command without the pipe, or, if the image of the stage has bash, set the option with ${line}.`
    : `Set the option for this stage with ${line}, or run the command without the pipe.`
}

function shellOf({ rest }: Instruction): string {
  return wordsOf(rest).join(' ')
}

function isShell(shell: string): boolean {
  return /^(?:\S*\/)?(?:env\s+(?:\S*\/)?)?(?:ba|da|a|k|z|mk)?sh(?:\s|$)/.test(shell)
}

/** `#!/usr/bin/env python3`: not a shell. */
function isOtherProgram(first: string): boolean {
  return first.startsWith('#!') && !/\b(?:ba|da|a|k|z)?sh\b/.test(first)
}

/** A `|` between two commands; `||` is none, and what only feeds a command hides nothing. */
function hasPipe(script: string): boolean {
  const plain = plainScript(script)
    // The patterns of a `case`: `a|b)`. Without the bracket it is a pipe, which is passed over as a whole.
    .replace(/(^|[\s;])[\w*.?-]+(?:\s*\|\s*[\w*.?-]+)+(\s*\))?/g, (all, before: string, end?: string) =>
      end === undefined ? all : before
    )
  return plain
    .split(/\|\||&&|[;\n]/)
    .map((command) => command.replace(/^\s*(?:(?:if|elif|while|until|then|do|else|!)\s+)*/, ''))
    .some((command) => /\S\s*\|&?\s*\S/.test(command) && !/^(?:echo|printf|yes|cat)\b/.test(command))
}
