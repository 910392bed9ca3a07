/**
 * What the runner could take for a workflow command, by the rules of its parser: `::name …::` at the start of a line,
 * after white space, and the older `##[name …]` anywhere in it. It compares as .NET does by default, which passes over
 * characters without width, and it ends lines at a lone carriage return, too.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */

/** Whatever is not a visible character of ASCII: more than the runner passes over, in every version of Unicode. */
const passedOver = '[^\\x21-\\x7e]*'
const v2 = new RegExp(`:${passedOver}:`)
const v1 = new RegExp(`#${passedOver}#${passedOver}\\[`)
const v1s = new RegExp(`(#${passedOver}#${passedOver})\\[`, 'g')

/** Whether text could be, or hold, a command. In doubt it could: `a::b` is none, and yet stopping commands does no harm. */
export function mayCommand(text: string): boolean {
  return v2.test(text) || v1.test(text)
}

/**
 * Text for inside of a command of ours, such as an annotation's message. There the runner reads the older form only if it
 * does not know our command, as an old one may not know `notice`; so the mark is broken up.
 */
export function breakMarks(text: string): string {
  return text.replace(v1s, '$1\\[')
}
