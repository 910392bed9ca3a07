import { describe, expect, jest, test } from '@jest/globals'
import { secretForms } from '../../src/core/secret_forms.js'
import { planMasks } from '../../src/credentials/secrets.js'
import { planNeedles, searchText } from '../../src/image/index.js'
import { createRedactor, prepareRedactor } from '../../src/report/redact.js'
import { opensslKeys } from '../image/leaks/keys.js'
import { seeded } from '../image/support/random.js'

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
    ['<server id="x" password="hunter22!"/>', 'hunter22!', 'the value of `password`'],
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
    // Handed over in base64.
    [base64Of('//r.example/:_authToken=npm_Zq81hVb2LmX0'), 'npm_Zq81hVb2LmX0', 'the value after `_authToken=`'],
    [base64Of('correct-horse!'), 'correct-horse!', 'the decoded value'],
    [base64Of(base64Of('correct-horse!')), 'correct-horse!', 'the decoded value'],
    [
      `A=1\nTLS_KEY_BASE64="${base64Of('correct-horse!')}"`,
      'correct-horse!',
      'the decoded value after `TLS_KEY_BASE64=`'
    ],
    // What is in a manifest of Kubernetes.
    [`kind: Secret\ndata:\n  redis-password: ${base64Of('hunt!2')}`, 'hunt!2', 'the decoded value of `redis-password`'],
    [`kind: Secret\ndata:\n  redis: ${base64Of('hunter22')}\n`, 'hunter22', 'the decoded value of `redis`'],
    [
      `kind: Secret\ndata:\n  .npmrc: |\n    ${base64Of('//r.example/:_authToken=npm_Zq81hVb2LmX0').replace(/.{32}/g, '$&\n    ')}`,
      'npm_Zq81hVb2LmX0',
      'the value after `_authToken=`'
    ],
    [
      JSON.stringify({ kind: 'Secret', data: { password: base64Of('hunt!2') } }),
      'hunt!2',
      'the decoded value of `password`'
    ],
    [`npmAuthIdent: "joe:correct-horse!"`, 'correct-horse!', 'the password in `npmAuthIdent:`'],
    [`npmAuthIdent: ${base64Of('joe:correct-horse!')}`, 'correct-horse!', 'the password in `npmAuthIdent:`'],
    // XML as it is written.
    [`<server password='a&amp;b"c!1'/>`, 'a&b"c!1', 'the value of `password`'],
    [`<add value="hunter22&quot;!" key="ClearTextPassword"/>`, 'hunter22"!', 'the value of `ClearTextPassword`'],
    ['<s><password><![CDATA[hunter<22>!]]></password></s>', 'hunter<22>!', 'the value of `password`'],
    ['<s><password>hun<!-- -->ter&#50;&#x32;!</password></s>', 'hunter22!', 'the value of `password`'],
    ['<p><name>db.password</name><value>hunter22!</value></p>', 'hunter22!', 'the value of `db.password`'],
    ['<c url="jdbc:x://db/x?user=me&amp;password=hunt%2622!"/>', 'hunt&22!', 'the value after `password=`'],
    // Addresses and connection strings.
    ['postgres://db/x?user=me&password=a%26b!c1', 'a&b!c1', 'the value after `password=`'],
    ['postgres://db/x?password=horse+a%26b', 'horse a&b', 'the value after `password=`'],
    ['jdbc:sqlserver://db;user=me;password={hunt;er}}22}', 'hunt;er}22', 'the value after `password=`'],
    ['{"url":"https:\\/\\/me:hunter22!@db"}', 'hunter22!', 'the password of an address'],
    // A name and its value, side by side.
    ['env:\n  - name: DB_PASSWORD\n    value: hunter 22!', 'hunter 22!', 'the value of `DB_PASSWORD`'],
    ['env:\n  - value: "hunter 22!"\n    name: DB_PASSWORD', 'hunter 22!', 'the value of `DB_PASSWORD`'],
    [
      String.raw`- name: "DB_PASSWORD"` + '\n' + String.raw`  value: "hunter \"22\"!"`,
      'hunter "22"!',
      'the value of `DB_PASSWORD`'
    ],
    ['environment:\n  - "DB_PASSWORD=hunt;er 22!"', 'hunt;er 22!', 'the value after `DB_PASSWORD=`'],
    ['{"env":[{"name":"DB_PASSWORD","value":"hunter 22!"}]}', 'hunter 22!', 'the value of `DB_PASSWORD`'],
    ['{"db_password":{"type":"string","value":"hunter 22!"}}', 'hunter 22!', 'the value of `db_password`'],
    ['{"Env":["A=1","DB_PASSWORD=hunt;er 22!"]}', 'hunt;er 22!', 'the value after `DB_PASSWORD=`'],
    ['db_password: |\n  hunter 22!\nuser: me', 'hunter 22!', 'the value of `db_password`'],
    // Escapes between quotes.
    [String.raw`A=1\nPASSWORD="s3cr\$t-\"pass\""`.replace('\\n', '\n'), 's3cr$t-"pass"', 'the value after `PASSWORD=`'],
    [`A=1\nPASSWORD='it'\\''s mine!'`, "it's mine!", 'the value after `PASSWORD=`'],
    [`{db: {password: 'it''s mine!'}}`, "it's mine!", 'the value after `password:`'],
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
    const polish = Buffer.from('\ufeffpassword=Zażółć-gęślą\r\n', 'utf16le')
    expect(await find(polish, 'x Zażółć-gęślą y')).toMatchObject([{ part: 'the value after `password=`' }])
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
    const manifest = 'name: my-token-service\nvalue: production-eu\nvolumes:\n  - name: token\nvalue: europe-west'
    expect(await find(manifest, 'production-eu europe-west')).toEqual([])
    const json = JSON.stringify({ base: `debian@sha256:${'0f1e2d3c'.repeat(8)}`, env: ['BRANCH=main', 'PORT=5432'] })
    expect(await find(json, `${'0f1e2d3c'.repeat(8)} main 5432`)).toEqual([])
  })
})

