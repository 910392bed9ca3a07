import type { InputProblem } from '../core/problem.js'

/** The passphrase of each key, in the order of the keys (undefined: the key needs none), or what is wrong. */
export type PassphrasePlan = {
  readonly passphrases: readonly (string | undefined)[]
  readonly problems: readonly InputProblem[]
}

/**
 * Pairs the input `ssh-passphrase` with the keys. One line is the passphrase of every encrypted key; several lines
 * belong to the encrypted keys in their order, one each. Spaces in a line count; empty lines don't.
 */
export function planPassphrases(keys: readonly { readonly encrypted: boolean }[], text: string): PassphrasePlan {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '')
  const encrypted = keys.flatMap((key, index) => (key.encrypted ? [index] : []))
  const none = keys.map(() => undefined)
  if (encrypted.length === 0) return { passphrases: none, problems: [] }
  if (lines.length === 0) {
    return { passphrases: none, problems: encrypted.map((index) => missing(nameKey(index, keys.length))) }
  }
  if (lines.length > 1 && lines.length !== encrypted.length) {
    return { passphrases: none, problems: [miscounted(lines.length, encrypted.length)] }
  }
  return {
    passphrases: keys.map((key, index) => (key.encrypted ? (lines[encrypted.indexOf(index)] ?? lines[0]) : undefined)),
    problems: []
  }
}

/** How messages call a key: by its place, when there are several. */
export function nameKey(index: number, count: number): string {
  return count > 1 ? `Key ${index + 1} of ${count}` : 'The key'
}

function missing(key: string): InputProblem {
  return {
    input: 'ssh-passphrase',
    problem: `${key} in ssh-private-key is encrypted, and no passphrase was given.`,
    fix: 'Add `ssh-passphrase: ${{ secrets.SSH_PASSPHRASE }}` to the step, or store a key without passphrase (`ssh-keygen -p -N "" -f <file>` removes it).'
  }
}

function miscounted(lines: number, encrypted: number): InputProblem {
  return {
    input: 'ssh-passphrase',
    problem: `There are ${lines} passphrases (one a line) for ${encrypted} encrypted ${encrypted === 1 ? 'key' : 'keys'}.`,
    fix: 'Give one line, used for all encrypted keys, or one line for each encrypted key, in the order of the keys.'
  }
}
