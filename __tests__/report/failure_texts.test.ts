/** What BuildKit, buildx, Docker and registries print when a build fails: whose affair it is, and what the reader is told to do. */
import { describe, expect, test } from '@jest/globals'
import { classifyFailure } from '../../src/buildkit/classify.js'
import type { Step } from '../../src/core/step.js'
import type { Failure } from '../../src/failure/failure.js'
import { remediesFor } from '../../src/report/sections/remedies.js'
import { redTest, viewOf } from './support/reports.js'

type Told = { readonly failure: Failure; readonly advice: string }

/** What the last lines of a failed build come to; `instruction` is that of the step that failed, if one did. */
function told(
  text: string,
  { line, instruction }: { readonly line?: number; readonly instruction?: string } = {}
): Told {
  const place = line === undefined ? [] : [`Dockerfile:${line}`, '-'.repeat(20), `   ${line} | >>> X`, '-'.repeat(20)]
  const step: Step = {
    ...{
      vertex: 'v',
      name: '[build 3/5] X',
      instruction: instruction ?? '',
      stage: 'build',
      state: 'failed',
      seconds: 1
    },
    logTail: []
  }
  const failure = classifyFailure({
    exitCode: 1,
    testStages: ['test'],
    progress: {
      ...{ steps: instruction === undefined ? [] : [step], internals: [], plain: [...place, ...text.split('\n')] },
      ...{
        contextBytes: 0,
        findings: [],
        manifests: [],
        loads: [],
        downloads: { bytes: 0, seconds: 0 },
        builtFor: new Map(),
        graph: new Map()
      }
    },
    builder: { name: 'b', driver: 'docker', nodes: [{ name: 'b0', endpoint: 'unix:///var/run/docker.sock' }] }
  })
  const advice = remediesFor(viewOf(redTest()), failure)
    .map(({ sentence, lines }) => [sentence, ...(lines?.text ?? [])].join('\n'))
    .join('\n')
  return { failure, advice }
}

const pull = (image: string, words: string): string =>
  `ERROR: failed to build: failed to solve: ${image}: failed to resolve source metadata for ${image}: ${words}`
const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/base:1'
const denied = 'pull access denied, repository does not exist or may require authorization'

describe('a base image', () => {
  test.each<[string, string, string, string]>([
    [
      'Docker Hub’s limit',
      'python:3.12',
      'failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/x: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.',
      'those without a login most'
    ],
    [
      'a misspelled stage',
      'biulder',
      `${denied}: server message: insufficient_scope: authorization failed`,
      'misspells a stage'
    ],
    [
      'a private image',
      'acme/base:1',
      `${denied}: server message: insufficient_scope: authorization failed`,
      'docker/login-action'
    ],
    [
      'GHCR without a login',
      'ghcr.io/acme/base:1',
      'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 403 Forbidden',
      'the builder has none for it. Log in before this step:\n- uses: docker/login-action@v4\n  with:\n    registry: ghcr.io\n    username: ${{ github.actor }}'
    ],
    [
      'a login that is not taken',
      'acme/base:1',
      'failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://auth.docker.io/token: 401 Unauthorized: incorrect username or password',
      'is its token still valid?'
    ],
    [
      'ECR',
      ecr,
      'unexpected status from HEAD request to https://x/v2/base/manifests/1: 403 Forbidden',
      'secrets.AWS_SECRET_ACCESS_KEY'
    ],
    ['ECR without a login', ecr, 'authorization failed: no basic auth credentials', 'the builder has none for it'],
    [
      'Artifact Registry',
      'europe-docker.pkg.dev/p/r/base:1',
      'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://europe-docker.pkg.dev/v2/token: 403 Forbidden: Unauthenticated request.',
      'username: _json_key'
    ],
    [
      'a name server that is ill',
      'python:3.12',
      'failed to do request: Head "https://r/v2/": dial tcp: lookup r on 192.0.2.10:53: server misbehaving',
      'could not be reached'
    ],
    [
      'a host that is not there',
      'no-such-host.invalid:5000/x:1',
      'failed to do request: Head "https://no-such-host.invalid:5000/v2/x/manifests/1": dial tcp: lookup no-such-host.invalid on 192.0.2.53:53: no such host',
      'There is no host `no-such-host.invalid`'
    ],
    [
      'Docker Hub without a network',
      'python:3.12',
      'failed to do request: Head "https://registry-1.docker.io/v2/library/python/manifests/3.12": dial tcp: lookup registry-1.docker.io on 192.0.2.53:53: no such host',
      'Run the job again'
    ],
    [
      'a stage that BuildKit knows better',
      'tset',
      `${denied}: server message: insufficient_scope: authorization failed (did you mean test?)`,
      'If the stage `test` is meant, correct its name'
    ],
    [
      'Cloudflare',
      'python:3.12',
      'unexpected status from HEAD request to https://r/v2/x: 520 ',
      'could not be reached'
    ],
    [
      'a proxy',
      'python:3.12',
      'failed to do request: Head "https://r/v2/": proxyconnect tcp: dial tcp 192.0.2.1:3128: connect: connection refused',
      'HTTPS_PROXY'
    ],
    [
      'a proxy with a login',
      'python:3.12',
      'failed to do request: Head "https://r/v2/": Proxy Authentication Required',
      'requires a login'
    ],
    [
      'a credential helper',
      'python:3.12',
      'error getting credentials - err: exec: "docker-credential-desktop.exe": executable file not found in $PATH, out: ``',
      'credential helper'
    ],
    [
      'schema 1',
      'old:1',
      'not implemented: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1',
      'schema 1'
    ],
    [
      'Harbor’s policy',
      'harbor.example.com/p/a:1',
      'unexpected status from HEAD request to https://harbor.example.com/v2/p/a/manifests/1: 412 Precondition Failed',
      'policy'
    ],
    [
      'another platform',
      'python:3.12',
      'no matching manifest for linux/riscv64 in the manifest list entries',
      '`platforms`'
    ],
    ['no such tag', 'python:33', 'docker.io/library/python:33: not found', 'Check the name and the tag']
  ])('%s', (_, image, words, expected) => {
    const { failure, advice } = told(pull(image, words), { line: 1 })
    expect(failure).toMatchObject({ kind: 'registry', line: 1, reference: image })
    expect(advice).toContain(expected)
  })
})

