/** What was edited in an instruction, where the whole of it would hide that. */
import { briefInstruction } from './instruction.js'
import { code, inline } from './markdown.js'

/** Characters of one side that are shown. */
const MOST_SHOWN = 60

/** What an instruction had, and what it has in the same place; either may be empty. */
type Edit = { readonly was: string; readonly is: string }

/**
 * The words between the common beginning and end of two instructions; `undefined` where all words are the same. What the
 * brief form leaves out counts where nothing else differs.
 */
export function editOf(before: string, now: string): Edit | undefined {
  const brief = wordsBetween(briefInstruction(before), briefInstruction(now))
  const edit = brief ?? wordsBetween(before, now)
  return edit === undefined || edit.was.slice(0, MOST_SHOWN) !== edit.is.slice(0, MOST_SHOWN) ? edit : narrowed(edit)
}

/** "`b`, was `a`", "`b` was added", "`a` was removed". */
export function editWords({ was, is }: Edit): string {
  if (was === '') return `${code(is, MOST_SHOWN)} was added`
  return is === '' ? `${code(was, MOST_SHOWN)} was removed` : `${code(is, MOST_SHOWN)}, was ${code(was, MOST_SHOWN)}`
}

/** Whether a reader who is shown the beginnings of both sees that they differ. */
export function looksOther(before: string, now: string, shown: number): boolean {
  const start = (instruction: string): string => inline(briefInstruction(instruction)).slice(0, shown)
  return start(before) !== start(now)
}

function wordsBetween(before: string, now: string): Edit | undefined {
  const [old, words] = [before.trim().split(/\s+/), now.trim().split(/\s+/)]
  const least = Math.min(old.length, words.length)
  let start = 0
  while (start < least && old[start] === words[start]) start += 1
  let end = 0
  while (end < least - start && old.at(-1 - end) === words.at(-1 - end)) end += 1
  const part = (list: readonly string[]): string => list.slice(start, list.length - end).join(' ')
  const edit = { was: part(old), is: part(words) }
  return edit.was === '' && edit.is === '' ? undefined : edit
}

/** Of long words what stands before the difference is left out. */
function narrowed({ was, is }: Edit): Edit {
  let same = 0
  while (same < Math.min(was.length, is.length) && was[same] === is[same]) same += 1
  const from = Math.max(0, same - MOST_SHOWN / 3)
  const cut = (text: string): string => `…${text.slice(from).replace(/^[\udc00-\udfff]/, '')}`
  return { was: cut(was), is: cut(is) }
}
