/**
 * The known_hosts text that a build gets: the pinned hosts, then the lines of the input `ssh-known-hosts`, each checked.
 * The format: https://man.openbsd.org/sshd.8#SSH_KNOWN_HOSTS_FILE_FORMAT
 */
import type { InputProblem } from '../core/problem.js'
import { PINNED_HOSTS } from './host_keys.js'
import { blobType, readAllStrings } from './wire.js'

/** A complete known_hosts file (it ends in a newline), and what is wrong with the user's lines. */
export type KnownHosts = { readonly text: string; readonly problems: readonly InputProblem[] }

type Reason = { readonly problem: string; readonly fix: string }

const KEYSCAN =
  'Give lines as `ssh-keyscan <host>` prints them (`host type base64`), after comparing their fingerprints (`ssh-keygen -lf <file>`) with those the host publishes.'

/** Joins the pinned hosts with the user's lines. A wrong line is a problem and is left out of the text. */
export function planKnownHosts(userLines: string): KnownHosts {
  const pinned = PINNED_HOSTS.flatMap(({ names, keys }) => keys.map((key) => `${names} ${key}`))
  if (/BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File/.test(userLines)) {
    return {
      text: writeLines(pinned),
      problems: [toProblem('The value is a private key, not a list of hosts.', PRIVATE)]
    }
  }
  const lines = userLines
    .replace(/^\uFEFF/, '')
    .replace(/\\r\\n|\\n/g, '\n')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
  const checked = lines.map((line) => (line === '' || line.startsWith('#') ? undefined : checkLine(line)))
  const problems = checked.flatMap((reason, index) =>
    reason === undefined ? [] : [toProblem(`Line ${index + 1} ${reason.problem}.`, reason.fix)]
  )
  const kept = lines.filter((line, index) => line !== '' && checked[index] === undefined)
  return { text: writeLines([...pinned, ...kept]), problems }
}

const PRIVATE = `Move it to the input ssh-private-key. ${KEYSCAN}`

function toProblem(problem: string, fix: string): InputProblem {
  return { input: 'ssh-known-hosts', problem, fix }
}

function writeLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** What is wrong with one line that is neither empty nor a comment; undefined for a good one. */
function checkLine(line: string): Reason | undefined {
  const fields = line.split(/[ \t]+/)
  const marker = fields[0]?.startsWith('@') === true ? fields.shift() : undefined
  if (marker !== undefined && marker !== '@cert-authority' && marker !== '@revoked') {
    return { problem: 'starts with an unknown marker', fix: 'The markers are @cert-authority and @revoked.' }
  }
  const [hosts, type, base64] = fields
  if (/(?:SHA256|MD5):[\w+/:]{20,}/.test(fields.slice(0, 3).join(' '))) {
    return { problem: 'holds the fingerprint of a key; the key itself is needed', fix: KEYSCAN }
  }
  if (hosts !== undefined && isKeyType(hosts)) {
    return {
      problem: 'has a key without a host name before it',
      fix: 'Put the host in front: `git.example.com ssh-ed25519 AAAA…`. A public key of your own does not belong here; host keys do.'
    }
  }
  if (type === undefined || base64 === undefined) return { problem: 'is not a `host type base64` triple', fix: KEYSCAN }
  return checkHosts(hosts ?? '') ?? checkKey(type, base64)
}

function isKeyType(text: string): boolean {
  return /^(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d+|sk-[a-z0-9@.-]+)$/.test(text)
}

function checkHosts(hosts: string): Reason | undefined {
  if (hosts.startsWith('|')) {
    return /^\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}=$/.test(hosts)
      ? undefined
      : {
          problem: 'has a hashed host name that is damaged',
          fix: 'Hashed names look like `|1|salt|hash`, each of 28 characters; `ssh-keygen -H` makes them.'
        }
  }
  for (const pattern of hosts.split(',')) {
    const reason = checkPattern(pattern)
    if (reason !== undefined) return reason
  }
  return undefined
}

function checkPattern(pattern: string): Reason | undefined {
  if (/^[a-z]+:\/\//i.test(pattern) || pattern.includes('@') || pattern.includes('/')) {
    return {
      problem: 'has an address where the host name belongs',
      fix: 'Write the bare name, e.g. `git.example.com`: no scheme, user or path.'
    }
  }
  if (/^[^[\]:]+:\d+$/.test(pattern)) {
    return {
      problem: 'has a port that is not in the form of known_hosts',
      fix: 'Write `[git.example.com]:2222` for a port other than 22.'
    }
  }
  // Names, wildcards, IPv4, IPv6 (with a zone), `!` for "not these", and any of them as [host]:port.
  if (/^!?(?:\[[\w.:*?%-]+\]:\d{1,5}|[\w.:*?%-]+)$/.test(pattern)) return undefined
  return { problem: 'has a host name with characters that no host name has', fix: KEYSCAN }
}

function checkKey(type: string, base64: string): Reason | undefined {
  const blob = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : Buffer.alloc(0)
  const inner = blobType(blob)
  if (inner === undefined) return { problem: 'has no key in its third field', fix: KEYSCAN }
  if (inner !== type) {
    return {
      problem: 'names another type than the key itself does',
      fix: `Write \`${inner}\` before the key, or scan the host again. ${KEYSCAN}`
    }
  }
  const complete = (readAllStrings(blob)?.length ?? 0) > 1
  return complete ? undefined : { problem: 'holds a key that is cut off', fix: KEYSCAN }
}
