import { describe, expect, jest, test } from '@jest/globals'
import { planNeedles, searchText } from '../../src/image/index.js'
import { createRedactor, prepareRedactor } from '../../src/report/redact.js'

jest.setTimeout(120_000)

const token = 'AbCdEfGh+IjKlMnOp/QrStUvWxYz0123456789=='
const hex = Buffer.from(token).toString('hex')
const base64 = Buffer.from(`user:${token} and something more to be there`).toString('base64')
const inLinesOf = (text: string, width: number, lineEnd: string): string =>
  (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(lineEnd)

const base64Of = (text: string): string => Buffer.from(text).toString('base64')

const find = async (value: string | Buffer, text: string | Buffer) =>
  searchText(await planNeedles([{ id: 's', value, kind: 'secret' }]), text)

describe('what builds write', () => {
  test.each([
    ['hex as xxd -p writes it', inLinesOf(hex, 60, '\n')],
    ['hex in narrow lines', inLinesOf(hex, 16, '\n')],
    ['JSON of .NET', token.replaceAll('+', '\\u002B')],
    ['JSON of Gson', token.replaceAll('=', '\\u003d')],
    ['JSON of PHP', token.replaceAll('/', '\\/')],
    ['JSON in JSON', JSON.stringify(JSON.stringify({ token: `${token}"` }))],
    ['encodeURI', encodeURI(token)],
    ['encodeURIComponent', encodeURIComponent(token)],
    ['a form', new URLSearchParams({ token }).toString()]
  ])('%s', async (_, text) => {
    expect(await find(token, `x ${text} y`)).toMatchObject([{ secretId: 's', extent: 'whole' }])
    expect(createRedactor([{ id: 's', value: token }])(text)).toContain('***')
  })

  const password = `it's <b> & "q" > 7\n\tx`
  test.each([
    ['text of a settings.xml', `it's &lt;b> &amp; "q" > 7\n\tx`],
    ['Python, xml.sax.saxutils', `it's &lt;b&gt; &amp; "q" &gt; 7\n\tx`],
    ['Python, an attribute', `it's &lt;b&gt; &amp; &quot;q&quot; &gt; 7&#10;&#9;x`],
    ['Python, html.escape', `it&#x27;s &lt;b&gt; &amp; &quot;q&quot; &gt; 7\n\tx`],
    ['Go, encoding/xml', `it&#39;s &lt;b&gt; &amp; &#34;q&#34; &gt; 7&#xA;&#x9;x`],
    ['.NET, an attribute', `it's &lt;b&gt; &amp; &quot;q&quot; &gt; 7&#xA;&#x9;x`],
    ['with &apos;', `it&apos;s &lt;b&gt; &amp; &quot;q&quot; &gt; 7\n\tx`]
  ])('XML: %s', async (_, text) => {
    expect(await find(password, `<a>${text}</a>`)).toMatchObject([{ encoding: 'xml', extent: 'whole' }])
    expect(createRedactor([{ id: 's', value: password }])(`<a>${text}</a>`)).toBe('<a>***</a>')
  })

  const phrase = `it's $x "q" a=b, \\ c&d`
  test.each([
    ['bash, printf %q', String.raw`it\'s\ \$x\ \"q\"\ a=b\,\ \\\ c\&d`],
    ['bash, export -p', String.raw`it's \$x \"q\" a=b, \\ c&d`],
    ['bash, set and @Q', String.raw`it'\''s $x "q" a=b, \ c&d`],
    ['dash, export -p; Python, shlex.quote', String.raw`it'"'"'s $x "q" a=b, \ c&d`],
    ['YAML and SQL', String.raw`it''s $x "q" a=b, \ c&d`],
    ['Python, repr', String.raw`it\'s $x "q" a=b, \\ c&d`],
    ['Java, Properties.store', String.raw`it's $x "q" a\=b, \\ c&d`]
  ])('quoted: %s', async (_, text) => {
    expect(await find(phrase, `A='${text}'`)).toMatchObject([{ encoding: 'quoted', extent: 'whole' }])
    expect(createRedactor([{ id: 's', value: phrase }])(`A='${text}'`)).toBe("A='***'")
  })

  test('UTF-16 of a file and of its lines, in either order of bytes', async () => {
    const value = `user=ci\ntoken=${token}\n`
    const little = Buffer.from(`\ufeff${value}`, 'utf16le')
    const line = Buffer.from(`$env:T = "${token}"`, 'utf16le')
    for (const bytes of [little, Buffer.from(little).swap16()]) {
      expect(await find(value, bytes)).toMatchObject([{ encoding: 'utf16', extent: 'whole' }])
    }
    expect(await find(value, Buffer.from(value.replaceAll('\n', '\r\n'), 'utf16le'))).toMatchObject([
      { encoding: 'utf16', extent: 'part' }
    ])
    expect(await find(token, line)).toMatchObject([{ encoding: 'utf16', extent: 'whole' }])
    // Read as text, and with an odd byte before it.
    expect(createRedactor([{ id: 's', value: token }])(line.toString('latin1'))).not.toContain(
      token.slice(4, 8).split('').join('\0')
    )
    expect(await find(token, Buffer.concat([Buffer.of(9), line]))).toHaveLength(1)
    // As PowerShell's -EncodedCommand has it.
    for (const skew of [0, 1, 2]) {
      const command = Buffer.from(`${'x'.repeat(skew)}$env:T = "${token}"`, 'utf16le').toString('base64')
      expect(await find(token, command)).toMatchObject([{ encoding: 'base64', extent: 'whole' }])
      expect(createRedactor([{ id: 's', value: token }])(command)).toContain('***')
    }
  })

  test.each(['\n', '\r\n', '\\n', '\\\n', '"\n"', '" +\n    "', "',\n  '", '\n# '])(
    'base64 in lines that end with %j',
    async (end) => {
      for (const width of [16, 20, 24, 30, 32, 60, 64, 76]) {
        expect({ width, found: (await find(token, inLinesOf(base64, width, end))).length }).toEqual({ width, found: 1 })
      }
    }
  )

  test.each<readonly [string, Buffer | string, Buffer | string]>([
    [
      'a keystore',
      Buffer.from([0xfe, 0xed, 0, 1, 0xff, 2, 0x80, 3]),
      Buffer.from([9, 0xfe, 0xed, 0, 1, 0xff, 2, 0x80, 3, 9])
    ],
    ['UTF-16 as UTF-8', Buffer.from('\ufeffcorrect-horse-battery\r\n', 'utf16le'), 'correct-horse-battery'],
    [
      'UTF-16, its other order',
      Buffer.from('\ufeffcorrect-horse-battery\r\n', 'utf16le').swap16(),
      'correct-horse-battery'
    ],
    ['Latin-1', Buffer.from('Gehäuse-Schlüssel', 'latin1'), Buffer.from('Gehäuse-Schlüssel', 'latin1')],
    ['Latin-1 as UTF-8', Buffer.from('Gehäuse-Schlüssel', 'latin1'), 'Gehäuse-Schlüssel'],
    ['UTF-8 as Latin-1', 'Gehäuse-Schlüssel', Buffer.from('Gehäuse-Schlüssel', 'latin1')],
    ['CRLF as LF', 'user=admin\r\nhost=db\r\n', 'user=admin\nhost=db'],
    ['LF as CRLF', 'user=admin\nhost=db\n', 'user=admin\r\nhost=db'],
    ['UTF-8 with a mark', '\ufeffcorrect-horse-battery\n', 'correct-horse-battery']
  ])('%s', async (_, value, text) => {
    expect(await find(value, text)).toMatchObject([{ encoding: 'raw', extent: 'whole' }])
  })
})

describe('the secrets inside a secret', () => {
  test.each([
    ['https://ci:tokA9b8C7d6E5@pypi.example/simple', 'tokA9b8C7d6E5', 'the password of an address'],
    ['https://ci:p%40ssw0rd@pypi.example', 'p@ssw0rd', 'the password of an address'],
    ['//r.example/:_authToken=npm_Zq81hVb2LmX0', 'npm_Zq81hVb2LmX0', 'the value after `_authToken=`'],
    [
      'registry=https://r.example/\n//r.example/:_authToken=abc-def-ghi-j',
      'abc-def-ghi-j',
      'the value after `_authToken=`'
    ],
    ['machine a login joe password hunter22', 'hunter22', 'the password of a machine'],
    ['machine a\nlogin joe\npassword hunter22\n', 'hunter22', 'the password of a machine'],
    ['{"user":"x","password":"s3cr3t!x"}', 's3cr3t!x', 'the value of `password`'],
    ['{"a":{"k":"zq81hVb2LmX0"}}', 'zq81hVb2LmX0', 'the value of `k`'],
    [
      `{"auths":{"g":{"auth":"${Buffer.from('joe:pa55word!').toString('base64')}"}}}`,
      'pa55word!',
      'the password in `auth`'
    ],
    ['user=a\npassword=correct-horse-battery', 'correct-horse-battery', 'the value after `password=`'],
    ['a: 1\ntoken: "abcDEF123456"', 'abcDEF123456', 'the value after `token:`'],
    ['Authorization: Bearer abcdefghijkl', 'abcdefghijkl', 'the value after `Authorization:`'],
    ['<server><id>a</id><password>hunter2&amp;2</password></server>', 'hunter2&2', 'the value of `password`'],
    [
      '<add key="Username" value="u" /><add key="ClearTextPassword" value="hunter22!"/>',
      'hunter22!',
      'the value of `ClearTextPassword`'
    ],
    ['"correct-horse!"', 'correct-horse!', 'what is between quotes'],
    ['<server id="x" password="hunter22!"/>', 'hunter22!', 'the value after `password=`'],
    ['Server=tcp:db,1433;User ID=me;Password=hunter22!;Encrypt=true', 'hunter22!', 'the value after `Password=`'],
    ['AccountName=x;AccountKey=Zk-pQv/mLw==;EndpointSuffix=y', 'Zk-pQv/mLw==', 'the value after `AccountKey=`'],
    ['host=db user=me password=hunter22! dbname=x', 'hunter22!', 'the value after `password=`'],
    ['jdbc:postgresql://db/x?user=me&password=hunter22!', 'hunter22!', 'the value after `password=`'],
    ['https://a.example/c?sv=2024&sig=correct-horse%3D&se=1', 'correct-horse%3D', 'the value after `sig=`'],
    ['db:5432:x:me:correct-horse!', 'correct-horse!', 'the password of a server'],
    ['--user me --password correct-horse!', 'correct-horse!', 'the value after `password `'],
    ['auth: {user: me, password: correct-horse!}', 'correct-horse!', 'the value after `password:`'],
    ['{"token":"correct-horse!"}\n{"token":"other-horse!"}', 'other-horse!', 'the value after `token:`'],
    [
      JSON.stringify({ gcp: JSON.stringify({ client_secret: 'correct-horse!' }) }),
      'correct-horse!',
      'the value of `client_secret`'
    ],
    [
      `//r.example/:username=me\n//r.example/:_password=${base64Of('correct-horse!')}`,
      'correct-horse!',
      'the password in `_password=`'
    ],
    [
      `extraheader = AUTHORIZATION: basic ${base64Of('x-access-token:correct-horse!')}`,
      'correct-horse!',
      'the password in `extraheader=`'
    ],
    [
      `data:\n  .dockerconfigjson: ${base64Of(JSON.stringify({ auths: { r: { auth: base64Of('me:correct-horse!') } } }))}`,
      'correct-horse!',
      'the password in `auth`'
    ],
    ['.example\tTRUE\t/\t0\tsession\tzq81hVb2LmX0', 'zq81hVb2LmX0', 'a word of a line'],
    ['https://hooks.example/services/T0000/zq81hVb2LmX0zq81', 'zq81hVb2LmX0zq81', 'a word of a line']
  ])('%j: %s', async (value, part, words) => {
    expect(await find(value, `x ${part} y`)).toMatchObject([{ secretId: 's', extent: 'part', part: words }])
    expect(createRedactor([{ id: 's', value }])(`x ${part} y`)).toBe('x *** y')
  })

  test('of a file of UTF-8 with a mark', async () => {
    const value = `\ufeff${JSON.stringify({ auths: { r: { auth: base64Of('me:correct-horse!') } } })}`
    expect(await find(value, 'x correct-horse! y')).toMatchObject([{ part: 'the password in `auth`' }])
    expect(createRedactor([{ id: 's', value }])('x correct-horse! y')).toBe('x *** y')
  })

  test('of a file of UTF-16', async () => {
    const value = Buffer.from('\ufeffuser=me\r\npassword=correct-horse!\r\n', 'utf16le')
    expect(await find(value, 'x correct-horse! y')).toMatchObject([{ part: 'the value after `password=`' }])
    expect(await find(value, Buffer.from('x correct-horse! y', 'utf16le'))).toMatchObject([{ encoding: 'utf16' }])
    expect(createRedactor([{ id: 's', value }])('x correct-horse! y')).toBe('x *** y')
  })

  test('ordinary words among them are none', async () => {
    const value = [
      'registry=https://registry.example.com/',
      'user=octocat',
      'debug=true',
      'branch=main',
      'port=5432',
      'NODE_VERSION=20.11.1',
      'auth-type=legacy',
      'key=primary',
      'cache_dir=/root/.cache/pip',
      `base: debian@sha256:${'0f1e2d3c'.repeat(8)} sha512-${'Ab1/'.repeat(20)}==`,
      'author=Ada-Lovelace-1815',
      'certificate-authority=ca-of-ours.pem',
      'public_key=not-a-secret-1',
      `host ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'b2M3'.repeat(10)} me`,
      '--token-type bearer --password-file /run/secrets/password'
    ].join('\n')
    const text = `https://registry.example.com/ octocat true main 5432 20.11.1 legacy primary /root/.cache/pip
      ${'0f1e2d3c'.repeat(8)} ${'Ab1/'.repeat(20)} Ada-Lovelace-1815 ca-of-ours.pem not-a-secret-1 bearer /run/secrets/password`
    expect(await find(value, `${text} AAAAC3NzaC1lZDI1NTE5AAAAI${'b2M3'.repeat(10)}`)).toEqual([])
    expect(createRedactor([{ id: 's', value }])(text)).toBe(text)
  })
})

describe('a text is redacted', () => {
  const redact = createRedactor([
    { id: 'token', value: 'ghp_A1b2C3d4' },
    { id: 'user', value: 'registry' },
    { id: 'lines', value: 'login\nhunter22\nmachine example.org 1234567\n' }
  ])

  test.each([
    ['\u001b[31mghp_A1b2\u001b[0mC3d4\u001b[1m!', '\u001b[31m***\u001b[1m!'],
    ['g\u200bhp_A1b2C3d4 é', '*** é'],
    ['ghp_\u00adA1b2\u2060C3d4', '***'],
    ['hunter22', '***'],
    ['no registry', 'no ***'],
    ['\u001b[1mbold\u001b[0m', '\u001b[1mbold\u001b[0m']
  ])('%j', (text, expected) => {
    expect(redact(text)).toBe(expected)
  })

  test('a second time without ordinary words', () => {
    expect(redact.again('registry ghp_A1b2C3d4')).toBe('registry ***')
  })
})

describe('a great many', () => {
  const values = (count: number, value: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => ({
      id: `s${index % 300}`,
      value: value(index),
      kind: 'secret' as const
    }))

  test('secrets of eighty lines', async () => {
    const secrets = values(300, (index) =>
      Array.from({ length: 80 }, (_, line) => `line${index}x${line} = ${index * line}z9`).join('\n')
    )
    const plan = await planNeedles(secrets)
    expect(plan.patterns).toBeLessThan(100_000)
    expect(searchText(plan, secrets[299]?.value ?? '')).toContainEqual(expect.objectContaining({ secretId: 's299' }))
    expect((await prepareRedactor(secrets))(`a ${secrets[299]?.value ?? ''} b`)).toBe('a *** b')
  })

  test.each(['needles', 'redactor'])('while the %s are made ready, other things go on', async (what) => {
    const secrets = values(200, (index) =>
      Array.from({ length: 40 }, (_, line) => `line${index}x${line}=z${line}9`).join('\n')
    )
    let turns = 0
    const counting = setInterval(() => (turns += 1), 1)
    await (what === 'needles' ? planNeedles(secrets) : prepareRedactor(secrets))
    clearInterval(counting)
    expect(turns).toBeGreaterThan(3)
  })

  test('needles that begin alike', async () => {
    const plan = await planNeedles(values(50_000, (index) => `https://one-prefix-for-all.example/${index}x${index}`))
    const text = 'https://one-prefix-for-all.example/'.repeat(20_000)
    expect(searchText(plan, `${text}49999x49999`)).toMatchObject([{ secretId: 's199', count: 1 }])
  })

  test('marks of keys', async () => {
    const plan = await planNeedles([])
    expect(searchText(plan, '-----BEGIN PRIVATE KEY-----\n'.repeat(150_000))).toEqual([])
  })
})