test('a host that is not there is not tried again', () => {
  const words = 'failed to do request: Head "https://nosuch.io/v2/": dial tcp: lookup nosuch.io: no such host'
  expect(told(pull('nosuch.io/x:1', words)).advice).not.toMatch(/Run the job again/)
  // So says what stands behind build-contexts, too.
  const named = `ERROR: failed to solve: failed to resolve source metadata for nosuch.io/x:1: ${words}`
  expect(told(named).advice).toContain('There is no host `nosuch.io`')
})

const solved = 'ERROR: failed to build: failed to solve: '
const never = 'process "/bin/sh -c make" did not complete successfully: '

describe('a push with docker itself', () => {
  test.each([
    ['denied: requested access to the resource is denied', 'somebody who may do this'],
    ['unauthorized: authentication required', 'somebody who may do this'],
    ['no basic auth credentials', 'the builder has none for it'],
    ['denied: permission_denied: write_package', 'packages: write'],
    ['received unexpected HTTP status: 502 Bad Gateway', 'the builder’s cache'],
    ['toomanyrequests: rate exceeded', 'run the job later']
  ])('%s', (words, expected) => {
    const failure = {
      kind: 'registry',
      reference: 'ghcr.io/acme/app:1',
      message: `failed to push ghcr.io/acme/app:1: ${words}`
    } as const
    const advice = remediesFor(viewOf(redTest()), failure).flatMap(({ sentence, lines }) => [
      sentence,
      ...(lines?.text ?? [])
    ])
    expect(advice.join('\n')).toContain(expected)
  })
})

