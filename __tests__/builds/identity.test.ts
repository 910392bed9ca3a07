/** What makes two builds of one name two images. */
import { describe, expect, it } from '@jest/globals'
import { buildMark, identityOf, subjectOf } from '../../src/builds/identity.js'
import { buildFromInputs } from '../../src/builds/from_inputs.js'
import { inputsOf, type Given } from '../inputs/support.js'

const run = { sha: '3f2c1a9d0b8e4c6a9d5f7e1b2c3d4e5f6a7b8c9d', runID: '9876543210' }
const identity = (given: Given): string =>
  identityOf(buildFromInputs(inputsOf({ tags: 'acme/shop:1', ...given }), 'shop', {}), run)

describe('two images of one name', () => {
  it.each<readonly [string, Given, Given]>([
    ['the legs of a matrix over build-args', { 'build-args': 'PYTHON=3.12' }, { 'build-args': 'PYTHON=3.13' }],
    ['two stages', { target: 'api' }, { target: 'worker' }],
    ['two contexts', { context: 'app' }, { context: '.' }],
    ['two Dockerfiles', { context: 'app' }, { context: 'app', file: 'app/release.Dockerfile' }],
    ['two platforms on native runners', { platforms: 'linux/amd64' }, { platforms: 'linux/arm64' }],
    ['the gate alone, and the image', { tags: '', 'test-target': 'test' }, { 'test-target': 'test' }]
  ])('are %s', (_what, one, other) => {
    expect(identity(one)).not.toBe(identity(other))
  })

  it.each<readonly [string, Given, Given]>([
    ['in another order', { 'build-args': 'A=1\nB=2' }, { 'build-args': 'B=2\nA=1' }],
    ['that leave in another way', { push: 'true' }, { load: 'true' }],
    ['of a time', { 'build-args': 'DATE=2026-11-28T20:00:01Z' }, { 'build-args': 'DATE=2026-11-28T20:00:09Z' }],
    ['of seconds', { 'build-args': 'AT=1795896000' }, { 'build-args': 'AT=1795896009' }],
    ['of the run', { 'build-args': 'RUN=9876543210-1' }, { 'build-args': 'RUN=9876543210-2' }],
    ['of the commit', { 'build-args': 'REV=3f2c1a9' }, { 'build-args': `REV=${run.sha}` }]
  ])('are not those %s', (_what, one, other) => {
    expect(identity(one)).toBe(identity(other))
  })
})

it('the subject is as the workflow writes it', () => {
  expect(subjectOf(inputsOf({ context: 'app' }))).toBe('Dockerfile in app')
  expect(subjectOf(inputsOf({ context: 'app', file: 'app/release.Dockerfile' }))).toBe('app/release.Dockerfile in app')
})

describe('the mark of a build in the files that are generated for it', () => {
  const mark = (given: Given, name = 'shop'): string => buildMark(buildFromInputs(inputsOf(given), name, {}))

  it('is the same in each run, and with each commit', () => {
    expect(mark({ target: 'api' })).toBe(mark({ target: 'api' }))
    expect(mark({ 'build-args': 'COMMIT=1' })).toBe(mark({ 'build-args': 'COMMIT=2' }))
    expect(mark({})).toMatch(/^[0-9a-f]{16}$/)
  })

  it.each<readonly [string, Given, Given]>([
    ['stage', { target: 'api' }, { target: 'web' }],
    ['platform', { platforms: 'linux/amd64' }, { platforms: 'linux/arm64' }],
    ['cache', { 'cache-image': 'acme/shop-cache' }, { 'cache-image': 'acme/other-cache' }]
  ])('is another one of another %s', (_, one, other) => {
    expect(mark(one)).not.toBe(mark(other))
  })

  it('is another one of an image of another name', () => {
    expect(mark({}, 'api')).not.toBe(mark({}, 'web'))
  })
})
