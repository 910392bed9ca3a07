import { afterAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SecretSource } from '../../src/inputs/secrets.js'
import { handOverSecrets, planMasks, readSecrets, type Secret } from '../../src/credentials/secrets.js'
import { makeFolder } from '../ssh/support.js'

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

function file(name: string, content: string | Buffer): string {
  const path = join(folder.path, name)
  writeFileSync(path, content)
  return path
}

describe('reading', () => {
  const empty: readonly SecretSource[] = [
    { id: 'a', input: 'secrets', value: '' },
    { id: 'b', input: 'secret-envs', variable: 'EMPTY' },
    { id: 'c', input: 'secret-envs', variable: 'UNSET' },
    { id: 'd', input: 'secret-files', path: file('empty', '') },
    { id: 'e', input: 'secret-files', path: '/no/such/file' },
    { id: 'f', input: 'secret-files', path: folder.path }
  ]

  test('takes values, variables and files as they are', async () => {
    const bytes = Buffer.from([0, 1, 0xff, 10])
    const path = file('bytes', bytes)
    const { secrets, problems, notes } = await readSecrets(
      [
        { id: 'a', input: 'secrets', value: 'ä\n"' },
        { id: 'b', input: 'secret-envs', variable: 'B' },
        { id: 'c', input: 'secret-files', path }
      ],
      { B: ' b \n' },
      true
    )
    expect(secrets).toEqual([
      { id: 'a', value: Buffer.from('ä\n"') },
      { id: 'b', value: Buffer.from(' b \n') },
      { id: 'c', value: bytes }
    ])
    expect([problems, notes]).toEqual([[], []])
  })

  test('what is empty or missing is a problem of a trusted run', async () => {
    const { secrets, problems, notes } = await readSecrets(empty, { EMPTY: '' }, true)
    expect([secrets, notes]).toEqual([[], []])
    expect(problems.map(({ input, problem }) => `${input}: ${problem}`)).toEqual([
      'secrets: the secret "a" is empty',
      'secret-envs: the secret "b" is empty',
      'secret-envs: the secret "c" names the environment variable UNSET, which is not set',
      `secret-files: the secret "d" is empty`,
      'secret-files: the secret "e" names the file "/no/such/file", which cannot be read',
      `secret-files: the secret "f" names the file "${folder.path}", which cannot be read`
    ])
    expect(problems[2]?.fix).toContain('env: { UNSET: "${{ secrets.NAME }}" }')
  })

  test('and a note of an untrusted one', async () => {
    const { secrets, problems, notes } = await readSecrets(empty, { EMPTY: '' }, false)
    expect([secrets, problems]).toEqual([[], []])
    expect(notes).toHaveLength(empty.length)
    expect(notes[0]).toBe('the secret "a" is empty: this run is not trusted, so the build goes on without it.')
  })

  test('what BuildKit refuses for its size is told before, without its bytes', async () => {
    const largest = file('largest', 'x'.repeat(500 * 1024))
    const larger = file('larger', 'x'.repeat(500 * 1024 + 1))
    const { secrets, problems } = await readSecrets(
      [
        { id: 'a', input: 'secret-files', path: largest },
        { id: 'b', input: 'secret-files', path: larger }
      ],
      {},
      true
    )
    expect(secrets.map(({ id }) => id)).toEqual(['a'])
    expect(problems).toHaveLength(1)
    expect(problems[0]?.problem).toBe('the secret "b" has 512001 bytes, and BuildKit takes 512000 at most')
  })
})

