/**
 * The secrets inside a secret: a `.npmrc` has one token, a service account's JSON one key. What is written elsewhere is often
 * only that. A part has to look like a secret, by its name or by itself: `registry=https://registry.example.com/` is no leak.
 */

/** A part of a value, and what it is, in words that may be shown. */
export type SecretPart = { readonly part: string; readonly text: string }

/** Values longer than this are not taken apart: nobody writes such a file by hand. */
const LONGEST_STRUCTURE = 128 * 1024
const MOST_PARTS = 256

/** A part with such a name is one from the floor on, unless it is an ordinary word. */
const SECRET_NAME =
  /token|passw|passphrase|\bpass\b|_pass\b|^pass|secret|pwd|credential|api[_-]?key|auth|(?:^|[_.-])keys?(?=$|[_.-])|signature|^sig$/i
/** A name that speaks of a secret and is not its own. */
const HARMLESS_NAME =
  /(?:_|-|\b)(?:name|id|ids|uri|url|urls|file|path|dir|type|alg|algorithm|method|host|user|username|email|expir\w*|issuer|scope|scopes|mode|version|enabled)$/i
/** What is public, or is there to be compared: a certificate authority, the public half of a key, an author. */
const PUBLIC_NAME = /public|authorit|authors?$|authored|authorized|known[_-]?hosts|fingerprint|checksum|integrity/i

