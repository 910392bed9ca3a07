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

/** A list of commands whose status is that of its last one, or the conditions before it. */
type Block = {
  readonly kind: 'list' | 'if' | 'loop' | 'case'
  isCondition: boolean
  /** Its last command so far may fail, and nothing has looked at that. */
  isOpen: boolean
  /** The same of a branch before this one. */
  wasOpen: boolean
}

/** Words that stand before a command, or for one. */
const RESERVED = /^(?:(if|elif|else|then|fi|while|until|for|select|do|done|case|esac|\{|\})(?=[\s)]|$)|(!)\s)\s*/

/**
 * Whether a command of a script may fail and the script passes: another follows it, or another turn of a loop. What an `if`
 * or a `while` asks is meant to fail, and what ends with `|| exit` is looked at.
 */
export function hidesFailure(script: string): boolean {
  const pieces = plainScript(script)
    .replace(/(&&|\|\|?)\s*\n\s*/g, '$1 ')
    .replace(/\|\|\s*\{([^{}]*)\}/g, (all, body: string) => (/\b(?:exit|return)\b/.test(body) ? '|| exit' : all))
    .split(/(;;&?|;&|[;\n])/)
  const blocks: Block[] = [block('list')]
  let isHidden = false
  const top = (): Block => blocks.at(-1) ?? block('list')
  const begin = (): void => {
    if (top().isOpen) isHidden = true
    top().isOpen = false
  }
  const note = (isOpen: boolean): void => {
    if (!top().isCondition) top().isOpen = isOpen
  }
  const branch = (isCondition: boolean): void => {
    top().wasOpen ||= top().isOpen
    Object.assign(top(), { isOpen: false, isCondition })
  }
  const open = (kind: Block['kind'], isCondition: boolean): void => {
    begin()
    blocks.push(block(kind, isCondition))
  }
  const close = (after: string): void => {
    if (blocks.length === 1) return
    const { kind, isOpen, wasOpen } = top()
    blocks.pop()
    if (kind === 'loop' && isOpen) isHidden = true
    note((isOpen || wasOpen) && !isGuarded(after))
  }
  for (const piece of pieces) {
    let rest = piece.trim()
    if (/^;[;&]/.test(rest) && top().kind === 'case') branch(false)
    if (rest.startsWith(';')) continue
    while (rest !== '') {
      if (top().kind === 'case' && !top().isOpen) rest = rest.replace(/^\(?[^()\s|]+(?:\s*\|\s*[^()\s|]+)*\s*\)\s*/, '')
      rest = rest.replace(/^(?:function\s+)?[\w-]+\s*\(\)\s*/, '')
      const [whole = '', word] = RESERVED.exec(rest) ?? []
      const after = rest.slice(whole.length)
      if (whole === '') {
        if (/^\($/.test(rest) || (rest.startsWith('(') && surplus(rest) > 0)) {
          open('list', false)
          rest = rest.slice(1).trim()
          continue
        }
        const end = surplus(rest) < 0 && blocks.length > 1 ? rest.lastIndexOf(')') : -1
        const command = end === -1 ? rest : rest.slice(0, end).trim()
        if (command !== '') {
          begin()
          note(!isGuarded(command))
        }
        if (end !== -1) close(rest.slice(end + 1))
        break
      }
      if (word === 'if' || word === 'while' || word === 'until') open(word === 'if' ? 'if' : 'loop', true)
      else if (word === 'for' || word === 'select' || word === 'case')
        open(word === 'case' ? 'case' : 'loop', word !== 'case')
      else if (word === '{') open('list', false)
      else if (word === 'then' || word === 'do') top().isCondition = false
      else if (word === 'elif' || word === 'else') branch(word === 'elif')
      else if (word !== undefined) close(after)
      const isEnd = word === 'fi' || word === 'done' || word === 'esac' || word === '}'
      rest =
        isEnd || word === 'for' || word === 'select'
          ? ''
          : word === 'case'
            ? after.replace(/^.*?\bin\b\s*/s, '')
            : after
    }
  }
  return isHidden
}

function block(kind: Block['kind'], isCondition = false): Block {
  return { kind, isCondition, isOpen: false, wasOpen: false }
}

function isGuarded(command: string): boolean {
  return /\|\|\s*(?:exit|return)\b/.test(command)
}

/** Brackets that are opened and not closed. */
function surplus(text: string): number {
  return text.split('(').length - text.split(')').length
}
