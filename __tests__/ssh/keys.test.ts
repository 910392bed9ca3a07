import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPrivateKeys } from '../../src/ssh/keys.js'
import { generateKey, makeFolder, run, shreds, type GeneratedKey, type KeyOptions } from './support.js'

const folder = makeFolder()
let ed25519: GeneratedKey
let rsa: GeneratedKey
let pem: GeneratedKey

beforeAll(() => {
  ed25519 = generateKey(folder.path)
  rsa = generateKey(folder.path, { type: 'rsa', bits: 2048 })
  pem = generateKey(folder.path, { type: 'rsa', bits: 2048, format: 'PEM' })
})
afterAll(() => {
  folder[Symbol.dispose]()
})

function only(text: string): ReturnType<typeof readPrivateKeys>['keys'][number] {
  const { keys, problems } = readPrivateKeys(text)
  expect(problems).toEqual([])
  expect(keys).toHaveLength(1)
  const [key] = keys
  if (key === undefined) throw new Error('no key')
  return key
}

describe('what each real key shows', () => {
  const types: readonly (KeyOptions & { readonly name: string })[] = [
    { type: 'rsa', bits: 2048, name: 'ssh-rsa' },
    { type: 'ecdsa', bits: 256, name: 'ecdsa-sha2-nistp256' },
    { type: 'ecdsa', bits: 384, name: 'ecdsa-sha2-nistp384' },
    { type: 'ecdsa', bits: 521, name: 'ecdsa-sha2-nistp521' },
    { type: 'ed25519', name: 'ssh-ed25519' }
  ]
  const formats = ['RFC4716', 'PEM', 'PKCS8'] as const
  const cases = types.flatMap((type) =>
    formats.flatMap((format) => (type.type === 'ed25519' && format === 'PEM' ? [] : [{ ...type, format }]))
  )

  test.each(cases)('$name in $format', (options) => {
    const made = generateKey(folder.path, options)
    const key = only(made.text)
    expect(key).toMatchObject({ type: options.name, fingerprint: made.fingerprint, encrypted: false })
    expect(key.format).toBe({ RFC4716: 'openssh', PEM: 'pem', PKCS8: 'pkcs8' }[options.format])
    expect(key.comment).toBe(options.format === 'RFC4716' ? 'tester@example.com' : undefined)
    if (options.type === 'ed25519' && options.format === 'PKCS8') {
      expect(key.repairs).toEqual(["rewrote PKCS#8 in OpenSSH's own format, which every version reads"])
      const file = join(folder.path, `rewritten-${options.bits ?? 0}`)
      writeFileSync(file, key.text, { mode: 0o600 })
      expect(made.publicLine).toContain(run('ssh-keygen', ['-y', '-f', file]).trim().split(' ')[1])
    } else {
      expect(key.text).toBe(made.text)
      expect(key.repairs).toEqual([])
    }
  })

  test.each(cases.filter((options) => options.type !== 'ed25519' || options.format !== 'PKCS8'))(
    '$name in $format, encrypted',
    (options) => {
      const made = generateKey(folder.path, { ...options, passphrase: 'correct horse' })
      const key = only(made.text)
      expect(key).toMatchObject({ text: made.text, encrypted: true, repairs: [], comment: undefined })
      const shows = options.format === 'RFC4716'
      expect(key.type).toBe(shows ? options.name : undefined)
      expect(key.fingerprint).toBe(shows ? made.fingerprint : undefined)
    }
  )

  test('AEAD ciphers, whose tag stands behind the private section', () => {
    const file = join(folder.path, 'aead')
    run('ssh-keygen', ['-q', '-t', 'ed25519', '-Z', 'aes256-gcm@openssh.com', '-N', 'correct horse', '-f', file])
    expect(only(run('cat', [file]))).toMatchObject({ type: 'ssh-ed25519', encrypted: true })
  })
})

