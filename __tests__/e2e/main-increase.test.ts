/**
 * `max-increase` on the real engine: a pull request that grows too much is held back; a branch that has grown is told so
 * and gets its image and its new baseline; and without a baseline nothing is judged, which is said.
 */
import { afterAll, beforeAll, expect, jest } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { CacheService } from '../baseline/support/cache-service.js'
import { GitHub } from '../github/support/github.js'
import { registryTags } from '../support/engine.js'
import { pullRequestEvent, type StepOptions, type StepResult } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

jest.setTimeout(120_000)

let github: GitHub
let cache: CacheService
let workspace: Workspace
let stages: readonly string[]

beforeAll(async () => {
  github = await GitHub.start()
  cache = await CacheService.start()
  workspace = await startWorkspace({
    'app.txt': 'app',
    'small.bin': Buffer.alloc(10_000, fresh()),
    'vendor/library.bin': Buffer.alloc(1_000_000, fresh())
  })
  stages = [`FROM ${await baseImage('busybox')} AS base`, `RUN echo ${fresh()} > /fresh`]
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await cache[Symbol.asyncDispose]()
  await github[Symbol.asyncDispose]()
})

type Told = StepResult & { readonly tags: readonly string[]; readonly warnings: string; readonly verdict: unknown }

/** Runs a step that would push. A push to main, of the commit that is all this digit, unless told. */
async function build(
  instructions: readonly string[],
  event: StepOptions['event'],
  sha: string,
  limit = '5%, 100kB'
): Promise<Told> {
  const lines = [...stages, 'FROM base AS test', 'RUN test -s /fresh', 'FROM base AS production', ...instructions]
  await workspace.write({ Dockerfile: `${lines.join('\n')}\n` })
  const image = freshRepository()
  const result = await workspace.run(
    {
      ...{ 'test-target': 'test', target: 'production', tags: `${image.reference}:1`, push: 'true' },
      ...{ 'max-increase': limit, 'report-name': 'app', 'commit-status': 'stagegate' },
      'github-token': await github.workflowToken()
    },
    {
      ...(event === undefined ? {} : { event }),
      env: {
        GITHUB_SHA: sha,
        GITHUB_API_URL: github.apiUrl,
        ...cache.environment({ write: event?.ref ?? 'refs/heads/main', read: [event?.ref ?? '', 'refs/heads/main'] })
      }
    }
  )
  const warnings = result.annotations.filter(({ level }) => level === 'warning').map(({ text }) => text)
  const report = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8')) as {
    readonly builds: readonly { readonly verdict: readonly object[] }[]
  }
  return {
    ...result,
    warnings: warnings.join('\n'),
    tags: await registryTags(sharedRegistry(), image.name),
    verdict: report.builds[0]?.verdict.find((rule) => 'rule' in rule && rule.rule === 'max-increase')
  }
}

const [first, merged, next] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string]

/** As GitHub sends it: a push to main, or a merge queue, on top of a commit. */
const push = (before: string, after: string): StepOptions['event'] => ({
  name: 'push',
  ref: 'refs/heads/main',
  payload: { ref: 'refs/heads/main', before, after, repository: { full_name: 'acme/app', default_branch: 'main' } }
})

const queue = (base: string): StepOptions['event'] => ({
  name: 'merge_group',
  ref: `refs/heads/gh-readonly-queue/main/pr-1-${base}`,
  payload: {
    action: 'checks_requested',
    merge_group: { head_sha: 'd'.repeat(40), base_sha: base, base_ref: 'refs/heads/main' },
    repository: { full_name: 'acme/app', default_branch: 'main' }
  }
})

const small = ['COPY app.txt /']
const large = [...small, 'COPY vendor /usr/lib/vendor']
const larger = [...large, 'COPY vendor /usr/lib/again']

long.test('from a first pull request to what is merged', async () => {
  // Nothing to grow from yet: green, and nobody can miss that nothing was judged.
  const early = await build(large, pullRequestEvent(), 'e'.repeat(40))
  expectExit(early, 0)
  expect(early.summary).toMatch(/^> \[!WARNING\]\n> \*\*Not compared.*`max-increase` was not judged/m)
  expect(early.warnings).toContain('max-increase was not judged')
  expect(early.verdict).toMatchObject({ baseline: 'none', passed: true })

  // The first push to main: the same, and it makes the baseline.
  const start = await build(small, push('0'.repeat(40), first), first)
  expectExit(start, 0)
  expect(start.warnings).toContain('max-increase was not judged')
  expect(cache.entries).toHaveLength(1)

  // A pull request that adds a megabyte to two: red, nothing published, and what grew comes first.
  const red = await build(large, pullRequestEvent(), 'e'.repeat(40))
  expectExit(red, 1)
  expect(red.tags).toEqual([])
  expect(red.outputs).toMatchObject({ published: 'false', gate: 'passed', 'size-diff': '1000000' })
  expect(red.summary).toMatch(
    /^## ❌ app: the image grew by 1\.0 MB \(\d+\.\d %\), limit: 100 kB or 5 %, whichever is larger, nothing was published$/m
  )
  expect(red.summary).toMatch(
    /`max-increase`[^]*### Why it changed[^]*COPY vendor \/usr\/lib\/vendor[^]*\/usr\/lib\/vendor/
  )
  expect(red.verdict).toMatchObject({ baseline: 'found', exceeded: true, mode: 'fail', passed: false })
  const errors = red.annotations.filter(({ level }) => level === 'error').map(({ text }) => text)
  expect(errors).toEqual([
    expect.stringMatching(/over budget \(max-increase\),.*line=7 [^]*What grew:\n\+1\.0 MB Dockerfile:7 COPY vendor/)
  ])
  expect(github.statuses.at(-1)).toMatchObject({
    state: 'failure',
    description: expect.stringContaining('the image grew by 1.0 MB')
  })

  // It needs both: 10 kB is less than 100 kB.
  const little = await build([...small, 'COPY small.bin /'], pullRequestEvent(), 'e'.repeat(40), '0.1%, 100kB')
  expectExit(little, 0)
  expect(little.summary.replace(/\s/g, ' ')).toContain('**Within budget** (grew by 10.0 kB (')

  // The queue is the last place to refuse it, as long as the growth is this change's own.
  expectExit(await build(large, queue(first), 'd'.repeat(40)), 1)
  const unsure = await build(large, queue('9'.repeat(40)), 'd'.repeat(40))
  expectExit(unsure, 0)
  expect(unsure.warnings).toContain('grew by more than max-increase allows')

  // Somebody merged it all the same: main gets its image, its warning, and its new baseline.
  const main = await build(large, push(first, merged), merged)
  expectExit(main, 0)
  expect(main.tags).toEqual(['1'])
  expect(main.summary).toMatch(
    /^> \[!WARNING\]\n> \*\*The image grew by more than `max-increase` allows\*\*: \*\*\+1\.0.MB/m
  )
  expect(main.warnings).toContain('grew by more than max-increase allows')
  expect(main.verdict).toMatchObject({ exceeded: true, mode: 'warn', passed: true })
  expect(cache.entries).toHaveLength(2)

  // So the next change is judged by itself.
  const calm = await build(large, push(merged, next), next)
  expectExit(calm, 0)
  expect(calm.warnings).not.toContain('max-increase')
  expectExit(await build(larger, pullRequestEvent(), 'e'.repeat(40)), 1)
})