describe('handing over', () => {
  const ofSize = (id: string, size: number): Secret => ({ id, value: Buffer.alloc(size, 'x') })

  /** Hands over, looks, and takes away again. */
  async function handed(
    secrets: readonly Secret[],
    look: (handover: Awaited<ReturnType<typeof handOverSecrets>>) => void
  ) {
    const told: string[] = []
    const handover = await handOverSecrets(secrets, folder.path, (made) => told.push(made))
    try {
      look(handover)
    } finally {
      await handover[Symbol.asyncDispose]()
    }
    return told
  }

  test('values go into the environment; arguments name the variables', async () => {
    const value = 'a\nb="c", d\r\n'
    const told = await handed(
      [
        { id: 'one', value: Buffer.from(value) },
        { id: '@scope/two', value: Buffer.from('é') }
      ],
      ({ flags, env }) => {
        expect(flags).toEqual(['id=one,env=STAGEGATE_SECRET_0', 'id=@scope/two,env=STAGEGATE_SECRET_1'])
        expect(env).toEqual({ STAGEGATE_SECRET_0: value, STAGEGATE_SECRET_1: 'é' })
      }
    )
    expect(told).toEqual([])
  })

  test('a file that changes meanwhile is handed over as it was read', async () => {
    const path = join(folder.path, 'renewed')
    writeFileSync(path, 'old-token-value-0001')
    const { secrets } = await readSecrets([{ input: 'secret-files', id: 'key', path }], {}, true)
    writeFileSync(path, 'new-token-value-9999')
    await handed(secrets, ({ flags, env }) => {
      expect(flags).toEqual(['id=key,env=STAGEGATE_SECRET_0'])
      expect(env).toEqual({ STAGEGATE_SECRET_0: 'old-token-value-0001' })
    })
  })

  test.each<[string, Buffer]>([
    ['longer than a variable may be', Buffer.alloc(130 * 1024, 'y')],
    ['with a zero byte', Buffer.from('a\0b')],
    ['that is no UTF-8', Buffer.from([0xc3, 0x28])]
  ])('a value %s is a private file for as long as it is needed', async (_, value) => {
    const paths: string[] = []
    const told = await handed([{ id: 'big', value }], ({ flags, env }) => {
      const path = /^id=big,src=(.+)$/.exec(flags[0] ?? '')?.[1] ?? ''
      paths.push(path)
      expect(env).toEqual({})
      expect(readFileSync(path).equals(value)).toBe(true)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
    })
    expect(told).toEqual([dirname(paths[0] ?? '')])
    expect(existsSync(told[0] ?? '')).toBe(false)
  })

  test('where a second file cannot be written, the first is gone at once', async () => {
    const secrets = ['a', 'b'].map((id) => ({ id, value: Buffer.from(`${id}\0`) }))
    const told: string[] = []
    const handing = handOverSecrets(secrets, folder.path, (made) => {
      told.push(made)
      mkdirSync(join(made, '1'))
    })
    await expect(handing).rejects.toThrow('EISDIR')
    expect(told).toHaveLength(1)
    expect(existsSync(told[0] ?? '')).toBe(false)
  })

  test('all variables together still let programs start', async () => {
    const many = Array.from({ length: 30 }, (_, index) => ofSize(`s${index}`, 90 * 1024))
    const told = await handed(many, ({ flags, env }) => {
      expect(Object.keys(env).length).toBeGreaterThan(0)
      expect(Object.values(env).join('').length).toBeLessThanOrEqual(512 * 1024)
      expect(flags.filter((arg) => arg.includes('src=')).length).toBe(many.length - Object.keys(env).length)
      expect(execFileSync('/bin/sh', ['-c', 'echo $STAGEGATE_SECRET_0'], { env }).toString().length).toBe(90 * 1024 + 1)
    })
    expect(told).toHaveLength(1)
  })

  test('no value is in an argument', async () => {
    const secrets = [{ id: 'a', value: Buffer.from('hunter2') }, ofSize('b', 200 * 1024)]
    await handed(secrets, ({ flags }) => {
      expect(flags.join(' ')).not.toMatch(/hunter2|xxxx/)
    })
  })
})

describe('masks', () => {
  test.each<[string, string, readonly string[]]>([
    ['a token', 'ghp_16C7e42F292c6912E7', ['ghp_16C7e42F292c6912E7']],
    ['white space around it', '  hunter22\n', ['hunter22']],
    ['a short word', 'dev', []],
    ['five characters', 'abcde', []],
    ['one character many times', '--------', []],
    ['nothing', '', []],
    [
      'JSON',
      '{\n  "type": "service_account",\n  "key": "abcdef"\n}',
      ['"type": "service_account",', '"key": "abcdef"']
    ],
    ['lines of Windows', 'first-line\r\nsecond-line', ['first-line', 'second-line']],
    ['a line twice', 'repeated\nrepeated', ['repeated']],
    [
      'a key, without the lines that every key has',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----',
      ['b3BlbnNzaC1rZXk']
    ]
  ])('%s', (_, value, masks) => {
    expect(planMasks(value)).toEqual(masks)
  })
})
