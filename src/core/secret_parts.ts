/**
 * The secrets inside a secret: a `.npmrc` has one token, a service account's JSON one key. What is written elsewhere is often
 * only that. A part has to look like a secret, by its name or by itself: `registry=https://registry.example.com/` is no leak.
 */
import { decodedBase64, fromBase64 } from './base64_text.js'
import { SHORTEST_FORM, textOf } from './secret_encodings.js'
import { xmlValues } from './xml_values.js'
import { yamlEntries } from './yaml_entries.js'

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

/** Base64 in base64 is taken apart so far: a Kubernetes Secret holds a docker configuration, which holds passwords. */
export const DEEPEST_BASE64 = 3

/** The parts of a value that are secrets of their own. A value that is nothing but one token has none. */
export function secretParts(given: string): readonly SecretPart[] {
  const text = given.trim()
  const parts = new Map<string, SecretPart>()
  const tried = new Set<string>()
  takeApart(text, 0)
  return [...parts.values()]

  function takeApart(whole: string, depth: number): void {
    if (whole.length > LONGEST_STRUCTURE) return
    const add: Add = (part, value, named) => {
      const own = value?.trim() ?? ''
      if (own === '' || own === whole || own === text || parts.size >= MOST_PARTS) return
      const isSecret = named ? !isOrdinary(own) : looksLikeToken(own)
      if (isSecret && !parts.has(own)) parts.set(own, { part, text: own })
      const seen = `${named} ${own}`
      if (depth === DEEPEST_BASE64 || tried.has(seen)) return
      tried.add(seen)
      const inside = decodedBase64(own)?.text
      if (inside === undefined) return
      add(decodedWords(part), inside, named)
      takeApart(inside.trim(), depth + 1)
    }
    // Pasted as it stood in a script.
    for (const each of readings(whole)) add('what is between quotes', each, true)
    addURLs(whole, add)
    addNetrc(whole, add)
    if (addJSON(whole, add)) return
    addXML(whole, add)
    addLines(whole, add)
  }
}

/** What a part is called that was in base64. */
export function decodedWords(part: string): string {
  return part.startsWith('the value') ? `the decoded ${part.slice(4)}` : 'a decoded value'
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

/** A value whose name was read, as it stands and as programs read it: without quotes, and decoded where it is part of an address. */
function addValue(part: string, written: string, { add, named }: { readonly add: Add; readonly named: boolean }): void {
  for (const value of readings(written)) {
    add(part, value, named)
    if (!named || !/%[0-9a-f]{2}/i.test(value)) continue
    add(part, decoded(value), true)
    add(part, decoded(value.replaceAll('+', ' ')), true)
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
      if (isBasic(name)) add(`the password in ${shown(name)}`, passwordOf(value), true)
      if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) add(part, value, isSecretName(name))
      if (depth < 32 && addJSON(value, add, depth + 1)) return
      addURLs(value, add)
      addPairs(value, add)
      const lines = value.includes('\n') ? value.split(/\r?\n/) : []
      // A list of variables, as `docker inspect` prints it.
      if (/^[\w.-]+=/.test(value) && lines.length === 0) addSetting(value, add)
      for (const line of lines) add(`a line of ${shown(name)}`, line, false)
    } else if (Array.isArray(value)) {
      if (depth < 32) for (const item of value) walk(item, name, depth + 1)
    } else if (typeof value === 'object' && value !== null && depth < 32) {
      const members: readonly (readonly [string, unknown])[] = Object.entries(value)
      // `{"name": "DB_PASSWORD", "value": "…"}`, and `{"DB_PASSWORD": {"value": "…"}}`.
      const naming = members.find(([key, item]) => /^(?:name|key)$/i.test(key) && typeof item === 'string')?.[1]
      const above = typeof naming === 'string' ? naming : name
      for (const [key, item] of members) walk(item, /^value$/i.test(key) && above !== '' ? above : key, depth + 1)
      if (members.some(([key, item]) => key === 'kind' && item === 'Secret')) addData(value, add)
    }
  }
  walk(json, '', above)
  return true
}

/** `data` of a Kubernetes Secret. https://kubernetes.io/docs/concepts/configuration/secret/ */
function addData(manifest: object, add: Add): void {
  const data: unknown = 'data' in manifest ? manifest.data : undefined
  if (typeof data !== 'object' || data === null) return
  for (const [name, value] of Object.entries(data)) if (typeof value === 'string') addEncoded(name, value, add)
}

/** A value that is known to be in base64, and so may be short. Longer ones are decoded wherever they stand. */
function addEncoded(name: string, base64: string, add: Add): void {
  const text = textIn(base64)?.trim() ?? ''
  if (text.length < SHORTEST_FORM || /[\0-\x08\ufffd]/.test(text)) return
  add(decodedWords(`the value of ${shown(name)}`), text, isSecretName(name) || looksLikePassword(text))
}

/** Elements and attributes of a settings.xml or a nuget.config: by their own name, or by the one that stands beside a `value`. */
function addXML(text: string, add: Add): void {
  if (!/^\s*</.test(text)) return
  for (const { name, value } of xmlValues(text)) {
    add(`the value of ${shown(name)}`, value, isSecretName(name))
    addURLs(value, add)
    addPairs(value, add)
  }
}

