/** Attacks past the leak check by a part of a secret file, and by a dump of a secret. */
import { planNeedles, searchText } from '../../src/image/index.js'
import type { Area, Pick } from './area.js'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Files of settings, around a secret. */
const files: readonly ((secret: string, pick: Pick) => string)[] = [
  (secret) => `<settings>\n<server><username>u</username>\n<password>${secret}</password></server></settings>`,
  (secret) => `<x><add key="Username" value="u" /><add key="ClearTextPassword" value="${secret}" /></x>`,
  (secret) => `Server=tcp:db.test,1433;User ID=me;Password=${secret};Encrypt=true`,
  (secret) => `host=db user=me password=${secret} dbname=x`,
  (secret) => `jdbc:postgresql://db/x?user=me&password=${secret}`,
  (secret) => `https://a.test/c?sv=2024&sig=${secret}&se=1`,
  (secret) => `[global]\nindex-url = https://me:${secret}@pypi.test/simple\n`,
  (secret) => `//r.test/:username=me\n//r.test/:_password=${base64(secret)}\n`,
  (secret) => `registry=https://r.test/\r\n//r.test/:_authToken=${secret}\r\n`,
  (secret) =>
    `[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic ${base64(`x-access-token:${secret}`)}`,
  (secret) => JSON.stringify({ auths: { 'r.test': { auth: base64(`me:${secret}`) } } }),
  (secret) =>
    `data:\n  .dockerconfigjson: ${base64(JSON.stringify({ auths: { r: { auth: base64(`me:${secret}`) } } }))}`,
  (secret) => JSON.stringify({ gcp: JSON.stringify({ client_secret: secret, n: [1, { a: 'b' }] }) }),
  (secret) => `{"token":"first"}\n{"token":"${secret}"}`,
  (secret) => `{\n  // for CI\n  "token": "${secret}",\n}`,
  (secret) => `auth: {user: me, password: ${secret}}`,
  (secret) => `x = { user = "a", token = "${secret}" }`,
  (secret) => `machine a login b password ${secret}`,
  (secret) => `machine a\n  login b\n  password\n  ${secret}\n`,
  (secret) => `db:5432:x:me:${secret}`,
  (secret, pick) => `--user me --password${pick([' ', '='])}${secret}`,
  (secret, pick) => `export A=1 DB_PASSWORD=${pick([secret, `'${secret}'`, `"${secret}"`])}`,
  (secret) => `$env:TOKEN = "${secret}"`,
  (secret) => `TOKEN = b'${secret}'`,
  (secret) => `---\n:rubygems_api_key: ${secret}`
]

const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.!-']

/** A password as people choose them: nothing of it tells that it is one. */
const password = (pick: Pick): string =>
  `p${pick(letters)}!${Array.from({ length: pick([5, 9, 14, 24]) }, () => pick(letters)).join('')}q`

const parts: Area = {
  name: 'a secret of a file of settings, alone in an image',
  doors: files.length,
  cost: 10,
  async attack(index, pick) {
    const secret = password(pick)
    const value = (files[index] ?? pick(files))(secret, pick)
    const plan = await planNeedles([{ id: 's', value, kind: 'secret' }])
    return searchText(plan, `x ${secret} y`).length > 0 ? undefined : JSON.stringify([value, secret])
  }
}

const pairs = (bytes: Buffer): readonly string[] => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))

const dumps: readonly ((bytes: Buffer) => string)[] = [
  (bytes) => pairs(bytes).join(':'),
  (bytes) => pairs(bytes).join(' '),
  (bytes) => pairs(bytes).join('-').toUpperCase(),
  (bytes) => pairs(bytes).join('').replace(/.{4}/g, '$& '),
  (bytes) =>
    pairs(bytes)
      .map((pair) => `\\x${pair}`)
      .join(''),
  (bytes) =>
    pairs(bytes)
      .map((pair) => `0x${pair}`)
      .join(', '),
  (bytes) =>
    pairs(bytes)
      .map((pair) => `%${pair}`)
      .join('')
]

const dumped: Area = {
  name: 'a secret in an image, as a dump',
  doors: dumps.length,
  cost: 10,
  async attack(index, pick) {
    const secret = password(pick)
    const bytes = Buffer.from(`${'#'.repeat(pick([0, 1, 2, 3, 7, 11, 15]))}${secret}${pick(['', '\n', 'and more'])}`)
    const write = dumps[index] ?? pick(dumps)
    const width = pick([8, 12, 15, 16, 32])
    const lines = Array.from({ length: Math.ceil(bytes.length / width) }, (_, at) =>
      write(bytes.subarray(at * width, at * width + width))
    )
    const plan = await planNeedles([{ id: 's', value: secret, kind: 'secret' }])
    const text = `char a[] = {\n${lines.map((line) => `  ${line}`).join('\n')}\n};`
    return searchText(plan, text).length > 0 ? undefined : JSON.stringify([secret, text])
  }
}

export const settings: readonly Area[] = [parts, dumped]
