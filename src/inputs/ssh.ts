/** The input `ssh`: which agents and keys a build may use. */
import { splitPair } from '../core/pair.js'
import type { Grammar } from './grammar.js'
import type { SSHEntry } from './inputs.js'

/** Entries of `--ssh`. What could be a part of a key is not shown. */
export function parseSSH({ lines, report }: Grammar): readonly SSHEntry[] {
  const entries = lines('ssh')
  // Nothing of a key may be shown, and its lines look like anything.
  if (entries.some((entry) => /-----BEGIN|^ssh-|PRIVATE KEY/.test(entry))) {
    report('ssh', 'it holds a key', 'Put the key into ssh-private-key; ssh takes ids, as in "default".')
    return []
  }
  return entries.flatMap(separateSSH).flatMap((entry) => {
    const { name: id, value } = splitPair(entry)
    if (!/^[A-Za-z0-9_.-]+$/.test(id)) {
      report('ssh', `"${id}" is not an ssh id`, 'Write one entry per line: ID, ID=SOCKET or ID=KEYFILE.')
      return []
    }
    if (/^[^=]*=(?:.*,)?~[^/]*\//.test(entry)) {
      report(
        'ssh',
        `nothing replaces the "~" of "${id}" by a folder`,
        'Write the whole path, or put the key into ssh-private-key.'
      )
      return []
    }
    if (value === '') {
      report(
        'ssh',
        `nothing follows "${id}="`,
        `Write "${id}" alone for the agent, or the path of a socket or key file.`
      )
      return []
    }
    return [value === undefined ? { id } : { id, path: value }]
  })
}

/** A comma begins another entry, as it does for build-push-action, unless a further key file follows it. */
function separateSSH(entry: string): readonly string[] {
  const [first = ''] = entry.split(',')
  const entries = first.includes('=') ? entry.split(/,(?=\s*[A-Za-z0-9_.-]+=)/) : entry.split(',')
  return entries.map((one) => one.trim()).filter((one) => one !== '')
}