describe('a value in base64 stands for what it decodes to', () => {
  const keystore = seeded(11).bytes(900)
  const folded = inLinesOf(keystore.toString('base64'), 76, '\n')

  test.each([
    ['as it is', keystore.toString('base64')],
    ['without padding', keystore.subarray(0, 40).toString('base64').replace(/=+$/, '')],
    ['in the alphabet of addresses', keystore.toString('base64url')],
    ['in lines', `${folded}\n`],
    ['in lines of Windows', folded.replaceAll('\n', '\r\n')],
    ['in a setting', `ALIAS=upload\nKEYSTORE=${keystore.toString('base64')}`],
    ['in a block of YAML', `kind: Secret\ndata:\n  upload.p12: |\n    ${folded.replaceAll('\n', '\n    ')}`],
    ['in base64 again', base64Of(keystore.toString('base64'))]
  ])('a keystore %s', async (_, value) => {
    const bytes = value.length < 80 ? keystore.subarray(0, 40) : keystore
    expect(await find(value, Buffer.concat([Buffer.from('x'), bytes]))).toMatchObject([
      { encoding: 'raw', extent: 'part', part: expect.stringMatching(/decoded value/) as unknown }
    ])
    expect(createRedactor([{ id: 's', value }])(`x ${bytes.toString('hex')} y`)).toBe('x *** y')
  })

  test('a private key of which nothing that all keys share is looked for', async () => {
    const [own, other] = [opensslKeys()['EC SEC 1'], opensslKeys()['EC SEC 1']]
    const plan = await planNeedles([{ id: 's', value: base64Of(own), kind: 'secret' }])
    const found = (text: string) => searchText(plan, text).filter(({ kind }) => kind === 'secret')
    expect(found(own)).toHaveLength(1)
    expect(found(other)).toEqual([])
  })

  test('its lines are masked in the log', () => {
    expect(planMasks(base64Of('//r.example/:_authToken=abc-def-ghi-j'))).toContain('abc-def-ghi-j')
  })

  test.each([
    ['a password', 'password1234'],
    ['words', 'correct-horse-battery-staple'],
    ['words in capitals', 'CORRECTHORSEBATTERYSTAPLES'],
    ['a digest', '0f1e2d3c'.repeat(8)],
    ['an UUID', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'],
    ['a short token', 'AbCdEfGhIjKlMnOp'],
    ['bits left over', 'Y29ycmVjdC1ob3JzZSF'],
    ['lines of words', 'login\nhunter22\nmachine'],
    ['lines of two lengths', `${'Ab1c'.repeat(10)}\n${'Ab1c'.repeat(12)}`],
    ['two alphabets', 'AbCdEfGh+IjKlMnOp_QrStUvWxYz01234567'],
    ['a text too short', base64Of('hunter7')],
    ['a certificate', base64Of(`-----BEGIN CERTIFICATE-----\n${'Ab1c'.repeat(16)}\n-----END CERTIFICATE-----\n`)],
    ['a value that is no secret by its name', `A=1\nCACHE=${base64Of('registry.example.com')}`],
    ['an ordinary word', `A=1\nPASSWORD=${base64Of('postgres')}`],
    ['what a manifest has of names', `kind: Secret\ndata:\n  host: ${base64Of('db.example.com')}\n`]
  ])('%s is nothing but itself', (_, value) => {
    const decoded = secretForms(Buffer.from(value)).pieces.filter(({ part }) => part?.includes('decoded') === true)
    expect(decoded).toEqual([])
  })

  test('an ordinary word is taken out of texts, and not looked for in images', async () => {
    const value = base64Of('registry')
    expect(await find(value, 'the registry')).toEqual([])
    expect(createRedactor([{ id: 's', value }])('the registry')).toBe('the ***')
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

describe('a file that was written to take long is taken apart at once', () => {
  const wrapped = (text: string, times: number): string =>
    times === 0 ? text : wrapped(`token=${base64Of(text)}`, times - 1)
  const margins = Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a: |`)
  const tagged = ['<', '<!--', '<![CDATA[', '<a b="', `<a b='`, '</', '<a b', '<name>x', '&#x0', ' '].map(
    (unit) => [`<a>${unit}`, `<a>${unit.repeat(128_000 / unit.length)}`] as const
  )
  const plain = [
    'a={',
    'key={}}',
    'key="',
    'key="\\"',
    `key='`,
    'key: |\n',
    '- ',
    '- "a',
    '\n',
    '=',
    'YWJjZGVmZ2hp',
    '%41'
  ].map((unit) => [unit, `key=${unit.repeat(128_000 / unit.length)}`] as const)
  test.each([
    ...tagged,
    ...plain,
    ['lines of base64', `${'Ab1c'.repeat(19)}\n`.repeat(1600)],
    ['base64 in base64', wrapped('password=correct-horse!', 28)],
    ['deeper with each line', margins.join('\n')],
    ['names and values', '- name: a_token\n  value: b!b1b2\n'.repeat(3500)],
    ['half a megabyte of base64', 'YWJjZGVmZ2hp'.repeat(42_000)]
  ])('%j', (_, value) => {
    const start = performance.now()
    secretForms(Buffer.from(value))
    expect(performance.now() - start).toBeLessThan(5000)
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