const withEquals = /^\s*(?:export\s+|-\s+|set\s+)?["']?([^\s="'][^=\s"']{0,200}?)["']?\s*(=)\s*(.+)$/
const withColon = /^\s*(?:-\s+)?["']?([^\s:"'][^:\s"']{0,200}?)["']?\s*(:)(?!\/\/)\s*(.+)$/

/** The settings of a text that has one in a line, and what the lines around a name say. */
function addLines(text: string, add: Add): void {
  const lines = text.split(/\r\n|\r|\n/)
  for (const line of lines) {
    addSetting(line, add)
    addPairs(line, add)
    addWords(line, add)
    // A list of settings has each of them between quotes: `- "DB_PASSWORD=…"`.
    const item = /^\s*-\s+("(?:[^"\\]|\\.)+"|'(?:[^']|'')+')\s*$/.exec(line)?.[1]
    for (const each of item === undefined ? [] : readings(item)) addSetting(each, add)
  }
  for (const { name, value, isData } of yamlEntries(lines)) {
    addValue(`the value of ${shown(name)}`, value, { add, named: isSecretName(name) })
    if (isData) addEncoded(name, unquoted(value), add)
  }
}

/** What follows the first `=` of a line, or else its first `:`; and for `//host/:_authToken=…` what follows the last name. */
function addSetting(line: string, add: Add): void {
  const match = withEquals.exec(line) ?? withColon.exec(line)
  if (match === null || /^[#;]|^\/\/\s/.test(line.trim())) return
  const [, full = '', sign = '', rest = ''] = match
  const name = /[\w.-]+$/.exec(full)?.[0] ?? ''
  const written = rest.replace(/[,;]\s*$/, '')
  const value = unquoted(written).replace(/^(?:proxy-)?authorization:\s*/i, '')
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return // its password, if any, is a part already
  const part = `the value after ${shown(name, sign)}`
  const bearer = /^(?:bearer|token)\s+(\S+)$/i.exec(value)?.[1]
  const basic = /^basic\s+(\S+)$/i.exec(value)?.[1]
  const own = bearer ?? basic ?? (value === unquoted(written) ? written : value)
  if (basic !== undefined || isBasic(name))
    add(`the password in ${shown(name, sign)}`, passwordOf(basic ?? value), true)
  if (name === '_password') add(`the password in ${shown(name, sign)}`, textIn(value), true)
  addValue(part, own, { add, named: isSecretName(name) || bearer !== undefined })
}

/** Pairs that stand anywhere in a text: a connection string, an address with a query, a map of YAML or TOML, a command line. */
function addPairs(text: string, add: Add): void {
  const pairs = [
    ...text.matchAll(
      /([A-Za-z_][\w.-]{0,60})["']?\s{0,20}([=:])\s{0,20}(?!\/\/)b?("[^"\\]*(?:\\[^][^"\\]*)*"|"[^"]*"|'[^']*(?:''[^']*)*'|[^\s;&,"'{}[\]()<>]+)/g
    ),
    ...text.matchAll(/--([a-z][\w-]{0,60})( )("[^"\\]*(?:\\[^][^"\\]*)*"|"[^"]*"|'[^']*'|[^\s"']+)/g)
  ]
  for (const [, name = '', sign = '', value = ''] of pairs) {
    if (isSecretName(name)) addValue(`the value after ${shown(name, sign)}`, value, { add, named: true })
  }
  // https://learn.microsoft.com/en-us/sql/connect/jdbc/building-the-connection-url#escape-values-in-the-connection-url
  for (const [, name = '', value = ''] of text.matchAll(/([A-Za-z_]\w{0,60})=\{((?:[^}]|\}\}){1,512})\}/g)) {
    if (!isSecretName(name)) continue
    for (const each of [value.replaceAll('}}', '}'), value]) add(`the value after ${shown(name, '=')}`, each, true)
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
  return /^(["'])([^]*)\1$/.exec(text)?.[2] ?? text
}

/** A value that may stand between quotes: what is between them, as it stands there, and as shells, dotenv and YAML read it. */
function readings(written: string): readonly string[] {
  const value = unquoted(written)
  return value === written.trim() ? [value] : [...new Set([value, unescaped(value, written.trim()[0] ?? '')])]
}

function unescaped(text: string, quote: string): string {
  if (quote === "'") return text.replace(/'\\''|'"'"'|''/g, "'")
  const signs: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
  return text.replace(/\\([^])/g, (_, sign: string) => signs[sign] ?? sign)
}

/** `auth` of a docker configuration and `_auth` of npm's hold `user:password` in base64, and yarn's as it is, too. */
function isBasic(name: string): boolean {
  return /^(?:_?auth|npmAuthIdent)$/i.test(name)
}

function textIn(base64: string): string | undefined {
  const bytes = fromBase64(base64)
  return bytes === undefined ? undefined : textOf(bytes)
}

function passwordOf(value: string): string | undefined {
  const text = /^[^\s{}[\]:]+:\S+$/.test(value) ? value : (textIn(value) ?? '')
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
