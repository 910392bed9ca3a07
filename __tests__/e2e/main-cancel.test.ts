/** The end of a run that does not come by itself: cancelled by the runner, or killed. */
import { describe, expect, jest, test } from '@jest/globals'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { registryTags } from '../support/engine.js'
import type { StepResult } from '../support/runner.js'
import { makeKey } from './support/keys.js'
import { processesWith, until } from './support/processes.js'
import { job, startProject } from './support/variety.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sentinel,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

jest.setTimeout(120_000)

/** Long enough that no test waits for its end; a number of its own, so that the process can be found. */
function longSleep(): string {
  return `sleep 77${Math.floor(Math.random() * 1e9)}`
}

type Interrupted = {
  readonly step: StepResult
  readonly repository: { readonly name: string }
  readonly pause: string
  readonly temporary: string
}

/** Starts a run with a key and secrets, and interrupts it in the middle of a RUN. */
async function interrupt(signal: NodeJS.Signals): Promise<Interrupted & AsyncDisposable> {
  const pause = longSleep()
  const repository = freshRepository()
  const workspace: Workspace = await startWorkspace({
    Dockerfile: `FROM ${await baseImage('busybox')} AS test
ARG RUN=${fresh()}
RUN --mount=type=ssh --mount=type=secret,id=BIG trap '' TERM INT; ${pause}
FROM ${await baseImage('busybox')} AS production
RUN echo ${fresh()} > /app
`
  })
  const started = Promise.withResolvers<readonly [ChildProcess, string]>()
  const running = workspace.run(
    {
      'test-target': 'test',
      target: 'production',
      tags: `${repository.reference}:1`,
      push: 'true',
      'ssh-private-key': makeKey().privateKey,
      'secret-envs': 'BIG=BIG_ONE',
      secrets: `TOKEN=${sentinel()}`
    },
    {
      // Too large for a variable of the build, so it is a file for a while.
      env: { BIG_ONE: `${sentinel()}\n`.repeat(3200) },
      onStart: (child, temporary) => started.resolve([child, temporary])
    }
  )
  const [child, temporary] = await started.promise
  try {
    await until('the RUN to run', 60, () => processesWith(pause).some(({ command }) => command.startsWith('sleep')))
    expect(processesWith(temporary).map(({ command }) => command)).toEqual(
      expect.arrayContaining([expect.stringMatching(/ssh-agent/), expect.stringMatching(/docker-buildx bake/)])
    )
    expect(await readdir(temporary)).toContainEqual(expect.stringMatching(/^stagegate-secrets-/))
  } catch (error) {
    child.kill('SIGTERM')
    await running
    await workspace[Symbol.asyncDispose]()
    throw error
  }
  child.kill(signal)
  const step = await running
  return { step, repository, pause, temporary, [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose]() }
}

/** Everything of a run that could outlive it, besides its report. */
async function remains({ temporary, pause }: Interrupted): Promise<readonly string[]> {
  const files = (await readdir(temporary)).filter((name) => !name.startsWith('stagegate-report-'))
  const processes = [...processesWith(temporary), ...processesWith(pause)]
  return [...files, ...processes.map(({ command }) => command)]
}

describe.each(['SIGINT', 'SIGTERM'] as const)('%s in the middle of a step', (signal) => {
  test('ends the build, the agent and the temporary files at once, and publishes nothing', async () => {
    await using interrupted = await interrupt(signal)
    const { step, repository } = interrupted // it has ended, though the step would sleep for years
    expect(step.exitCode).toBe(1)
    await until('the processes to be gone', 5, async () => (await remains(interrupted)).length === 0)

    expect(step.outputs).toMatchObject({ published: 'false' })
    expect(step.outputs.gate).not.toBe('passed')
    expect(step.summary).toMatch(/^## ⚪️ .*cancelled, nothing was published/)
    expect(await registryTags(sharedRegistry(), repository.name)).toEqual([])

    expect(await step.post()).toBe('')
    expect(await remains(interrupted)).toEqual([])
  })
})

describe('SIGKILL in the middle of a step', () => {
  test('leaves an agent that dies by itself, and post removes the rest', async () => {
    await using interrupted = await interrupt('SIGKILL')
    const { step, repository, temporary, pause } = interrupted
    expect(step.exitCode).toBe(137)

    await until('the agent to die by itself', 15, () =>
      processesWith(temporary).every(({ command }) => !/ssh-agent|stagegate-ssh-watch/.test(command))
    )
    const { agents } = JSON.parse(step.state.leftovers ?? '') as { agents: { folder: string }[] }
    expect(agents).toHaveLength(1)
    expect(existsSync(agents[0]?.folder ?? '')).toBe(false)

    await step.post()
    expect(await readdir(temporary)).toEqual([])
    await until('the build to be gone', 10, () => processesWith(temporary).length === 0)
    await until('the step to be gone', 10, () => processesWith(pause).length === 0)
    expect(await registryTags(sharedRegistry(), repository.name)).toEqual([])
  })
})

test.each(['SIGTERM', 'SIGKILL'] as const)('%s while the step starts: its post builds nothing', async (signal) => {
  const repository = freshRepository()
  await using workspace = await startProject()
  const inputs = { ...job, push: 'true', tags: `${repository.reference}:1` }
  const step = await workspace.run(inputs, { onStart: (child) => child.kill(signal) })
  expect(step).toMatchObject({ exitCode: 137, log: '', state: {} })
  expect(await step.post()).toBe('')
  expect(await registryTags(sharedRegistry(), repository.name)).toEqual([])
})
