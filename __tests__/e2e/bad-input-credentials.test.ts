/** Keys and secrets that cannot be used: told without a byte of them, before an agent or a build is started. */
import { afterAll, beforeAll, describe, jest, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expectRefused } from './support/refusal.js'
import { baseImage, sentinel, startWorkspace, type Workspace } from './support/workspace.js'
import { long } from '../support/tiers.js'

jest.setTimeout(60_000)

let workspace: Workspace

beforeAll(async () => {
  const base = await baseImage('busybox')
  workspace = await startWorkspace({
    Dockerfile: [
      `FROM ${base} AS base`,
      'FROM base AS test',
      'RUN --mount=type=secret,id=token,required=true echo test',
      'FROM base AS production',
      'RUN --mount=type=ssh,required=true echo production',
      ''
    ].join('\n'),
    big: Buffer.alloc(500 * 1024 + 1, 'x')
  })
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

function makeKey(passphrase: string): { readonly key: string; readonly publicKey: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stagegate-keys-'))
  try {
    const file = path.join(folder, 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'test', '-f', file])
    return { key: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The lines of a key that hold it. */
function bodyOf(key: string): readonly string[] {
  return key.split('\n').filter((line) => line.length > 30 && !line.startsWith('-----'))
}

describe('a key', () => {
  const passphrase = sentinel()
  const locked = makeKey(passphrase)
  const open = makeKey('')
  const secrets = 'token=something-harmless'

  test('that is encrypted, without a passphrase', async () => {
    await expectRefused(workspace, {
      with: { secrets, 'ssh-private-key': locked.key },
      says: ['ssh-passphrase', 'encrypted', 'no passphrase was given', 'ssh-passphrase: ${{ secrets.SSH_PASSPHRASE }}'],
      hides: bodyOf(locked.key)
    })
  })

  test('with a wrong passphrase', async () => {
    const wrong = sentinel()
    await expectRefused(workspace, {
      with: { secrets, 'ssh-private-key': locked.key, 'ssh-passphrase': wrong },
      says: ['ssh-passphrase', 'does not open the key', 'ssh-keygen -y -f'],
      hides: [wrong, ...bodyOf(locked.key)]
    })
  })

  test('of which it is the public half', async () => {
    await expectRefused(workspace, {
      with: { secrets, 'ssh-private-key': open.publicKey },
      says: ['ssh-private-key', 'public half', 'without ".pub"']
    })
  })

  long.test('that is only white space', async () => {
    await expectRefused(workspace, {
      with: { secrets, 'ssh-private-key': ' \n\t\n' },
      says: ['ssh-private-key', 'is empty', 'Check that the secret exists']
    })
  })

  long.test('that is cut off', async () => {
    await expectRefused(workspace, {
      with: { secrets, 'ssh-private-key': open.key.slice(0, 200) },
      says: ['ssh-private-key', 'cut off', 'from its -----BEGIN line to its -----END line'],
      hides: bodyOf(open.key.slice(0, 200))
    })
  })

  test('that a stage requires and nobody gives', async () => {
    await expectRefused(workspace, {
      with: { secrets },
      says: ['Dockerfile:5', 'ssh-private-key: ${{ secrets.SSH_PRIVATE_KEY }}']
    })
  })
})

describe('a secret', () => {
  test('with a bad id', async () => {
    const value = sentinel()
    await expectRefused(workspace, {
      with: { secrets: `tökèn=${value}` },
      says: ['secrets', 'line 1', 'ID=VALUE'],
      hides: [value]
    })
    await expectRefused(workspace, {
      with: { 'secret-envs': 'tökèn=SENTINEL' },
      env: { SENTINEL: value },
      says: ['secret-envs', 'the id has characters outside A-Z', '--mount=type=secret,id=NAME'],
      hides: [value]
    })
  })

  test('that is empty, missing or a missing file, in a trusted run', async () => {
    const value = sentinel()
    await expectRefused(workspace, {
      with: {
        secrets: `npm=\ntoken=${value}`,
        'secret-envs': 'pip=NO_SUCH_VARIABLE',
        'secret-files': 'netrc=no/such/file'
      },
      says: [
        ...['secrets', 'the secret "npm" is empty', 'secret behind it exists'],
        ...['secret-envs', 'NO_SUCH_VARIABLE, which is not set', 'Set it on this step'],
        ...['secret-files', 'the file "no/such/file", which cannot be read', 'in an earlier step']
      ],
      hides: [value]
    })
  })

  test('that is larger than BuildKit takes', async () => {
    await expectRefused(workspace, {
      with: { 'secret-files': 'token=big' },
      says: ['secret-files', 'the secret "token" has 512001 bytes', '512000 at most', 'something smaller']
    })
  })

  test('that a stage requires and nobody gives', async () => {
    await expectRefused(workspace, { says: ['Dockerfile:3', 'the secret "token"', 'token=${{ secrets.TOKEN }}'] })
  })
})
