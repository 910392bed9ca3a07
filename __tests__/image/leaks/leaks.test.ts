import { beforeAll, describe, expect, test } from '@jest/globals'
import {
  analyseImage,
  planNeedles,
  readImages,
  redactText,
  searchText,
  type LeakFinding,
  type NeedlePlan,
  type Secret
} from '../../../src/image/index.js'
import { analyse, analyseLayers } from '../support/analyse.js'
import {
  addBlob,
  addImage,
  addJson,
  layoutOf,
  temporaryFolder,
  withIndex,
  writeFiles,
  type LayoutFiles
} from '../support/image-builder.js'
import { seeded } from '../support/random.js'
import { file, folder, symlink } from '../support/tar-builder.js'
import { opensslKeys, sshKey } from './keys.js'

const token = 'npm_Ab/Cd+Ef"0123<456>789 xyzé'
const secret: Secret = { id: 'npm', value: token, kind: 'secret' }
const plan = await planNeedles([secret])

const url = encodeURIComponent(token)
const json = JSON.stringify(token).slice(1, -1)
const encoded: readonly (readonly [encoding: string, text: string])[] = [
  ['raw', token],
  ...[0, 1, 2].flatMap((skew) => {
    const base64 = Buffer.from(`${'#'.repeat(skew)}${token} and more`).toString('base64')
    return [
      ['base64', base64],
      ['base64url', base64.replaceAll('+', '-').replaceAll('/', '_')]
    ] as const
  }),
  ['url', url],
  ['url', url.replace(/%../g, (code) => code.toLowerCase())],
  ['url', url.replaceAll('%20', '+')],
  ['json', json],
  ['json', json.replace('é', '\\u00e9')],
  ['json', json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')],
  ['json', json.replaceAll('/', '\\/')],
  ['hex', Buffer.from(token).toString('hex')],
  ['hex', Buffer.from(token).toString('hex').toUpperCase()]
]

/** A finding in a few words. */
function brief(finding: LeakFinding): string {
  const what =
    finding.kind === 'secret'
      ? `${finding.secretId} ${finding.extent}`
      : `${finding.format}${finding.encrypted ? ' encrypted' : ''}`
  const { place } = finding
  switch (place.in) {
    case 'config':
      return `${what} ${finding.encoding} in ${place.member}`
    case 'env':
    case 'label':
      return `${what} ${finding.encoding} in ${place.in} ${place.name}`
    case 'history':
      return `${what} ${finding.encoding} in history ${place.line}`
    case 'manifest':
      return `${what} ${finding.encoding} in manifest`
    case 'annotation':
      return `${what} ${finding.encoding} in annotation ${place.name}`
    case 'attestation':
      return `${what} ${finding.encoding} in attestation ${place.predicateType}`
    case 'file':
    case 'name':
    case 'outside':
      return `${what} ${finding.encoding} in ${place.in} ${place.layer.index} ${place.path}${place.live ? '' : ' (gone)'}`
  }
}

describe('a secret in a text', () => {
  test.each(encoded)('%s: %s', (encoding, text) => {
    const leaks = searchText(plan, `some ${text} text`)
    // A base64 text without + and / is base64url as well.
    expect(leaks.map((leak) => leak.encoding)).toContain(
      encoding === 'base64url' && !/[-_]/.test(text) ? 'base64' : encoding
    )
    expect(leaks).toContainEqual(expect.objectContaining({ kind: 'secret', secretId: 'npm', extent: 'whole' }))
  })

  test('a clean text', () => {
    expect(searchText(plan, 'npm_Ab/Cd+Ef is not all of it')).toEqual([])
  })

  test('binary secrets', async () => {
    const value = seeded(1).bytes(40)
    const binary = await planNeedles([{ id: 'b', value, kind: 'secret' }])
    expect(searchText(binary, Buffer.concat([Buffer.from('x'), value]))).toMatchObject([{ encoding: 'raw' }])
    expect(searchText(binary, value.toString('hex'))).toMatchObject([{ encoding: 'hex' }])
  })

  test('a value that repeats is counted', () => {
    expect(searchText(plan, `${token} ${token}`)).toMatchObject([{ encoding: 'raw', count: 2 }])
  })

  test('blanks around a value do not matter', async () => {
    const padded = await planNeedles([{ id: 'p', value: '\n  hunter2-hunter2\r\n', kind: 'secret' }])
    expect(searchText(padded, 'password=hunter2-hunter2;')).toHaveLength(1)
  })

  test('long values are found by their middle, in every encoding', async () => {
    const value = seeded(2).bytes(3000).toString('base64')
    const long = await planNeedles([{ id: 'long', value, kind: 'secret' }])
    for (const text of [value, Buffer.from(value).toString('base64'), Buffer.from(value).toString('hex')]) {
      expect(searchText(long, text)).toMatchObject([{ secretId: 'long', extent: 'part' }])
    }
    const wrapped = Buffer.from(value).toString('base64').replace(/.{76}/g, '$&\n')
    expect(searchText(long, wrapped)).toMatchObject([{ secretId: 'long', encoding: 'base64' }])
  })

  test('a base64 text wrapped anywhere', async () => {
    const value = seeded(3).bytes(60).toString('hex')
    const hex = await planNeedles([{ id: 'h', value, kind: 'secret' }])
    for (let before = 0; before < 80; before++) {
      const text = Buffer.from(`${'.'.repeat(before)}${value}`)
        .toString('base64')
        .replace(/.{76}/g, '$&\n')
      expect({ before, found: searchText(hex, text).length > 0 }).toEqual({ before, found: true })
    }
  })
})

describe('a value with several lines', () => {
  const value = [
    '[default]',
    'aws_secret_access_key = wJalrXUtnFEMI7K7MDENG8bPxRfiCYEXAMPLEKEY',
    'registry=https://registry.example.com/',
    'login x'
  ].join('\n')
  let lines: NeedlePlan
  beforeAll(async () => {
    lines = await planNeedles([{ id: 'aws', value, kind: 'secret' }])
  })

  test('is found whole', () => {
    expect(searchText(lines, `# ${value}\n`)).toMatchObject([{ secretId: 'aws', extent: 'whole', count: 1 }])
  })
  test('is found whole with other line ends', () => {
    expect(searchText(lines, value.replaceAll('\n', '\r\n'))).toMatchObject([{ extent: 'whole' }])
  })
  test('is found by a telling line alone', () => {
    expect(searchText(lines, 'x aws_secret_access_key = wJalrXUtnFEMI7K7MDENG8bPxRfiCYEXAMPLEKEY')).toMatchObject([
      { extent: 'part' }
    ])
  })
  test('a line that any such file has is no leak', () => {
    expect(searchText(lines, '[default]\nregistry=https://registry.example.com/\nlogin x')).toEqual([])
  })
})

describe('what cannot be searched for is said', () => {
  test.each([
    ['five bytes', '12345', /it has 5 bytes, fewer than 6/],
    ['a short number', '20261128', /it is a short number/],
    ['a word', 'registry', /it is a single word/],
    ['a few hex digits', 'a1b2c3d', /it is a few hex digits/],
    ['one character, many times', 'xxxxxxxxxxxxxxxx', /made of 1 different characters/],
    ['nothing', '', /it has 0 bytes/]
  ])('%s', async (_, value, reason) => {
    const short = await planNeedles([{ id: 'pin', value, kind: 'secret' }])
    expect(short.omissions).toMatchObject([
      { kind: 'value', secretId: 'pin', words: expect.stringMatching(reason) as unknown }
    ])
    expect(short.omissions[0]?.words).toMatch(/^secret "pin" was not searched for/)
  })

  test('and an analysis repeats it', async () => {
    const { omissions } = await analyseLayers([[file('a')]], {
      needles: await planNeedles([{ id: 'pin', value: '1234', kind: 'secret' }])
    })
    expect(omissions.map(({ words }) => words)).toEqual([
      'secret "pin" was not searched for: it has 4 bytes, fewer than 6'
    ])
  })
})

describe('values stay out of sight', () => {
  test('a plan can be printed', async () => {
    const { inspect } = await import('node:util')
    expect(inspect(plan, { depth: 20, showHidden: true }) + JSON.stringify(plan)).not.toContain('npm_Ab')
  })

  test('redacting takes every form out', () => {
    for (const [, text] of encoded) expect(redactText(plan, `a ${text} b`)).toMatch(/^a .*\*\*\*.* b$/)
    expect(redactText(plan, `x${token}${token}y`)).toBe('x***y')
    expect(redactText(plan, 'nothing here')).toBe('nothing here')
  })

  test('redacting takes private keys out, and leaves their mention', () => {
    const { key } = sshKey('ed25519')
    expect(redactText(plan, `a\n${key}b`)).toBe('a\n***\nb')
    expect(redactText(plan, 'grep -----BEGIN RSA PRIVATE KEY-----')).toBe('grep -----BEGIN RSA PRIVATE KEY-----')
  })

  test('no finding shows a value, wherever it was', async () => {
    const analysis = await analyse(
      {
        layers: [{ entries: [file(`home/npm_Ab/Cd+Ef"0123<456>789 xyzé/x`, token)], createdBy: `RUN echo ${token}` }],
        config: { Env: [`TOKEN=${token}`, `${token}=x`], Labels: { [token]: token } },
        annotations: { [token]: token },
        statements: [{ buildArgs: token }]
      },
      { needles: plan }
    )
    const shown = [analysis.leaks, analysis.omissions, analysis.leakSearch]
    expect(JSON.stringify([shown, analysis.layers.map(({ createdBy }) => createdBy)])).not.toMatch(/0123<456>/)
    expect(analysis.leaks.length).toBeGreaterThan(6)
  })
})

describe('a secret in an image', () => {
  const value = 'ghp_0123456789abcdefghij'
  let needles: NeedlePlan
  beforeAll(async () => {
    needles = await planNeedles([{ id: 'gh', value, kind: 'secret' }])
  })

  test('in a file, also where a later layer deletes or replaces it', async () => {
    const { leaks } = await analyseLayers(
      [
        [file('a', `token ${value}`), file('b', value), file('c', value)],
        [file('.wh.b'), file('c', 'clean')]
      ],
      { needles }
    )
    expect(leaks.map(brief)).toEqual([
      'gh whole raw in file 0 /a',
      'gh whole raw in file 0 /b (gone)',
      'gh whole raw in file 0 /c (gone)'
    ])
  })

  test('in names, link targets and attributes', async () => {
    const { leaks } = await analyseLayers(
      [
        [
          folder(`d-${value}`),
          file(`long/${'x'.repeat(90)}/${value}`, '', { pax: { path: `long/${'x'.repeat(90)}/${value}` } }),
          symlink('s', value),
          file('attr', '', { pax: { 'SCHILY.xattr.user.x': value } }),
          file(value.slice(10), '', { prefix: `p/${value.slice(0, 10)}` })
        ],
        [file(`.wh.${value}`)]
      ],
      { needles }
    )
    expect(leaks.map(brief)).toEqual([
      'gh whole raw in name 0 /d-***',
      `gh whole raw in name 0 /long/${'x'.repeat(90)}/***`,
      'gh whole raw in name 0 /s',
      'gh whole raw in name 0 /attr',
      'gh whole raw in name 1 /*** (gone)'
    ])
  })

  test('in a name that the header keeps in two fields', async () => {
    const divided = await planNeedles([{ id: 'path', value: 'private/token-0123456789', kind: 'secret' }])
    const { leaks } = await analyseLayers([[file('token-0123456789', '', { prefix: 'srv/private' })]], {
      needles: divided
    })
    expect(leaks.map(brief)).toEqual(['path whole raw in name 0 /srv/***'])
  })

  test('after the end of an archive', async () => {
    const { tar } = await import('../support/tar-builder.js')
    const { leaks, omissions } = await analyseLayers(
      [{ tar: Buffer.concat([tar([file('a', 'x')]), Buffer.from(value)]) }],
      { needles }
    )
    expect(leaks.map(brief)).toEqual(['gh whole raw in outside 0  (gone)'])
    expect(omissions.map(({ words }) => words)).toEqual([
      'has bytes after the end of its archive, which the engines do not extract'
    ])
  })

  test('in the config, its history and labels, annotations and provenance', async () => {
    const { leaks } = await analyse(
      {
        layers: [{ entries: [file('a')] }],
        config: { Env: [`GH=${value}`], Labels: { l: value }, Cmd: ['run', value], Unknown: { deep: 'x' } },
        history: [{ created_by: `RUN |1 GH=${value} /bin/sh -c true` }],
        annotations: { note: Buffer.from(value).toString('base64') },
        statements: [{ predicate: { args: { 'build-arg:GH': value } } }]
      },
      { needles }
    )
    expect(leaks.map(brief)).toEqual([
      'gh whole raw in env GH',
      'gh whole raw in label l',
      'gh whole raw in history 0',
      'gh whole raw in cmd',
      'gh whole base64 in annotation note',
      'gh whole raw in attestation https://slsa.dev/provenance/v1'
    ])
  })

  test('in a member of the config that has no name here', async () => {
    const { leaks } = await analyse({ layers: [{ entries: [file('a')] }], config: { Domainname: value } }, { needles })
    expect(leaks.map(brief)).toEqual(['gh whole raw in other'])
  })

  test('in a string of a document that has it encoded, as Go and others escape an ampersand', async () => {
    const odd = await planNeedles([{ id: 'odd', value: `p&q<r>'s-0123456789`, kind: 'secret' }])
    const xml = `p&amp;q&lt;r&gt;'s-0123456789`
    await using folder = await temporaryFolder()
    const written = layoutOf([{ layers: [{ entries: [file('a')] }], config: { StopSignal: xml } }])
    const [image] = (await readImages(await writeFiles(folder.path, written))).images
    const configText = image!.configText.replaceAll('&', '\\u0026')
    expect(configText).toContain('\\u0026lt;')
    const { leaks } = await analyseImage({ ...image!, configText }, { needles: odd })
    expect(leaks.map(brief)).toEqual(['odd whole xml in other'])
    const statements = [{ predicate: { a: 'one\nline', b: encodeURI(`p&q<r>'s-0123456789`) } }]
    const { leaks: attested } = await analyse({ layers: [{ entries: [file('a')] }], statements }, { needles: odd })
    expect(attested.map(brief)).toEqual(['odd whole url in attestation https://slsa.dev/provenance/v1'])
  })

  test('in a document of any depth', async () => {
    await using folder = await temporaryFolder()
    const written = layoutOf([{ layers: [{ entries: [file('a')] }] }])
    const [image] = (await readImages(await writeFiles(folder.path, written))).images
    const depth = 100_000
    const escaped = value.replace('g', '\\u0067')
    const configText = `${'['.repeat(depth)}"${escaped}"${']'.repeat(depth)}`
    const { leaks } = await analyseImage({ ...image!, configText }, { needles })
    expect(leaks.map(brief)).toEqual(['gh whole raw in other'])
  })

  test('in the config of an attestation', async () => {
    await using folder = await temporaryFolder()
    const files: LayoutFiles = new Map()
    const [manifest] = addImage(files, { layers: [{ entries: [file('a')] }] })
    const document = {
      schemaVersion: 2,
      config: addJson(files, { architecture: value }, 'application/vnd.oci.image.config.v1+json'),
      layers: [addBlob(files, Buffer.from('{}'), 'application/vnd.in-toto+json')],
      subject: manifest
    }
    const attestation = addJson(files, document, 'application/vnd.oci.image.manifest.v1+json')
    const [image] = (await readImages(await writeFiles(folder.path, withIndex(files, [manifest!, attestation])))).images
    expect((await analyseImage(image!, { needles })).leaks.map(brief)).toEqual(['gh whole raw in attestation '])
  })

  test('not in base layers, and the search says where it looked', async () => {
    const layers = [[file('a', value)], [file('b', value)]]
    const { layers: found } = await analyseLayers(layers)
    const { leaks, leakSearch } = await analyseLayers(layers, { needles, baseDiffIDs: [found[0]!.diffID] })
    expect(leaks.map(brief)).toEqual(['gh whole raw in file 1 /b'])
    expect(leakSearch).toMatchObject({ layers: [1], secretIds: ['gh'] })
  })

  test('a finding names layer, instruction, path, secret and encoding', async () => {
    const { leaks, layers } = await analyseLayers([[file('etc/npmrc', `_authToken=${value}`)]], { needles })
    expect(leaks).toEqual([
      {
        kind: 'secret',
        secretId: 'gh',
        encoding: 'raw',
        extent: 'whole',
        count: 1,
        place: {
          in: 'file',
          layer: { index: 0, digest: layers[0]!.digest, createdBy: 'RUN step 0 # buildkit' },
          path: '/etc/npmrc',
          live: true
        }
      }
    ])
  })

  test('a file of a megabyte full of it is one finding', async () => {
    const { leaks, omissions } = await analyseLayers([[file('a', `${value}\n`.repeat(40_000))]], { needles })
    expect(leaks.map(brief)).toEqual(['gh whole raw in file 0 /a'])
    expect(omissions.map(({ words }) => words)).toEqual(['has 30000 more finds than are listed'])
  })
})

describe('private keys', () => {
  let nothing: NeedlePlan
  beforeAll(async () => {
    nothing = await planNeedles([])
  })
  const keys = {
    ...opensslKeys(),
    'OpenSSH ed25519': sshKey('ed25519').key,
    'OpenSSH RSA': sshKey('rsa').key,
    'OpenSSH ECDSA': sshKey('ecdsa').key,
    'OpenSSH encrypted': sshKey('ed25519', { passphrase: 'open sesame' }).key,
    'ssh-keygen PEM': sshKey('rsa', { format: 'PEM' }).key,
    'ssh-keygen PKCS8': sshKey('ecdsa', { format: 'PKCS8' }).key
  }

  test.each(Object.entries(keys))('%s is found as a key, however its lines end', (name, key) => {
    const encrypted = name.includes('encrypted')
    for (const text of [
      key,
      key.replaceAll('\n', '\r\n'),
      JSON.stringify({ private_key: key }),
      JSON.stringify(JSON.stringify({ private_key: key })),
      key
        .trim()
        .split('\n')
        .map((line) => `  "${line}\\n" +`)
        .join('\n'),
      `${key}${key}`.slice(0, key.length + 100)
    ]) {
      expect(searchText(nothing, `before ${text} after`)).toMatchObject([
        { kind: 'private-key', encoding: 'raw', encrypted, count: 1 }
      ])
    }
    for (const skew of [0, 1, 2]) {
      const text = Buffer.from('#'.repeat(skew) + key).toString('base64')
      expect(searchText(nothing, text)).toMatchObject([{ kind: 'private-key', encoding: 'base64', encrypted }])
      expect(searchText(nothing, text.replace(/.{76}/g, '$&\n'))).toMatchObject([
        { kind: 'private-key', encoding: 'base64' }
      ])
    }
  })

  const { key } = sshKey('ed25519')
  test.each<readonly [name: string, text: string]>([
    ['a mention', 'if (text.startsWith("-----BEGIN RSA PRIVATE KEY-----")) return true'],
    ['a stub', '-----BEGIN PRIVATE KEY-----\nMIIE...\n-----END PRIVATE KEY-----'],
    ['a stub of letters', `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(400)}\n-----END PRIVATE KEY-----`],
    [
      'base64 of no key',
      `-----BEGIN RSA PRIVATE KEY-----\n${seeded(4).bytes(600).toString('base64')}\n-----END RSA PRIVATE KEY-----`
    ],
    [
      'a fake OpenSSH key',
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from(`openssh-key-v1\0${'x'.repeat(200)}`).toString('base64')}\n-----END OPENSSH PRIVATE KEY-----`
    ],
    ['a key cut short', `${key.slice(0, 300)}`],
    ['a key with a line missing', key.split('\n').toSpliced(2, 1).join('\n')],
    ['a public key', sshKey('rsa').pub],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----']
  ])('%s is none', (_, text) => {
    expect(searchText(nothing, text)).toEqual([])
  })

  test('in a layer, across pieces of the stream', async () => {
    const { leaks } = await analyseLayers(
      [[file('pad', seeded(5).bytes(600_000)), file('etc/key.pem', keys['RSA PKCS#8'])]],
      { needles: nothing }
    )
    expect(leaks.map(brief)).toEqual(['PKCS8 raw in file 0 /etc/key.pem'])
  })

  describe('an injected key', () => {
    const others = [sshKey('ed25519').key, sshKey('rsa').key, ...Object.values(opensslKeys())]

    test.each(Object.entries(keys))(
      '%s is known by its secret parts, not by what all keys share',
      async (_, injected) => {
        const injectedPlan = await planNeedles([{ id: 'deploy', value: injected, kind: 'ssh-key' }])
        expect(injectedPlan.omissions).toEqual([])
        const own = searchText(injectedPlan, `x\n${injected}`).filter((leak) => leak.kind === 'secret')
        expect(own).toMatchObject([{ secretId: 'deploy' }])
        for (const other of others) {
          expect(searchText(injectedPlan, other).filter((leak) => leak.kind === 'secret')).toEqual([])
        }
      }
    )

    test('its public half is no leak', async () => {
      for (const type of ['ed25519', 'rsa', 'ecdsa'] as const) {
        const pair = sshKey(type)
        const injectedPlan = await planNeedles([{ id: 'deploy', value: pair.key, kind: 'ssh-key' }])
        expect(searchText(injectedPlan, pair.pub)).toEqual([])
        expect(searchText(injectedPlan, Buffer.from(pair.pub).toString('base64'))).toEqual([])
      }
    })

    test('is found when its body is wrapped otherwise, or in binary', async () => {
      const injected = keys['RSA PKCS#1']
      const body = injected.split('\n').slice(1, -2).join('')
      const injectedPlan = await planNeedles([{ id: 'deploy', value: injected, kind: 'ssh-key' }])
      for (const text of [
        body,
        body.replace(/.{76}/g, '$&\n'),
        Buffer.from(body, 'base64'),
        Buffer.from(body, 'base64').toString('hex')
      ]) {
        expect(searchText(injectedPlan, text)).toContainEqual(expect.objectContaining({ secretId: 'deploy' }))
      }
    })

    test('what is no key is said, and searched as text', async () => {
      const odd = await planNeedles([
        { id: 'odd', value: `-----BEGIN OPENSSH PRIVATE KEY-----\n${'Ab1c'.repeat(20)}`, kind: 'ssh-key' }
      ])
      expect(odd.omissions.map(({ words }) => words)).toEqual([
        'key "odd" could not be read as a private key: only its whole text and its lines were searched for'
      ])
      expect(searchText(odd, 'Ab1c'.repeat(20))).toMatchObject([{ secretId: 'odd', extent: 'part' }])
    })
  })
})