describe('repairs', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const newline = 'added the missing final newline'
  const cases: readonly (readonly [string, (text: string) => string, readonly string[]])[] = [
    ['CRLF', (text) => text.replaceAll('\n', '\r\n'), ['turned CRLF line ends into LF']],
    ['CR alone', (text) => text.replaceAll('\n', '\r'), ['turned CRLF line ends into LF', newline]],
    ['literal \\n', (text) => text.replaceAll('\n', '\\n'), ['turned literal \\n into line ends']],
    ['literal \\r\\n', (text) => text.replaceAll('\n', '\\r\\n'), ['turned literal \\n into line ends']],
    ['literal \\\\n', (text) => text.replaceAll('\n', '\\\\n'), ['turned literal \\n into line ends']],
    ['no final newline', (text) => text.trimEnd(), [newline]],
    ['indentation', (text) => text.replace(/^/gm, '    ').trimEnd() + '\n', ['removed indentation']],
    ['indentation, the first line trimmed', (text) => text.replace(/^/gm, '  ').trim() + '\n', ['removed indentation']],
    ['tabs', (text) => text.replace(/^/gm, '\t').trimEnd() + '\n', ['removed indentation']],
    ['folded to one line', (text) => text.replaceAll('\n', ' '), ['split a key folded to one line', newline]],
    ['folded without spaces', (text) => text.replaceAll('\n', ''), ['split a key folded to one line', newline]],
    ['double quotes', (text) => `"${text}"`, ['removed quotes']],
    ['single quotes, trimmed', (text) => `'${text.trim()}'`, ['removed quotes', newline]],
    ['JSON', (text) => JSON.stringify(text), ['removed quotes', 'turned literal \\n into line ends']],
    ['base64', (text) => base64(text), ['decoded base64']],
    ['base64 in lines', (text) => (base64(text).match(/.{1,76}/g) ?? []).join('\n') + '\n', ['decoded base64']],
    ['base64 of base64', (text) => base64(base64(text)), ['decoded base64']],
    [
      'base64 of CRLF',
      (text) => base64(text.replaceAll('\n', '\r\n')),
      ['decoded base64', 'turned CRLF line ends into LF']
    ],
    ['base64 in quotes', (text) => `"${base64(text)}"`, ['decoded base64']],
    ['a byte order mark', (text) => `\uFEFF${text}`, []],
    ['spaces at line ends', (text) => text.replaceAll('\n', '  \n'), []],
    ['empty lines', (text) => `\n\n${text.replace(/(KEY-----)\n/, '$1\n\n')}\n\n`, []],
    ['lost dashes', (text) => text.trimEnd().slice(0, -2), ['completed the BEGIN and END lines', newline]],
    ['text in front', (text) => `Bag Attributes: none\n${text}`, ['left out text beside the key']],
    ['a comment in front', (text) => `# deploy key\n${text}`, []],
    ['a variable name in front', (text) => `SSH_KEY="${text}"`, ['removed quotes', 'left out text beside the key']]
  ]

  test.each(cases)('%s', (_, change, repairs) => {
    for (const key of [ed25519, rsa, pem]) {
      const read = only(change(key.text))
      expect(read.text).toBe(key.text)
      expect([...read.repairs].sort()).toEqual([...repairs].sort())
    }
  })

  test.each(cases.filter(([name]) => name !== 'folded without spaces'))(
    '%s, encrypted PEM with its headers',
    (_, change) => {
      const made = generateKey(folder.path, { type: 'ecdsa', format: 'PEM', passphrase: 'correct horse' })
      expect(only(change(made.text)).text).toBe(made.text)
    }
  )

  test('the body of an OpenSSH key without its BEGIN and END lines', () => {
    const body = ed25519.text.split('\n').slice(1, -2).join('\n')
    const added = ['added the missing BEGIN and END lines']
    expect(only(body)).toMatchObject({ text: ed25519.text, repairs: added })
    expect(only(`${body}\n-----END OPENSSH PRIVATE KEY-----\n`)).toMatchObject({ text: ed25519.text, repairs: added })
  })

  test('an OpenSSH key under the label of another format', () => {
    const read = only(ed25519.text.replaceAll('OPENSSH', 'RSA'))
    expect(read).toMatchObject({ text: ed25519.text, repairs: ['corrected the label of the BEGIN and END lines'] })
  })

  test('the curve that openssl writes in front of an EC key is left out', () => {
    const made = generateKey(folder.path, { type: 'ecdsa', format: 'PEM' })
    const curve = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
    expect(only(curve + made.text).text).toBe(made.text)
  })
})

