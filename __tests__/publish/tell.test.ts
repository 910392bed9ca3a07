/** What GitHub is told: nothing in a status or a comment comes to life, whatever a build calls its things. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { readOccasion, type Occasion } from '../../src/occasion/occasion.js'
import { tellGitHub } from '../../src/publish/tell.js'
import type { Report } from '../../src/report/model.js'
import { GitHub } from '../github/support/github.js'
import { inputsOf } from '../inputs/support.js'
import { larger, overIncrease } from '../report/support/compared.js'
import { HOSTILE } from '../report/support/hostile.js'
import { poisoned } from '../report/support/poison.js'
import { redTest } from '../report/support/reports.js'
import { expectUnmoved, HIDDEN, rendered } from '../report/support/tree.js'
import { pullRequestEvent } from '../support/runner.js'

let github: GitHub
let token: string
let folder: string

beforeAll(async () => {
  github = await GitHub.start()
  token = await github.workflowToken()
  folder = mkdtempSync(path.join(os.tmpdir(), 'stagegate-event-'))
  const event = pullRequestEvent().payload as { readonly pull_request: object }
  const pull = { ...event, pull_request: { ...event.pull_request, number: 1 } }
  writeFileSync(path.join(folder, 'event.json'), JSON.stringify(pull))
})

afterAll(async () => {
  await github[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

function occasion(): Occasion {
  return readOccasion({
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_EVENT_PATH: path.join(folder, 'event.json'),
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SHA: 'e'.repeat(40),
    GITHUB_REF: 'refs/pull/1/merge',
    GITHUB_API_URL: github.apiUrl,
    GITHUB_RUN_ID: '7'
  })
}

async function tell(report: Report): Promise<{ readonly description: string; readonly comment: string }> {
  const ports = { now: () => Date.now(), signal: new AbortController().signal }
  const inputs = inputsOf({ 'commit-status': 'stagegate', 'github-token': token })
  const before = github.statuses.length
  const notes = await tellGitHub(ports, { report, inputs, occasion: occasion(), redact: (text) => text })
  expect(notes).toEqual([])
  const [status, ...others] = github.statuses.slice(before)
  expect([status?.sha, others]).toEqual(['a'.repeat(40), []])
  const comments = await github.comments(1)
  return { description: status?.description ?? '', comment: comments.at(-1)?.body ?? '' }
}

describe.each<readonly [string, () => Report]>([
  ['a red test', () => ({ ...redTest(), trusted: true })],
  ['a growth', overIncrease],
  ['a difference', () => larger({})]
])('what is told of %s', (_, report) => {
  it.each(HOSTILE)('is not moved by %s', async (_what, value) => {
    // Comments are found by their report's name, so that is the test's own; the headline has others of these strings.
    const bad = { ...poisoned(report(), () => value), name: 'app' }
    const { description, comment } = await tell(bad)
    expect(description).not.toMatch(HIDDEN)
    expect(description).not.toMatch(/[\n\t\u2028\u2029\u{e0000}-\u{e0fff}]/u)
    expect(description.isWellFormed()).toBe(true)
    expect(description.length).toBeLessThanOrEqual(140)
    expect(description).toMatch(/^app: \S/)
    const { comment: usual } = await tell(report())
    expectUnmoved(comment, rendered(usual))
    expect(github.faults).toEqual([])
  })
})
