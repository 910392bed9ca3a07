/** Advice on tests that pass although they failed. */
import { chainOf, wordsOf, type Instruction } from '../dockerfile/index.js'
import type { Found, OnBuild } from './rule.js'

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
      const { keyword, rest, heredocs, line } = instruction
      if (keyword === 'SHELL') shell = shellOf(instruction)
      // PowerShell and others have rules of their own.
      if (keyword !== 'RUN' || rest.startsWith('[') || !isShell(shell)) return []
      const [heredoc] = heredocs
      const script = heredoc === undefined ? rest : heredoc.content
      const first = script.trimStart().split('\n', 1)[0] ?? ''
      const options = /(?:^|[\s;])set\s+[^\n;&|]*/g
      const set = [shell, first.startsWith('#!') ? first : '', ...(script.match(options) ?? [])].join(' ')
      const found: Found[] = []
      if (
        heredoc !== undefined &&
        rest.startsWith('<<') &&
        !isOtherProgram(first) &&
        !/\s-\w*e|\berrexit\b/.test(set)
      ) {
        const commands = script
          .replace(/(\\|&&|\|\|?)[ \t]*\n/g, '$1 ')
          .split('\n')
          .filter((each) => !/^\s*(?:#|$)/.test(each))
        if (commands.slice(0, -1).some((each) => !/\|\|\s*(?:exit|return)\b/.test(each))) {
          found.push({
            rule: 'HeredocWithoutErrexit',
            subject: String(line),
            message: 'A command of this heredoc may fail and the test passes: only the last one counts',
            fix: 'Begin the heredoc with `set -e`.',
            line
          })
        }
      }
      // What a heredoc hands to another program is no command of the shell.
      const isHandedOn = heredoc !== undefined && !rest.startsWith('<<') && !isShell(rest)
      const piped = isHandedOn ? rest : isOtherProgram(first) ? '' : script
      if (hasPipe(piped) && !set.includes('pipefail')) {
        found.push({
          rule: 'PipeHidesFailure',
          subject: String(line),
          message: 'A test that ends in a pipe passes when the command before the pipe fails',
          fix: 'Set the option for this stage with `SHELL ["/bin/bash", "-eo", "pipefail", "-c"]`, or run the command without the pipe.',
          line
        })
      }
      return found
    })
  })
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

/** A `|` between two commands, outside of quotes; `||` is none, and what only feeds a command hides nothing. */
function hasPipe(script: string): boolean {
  const plain = script
    .replace(/\\[^]/g, '')
    .replace(/'[^']*'|"[^"]*"/g, '')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    // The patterns of a `case`: `a|b)`. Without the bracket it is a pipe, which is passed over as a whole.
    .replace(/(^|[\s;])[\w*.?-]+(?:\s*\|\s*[\w*.?-]+)+(\s*\))?/g, (all, before: string, end?: string) =>
      end === undefined ? all : before
    )
  return plain
    .split(/\|\||&&|[;\n]/)
    .map((command) => command.replace(/^\s*(?:(?:if|elif|while|until|then|do|else|!)\s+)*/, ''))
    .some((command) => /\S\s*\|&?\s*\S/.test(command) && !/^(?:echo|printf|yes|cat)\b/.test(command))
}
