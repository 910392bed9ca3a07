import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a key with the real ssh-keygen, and forgets its file. */
export function sshKey(
  type: 'ed25519' | 'rsa' | 'ecdsa',
  options: { passphrase?: string; format?: 'PEM' | 'PKCS8' } = {}
): { readonly key: string; readonly pub: string } {
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-key-'))
  try {
    const path = join(folder, 'key')
    const format = options.format === undefined ? [] : ['-m', options.format]
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', options.passphrase ?? '', '-C', 'test', ...format, '-f', path])
    return { key: readFileSync(path, 'utf8'), pub: readFileSync(`${path}.pub`, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Every armour that OpenSSL writes for a private key. */
export function opensslKeys() {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
  const ed = generateKeyPairSync('ed25519').privateKey
  const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey
  const pem = 'pem' as const
  const locked = { cipher: 'aes-256-cbc', passphrase: 'open sesame' }
  return {
    'RSA PKCS#1': rsa.export({ type: 'pkcs1', format: pem }).toString(),
    'RSA PKCS#8': rsa.export({ type: 'pkcs8', format: pem }).toString(),
    'RSA PKCS#1 encrypted': rsa.export({ type: 'pkcs1', format: pem, ...locked }).toString(),
    'RSA PKCS#8 encrypted': rsa.export({ type: 'pkcs8', format: pem, ...locked }).toString(),
    'EC SEC 1': ec.export({ type: 'sec1', format: pem }).toString(),
    'EC PKCS#8': ec.export({ type: 'pkcs8', format: pem }).toString(),
    'Ed25519 PKCS#8': ed.export({ type: 'pkcs8', format: pem }).toString(),
    'DSA PKCS#8': dsa.export({ type: 'pkcs8', format: pem }).toString()
  }
}