/** The parts of a value that are secrets of their own. A value that is nothing but one token has none. */
export function secretParts(text: string): readonly SecretPart[] {
  if (text.length > LONGEST_STRUCTURE) return []
  const parts = new Map<string, SecretPart>()
  const add = (part: string, value: string | undefined, named: boolean) => {
    const own = value?.trim() ?? ''
    if (own === '' || own === text || parts.size >= MOST_PARTS || parts.has(own)) return
    if (named ? isOrdinary(own) : !looksLikeToken(own)) return
    parts.set(own, { part, text: own })
  }
  // Pasted as it stood in a script.
  add('what is between quotes', /^(["'])([^]+)\1$/.exec(text)?.[2], true)
  addURLs(text, add)
  addNetrc(text, add)
  if (!addJSON(text, add)) {
    addXML(text, add)
    addLines(text, add)
  }
  return [...parts.values()]
}

/** The passwords of the addresses in a text: as they stand, and decoded. */
export function addressPasswords(text: string): readonly string[] {
  const found = new Set<string>()
  addURLs(text, (_, value) => {
    if (value !== undefined && !isOrdinary(value)) found.add(value)
  })
  return [...found]
}

type Add = (part: string, value: string | undefined, named: boolean) => void

/** Passwords of addresses: as they stand, and decoded, as programs send them. */
function addURLs(text: string, add: Add): void {
  for (const [, user = '', password = ''] of text.matchAll(
    /[a-z][a-z0-9+.-]{1,20}:\/\/([^\s:@/?#"']*)(?::([^\s@/?#"']*))?@/gi
  )) {
    // `https://TOKEN@host` and `https://TOKEN:x-oauth-basic@host` have the token as their user.
    const values = [password, ...(password === '' || looksLikeToken(user) ? [user] : [])]
    for (const value of values.filter((each) => each !== '' && each !== 'x-oauth-basic')) {
      const what = value === password ? 'the password of an address' : 'the user of an address'
      add(what, value, true)
      add(what, decoded(value), true)
    }
  }
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

/** https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html: a login is no secret, a password is. */
function addNetrc(text: string, add: Add): void {
  if (!/(?:^|\s)(?:machine\s+\S|default\s)/.test(text)) return
  for (const [, word = '', value] of text.matchAll(/(?:^|\s)(password|account)\s+(\S+)/g)) {
    add(`the ${word} of a machine`, value?.replace(/^"(.*)"$/, '$1'), true)
  }
}

/** The string values of a JSON document, and of JSON in them. False where the text is none. */
function addJSON(text: string, add: Add, above = 0): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return false
  }
  const walk = (value: unknown, name: string, depth: number): void => {
    if (typeof value === 'string') {
      const part = `the value of ${shown(name)}`
      if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) add(part, value, isSecretName(name))
      if (isBasic(name)) add(`the password in ${shown(name)}`, passwordOf(value), true)
      if (depth < 32 && addJSON(value, add, depth + 1)) return
      addPairs(value, add)
      const lines = value.includes('\n') ? value.split(/\r?\n/) : []
      for (const line of lines) add(`a line of ${shown(name)}`, line, false)
    } else if (typeof value === 'object' && value !== null && depth < 32) {
      for (const [key, item] of Object.entries(value)) walk(item, Array.isArray(value) ? name : key, depth + 1)
    }
  }
  walk(json, '', above)
  return true
}

/** Elements and attributes of a settings.xml or a nuget.config: by their own name, or by the one that stands beside a `value`. */
function addXML(text: string, add: Add): void {
  if (!/^\s*</.test(text)) return
  const named = [
    ...text.matchAll(/<([\w:.-]{1,64})(?:\s[^<>]*)?>([^<>]{1,4096})<\//g),
    ...text.matchAll(/\s(?:key|name|id)="([^"<>]{1,64})"\s{1,20}value="([^"<>]{1,4096})"/g)
  ]
  for (const [, name = '', value = ''] of named) {
    const plain = unescaped(value)
    add(`the value of ${shown(name)}`, plain, isSecretName(name))
  }
}

function unescaped(text: string): string {
  const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => names[name] ?? '')
}

const withEquals = /^\s*(?:export\s+|-\s+|set\s+)?["']?([^\s="'][^=\s"']{0,200}?)["']?\s*(=)\s*(.+)$/
const withColon = /^\s*(?:-\s+)?["']?([^\s:"'][^:\s"']{0,200}?)["']?\s*(:)(?!\/\/)\s*(.+)$/

/** What follows the first `=` of a line, or else its first `:`; and for `//host/:_authToken=…` what follows the last name. */
function addLines(text: string, add: Add): void {
  for (const line of text.split(/\r\n|\r|\n/)) {
    addPairs(line, add)
    addWords(line, add)
    const match = withEquals.exec(line) ?? withColon.exec(line)
    if (match === null || /^[#;]|^\/\/\s/.test(line.trim())) continue
    const [, full = '', sign = '', rest = ''] = match
    const name = /[\w.-]+$/.exec(full)?.[0] ?? ''
    const value = unquoted(rest.replace(/[,;]\s*$/, '')).replace(/^(?:proxy-)?authorization:\s*/i, '')
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) continue // its password, if any, is a part already
    const part = `the value after ${shown(name, sign)}`
    const bearer = /^(?:bearer|token)\s+(\S+)$/i.exec(value)?.[1]
    const basic = /^basic\s+(\S+)$/i.exec(value)?.[1]
    add(part, bearer ?? basic ?? value, isSecretName(name) || bearer !== undefined)
    if (basic !== undefined || isBasic(name))
      add(`the password in ${shown(name, sign)}`, passwordOf(basic ?? value), true)
    if (name === '_password') add(`the password in ${shown(name, sign)}`, fromBase64(value), true)
    const json = /^ey[A-Za-z0-9+/]{30,}={0,2}$/.test(value) ? fromBase64(value) : undefined
    if (json !== undefined) addJSON(json, add)
  }
}

/** Pairs that stand anywhere in a text: a connection string, an address with a query, a map of YAML or TOML, a command line. */
function addPairs(text: string, add: Add): void {
  const pairs = [
    ...text.matchAll(
      /([A-Za-z_][\w.-]{0,60})["']?\s{0,20}([=:])\s{0,20}(?!\/\/)b?("[^"]*"|'[^']*'|[^\s;&,"'{}[\]()<>]+)/g
    ),
    ...text.matchAll(/--([a-z][\w-]{0,60})( )("[^"]*"|'[^']*'|[^\s"']+)/g)
  ]
  for (const [, name = '', sign = '', value = ''] of pairs) {
    if (isSecretName(name)) add(`the value after ${shown(name, sign)}`, unquoted(value), true)
  }
  // https://www.postgresql.org/docs/current/libpq-pgpass.html
  add('the password of a server', /^[^\s:]+:(?:\d+|\*):[^\s:]*:[^\s:]*:(\S+)$/.exec(text)?.[1], true)
}

/** A word beyond this length is no token, but a key on one line, say. */
const LONGEST_WORD = 512

/** Words that were made by a machine: the columns of a list, the path of a webhook. A line of a key is none, nor an SSH key's public half. */
function addWords(line: string, add: Add): void {
  if (/^\s*[A-Za-z0-9+/]+={0,2}\s*$/.test(line)) return
  const hasPath = /[:@]\/\//.test(line)
  // A digest is a name for something, and anybody's.
  const own = line.replace(/\bsha\d{1,3}[:-][A-Za-z0-9+/=]+/g, '')
  for (const word of own.split(/[\s,;|"'<>(){}[\]=:@?&]+/)) {
    if (word.length > LONGEST_WORD || /^AAAA[BCE]3NzaC|^AAAAE2Vj/.test(word)) continue
    add('a word of a line', word, false)
    for (const step of hasPath ? word.split('/') : []) if (step.length >= 16) add('a word of a line', step, false)
  }
}

function unquoted(value: string): string {
  const text = value.trim()
  return /^(["'])(.*)\1$/.exec(text)?.[2] ?? text
}

/** `auth` of a docker configuration and `_auth` of npm's hold `user:password` in base64. */
function isBasic(name: string): boolean {
  return /^_?auth$/i.test(name)
}

function fromBase64(base64: string): string | undefined {
  return /^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(base64) ? Buffer.from(base64, 'base64').toString('utf8') : undefined
}

function passwordOf(base64: string): string | undefined {
  const text = fromBase64(base64) ?? ''
  return /^[^\0-\x1f:\ufffd]*:([^\0-\x1f\ufffd]+)$/.exec(text)?.[1]
}

/** Whether a name says that what it names is a secret: `NPM_TOKEN`, and not `TOKEN_URL`. */
export function isSecretName(name: string): boolean {
  return (SECRET_NAME.test(name) || /[a-z]Key$/.test(name)) && !HARMLESS_NAME.test(name) && !PUBLIC_NAME.test(name)
}

/** A name between backticks, if it is one and not itself a secret. */
function shown(name: string, sign = ''): string {
  const plain = /^[A-Za-z_][\w.-]{0,39}$/.test(name) && !looksLikeToken(name)
  return plain ? `\`${name}${sign}\`` : sign === '' ? 'a member' : `\`${sign}\``
}

/** A word, a number, a path or a reference to a variable: nothing that is secret, whatever its name says. */
function isOrdinary(text: string): boolean {
  if (/^(?:\$|%[A-Z_]+%$|\{\{)/.test(text)) return true
  return text.length < 12 && /^(?:[a-z]+|[A-Z][a-z]+|[A-Z]+|[0-9]+|[a-z]+[-_.][a-z]+)$/.test(text)
}

/**
 * Whether a text was most likely made by a machine: it has a run of twelve letters and digits, with letters and two digits, as tokens and
 * lines of keys have.
 */
export function looksLikeToken(text: string): boolean {
  if (text.startsWith('-----')) return false
  const isMixed = (run: string) => /[A-Za-z]/.test(run) && /[0-9][^0-9]*[0-9]/.test(run)
  if ((text.match(/[A-Za-z0-9+]{12,}/g) ?? []).some(isMixed)) return true
  return (text.match(/[A-Za-z0-9+/_-]{20,}/g) ?? []).some(
    (run) => isMixed(run) && /[a-z]/.test(run) && /[A-Z]/.test(run) && !/[a-z]{8}/.test(run)
  )
}

/** Whether a text is one word of eight characters or more as people choose passwords: letters and two digits, or all four kinds of signs. */
export function looksLikePassword(text: string): boolean {
  if (!/^[\x21-\x7e]{8,}$/.test(text) || /[=:/\\{}[\]()<>,;"']/.test(text)) return false
  const has = (kind: RegExp) => kind.test(text)
  if (has(/[a-z]/) && has(/[A-Z]/) && has(/[0-9]/) && has(/[^A-Za-z0-9._-]/)) return true
  return has(/[A-Za-z]/) && has(/[0-9].*[0-9]/) && !has(/[._-]/)
}
