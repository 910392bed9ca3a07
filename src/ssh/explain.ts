/**
 * Why a key cannot be used, in words that say what to do. No sentence quotes what was given: it may be key material.
 */
import type { InputProblem } from '../core/problem.js'

/** The reasons for which a given key cannot be used, told apart. */
export type Unusable =
  | 'empty'
  | 'public'
  | 'certificate'
  | 'x509'
  | 'putty'
  | 'ssh2-private'
  | 'pgp'
  | 'truncated'
  | 'headless'
  | 'garbage'
  | 'damaged'
  | 'masked'
  | 'path'
  | 'expression'
  | 'variable'
  | 'hardware'
  | 'dsa'
  | 'unsupported'
  | 'unknown'

const SECRET_FROM_FILE = '`gh secret set SSH_PRIVATE_KEY < ~/.ssh/id_ed25519` stores a key file without losing a byte.'
const WHOLE_FILE = `Store the whole private key file again, from its -----BEGIN line to its -----END line. ${SECRET_FROM_FILE}`

const WORDS: Readonly<Record<Unusable, { readonly problem: string; readonly fix: string }>> = {
  empty: {
    problem: 'is empty',
    fix: 'Check that the secret exists, that its name is spelled as in the workflow, and that this event may read it (a workflow run from a fork or by Dependabot gets no secrets).'
  },
  public: {
    problem: 'is the public half of a key; the private half is needed',
    fix: `Give the content of the file without ".pub" (e.g. ~/.ssh/id_ed25519); the public half belongs to the Git host, as a deploy key. ${SECRET_FROM_FILE}`
  },
  certificate: {
    problem: 'is an SSH certificate, not a private key',
    fix: 'Give the private key alone, and register its public half with the Git host: SSH certificates are not loaded into the agent.'
  },
  x509: {
    problem: 'is an X.509 (TLS) certificate or request, not a private key',
    fix: 'Give an SSH private key; make one with `ssh-keygen -t ed25519 -f deploy_key`.'
  },
  putty: {
    problem: 'is a PuTTY key (.ppk), which OpenSSH cannot read',
    fix: 'Convert it: `puttygen key.ppk -O private-openssh -o id_key`, or in PuTTYgen "Conversions > Export OpenSSH key"; then store the converted file.'
  },
  'ssh2-private': {
    problem: 'is a private key in the format of ssh.com (SSH2), which the agent cannot read',
    fix: 'Convert it: `ssh-keygen -i -f key > id_key`; then store the converted file.'
  },
  pgp: {
    problem: 'is a PGP key, not an SSH key',
    fix: 'Give an SSH private key; make one with `ssh-keygen -t ed25519 -f deploy_key`.'
  },
  truncated: {
    problem: 'is cut off: its end is missing',
    fix: WHOLE_FILE
  },
  headless: {
    problem: 'has no -----BEGIN line: its beginning is missing',
    fix: WHOLE_FILE
  },
  garbage: {
    problem:
      'holds characters that are not base64 between its BEGIN and END lines, or decodes to something that is not a key',
    fix: WHOLE_FILE
  },
  damaged: {
    problem: 'looks complete but does not parse: some of it was changed or lost',
    fix: `Check the original with \`ssh-keygen -y -f <file>\`, then store the file again. ${SECRET_FROM_FILE}`
  },
  masked: {
    problem: 'holds "***": it was copied from a log in which the runner had hidden the secret',
    fix: `Take the key from its file instead. ${SECRET_FROM_FILE}`
  },
  path: {
    problem: "is the path of a file; the key's content is needed",
    fix: `Store the content of that file as a secret and give \${{ secrets.SSH_PRIVATE_KEY }}. ${SECRET_FROM_FILE}`
  },
  expression: {
    problem: 'is a workflow expression that was never evaluated',
    fix: 'Write it as `ssh-private-key: ${{ secrets.SSH_PRIVATE_KEY }}` in the `with:` of the workflow itself; inside a secret, a script or another string expressions stay text.'
  },
  variable: {
    problem: 'is the name of a variable that was never expanded',
    fix: 'Inputs of an action are not run by a shell. Write `ssh-private-key: ${{ secrets.SSH_PRIVATE_KEY }}` (or `${{ env.NAME }}`).'
  },
  hardware: {
    problem: 'belongs to a FIDO security key (sk-…): it only works with that hardware plugged in',
    fix: 'Make a key for this workflow: `ssh-keygen -t ed25519 -f deploy_key`, and register its public half with the Git host.'
  },
  dsa: {
    problem: 'is a DSA key, which OpenSSH and the Git hosts no longer accept',
    fix: 'Make a new key: `ssh-keygen -t ed25519 -f deploy_key`, and register its public half with the Git host.'
  },
  unsupported: {
    problem: 'is of a type that SSH cannot use',
    fix: 'Use an Ed25519, ECDSA (P-256, P-384, P-521) or RSA (2048 bits or more) key; make one with `ssh-keygen -t ed25519 -f deploy_key`.'
  },
  unknown: {
    problem: 'is not a private key: no -----BEGIN … PRIVATE KEY----- line was found',
    fix: WHOLE_FILE
  }
}

/** Explains one unusable key; `position` tells which one when several were given, e.g. `Key 2 of 3`. */
export function explain(reason: Unusable, position: string | undefined): InputProblem {
  const { problem, fix } = WORDS[reason]
  return { input: 'ssh-private-key', problem: `${position ?? 'The value'} ${problem}.`, fix }
}
