/** What to do about a program that a step did not find, and about a script that has Windows line ends. */
import { inline } from '../format/markdown.js'
import type { BuildView } from '../model.js'
import type { Remedy } from './remedy.js'

const LINE_ENDS = 'Windows line ends (CRLF)'
const TO_UNIX = '`*.sh text eol=lf` in `.gitattributes` and `git add --renormalize .` take them away.'

/**
 * The words of bash, dash, busybox, zsh and env where a carriage return is a part of a name. The one behind `Illegal option -`
 * ends the line, and is not seen.
 */
const CARRIAGE_RETURN =
  /\^M: bad interpreter|bad interpreter: \S*\^M|\\r['"’`]?: (?:No such file|not found|invalid option)|\$'[^'\n]{0,500}\\r'|illegal option -$/im

/** What to do about a step whose words show that a script has carriage returns; `undefined` for all others. */
export function lineEndRemedy(words: string): Remedy | undefined {
  if (!CARRIAGE_RETURN.test(words)) return undefined
  return { sentence: `A script has ${LINE_ENDS}: the shell takes the carriage return for a part of a name. ${TO_UNIX}` }
}

/** A path, and what was not found: the file, or, where it is there, the program in its first line. */
const NOT_FOUND: readonly (readonly [text: RegExp, what: 'file' | 'program' | 'either'])[] = [
  // runc looks for the file first. https://github.com/opencontainers/runc
  [/exec: "([^"\n]+)": stat [^:\n]+: no such file or directory/, 'file'],
  [/^exec ([^\s:]+): no such file or directory$/m, 'program'],
  [/(?:^|\s)([^\s:]+): cannot execute: required file not found/, 'program'],
  [/(?:^|\s)(\.{0,2}\/[^\s:]*): (?:not found|No such file or directory)$/m, 'either']
]

/** What to do about a file that could not be run as it, or the program in its first line, is not there. */
export function notFoundRemedy(
  { steps }: Pick<BuildView, 'steps'>,
  exitCode: number | undefined,
  words: string
): Remedy | undefined {
  const wasCopied = steps.some(({ instruction }) => /^(?:COPY|ADD)\s/i.test(instruction))
  for (const [text, what] of NOT_FOUND) {
    const path = text.exec(words)?.[1]
    if (path === undefined || (what === 'either' && exitCode !== 127)) continue
    const file = `\`${inline(path).replaceAll('`', '')}\``
    if (what === 'file')
      return { sentence: `${file} is not in this stage. Check the path, and the step that makes it.` }
    const crlf = wasCopied
      ? ` A script that was copied may have ${LINE_ENDS}, which make that another name; ${TO_UNIX}`
      : ''
    return {
      sentence:
        what === 'program'
          ? `${file} is there, but not the program that its first line names, or the loader it is linked with. Is it installed in this stage?${crlf}`
          : `Exit code 127: ${file} was not found. Is it in this stage, and the program that its first line names?${crlf}`
    }
  }
  return undefined
}
