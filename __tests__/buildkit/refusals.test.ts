/** Texts of buildx 0.29 with BuildKit 0.25 for values that only they can judge, by `build` and by `bake`. */
import { describe, expect, test } from '@jest/globals'
import { classifyFailure, type FailedBuild } from '../../src/buildkit/classify.js'
import type { Failure } from '../../src/failure/failure.js'

/** What a build that ended with these lines was. */
function told(
  lines: readonly string[],
  more: Partial<FailedBuild> = {},
  failed: readonly { readonly name: string; readonly error: string }[] = []
): Failure {
  const downloads = { bytes: 0, seconds: 0 }
  const progress = {
    steps: [],
    internals: failed.map((work) => ({ ...work, seconds: 0, done: true })),
    plain: lines,
    contextBytes: 0,
    findings: [],
    manifests: [],
    loads: [],
    downloads,
    builtFor: new Map(),
    graph: new Map()
  }
  return classifyFailure({ exitCode: 1, testStages: [], progress, ...more })
}

const solved = 'failed to solve: '

test.each<[input: string, message: string]>([
  ['context', 'unable to prepare context: path "ftp://x/y" not found'],
  ['context', 'unknown protocol'],
  ['context', `${solved}failed to read downloaded context: failed to load cache key: invalid response status 404`],
  ['context', `${solved}error from sender: open pgdata: permission denied`],
  [
    'context',
    `${solved}failed to compute cache key: failed to load cache key: error from sender: open db/1: permission denied`
  ],
  ['context', `${solved}error from sender: lstat node_modules/.cache/x: no such file or directory`],
  ['context', `${solved}invalid file request app/link`],
  ['platforms', `${solved}failed to load LLB: runtime execution on platform linux/arm64 not supported`],
  ['cache-to', `${solved}failed to configure gha cache exporter: invalid token without access controls`],
  ['cache-from', `${solved}failed to configure gha cache importer: url or url_v2 not set for github actions cache`],
  ['cache-to', `${solved}failed to configure s3 cache exporter: bucket ($AWS_BUCKET) not set for s3 cache`],
  [
    'context',
    `${solved}failed to read dockerfile: failed to load cache key: repository does not contain ref x, output: ""`
  ],
  [
    'context',
    `${solved}failed to read dockerfile: failed to load cache key: repository does not contain ref refs/pull/9/merge, output: ""`
  ],
  [
    'context',
    `failed to stat policy file Dockerfile.rego: failed to load cache key: expected checksum to match 8b828d46ca7dc4a4fe395ff92f843d391ddd3753, got cb62495ec10249da1d6478080ef0a908766b8180`
  ],
  [
    'context',
    `${solved}failed to read dockerfile: invalid subdir /app: failed to lstat "app": statat app: no such file or directory`
  ],
  ['file', `${solved}failed to read dockerfile: read /var/lib/docker/tmp/buildkit-mount1/app: is a directory`],
  [
    'build-contexts',
    'oci-layout reference "oci-layout://./nope" could not be resolved: could not lock nope/index.json.lock: open nope/index.json.lock: no such file or directory'
  ],
  ['build-contexts', 'invalid context value: x, expected key=value'],
  ['build-contexts', 'failed to get build context x: stat /no/such/folder: no such file or directory'],
  ['add-hosts', 'invalid host x=nonsense'],
  ['network', 'network mode "bogus" not supported by buildkit - you can define a custom network for your builder'],
  ['shm-size', 'invalid value lots for membytes key shm-size'],
  ['ulimit', 'strconv.ParseInt: parsing "a": invalid syntax'],
  ['allow', 'unknown entitlement key "bogus"'],
  ['allow', `${solved}granting entitlement security.insecure is not allowed by build daemon configuration`],
  ['allow', `${solved}granting entitlement device is not allowed by build daemon configuration`],
  ['attests', `${solved}unknown attestation type "foo"`],
  ['provenance', `${solved}invalid mode "foo"`],
  ['annotations', `${solved}index annotations not supported for single platform export`],
  ['annotations', 'parse annotations: invalid annotation "bogus", expected key=value'],
  ['annotations', 'invalid annotation "bogus", expected key=value'],
  ['cache-to', 'registry cache exporter requires ref'],
  ['cache-to', `${solved}unknown cache exporter: "s3"`],
  ['cache-to', 'local cache exporter requires dest'],
  ['cache-to', `${solved}failed to configure registry cache exporter: unsupported compression type bogus`],
  [
    'cache-to',
    `${solved}failed to configure registry cache exporter: invalid reference format: repository name (library/UPPER) must be lowercase`
  ],
  ['cache-from', 'registry cache importer requires ref'],
  ['cache-from', 'local cache importer requires src'],
  ['outputs', 'dest is required for local exporter'],
  ['outputs', 'failed to open open /no/x.tar: no such file or directory'],
  ['outputs', `${solved}exporter "bogus" could not be found`],
  ['outputs', `${solved}unsupported compression type foo`],
  [
    'outputs',
    `${solved}non-integer value x specified for compression-level: strconv.ParseInt: parsing "x": invalid syntax`
  ],
  ['outputs', `${solved}non-bool value specified for tar: strconv.ParseBool: parsing "maybe": invalid syntax`],
  ['outputs', `${solved}exporter option "rewrite-timestamp" conflicts with "unpack"`],
  ['outputs', 'push-by-digest is currently not implemented for docker driver, please create a new builder instance'],
  ['outputs', `${solved}can't push tagged ref 127.0.0.1:5000/a:1 by digest`],
  ['outputs', `${solved}cannot overwrite base from linux/arm64 with linux/amd64 when split option is disabled`],
  ['tags', 'tag is needed when pushing to registry'],
  ['tags', 'invalid tag "UPPER/Case:x y": invalid reference format'],
  ['no-cache', '--no-cache and --no-cache-filter cannot currently be used together'],
  ['platforms', '"linux/bogus/x/y": cannot parse platform specifier: invalid argument'],
  ['platforms', '"bogus": unknown operating system or architecture: invalid argument'],
  ['build-args or env', `${solved}invalid SOURCE_DATE_EPOCH: abc: strconv.ParseInt: parsing "abc": invalid syntax`],
  ['labels', 'invalid key-value pair "": empty key'],
  [
    'ssh',
    'failed to convert agent config {default [/no/such/key] false}: stat /no/such/key: no such file or directory'
  ],
  [
    'ssh-private-key',
    'failed to convert agent config {default [] false}: invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set'
  ],
  [
    'context',
    `${solved}failed to read dockerfile: failed to load cache key: could not find default branch for repository: http://h/r.git`
  ],
  ['secret-files', 'failed to stat /no/such: stat /no/such: no such file or directory'],
  ['secret-files', `${solved}secret tok too big. max size 500KiB`],
  ['secrets', 'unsupported secret type "bogus"'],
  ['provenance, sbom or attests', 'invalid value bogus'],
  ['builder', 'use `docker --context=engine2 buildx` to switch to context "engine2"'],
  ['builder', 'use `docker --context=default buildx` to switch to default context']
])('%s: %s', (input, message) => {
  for (const prefix of ['ERROR: failed to build: ', 'ERROR: ', 'ERROR: target image: ']) {
    const failure = told([prefix + message])
    expect(failure).toMatchObject({ kind: 'input', problems: [{ input }] })
    expect(JSON.stringify(failure)).not.toMatch(/Run the job again|failed to solve|target image/)
  }
})

