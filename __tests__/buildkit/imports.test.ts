import { describe, expect, test } from '@jest/globals'
import { findBrokenImport } from '../../src/buildkit/imports.js'
import type { Progress } from '../../src/core/progress.js'

const from = ['type=registry,ref=registry.example.com/acme/app-cache:main', 'type=gha']

function failed(error: string): Progress {
  return {
    ...{
      steps: [],
      internals: [],
      contextBytes: 0,
      findings: [],
      manifests: [],
      loads: [],
      downloads: { bytes: 0, seconds: 0 }
    },
    builtFor: new Map(),
    graph: new Map(),
    plain: [`ERROR: failed to build: failed to solve: ${error}`]
  }
}

const blob = `sha256:${'9f'.repeat(32)}`

describe('a build that an imported cache broke', () => {
  test.each([
    `failed to compute cache key: failed to copy: httpReadSeeker: failed open: could not fetch content descriptor ${blob} (application/vnd.oci.image.layer.v1.tar+gzip) from remote: not found`,
    `failed to compute cache key: failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://registry.example.com/v2/acme/app-cache/blobs/${blob}: 500 Internal Server Error`,
    `failed to compute cache key: failed commit on ref "layer-${blob}": commit failed: unexpected commit digest sha256:c2, expected ${blob}: failed precondition`
  ])('%s', (error) => {
    expect(findBrokenImport(failed(error), from)).toBe(error)
  })
})

describe('a build that broke for another reason', () => {
  test.each([
    ['a step', 'process "/bin/sh -c curl: unexpected EOF" did not complete successfully: exit code: 1'],
    [
      'a base image',
      `failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://registry.example.com/v2/acme/base/blobs/${blob}: 500 Internal Server Error`
    ],
    [
      'an image of a name that only begins like the cache',
      `failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://registry.example.com/v2/acme/app/blobs/${blob}: 403 Forbidden`
    ],
    ['a file that is not there', 'failed to compute cache key: failed to calculate checksum of ref x: "/a": not found']
  ])('%s', (_, error) => {
    expect(findBrokenImport(failed(error), from)).toBeUndefined()
  })
})

test.each([
  ['ghcr.io/acme/app-cache:main', 'https://ghcr.io/v2/acme/app-cache', true],
  ['acme/app-cache:main', 'https://registry-1.docker.io/v2/acme/app-cache', true],
  ['acme/app-cache:main', 'https://registry-1.docker.io/v2/library/busybox', false],
  ['docker.io/acme/app-cache:main', 'https://registry-1.docker.io/v2/acme/app-cache', true],
  ['index.docker.io/acme/app-cache', 'https://registry-1.docker.io/v2/acme/app-cache', true],
  ['registry-1.docker.io/acme/app-cache:main', 'https://registry-1.docker.io/v2/acme/app-cache', true],
  ['docker.io/library/cache:main', 'https://registry-1.docker.io/v2/library/cache', true],
  ['docker.io/cache', 'https://registry-1.docker.io/v2/library/cache', true],
  [`cache:main@${blob}`, 'https://registry-1.docker.io/v2/library/cache', true],
  ['library/cache', 'https://registry-1.docker.io/v2/library/cache', true],
  ['acme/cache', 'https://registry-1.docker.io/v2/library/cache', false],
  ['ghcr.io/library/cache', 'https://registry-1.docker.io/v2/library/cache', false],
  ['localhost:5000/cache:main', 'http://localhost:5000/v2/cache', true]
])('%s at %s', (reference, address, isOwn) => {
  const error = `failed to copy: unexpected status from GET request to ${address}/blobs/${blob}: 500`
  expect(findBrokenImport(failed(error), [`type=registry,ref=${reference}`])).toBe(isOwn ? error : undefined)
})
