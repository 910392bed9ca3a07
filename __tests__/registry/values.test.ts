/** What is pure in the room: addresses, challenges, proxies, waits, indexes, and the words for what went wrong. */
import { describe, expect, test } from '@jest/globals'
import type { LoginNote } from '../../src/registry/authorize.js'
import { repositoryAt } from '../../src/registry/address.js'
import { assembleIndex, type ManifestDescriptor } from '../../src/registry/assemble.js'
import { mergeScopes, readChallenge } from '../../src/registry/challenge.js'
import { resolveLocation } from '../../src/registry/client.js'
import { explainAnswer, explainNoAnswer, type Doing } from '../../src/registry/explain.js'
import { proxyFor } from '../../src/registry/proxy.js'
import { planWait } from '../../src/registry/retry.js'
import { NoAnswer, type Answer } from '../../src/registry/transport.js'

test.each([
  ['alpine', 'registry-1.docker.io', 'library/alpine', 'latest'],
  ['docker.io/acme/app:1', 'registry-1.docker.io', 'acme/app', '1'],
  ['index.docker.io/alpine', 'registry-1.docker.io', 'library/alpine', 'latest'],
  ['ghcr.io/acme/app:1', 'ghcr.io', 'acme/app', '1'],
  ['localhost:5000/app', 'localhost:5000', 'app', 'latest']
])('%s is asked for at %s', (reference, host, path, tag) => {
  expect(repositoryAt(reference)).toMatchObject({ host, path, tag })
})

test.each<[string, unknown]>([
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    {
      scheme: 'bearer',
      realm: 'https://auth.docker.io/token',
      service: 'registry.docker.io',
      scopes: ['repository:a/b:pull,push']
    }
  ],
  ['bearer Realm=https://x/t', { scheme: 'bearer', realm: 'https://x/t', scopes: [] }],
  ['Basic realm="r"', { scheme: 'basic' }],
  ['Basic realm="r", Bearer realm="https://x/t"', { scheme: 'bearer', realm: 'https://x/t', scopes: [] }],
  ['Bearer realm="nonsense"', undefined],
  ['Negotiate', undefined],
  ['', undefined]
])('challenge %s', (header, expected) => expect(readChallenge(header)).toEqual(expected))

test('scopes of one repository become one', () => {
  expect(mergeScopes(['repository:a:pull,push', 'repository:b:pull', 'repository:a:pull'])).toEqual([
    'repository:a:pull,push',
    'repository:b:pull'
  ])
})

test.each<[string, string, string | undefined]>([
  ['/v2/a/blobs/uploads/1?_state=x', 'https://r.io/v2/', 'https://r.io/v2/a/blobs/uploads/1?_state=x'],
  ['https://s3.example/x', 'https://r.io/v2/', 'https://s3.example/x'],
  // Behind a proxy that ends TLS.
  ['http://r.io/v2/x?y=1', 'https://r.io:8443/v2/', 'https://r.io:8443/v2/x?y=1'],
  ['http://elsewhere/x', 'https://r.io/v2/', undefined],
  ['ftp://r.io/x', 'http://r.io/v2/', undefined]
])('location %s of %s', (location, from, expected) => {
  expect(resolveLocation(location, new URL(from))?.href).toBe(expected)
})

