/** What bad input gets: a red step that says clearly what is wrong, nothing published, nothing left behind. */
import { expect } from '@jest/globals'
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { registryTags } from '../../support/engine.js'
import type { StepOptions, StepResult } from '../../support/runner.js'
import { expectExit, withoutMasks } from './log.js'
import { processesWith, until } from './processes.js'
import { freshRepository, sharedRegistry, type Workspace } from './workspace.js'

const run = promisify(execFile)

export type Refusal = Omit<StepOptions, 'with' | 'cwd'> & {
  readonly with?: StepOptions['with']
  /** Words of the error annotations that the summary has too: what is wrong, and what to do. */
  readonly says: readonly string[]
  /** Values that must not be seen anywhere. */
  readonly hides?: readonly string[]
}

/** Runs a step that tests, builds and would push, and expects it to be refused. */
export async function expectRefused(
  workspace: Workspace,
  { with: inputs = {}, says, hides = [], ...options }: Refusal
): Promise<StepResult> {
  const repository = freshRepository()
  const usual = { 'test-target': 'test', target: 'production', push: 'true', tags: `${repository.reference}:1` }
  const result = await workspace.run({ ...usual, ...inputs }, options)
  expectExit(result, 1)
  expect(result.outputs.published).toBe('false')
  expect(await registryTags(sharedRegistry(), repository.name)).toEqual([])

  const errors = result.annotations.filter(({ level }) => level === 'error').map(({ text }) => text)
  for (const told of [errors.join('\n'), result.summary]) {
    for (const words of says) expect(plain(told)).toContain(plain(words))
  }
  expect(result.summary).toMatch(/^## (?:❌|⚪).*nothing was published/u)
  await expectNothingLeft(result, hides)
  return result
}

/** Nothing of the step runs on or lies around but its report, and neither a stack trace nor a secret was told. */
export async function expectNothingLeft(result: StepResult, hides: readonly string[] = []): Promise<void> {
  await until('the end of every process of the step', 5, () => processesWith(result.temporary).length === 0)
  expect(await readdir(result.temporary)).toEqual([expect.stringMatching(/^stagegate-report-/)])
  const told = [
    withoutMasks(result.log),
    result.summary,
    JSON.stringify([result.outputs, result.exported, result.state]),
    await readFile(result.outputs['summary-file'] ?? '', 'utf8'),
    await result.post()
  ]
  expect(told.at(-1)).toBe('')
  for (const text of told) {
    expect(text).not.toMatch(/\bat .*\(?.*:\d+:\d+\)?$/m)
    for (const value of hides) expect(text).not.toContain(value)
  }
}

/** No builder and no tag of ours is in the engine. */
export async function expectEngineClean(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const docker = (...args: readonly string[]) => run('docker', args, { env: { ...process.env, ...env } })
  const builders = await docker('buildx', 'ls', '--format', '{{.Name}}')
  const images = await docker('image', 'ls', '--format', '{{.Repository}}')
  expect(`${builders.stdout}${images.stdout}`).not.toContain('stagegate-')
}

/** A text without the marks of Markdown, the breaks of lines, and upper case at the start of a sentence. */
export function plain(text: string): string {
  const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" }
  return text
    .replace(/&(lt|gt|amp|quot|#39);/g, (_, name: string) => characters[name] ?? '')
    .replace(/[\\`]/g, '')
    .replace(/\s+/g, ' ')
    .toLowerCase()
}
