import { describe, expect, test } from '@jest/globals'
import { findTransient } from '../../src/buildkit/transient.js'
import type { Progress } from '../../src/core/progress.js'
import type { Step } from '../../src/core/step.js'
import { readRecorded } from '../fixtures/recorded.js'

const base = 'python:3.12: failed to resolve source metadata for docker.io/library/python:3.12: '

function step(stage: string, state: Step['state'], instruction = 'RUN pytest'): Step {
  return { vertex: 'x', name: `[${stage} 1/1] ${instruction}`, instruction, stage, state, seconds: 0, logTail: [] }
}

function ended(message: string, steps: readonly Step[] = []): Progress {
  const downloads = { bytes: 0, seconds: 0 }
  return {
    steps,
    internals: [],
    plain: [`ERROR: failed to build: failed to solve: ${message}`],
    contextBytes: 0,
    findings: [],
    loads: [],
    builtFor: new Map(),
    graph: new Map(),
    downloads
  }
}

describe('a build is tried again', () => {
  test.each([
    `${base}unexpected status from HEAD request to https://registry-1.docker.io/v2/x: 503 Service Unavailable`,
    `${base}unexpected status from HEAD request to https://registry-1.docker.io/v2/x: 429 Too Many Requests`,
    `${base}failed to do request: Head "https://registry-1.docker.io/v2/x": net/http: TLS handshake timeout`,
    `${base}failed to do request: Head "https://registry-1.docker.io/v2/x": dial tcp: lookup registry-1.docker.io: no such host`,
    `${base}failed to authorize: failed to fetch anonymous token: Get "https://auth.docker.io/token": read tcp: connection reset by peer`,
    'failed to copy: httpReadSeeker: failed open: unexpected status code https://r/v2/blobs/x: 502 Bad Gateway',
    'failed to load cache key: failed to do request: Get "https://example.com/a.tar": dial tcp: i/o timeout',
    'failed to compute cache key: failed to get state for index 0 on [assets 8/9] WORKDIR /app',
    'failed to get record sfx1 by blobchainid: failed to remove sfx1: lease "sfx1": not found',
    'lease does not exist: not found',
    'failed to load cache: ref buildkit/1/layer-sha256:30a locked: unavailable',
    'invalid mutable ref 0xc0045f4660',
    '(*service).Write failed: rpc error: code = Unavailable desc = ref layer-sha256:30a locked for 200ms (since 2026-01-02 03:04:05 +0000 UTC): unavailable',
    'failed to read dockerfile: failed to mount lhz: snapshot lhz does not exist: not found',
    'failed to get layer sha256:abc: content digest sha256:abc: not found',
    'layer does not exist',
    `${base}unexpected status from HEAD request to https://registry-1.docker.io/v2/x: 520 `,
    'failed to copy: read tcp 172.17.0.2:44->192.0.2.1:443: read: connection reset by peer',
    'failed to copy: failed size validation: 123 != 456: failed precondition',
    'failed to load cache key: invalid response status 503'
  ])('%s', (message) => {
    expect(findTransient({ progress: ended(message), testStages: ['test'] })).toBe(message)
    expect(
      findTransient({ progress: ended(message, [step('test', 'cached'), step('build', 'ran')]), testStages: ['test'] })
    ).toBe(message)
  })
})

describe('a build is not tried again', () => {
  const passing = `${base}unexpected status from HEAD request to https://r/v2/x: 503 Service Unavailable`

  test.each<[string, Progress]>([
    ['because a test ran', ended(passing, [step('test', 'ran')])],
    ['because a test was stopped', ended(passing, [step('Test', 'cancelled')])],
    [
      'because a test ran, whatever its cache did',
      ended('failed to compute cache key: failed to get state for index 0 on [app 1/2] COPY . .', [step('test', 'ran')])
    ],
    ['because the image is not there', ended(`${base}not found`)],
    [
      'because Docker Hub counts by the hour',
      ended(
        `${base}429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.`
      )
    ],
    ['because the address is wrong', ended('failed to load cache key: invalid response status 404')],
    [
      'because the login is refused',
      ended(`${base}unexpected status from HEAD request to https://r/v2/x: 401 Unauthorized`)
    ],
    [
      'because nothing listens',
      ended(`${base}failed to do request: dial tcp 127.0.0.1:9: connect: connection refused`)
    ],
    ['because a step failed', ended('process "/bin/sh -c curl x" did not complete successfully: exit code: 6')],
    [
      'because a push may have happened',
      ended('failed to push r/a:1: unexpected status from PUT request to https://r/v2/x: 503 Service Unavailable')
    ],
    ['because nobody knows the text', ended('the moon is full')],
    ['because nothing was said', { ...ended(''), plain: [] }]
  ])('%s', (_, progress) => {
    expect(findTransient({ progress, testStages: ['test'] })).toBeUndefined()
  })

  test('because its only stage is the test', () => {
    const named = step('test', 'ran')
    const { vertex, name, instruction, state, seconds, logTail } = named
    const unnamed: Step = { vertex, name, instruction, state, seconds, logTail }
    const progress = ended(passing, [unnamed])
    expect(findTransient({ progress, testStages: ['test'], onlyStage: 'test' })).toBeUndefined()
  })

  test.each([
    'run-failed-test',
    'run-failed-builder',
    'copy-source-missing',
    'base-missing',
    'syntax-error',
    'secret-missing',
    'push-registry-down'
  ])('of the recorded ones: %s', (name) => {
    expect(findTransient({ progress: readRecorded(name), testStages: ['test'] })).toBeUndefined()
  })
})
