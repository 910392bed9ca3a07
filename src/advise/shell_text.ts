/** A shell script as far as it can be read without running it: its commands, without what only makes up their words. */

/** Substitutions in one another; one that is deeper reaches to the end. */
const MOST_DEPTH = 50

/**
 * The script without comments, and with quoted text and what is substituted, `$(…)` or between backticks, as `_`: neither
 * begins a command whose failure counts by itself. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
 */
export function plainScript(script: string): string {
  let plain = ''
  let at = 0
  while (at < script.length) {
    const sign = script[at] ?? ''
    const end = endOfWord(script, at)
    if (end > at) {
      plain += '_'
      at = end
    } else if (sign === '\\') {
      plain += script[at + 1] === '\n' ? ' ' : '_'
      at += 2
    } else if (sign === '#' && /(?:^|[\s;&|()])$/.test(script.slice(at - 1, at))) {
      const newline = script.indexOf('\n', at)
      at = newline === -1 ? script.length : newline
    } else {
      plain += sign
      at += 1
    }
  }
  return plain
}

/** Where what begins here ends, if it is quoted or substituted; else here. What is not closed reaches to the end. */
function endOfWord(script: string, at: number, depth = 0): number {
  if (depth > MOST_DEPTH) return script.length
  if (script[at] === "'") return after(script, "'", at + 1)
  if (script[at] === '"' || script[at] === '`') return endOfQuoted(script, at, depth)
  if (script.startsWith('${', at)) return endOfNested(script, at + 2, '{}', depth)
  return /[$<>]\(/.test(script.slice(at, at + 2)) ? endOfNested(script, at + 2, '()', depth) : at
}

function after(script: string, sign: string, from: number): number {
  const found = script.indexOf(sign, from)
  return found === -1 ? script.length : found + 1
}

function endOfQuoted(script: string, start: number, depth: number): number {
  const quote = script[start]
  let at = start + 1
  while (at < script.length && script[at] !== quote) {
    if (script[at] === '\\') at += 2
    else if (quote === '"' && script[at] === '$') at = Math.max(at + 1, endOfWord(script, at, depth + 1))
    else at += 1
  }
  return Math.min(script.length, at + 1)
}

function endOfNested(script: string, start: number, pair: string, depth: number): number {
  let open = 1
  let at = start
  while (at < script.length && open > 0) {
    const end = endOfWord(script, at, depth + 1)
    if (end > at) at = end
    else if (script[at] === '\\') at += 2
    else {
      if (script[at] === pair[0]) open += 1
      else if (script[at] === pair[1]) open -= 1
      at += 1
    }
  }
  return Math.min(script.length, at)
}

/** What stands before a command: a new line or `;`, what makes it one with the command before it, or the name of a function. */
type Place = '' | '&&' | '||' | 'function'

/** Commands one behind the other. Their status is that of the last one. */
type List = {
  /** What ends it. */
  readonly end: 'fi' | 'done' | 'esac' | '}' | ')' | undefined
  /** One behind `||` decides what is done about a failure; a function's runs elsewhere. */
  readonly place: Place
  /** What is asked before it decides: a command may fail there. */
  isCondition: boolean
  /** Words of `for` and `case`, and patterns, are no commands; this sign ends them. */
  until: 'do' | 'in' | ')' | undefined
  /** Its last command so far may fail, and nothing has looked at that. */
  isOpen: boolean
  /** The same of a branch before this one. */
  wasOpen: boolean
  /** It has an `exit` or a `return`. */
  leaves: boolean
}

/** Words that begin a list, with the one that ends it. */
const ENDS: ReadonlyMap<string, List['end']> = new Map([
  ['if', 'fi'],
  ['while', 'done'],
  ['until', 'done'],
  ['for', 'done'],
  ['select', 'done'],
  ['case', 'esac'],
  ['{', '}'],
  ['(', ')']
])

const TOKENS = /;;&?|;&|&&|\|\||[\n;&|()]|[^\s;&|()]+/g

/**
 * Whether a command of a script may fail and the script passes: another follows it, or another turn of a loop. What an `if`
 * or a `while` asks is meant to fail, and what ends with `|| exit` is looked at.
 */
export function hidesFailure(script: string): boolean {
  const outermost = openList(undefined)
  const lists = [outermost]
  let before: Place = ''
  let isStart = true
  for (const [token] of markFunctions(plainScript(script)).matchAll(TOKENS)) {
    const list = lists.at(-1) ?? outermost
    if (list.until !== undefined && !(list.until === ')' && token === 'esac')) {
      if (token === list.until) Object.assign(list, { until: token === 'in' ? ')' : undefined })
      isStart = true
    } else if (token === '\n' || token === ';' || token === '&') {
      if (isStart) continue // a line may end behind an operator
      ;[isStart, before] = [true, '']
    } else if (token === '&&' || token === '||' || token === '|') {
      ;[isStart, before] = [true, token === '||' ? '||' : '&&']
    } else if (/^;[;&]/.test(token)) {
      branch(list, ')')
      ;[isStart, before] = [true, '']
    } else if (token === list.end && (isStart || token === ')')) {
      lists.pop()
      if (token === 'done' && list.isOpen) return true
      note(lists.at(-1) ?? outermost, mayFail(list))
      isStart = false
    } else if (isStart && (token === 'then' || token === 'do')) {
      list.isCondition = false
    } else if (isStart && (token === 'elif' || token === 'else')) {
      branch(list)
      list.isCondition = token === 'elif'
    } else if (isStart && token !== '!') {
      if (before === '' && list.isOpen) return true
      const end = ENDS.get(token)
      const isExit = token === 'exit' || token === 'return'
      list.leaves ||= isExit
      if (end !== undefined) lists.push(openList(end, token, before))
      else if (token !== 'function') note(list, list.place !== '||' && !(isExit && before === '||'))
      isStart = end !== undefined || token === 'function'
      before = token === 'function' ? token : ''
    }
  }
  return false
}

function openList(end: List['end'], word = '', place: Place = ''): List {
  return {
    ...{ end, place, isOpen: false, wasOpen: false, leaves: false },
    isCondition: ['if', 'while', 'until'].includes(word),
    until: word === 'case' ? 'in' : word === 'for' || word === 'select' ? 'do' : undefined
  }
}

/** Whether it may fail as a whole, and nothing has looked at that. */
function mayFail({ place, leaves, isOpen, wasOpen }: List): boolean {
  return place === '||' ? !leaves : place !== 'function' && (isOpen || wasOpen)
}

function note(list: List, isOpen: boolean): void {
  if (!list.isCondition) list.isOpen = isOpen
}

/** Another branch begins, of which only one runs. */
function branch(list: List, until?: ')'): void {
  Object.assign(list, { wasOpen: list.wasOpen || list.isOpen, isOpen: false, until })
}

/** `name ()` and `function name` before a body as `function`. */
function markFunctions(plain: string): string {
  return plain.replace(/(?<![\w-])(?:function[ \t]+[\w-]+(?:[ \t]*\([ \t]*\))?|[\w-]+[ \t]*\([ \t]*\))/g, 'function ')
}
