/** A bake call as it is run: what is read of it, and what a broken cache costs. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Bake } from '../../src/buildkit/bake.js'
import { noCredentials } from '../../src/buildkit/command.js'
import type { Step } from '../../src/core/step.js'
import type { BuildMetadata } from '../../src/buildkit/provenance.js'
import { logProgress, runBake, type BakeResult } from '../../src/buildkit/solve.js'
import { buildOf } from '../builds/support.js'
import { keptLog, logOf, redEnd, scriptedBuildx, streamOf, type Answer, type Asked } from './support/buildx.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stagegate-solve-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const from = ['type=registry,ref=r.example/cache:main']
const metadataFile = (): string => path.join(folder, 'metadata.json')

async function bake(
  answers: readonly (Answer | ((asked: Asked) => Answer))[],
  { cacheFrom = [], env = {} }: { readonly cacheFrom?: readonly string[]; readonly env?: Record<string, string> } = {}
): Promise<{ readonly result: BakeResult; readonly asked: readonly Asked[]; readonly lines: readonly string[] }> {
  const { exec, asked } = scriptedBuildx(answers)
  const { log, lines } = keptLog()
  const call: Bake = {
    ...{ build: buildOf(), credentials: noCredentials, metadataFile: metadataFile(), cache: { from: cacheFrom } },
    targets: ['_test0-0', '_image-0'].map((name) => ({ name, stage: '', platforms: [], outputs: [] }))
  }
  return { result: await runBake({ exec, log }, call, { env, listener: logProgress(log) }), asked, lines }
}

const importsOf = ({ definition }: Asked): readonly unknown[] =>
  Object.values(definition).map((target) => (target as Readonly<Record<string, unknown>>)['cache-from'])

const green: Answer = { stream: streamOf([{ vertex: 't', name: '[_test0-0 test 1/1] RUN pytest' }]) }
const broken: Answer = {
  stream:
    streamOf([{ vertex: 'i', name: '[_test0-0] importing cache manifest from r.example/cache:main' }]) +
    redEnd(
      '_test0-0',
      'failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://r.example/v2/cache/blobs/sha256:1: 404 Not Found'
    ),
  exitCode: 1
}

describe('a call', () => {
  test('has the metadata of each target, and the environment of the build', async () => {
    const metadata = {
      '_test0-0': { 'buildx.build.ref': 'x' },
      '_image-0': { 'containerimage.digest': 'sha256:i', 'containerimage.config.digest': 'sha256:c' }
    }
    const { result, asked } = await bake([{ ...green, metadata }], { env: { TOKEN: 'x' } })
    const read = result.ok ? result.metadata : new Map<string, BuildMetadata>()
    expect([...read].map(([name, { digest, configDigest }]) => [name, digest, configDigest])).toEqual([
      ['_test0-0', undefined, undefined],
      ['_image-0', 'sha256:i', 'sha256:c']
    ])
    expect(asked[0]?.env).toEqual({ TOKEN: 'x', BUILDX_BAKE_ENTITLEMENTS_FS: '0' })
    expect(result.progress.builtFor.get('t')).toEqual(['_test0-0'])
  })

  test('that wrote no metadata has none: not that of an older call', async () => {
    writeFileSync(metadataFile(), JSON.stringify({ '_image-0': { 'containerimage.digest': 'sha256:old' } }))
    const { result } = await bake([green])
    expect(result.ok && result.metadata.size).toBe(0)
  })

  test('that is red has its exit code and its words', async () => {
    const { result } = await bake([{ stream: redEnd('_image-0', 'nope'), exitCode: 1 }])
    expect(result).toMatchObject({ ok: false, exitCode: 1, timedOut: false })
    expect(result.progress.plain).toEqual(['ERROR: target _image-0: failed to solve: nope'])
  })

  test('is in the log: steps by their own names, their output behind them', async () => {
    const stream =
      streamOf([{ vertex: 't', name: '[_test0-0 test 1/1] RUN pytest', state: 'cached' }]) +
      streamOf([{ vertex: 'p', name: '[_image-0 app 2/3] RUN make', seconds: 2 }]) +
      logOf('p', 'hello\n')
    const { lines } = await bake([{ stream }])
    expect(lines).toEqual([
      ...['[test 1/1] RUN pytest · cached', '[app 2/3] RUN make', 'app 2/3 │ done in 2.0 s', 'app 2/3 │ hello']
    ])
  })
})

describe('an import that breaks the build', () => {
  test('costs a second call without any, which says so', async () => {
    const { result, asked, lines } = await bake([broken, green], { cacheFrom: from })
    expect(asked.map(importsOf)).toEqual([
      [from, from],
      [undefined, undefined]
    ])
    expect(result.ok).toBe(true)
    expect(result.progress.broken?.message).toMatch(/^failed to copy: .*404 Not Found$/)
    expect(result.progress.internals.map(({ name }) => name)).toContain(
      'importing cache manifest from r.example/cache:main'
    )
    expect(lines.join('\n')).toMatch(/The layer cache broke the build after \d+\.\d s. It is built again without it\./)
  })

  test('is not the cause where it goes wrong without, too', async () => {
    const { result, asked } = await bake([broken, broken], { cacheFrom: from })
    expect([asked.length, result.ok, result.progress.broken]).toEqual([2, false, undefined])
  })

  test.each<[string, Answer, readonly string[]]>([
    ['where there is none', broken, []],
    ['where the words name another repository', broken, ['type=registry,ref=r.example/other:main']],
    [
      'where a step failed',
      {
        stream: redEnd('_image-0', 'process "/bin/sh -c x" did not complete successfully: exit code: 1'),
        exitCode: 1
      },
      from
    ]
  ])('is not blamed %s', async (_, answer, cacheFrom) => {
    const { result, asked } = await bake([answer], { cacheFrom })
    expect([asked.length, result.ok]).toEqual([1, false])
  })
})

test('a solve that was shown already tells of what ran or spoke, and not of what was only begun', () => {
  const { log, lines } = keptLog()
  const listener = logProgress(log, { again: true })
  const step = (stage: string, state: Step['state']): Step => ({
    ...{
      vertex: stage,
      name: `[${stage} 1/1] RUN make`,
      instruction: 'RUN make',
      stage,
      state,
      seconds: 2,
      logTail: []
    }
  })
  for (const [stage, state] of [
    ['a', 'ran'],
    ['b', 'cached'],
    ['c', 'cancelled'],
    ['d', 'failed']
  ] as const) {
    listener.onStep?.(step(stage, 'cancelled'), 'started')
    listener.onStep?.({ ...step(stage, state), ...(state === 'failed' ? { error: 'no' } : {}) }, 'finished')
  }
  listener.onLog?.(step('e', 'cancelled'), 'said')
  listener.onStep?.(step('e', 'cancelled'), 'finished')
  expect(lines).toEqual([
    '[a 1/1] RUN make',
    'a 1/1 │ done in 2.0 s',
    '[d 1/1] RUN make',
    'd 1/1 │ failed after 2.0 s: no',
    '[e 1/1] RUN make',
    'e 1/1 │ said',
    'e 1/1 │ cancelled'
  ])
})
