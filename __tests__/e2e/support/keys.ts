/** Keys made by ssh-keygen. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export type Key = {
  readonly privateKey: string
  readonly publicKey: string
  /** As `ssh-add -l` and our log show it: `SHA256:…`. */
  readonly fingerprint: string
  readonly passphrase: string
}

export function makeKey({
  passphrase = '',
  type = 'ed25519',
  comment = 'deploy'
}: { passphrase?: string; type?: string; comment?: string } = {}): Key {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stagegate-keys-'))
  try {
    const file = path.join(folder, 'key')
    // Few rounds: a test needs no protection against guessing.
    execFileSync('ssh-keygen', ['-q', '-t', type, '-a', '1', '-N', passphrase, '-C', comment, '-f', file])
    const [, fingerprint = ''] = execFileSync('ssh-keygen', ['-l', '-f', file]).toString().split(' ')
    return {
      privateKey: readFileSync(file, 'utf8'),
      publicKey: readFileSync(`${file}.pub`, 'utf8'),
      fingerprint,
      passphrase
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