test.each<[string, Record<string, string>, string | undefined]>([
  ['https://r.io', {}, undefined],
  ['https://r.io', { HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128/'],
  ['https://r.io', { https_proxy: 'p:3128' }, 'http://p:3128/'],
  ['https://r.io', { HTTP_PROXY: 'http://p' }, undefined],
  ['https://127.0.0.1:5000', { HTTPS_PROXY: 'http://p' }, undefined],
  ['https://a.r.io', { HTTPS_PROXY: 'http://p', NO_PROXY: 'r.io' }, undefined],
  ['https://r.io', { HTTPS_PROXY: 'http://p', NO_PROXY: '.r.io' }, 'http://p/'],
  ['https://10.0.0.1', { HTTPS_PROXY: 'http://p', no_proxy: 'x, 10.0.0.0/8' }, undefined],
  ['https://r.io:444', { HTTPS_PROXY: 'http://p', NO_PROXY: 'r.io:443' }, 'http://p/'],
  ['https://r.io', { HTTPS_PROXY: 'http://p', NO_PROXY: '*' }, undefined]
])('proxy for %s in %j', (url, env, expected) => expect(proxyFor(new URL(url), env)?.address.href).toBe(expected))

const answer = (status: number, code = '', message = '', headers: Record<string, string> = {}): Answer => ({
  ...{ status, headers, url: new URL('https://r.io') },
  bytes: Buffer.from(JSON.stringify({ errors: [{ code, message }] }))
})

test.each<[string, Answer | NoAnswer, number, number | undefined]>([
  ['503', answer(503), 1, 500],
  ['503, later', answer(503), 3, 4500],
  ['429 with seconds', answer(429, '', '', { 'retry-after': '9' }), 1, 9000],
  ['429 with a date', answer(429, '', '', { 'retry-after': 'Thu, 01 Jan 1970 00:00:20 GMT' }), 1, 20_000],
  ['429 for an hour', answer(429, '', '', { 'retry-after': '3600' }), 1, undefined],
  ['403', answer(403), 1, undefined],
  ['507', answer(507), 1, undefined],
  ['a cut', new NoAnswer('failed', 'ECONNRESET', ''), 1, 500],
  ['a kept connection that had ended', new NoAnswer('failed', 'ECONNRESET', '', false), 1, 0],
  ['a bad certificate', new NoAnswer('failed', 'CERT_HAS_EXPIRED', ''), 1, undefined],
  ['no such host', new NoAnswer('failed', 'ENOTFOUND', ''), 1, undefined]
])('after %s', (_, outcome, attempt, expected) => expect(planWait(outcome, attempt, 0)).toBe(expected))

describe('an index', () => {
  const digest = (letter: string) => `sha256:${letter.repeat(64)}` as const
  const image = (letter: string, architecture: string): ManifestDescriptor => ({
    ...{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digest(letter), size: 7 },
    platform: { os: 'linux', architecture, variant: 'v8', 'os.version': '1' }
  })
  const attestation: ManifestDescriptor = {
    ...image('c', 'unknown'),
    artifactType: 'application/vnd.docker.attestation.manifest.v1+json',
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': digest('a') }
  }

  test('is written as BuildKit writes it', () => {
    const { bytes, mediaType } = assembleIndex({
      manifests: [image('a', 'amd64'), attestation, image('b', 'arm64'), image('a', 'amd64')],
      annotations: { z: 'a & b', a: '<' }
    })
    expect(mediaType).toBe('application/vnd.oci.image.index.v1+json')
    const text = bytes.toString()
    expect(text.startsWith('{\n  "schemaVersion": 2,\n  "mediaType": ')).toBe(true)
    expect([...text.matchAll(/"digest": "sha256:(.)/g)].map(([, letter]) => letter).join('')).toBe('abc')
    expect(text).toContain(
      '"architecture": "amd64",\n        "os": "linux",\n        "os.version": "1",\n        "variant": "v8"'
    )
    expect(text).toContain('"annotations": {\n    "a": "\\u003c",\n    "z": "a \\u0026 b"\n  }')
  })

  test('is docker’s list over docker’s manifests', () => {
    const mediaType = 'application/vnd.docker.distribution.manifest.v2+json'
    expect(assembleIndex({ manifests: [{ ...image('a', 'amd64'), mediaType }] }).mediaType).toContain('manifest.list')
  })
})

describe('words', () => {
  const doing = (part: Doing['part'], more: Partial<Doing> = {}): Doing => ({
    ...{ reference: 'r.io/acme/app:1', host: 'r.io', part, ...more }
  })
  const login = { kind: 'basic', source: '/home/u/.docker/config.json', user: 'bot' } as const
  const broken = { kind: 'none', source: '/c.json', fault: '/c.json is cut off or not JSON' } as const

  test.each<[string, Answer, Doing, string, RegExp]>([
    ['no login', answer(401), doing('blob'), 'login-missing', /Log in before this step/],
    ['one that is broken', answer(401), doing('blob', { login: broken }), 'login-missing', /Mend or remove/],
    ['the same to ghcr.io', answer(403, 'DENIED'), doing('blob', { login: broken }), 'login-missing', /Mend or remove/],
    ['a wrong one', answer(401), doing('blob', { login }), 'login-refused', /still valid/],
    ['GHCR', answer(403, 'DENIED', 'no'), doing('blob', { host: 'ghcr.io', login }), 'forbidden', /packages: write/],
    [
      'ECR without the repository',
      answer(404, 'NAME_UNKNOWN', 'The repository does not exist'),
      doing('blob', { host: '1.dkr.ecr.eu-west-1.amazonaws.com' }),
      'no-repository',
      /aws ecr create-repository/
    ],
    ['ECR’s immutable tag', answer(400, 'ImageTagAlreadyExistsException', 'x'), doing('tag'), 'immutable-tag', /new/],
    ['Harbor’s', answer(412, 'PRECONDITION', "configured as 'Immutable'"), doing('tag'), 'immutable-tag', /new/],
    ['a limit', answer(429, 'TOOMANYREQUESTS', 'x', { 'retry-after': '90' }), doing('blob'), 'rate-limit', /in 90 s/],
    ['Harbor’s quota', answer(412, 'DENIED', 'exceeds the quota of 1 GiB'), doing('blob'), 'quota', /quota/],
    [
      'GitLab on artifacts',
      answer(404, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry'),
      doing('attestation', { attests: 'artifact' }),
      'attestation-refused',
      /BUILDX_NO_DEFAULT_OCI_ARTIFACT=true/
    ],
    [
      'one that takes no attestations',
      answer(400, 'MANIFEST_INVALID', 'x'),
      doing('index', { attests: 'annotated' }),
      'attestation-refused',
      /^Leave attestations out/
    ],
    ['an index that has none', answer(400, 'MANIFEST_INVALID', 'bad'), doing('index'), 'refused', /registry says/],
    [
      'Harbor’s quota at the tag',
      answer(
        412,
        'PRECONDITION',
        'adding 1.3 MiB of storage resource, which when updated to current usage of 9.9 GiB will exceed the configured upper limit of 10.0 GiB.'
      ),
      doing('tag'),
      'quota',
      /quota/
    ],
    [
      'ECR’s limit of images',
      answer(400, 'DENIED', 'LimitExceededException: The maximum number'),
      doing('tag'),
      'quota',
      /Delete/
    ],
    [
      'Azure’s limit',
      answer(403, 'DENIED', 'exceeded the storage limit of the registry'),
      doing('blob'),
      'quota',
      /Delete/
    ],
    [
      'ECR’s immutable repository',
      answer(
        400,
        'TAG_INVALID',
        "The image tag '1' already exists in the 'app' repository and cannot be overwritten because the repository is immutable."
      ),
      doing('tag'),
      'immutable-tag',
      /new/
    ],
    [
      'Artifact Registry’s',
      answer(400, 'MANIFEST_INVALID', 'Cannot update tag 1: The repository has enabled tag immutability'),
      doing('tag'),
      'immutable-tag',
      /new/
    ],
    ['Docker Hub’s', answer(403, 'DENIED', 'tag immutable'), doing('tag', { login }), 'immutable-tag', /new/],
    ['Nexus’', answer(400, 'X', 'Repository does not allow updating assets: r'), doing('tag'), 'immutable-tag', /new/],
    [
      'Artifactory’s',
      answer(403, 'DENIED', 'Not enough permissions to delete/overwrite artifact'),
      doing('tag'),
      'immutable-tag',
      /new/
    ],
    [
      'an expired login of ECR',
      answer(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.'),
      doing('blob', { login, host: '1.dkr.ecr.eu-west-1.amazonaws.com' }),
      'login-refused',
      /12 hours/
    ],
    [
      'Harbor’s 401 for want of rights',
      answer(401, 'UNAUTHORIZED', 'unauthorized to access repository: acme/app, action: push'),
      doing('blob', { login }),
      'forbidden',
      /right to push/
    ],
    [
      'Docker Hub’s',
      answer(401, 'UNAUTHORIZED', 'authentication required', {
        'www-authenticate': 'Bearer realm="x",error="insufficient_scope"'
      }),
      doing('blob', { login }),
      'forbidden',
      /right to push/
    ],
    [
      'the same without a login',
      answer(401, 'UNAUTHORIZED', 'unauthorized to access repository: acme/app', {
        'www-authenticate': 'Bearer error="insufficient_scope"'
      }),
      doing('blob'),
      'login-missing',
      /Log in before this step/
    ],
    [
      'a firewall',
      answer(403, 'DENIED', "client with IP '192.0.2.1' is not allowed access."),
      doing('blob', { login }),
      'forbidden',
      /firewall/
    ],
    [
      'an API that is off',
      answer(403, 'DENIED', 'Artifact Registry API has not been used in project 1 before or it is disabled.'),
      doing('blob', { login }),
      'forbidden',
      /Switch it on/
    ],
    [
      'a mirror',
      answer(405, 'UNSUPPORTED', 'The operation is unsupported.'),
      doing('blob'),
      'refused',
      /mirror or read-only/
    ],
    [
      'Harbor in read-only mode',
      answer(403, 'DENIED', 'The system is in read only mode.'),
      doing('blob', { login }),
      'refused',
      /read-only/
    ],
    [
      'a lost upload',
      answer(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry'),
      doing('blob'),
      'broken',
      /share their storage/
    ],
    [
      'a lost blob',
      answer(400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry'),
      doing('manifest'),
      'broken',
      /share their storage/
    ],
    ['a proxy', answer(407), doing('blob'), 'refused', /HTTPS_PROXY/],
    ['a large layer', answer(413), doing('blob'), 'too-large', /client_max_body_size/],
    [
      'something else',
      { ...answer(200), bytes: Buffer.from('<html>Sign in</html>') },
      doing('blob'),
      'refused',
      /may not be a registry/
    ]
  ])('for %s', (_, seen, what, kind, fix) => {
    const problem = explainAnswer({ ...seen, url: new URL(`https://${what.host}/v2/`) }, what)
    expect(problem.kind).toBe(kind)
    expect(problem.fix).toMatch(fix)
  })

  const unusable = { kind: 'unusable', source: 'docker-credential-x', why: 'it ended with 1' } as const
  test.each<[string, LoginNote | undefined, string, RegExp]>([
    ['', login, 'the login of bot from /home/u/.docker/config.json may not push there', /^Give this login the right/],
    ['', undefined, 'r.io allows no push without a login', /^Log in before this step, .* registry: r\.io\.$/],
    ['', { kind: 'none', source: '/c.json' }, 'r.io allows no push without a login', /^Log in before this step/],
    ['client with IP 10.0.0.1 has no access', undefined, 'r.io allows no push without a login', /firewall/],
    ['', unusable, 'r.io requires a login, and none is available: it ended with 1', /credential helper fails/]
  ])('for a push that is forbidden ("%s") with %j', (said, note, message, fix) => {
    const what = doing('blob', note === undefined ? {} : { login: note })
    const problem = explainAnswer({ ...answer(403, 'DENIED', said), url: new URL('https://r.io/v2/') }, what)
    expect(problem).toMatchObject({ message: expect.stringContaining(message), fix: expect.stringMatching(fix) })
  })

  test.each<[number, string, string]>([
    [401, 'refused', 'store.io, to which r.io sends, does not accept it (status 401)'],
    [403, 'refused', 'store.io, to which r.io sends, does not accept it (status 403)'],
    [404, 'refused', 'store.io, to which r.io sends, does not accept it (status 404)'],
    [503, 'broken', 'store.io, to which r.io sends, failed at every attempt (status 503)'],
    [507, 'quota', 'store.io, to which r.io sends, has no room for it (status 507)']
  ])('for what answers %i where the registry sends', (status, kind, message) => {
    const seen = { ...answer(status), bytes: Buffer.from('<Error/>'), url: new URL('https://store.io/x?signature=abc') }
    const problem = explainAnswer(seen, doing('blob', { login }))
    expect(problem).toMatchObject({ kind, message })
    expect(JSON.stringify(problem)).not.toContain('signature')
  })

  test.each<[string, string | undefined, string, string]>([
    ['ENOTFOUND', 'store.io', 'unreachable', 'store.io, to which r.io sends, cannot be reached (ENOTFOUND: no)'],
    ['ENOTFOUND', 'r.io', 'unreachable', 'r.io cannot be reached (ENOTFOUND: no)'],
    ['ENOTFOUND', undefined, 'unreachable', 'r.io cannot be reached (ENOTFOUND: no)'],
    ['CERT_HAS_EXPIRED', 'store.io', 'certificate', 'the certificate of store.io, to which r.io sends, is not valid']
  ])('for %s of %s', (code, host, kind, message) => {
    const problem = explainNoAnswer(new NoAnswer('failed', code, 'no', true, host), doing('blob'))
    expect(problem).toMatchObject({ kind, message: expect.stringContaining(message) })
    if (kind === 'certificate') expect(problem.fix).toContain('/etc/docker/certs.d/store.io/ca.crt')
  })
})

test('a challenge of one word is read once', () => {
  expect(readChallenge(`Bearer ${'a'.repeat(2_000_000)}`)).toBeUndefined()
})