test('a context of docker that is named as a builder is told with the variable that takes it', () => {
  expect(told(['ERROR: use `docker --context=engine2 buildx` to switch to context "engine2"'])).toEqual({
    kind: 'input',
    problems: [
      {
        input: 'builder',
        problem: '"engine2" is a context of docker, and not the current one',
        fix: expect.stringContaining('DOCKER_CONTEXT: engine2 in the env of this step')
      }
    ]
  })
})

describe('a context in git that cannot be had', () => {
  const fetching = [
    'failed to fetch remote https://github.com/o/r.git',
    'error fetching default branch for repository https://github.com/o/r.git'
  ]

  const refused: readonly (readonly [string, readonly string[], string, string])[] = [
    [
      'no right',
      ["fatal: could not read Username for 'https://github.com': terminal prompts disabled"],
      'github-token',
      "git says: fatal: could not read Username for 'https://github.com': terminal prompts disabled"
    ],
    [
      'refused',
      ["fatal: unable to access 'http://h/r.git/': The requested URL returned error: 403"],
      'github-token',
      'returned error: 403'
    ],
    ['no repository', ["fatal: repository 'https://github.com/o/r.git/' not found"], 'context', 'not found'],
    [
      'no key',
      ['git@github.com: Permission denied (publickey).', 'fatal: Could not read from remote repository.'],
      'ssh-private-key',
      'Permission denied (publickey). fatal: Could not read'
    ],
    [
      'no host',
      ["fatal: unable to access 'https://git.invalid/r.git/': Could not resolve host: git.invalid"],
      'context',
      'Could not resolve host'
    ],
    [
      'nobody there',
      ["fatal: unable to access 'http://127.0.0.1:9/r.git/': Failed to connect to 127.0.0.1 port 9 after 0 ms"],
      'context',
      'Failed to connect'
    ],
    [
      'TLS',
      ["fatal: unable to access 'https://h/r.git/': gnutls_handshake() failed: An unexpected TLS packet was received."],
      'context',
      'gnutls_handshake() failed'
    ],
    [
      'no commit',
      ['error: Unable to find 0123 under https://github.com/o/r.git', 'error: fetch failed.'],
      'context',
      'Unable to find 0123'
    ]
  ]

  describe.each(fetching)('%s', (fetch) => {
    test.each(refused)('%s', (_, stderr, input, words) => {
      const failure = told([
        `ERROR: target image: failed to solve: failed to read dockerfile: failed to load cache key: ${fetch}: git stderr:`,
        ...stderr,
        ': exit status 128',
        'Usage:'
      ])
      expect(failure).toMatchObject({ kind: 'input', problems: [{ input, problem: expect.stringContaining(words) }] })
      expect(JSON.stringify(failure)).not.toMatch(/exit status|Usage/)
    })

    // The same words; the work that failed tells them apart.
    const lines = [
      `ERROR: failed to solve: failed to load cache key: ${fetch}: git stderr:`,
      "fatal: repository 'https://github.com/o/r.git/' not found",
      ': exit status 128'
    ]

    test('as a named context', () => {
      const failed = { name: '[internal] load git source https://github.com/o/r.git', error: 'x' }
      expect(told(lines, {}, [failed])).toMatchObject({ kind: 'input', problems: [{ input: 'build-contexts' }] })
    })

    test('is not the ADD of one', () => {
      expect(told(lines)).toMatchObject({ kind: 'build' })
    })
  })

  test.each([
    [
      'failed to stat policy file Dockerfile.rego: failed to load cache key: expected checksum to match 8b828d46ca7dc4a4fe395ff92f843d391ddd3753, got cb62495ec10249da1d6478080ef0a908766b8180',
      'at commit cb62495ec102, not at 8b828d46ca7d',
      'It has moved since'
    ],
    [
      'failed to solve: failed to read dockerfile: failed to load cache key: repository does not contain ref refs/pull/9/merge, output: ""',
      'no "refs/pull/9/merge" any more',
      'was closed, or has conflicts'
    ]
  ])('that has moved: %s', (message, problem, fix) => {
    const problems = [{ problem: expect.stringContaining(problem), fix: expect.stringContaining(fix) }]
    expect(told([`ERROR: failed to build: ${message}`])).toMatchObject({ kind: 'input', problems })
  })

  test('is not the ADD of one', () => {
    const message =
      'ERROR: failed to build: failed to solve: failed to load cache key: repository does not contain ref x'
    expect(told([message])).toMatchObject({ kind: 'build' })
  })
})

describe('what is not known', () => {
  test.each([
    ['ERROR: failed to build: failed to solve: the moon is full', 'the moon is full', 'BuildKit'],
    ['ERROR: target image: failed to solve: the moon is full', 'the moon is full', 'BuildKit'],
    ['ERROR: failed to build: the moon is full', 'the moon is full', 'buildx']
  ])('%s', (line, message, speaker) => {
    expect(told([line])).toEqual({ kind: 'unrecognised', message, speaker })
  })
})