describe('whatever fails', () => {
  test.each<[Failure['kind'], string, string]>([
    // Layers on their way
    [
      'registry',
      `${solved}failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://cdn.example.com/x": dial tcp 192.0.2.1:443: i/o timeout`,
      'The registry could not be reached'
    ],
    [
      'registry',
      `${solved}failed to copy: read tcp 172.17.0.2:44->192.0.2.1:443: read: connection reset by peer`,
      'The registry could not be reached'
    ],
    [
      'registry',
      `${solved}failed to copy: failed size validation: 123 != 456: failed precondition`,
      'cut off or changed on its way'
    ],
    [
      'registry',
      `${solved}failed to copy: failed commit on ref "layer-sha256:a": unexpected commit digest sha256:b, expected sha256:a: failed precondition`,
      'cut off or changed on its way'
    ],
    [
      'registry',
      `${solved}failed to copy: httpReadSeeker: failed open: content at https://ghcr.io/v2/a/b/blobs/sha256:a not found: not found`,
      'no longer has'
    ],
    [
      'registry',
      `${solved}error writing layer blob: operation error S3: PutObject, https response error StatusCode: 403, AccessDenied: Access Denied`,
      '`cache-to` or `cache-image`'
    ],
    [
      'registry',
      `${solved}error writing manifest blob: unexpected status from PUT request to https://r/v2/cache/manifests/x: 400 Bad Request`,
      '`cache-to` or `cache-image`'
    ],
    // The builder's own store and disk
    [
      'engine',
      `${solved}failed to read dockerfile: failed to mount lhz: snapshot lhz does not exist: not found`,
      'failed on its own cache'
    ],
    [
      'engine',
      `${solved}failed to compute cache key: failed to walk /var/lib/docker/tmp/x: lstat x: no such file or directory`,
      'failed on its own cache'
    ],
    ['engine', `${solved}failed to register layer: write /x: disk quota exceeded`, 'disk is full'],
    ['engine', `${solved}failed to copy: write /var/lib/x: input/output error`, 'disk reports errors'],
    ['engine', `${solved}failed to compute cache key: open /x: too many open files`, 'LimitNOFILE'],
    [
      'engine',
      `${solved}mount callback failed on /tmp/containerd-mount1: failed to mount overlay: invalid argument`,
      'snapshotter'
    ],
    [
      'engine',
      `${solved}ResourceExhausted: grpc: received message larger than max (5000000 vs. 4194304)`,
      'larger than the builder accepts'
    ],
    ['engine', `${solved}frontend grpc server closed unexpectedly`, '# syntax='],
    // The engine, seen from the client
    [
      'engine',
      'permission denied while trying to connect to the docker API at unix:///var/run/docker.sock',
      'group of the socket'
    ],
    [
      'engine',
      'ERROR: failed to connect to the docker API at tcp://docker:2375; check if the path is correct and if the daemon is running: dial tcp 192.0.2.2:2375: connect: connection refused',
      'Start Docker'
    ],
    [
      'engine',
      'ERROR: error during connect: Get "http://docker:2375/_ping": dial tcp: lookup docker on 192.0.2.2:53: no such host',
      'Start Docker'
    ],
    [
      'engine',
      'ERROR: Error response from daemon: client version 1.52 is too new. Maximum supported API version is 1.41',
      'DOCKER_API_VERSION'
    ],
    [
      'engine',
      'ERROR: Error response from daemon: Get "https://registry-1.docker.io/v2/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
      'image of BuildKit'
    ],
    [
      'engine',
      'ERROR: deployments.apps "b0" is forbidden: User "system:serviceaccount:ci:runner" cannot get resource "deployments" in API group "apps" in the namespace "ci"',
      'pods/exec'
    ],
    ['engine', 'ERROR: timed out waiting for pods: expected 1 pods to be ready, got 0', 'kubectl describe pods'],
    [
      'engine',
      'ERROR: failed to update builder last activity time: open /root/.docker/buildx/activity/.tmp: read-only file system',
      'DOCKER_CONFIG'
    ],
    ['engine', 'ERROR: mkdir /srv/docker/buildx: read-only file system', 'BUILDX_CONFIG'],
    ['engine', 'ERROR: mkdir /srv/docker/buildx: permission denied', 'BUILDX_CONFIG'],
    [
      'engine',
      "ERROR: error loading config file: /home/runner/.docker/config.json: invalid character '}'",
      'DOCKER_CONFIG'
    ],
    // A policy
    [
      'dockerfile',
      `${solved}failed to load LLB: source "docker-image://docker.io/library/python:3.12" denied by policy: source denied by policy`,
      'source policy'
    ]
  ])('%s: %s', (kind, text, words) => {
    const { failure, advice } = told(text)
    expect(failure.kind).toBe(kind)
    expect(advice).toContain(words)
    expect(advice).not.toMatch(/Nothing in your code caused/)
  })

  test.each<[string, string, string]>([
    ['RUN make', `${never}exec format error`, 'docker/setup-qemu-action'],
    ['RUN make', `${never}unable to find user app: no matching entries in passwd file`, '`USER` or `--chown`'],
    ['COPY --chown=app . .', 'unable to find user app: invalid argument', '`USER` or `--chown`'],
    ['COPY a /b', 'cannot copy to non-directory: /var/lib/docker/overlay2/x/merged/app', 'the other a file'],
    ['COPY --from=build /a /b', 'lstat /a: no such file or directory', '`/a` is not in'],
    [
      'COPY link /b',
      'failed to compute cache key: failed to calculate checksum of ref a::b: too many links',
      'on your machine'
    ]
  ])('build, with the step: %s: %s', (instruction, words, expected) => {
    const { failure, advice } = told(`${solved}${words}`, { instruction, line: 3 })
    expect(failure).toMatchObject({ kind: 'build', line: 3, step: { instruction } })
    expect(advice).toContain(expected)
  })

  test.each(['the moon is full', 'Canceled: context canceled'])('%s is not known, and no more is said', (words) => {
    const { failure, advice } = told(`${solved}${words}`)
    expect(failure).toEqual({ kind: 'unrecognised', message: words, speaker: 'BuildKit' })
    expect(advice).toMatch(/words of BuildKit, and Stagegate does not know them/)
    expect(advice).not.toMatch(/Run the job again|memory|your code/)
  })
})