describe('several keys', () => {
  const joins: readonly (readonly [string, (keys: readonly string[]) => string])[] = [
    ['one after the other', (keys) => keys.join('')],
    ['with empty lines', (keys) => keys.join('\n\n')],
    ['folded', (keys) => keys.join('').replaceAll('\n', ' ')],
    ['all in one base64', (keys) => Buffer.from(keys.join('')).toString('base64')],
    ['each in base64', (keys) => keys.map((key) => Buffer.from(key).toString('base64')).join('\n')],
    ['each in base64, folded', (keys) => keys.map((key) => Buffer.from(key).toString('base64')).join(' ')],
    ['a JSON list', (keys) => JSON.stringify(keys)],
    ['one in base64', ([first, ...rest]) => `${Buffer.from(first ?? '').toString('base64')}\n${rest.join('')}`],
    ['one given twice', (keys) => [...keys, keys[0]].join('')]
  ]

  test.each(joins)('%s', (_, join_) => {
    const { keys, problems } = readPrivateKeys(join_([ed25519.text, rsa.text, pem.text]))
    expect(problems).toEqual([])
    expect(keys.map((key) => key.text)).toEqual([ed25519.text, rsa.text, pem.text])
  })

  test('a public half beside its private key is left out; alone it is a problem that names its place', () => {
    expect(only(ed25519.text + ed25519.publicLine).text).toBe(ed25519.text)
    const { keys, problems } = readPrivateKeys(ed25519.text + rsa.publicLine)
    expect(keys).toHaveLength(1)
    expect(problems).toMatchObject([{ problem: expect.stringMatching(/^Key 2 of 2 is the public half/) }])
  })

  test('every unusable one is told, the good ones are kept', () => {
    const cut = rsa.text.slice(0, 400)
    const { keys, problems } = readPrivateKeys(`${cut}\n${ed25519.text}${pem.text.replace(/\n[A-Za-z0-9]/, '\n!')}`)
    expect(keys.map((key) => key.text)).toEqual([ed25519.text])
    expect(problems.map(({ problem }) => problem)).toEqual([
      expect.stringMatching(/^Key 1 of 3 is cut off/),
      expect.stringMatching(/^Key 3 of 3 holds characters that are not base64/)
    ])
  })
})

describe('what cannot be used, and why', () => {
  const lines = (text: string): string[] => text.split('\n')
  const blob = (type: string): string => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(type.length)
    const name = Buffer.concat([length, Buffer.from(type)])
    const section = Buffer.alloc(64)
    const u32 = (value: number): Buffer => Buffer.of(0, 0, value >> 8, value & 255)
    const none = Buffer.concat([u32(4), Buffer.from('none')])
    const bytes = Buffer.concat([
      Buffer.from('openssh-key-v1\0'),
      ...[none, none, u32(0), u32(1), u32(name.length), name, u32(64), section]
    ])
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
  }
  const sshFile = (name: string): string => run('cat', [join(folder.path, name)])

  const cases: readonly (readonly [string, () => string, RegExp, RegExp])[] = [
    ['empty', () => '', /is empty/, /secret exists/],
    ['white space', () => ' \n\t\r\n', /is empty/, /secret exists/],
    ['empty quotes', () => '""', /is empty/, /secret exists/],
    ['an Ed25519 public key', () => ed25519.publicLine, /public half/, /without "\.pub"/],
    ['an RSA public key', () => rsa.publicLine, /public half/, /without "\.pub"/],
    ['an ECDSA public key', () => generateKey(folder.path, { type: 'ecdsa' }).publicLine, /public half/, /deploy key/],
    [
      'a FIDO public key',
      () => 'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t me',
      /public half/,
      /\.pub/
    ],
    ['a public key in base64', () => Buffer.from(ed25519.publicLine).toString('base64'), /public half/, /\.pub/],
    ['only the base64 of a public key', () => ed25519.publicLine.split(' ')[1] ?? '', /public half/, /\.pub/],
    [
      'BEGIN PUBLIC KEY',
      () => run('ssh-keygen', ['-e', '-m', 'PKCS8', '-f', `${rsa.file}.pub`]),
      /public half/,
      /\.pub/
    ],
    [
      'BEGIN RSA PUBLIC KEY',
      () => run('ssh-keygen', ['-e', '-m', 'PEM', '-f', `${rsa.file}.pub`]),
      /public half/,
      /\.pub/
    ],
    [
      'SSH2 PUBLIC KEY',
      () => run('ssh-keygen', ['-e', '-m', 'RFC4716', '-f', `${rsa.file}.pub`]),
      /public half/,
      /\.pub/
    ],
    [
      'PuTTY',
      () => `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: me\n`,
      /PuTTY/,
      /puttygen .* -O private-openssh/
    ],
    [
      'PuTTY in base64',
      () => Buffer.from('PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n').toString('base64'),
      /PuTTY/,
      /puttygen/
    ],
    ['no END line', () => lines(ed25519.text).slice(0, -2).join('\n'), /cut off/, /gh secret set/],
    ['only the BEGIN line', () => lines(rsa.text)[0] ?? '', /cut off/, /gh secret set/],
    ['cut in the middle', () => rsa.text.slice(0, 700), /cut off/, /gh secret set/],
    [
      'cut in its base64 form',
      () => Buffer.from(rsa.text).toString('base64').slice(0, 1000),
      /cut off/,
      /gh secret set/
    ],
    [
      'BEGIN and END alone',
      () => `${lines(rsa.text)[0] ?? ''}\n-----END OPENSSH PRIVATE KEY-----`,
      /cut off/,
      /gh secret set/
    ],
    [
      'the last lines lost',
      () => [...lines(rsa.text).slice(0, 9), '-----END OPENSSH PRIVATE KEY-----'].join('\n'),
      /cut off/,
      /gh/
    ],
    [
      'the last lines of a PEM lost',
      () => [...lines(pem.text).slice(0, 9), '-----END RSA PRIVATE KEY-----'].join('\n'),
      /cut off/,
      /gh/
    ],
    ['the END of a PEM body', () => lines(pem.text).slice(1).join('\n'), /no -----BEGIN line/, /gh secret set/],
    ['a line lost inside', () => lines(pem.text).toSpliced(5, 1).join('\n'), /cut off|does not parse/, /gh secret set/],
    [
      'a changed letter in a checked place',
      () => pem.text.replace(/^MII../m, 'MIIzz'),
      /cut off|does not parse/,
      /gh secret set/
    ],
    ['END of another key', () => ed25519.text.replace('END OPENSSH', 'END RSA'), /does not parse/, /ssh-keygen -y/],
    [
      'foreign characters',
      () => ed25519.text.replace(/\n[A-Za-z0-9]{4}/, '\n\u00e4#!?'),
      /not base64/,
      /gh secret set/
    ],
    ['random bytes as base64', () => Buffer.alloc(200, 0xfe).toString('base64'), /not a key/, /gh secret set/],
    [
      'a masked key',
      () => ed25519.text.replace(/\n[\s\S]+?\n-----END/, '\n***\n-----END'),
      /"\*\*\*"/,
      /from its file/
    ],
    ['***', () => '***', /"\*\*\*"/, /from its file/],
    ['an SSH certificate', () => sshFile('id-cert.pub'), /SSH certificate/, /private key alone/],
    [
      'a TLS certificate',
      () => '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      /X\.509/,
      /ssh-keygen -t ed25519/
    ],
    [
      'a PGP key',
      () => '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQdG\n-----END PGP PRIVATE KEY BLOCK-----\n',
      /PGP/,
      /ssh-keygen/
    ],
    [
      'ssh.com',
      () => '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/5\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n',
      /SSH2/,
      /-i -f/
    ],
    ['a path', () => '~/.ssh/id_ed25519', /path of a file/, /content of that file/],
    ['an absolute path', () => '/home/runner/.ssh/deploy', /path of a file/, /content of that file/],
    ['a Windows path', () => 'C:\\Users\\me\\key.pem', /path of a file/, /content of that file/],
    ['a file name', () => 'id_rsa', /path of a file/, /content of that file/],
    ['an expression', () => '${{ secrets.SSH_PRIVATE_KEY }}', /expression/, /ssh-private-key: \$\{\{/],
    ['half an expression', () => 'secrets.SSH_PRIVATE_KEY', /expression/, /ssh-private-key: \$\{\{/],
    ['a variable', () => '$SSH_PRIVATE_KEY', /variable/, /not run by a shell/],
    ['a FIDO key', () => blob('sk-ssh-ed25519@openssh.com'), /FIDO/, /ssh-keygen -t ed25519/],
    ['a FIDO ECDSA key', () => blob('sk-ecdsa-sha2-nistp256@openssh.com'), /FIDO/, /ssh-keygen -t ed25519/],
    ['a DSA key', () => blob('ssh-dss'), /DSA/, /ssh-keygen -t ed25519/],
    ['an unheard-of type', () => blob('ssh-quantum@example.com'), /type that SSH cannot use/, /Ed25519/],
    ['a damaged private section', () => blob('ssh-ed25519'), /does not parse/, /ssh-keygen -y/],
    ['prose', () => 'my deploy key', /not a private key/, /-----BEGIN/],
    ['a word', () => 'deploykey', /not a private key/, /-----BEGIN/]
  ]

  beforeAll(() => {
    const signed = generateKey(folder.path)
    writeFileSync(join(folder.path, 'id.pub'), signed.publicLine)
    run('ssh-keygen', ['-q', '-s', ed25519.file, '-I', 'tester', join(folder.path, 'id.pub')])
  })

  test.each(cases)('%s', (_, make, problem, fix) => {
    const text = make()
    const reading = readPrivateKeys(text)
    expect(reading.keys).toEqual([])
    expect(reading.problems).toHaveLength(1)
    expect(reading.problems[0]).toMatchObject({ input: 'ssh-private-key', problem: expect.stringMatching(problem) })
    expect(reading.problems[0]?.fix).toMatch(fix)
    const said = JSON.stringify(reading.problems)
    for (const key of [ed25519, rsa, pem]) shreds(key.text).forEach((shred) => expect(said).not.toContain(shred))
  })

  test('cutting a key anywhere gives a problem, never an exception or a wrong key', () => {
    for (const key of [ed25519, rsa, pem]) {
      for (let length = 0; length < key.text.length - 40; length += 7) {
        const { keys, problems } = readPrivateKeys(key.text.slice(0, length))
        expect([length, keys, problems.length]).toEqual([length, [], 1])
      }
    }
  })
})
