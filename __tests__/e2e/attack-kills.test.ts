/** Runs that are killed at any moment: what of their keys, secrets, folders and tags outlives them. */
import { expect, jest, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { processMark } from '../../src/core/process_mark.js'
import { pickFrom, tally } from '../attack/area.js'
import { registryManifest, registryTags } from '../support/engine.js'
import { imageManifest } from './support/image.js'
import { makeKey } from './support/keys.js'
import { expectExit } from './support/log.js'
import { processesWith } from './support/processes.js'
import { docker } from './support/variety.js'
import { baseImage, fresh, freshRepository, sentinel, sharedRegistry, startWorkspace } from './support/workspace.js'

const kills = Math.min(1000, Number(process.env.ATTACK_KILLS ?? 2))
jest.setTimeout(120_000 + kills * 60_000)

/** What follows a kill: the runner comes back with `post`, or is gone as well. */
const ways = [
  { signal: 'SIGKILL', post: true },
  { signal: 'SIGKILL', post: false },
  { signal: 'SIGTERM', post: true },
  { signal: 'SIGINT', post: true },
  { signal: 'SIGKILL', post: false }
] as const

/** Seconds within which all is gone: a guard looks once a second, and removes twice. */
const PATIENCE = 30

test(`nothing outlives ${kills} kills at random moments`, async () => {
  await using workspace = await startWorkspace({})
  const busybox = await baseImage('busybox')
  const pick = pickFrom(20_261_128)
  const through: string[] = []
  const secret = `${sentinel()}\n`.repeat(3200) // too large for a variable, so it is a file for a while
  const runOnce = async (onStart: (kill: (signal: NodeJS.Signals) => void, temporary: string) => void) => {
    const repository = freshRepository()
    await workspace.write({
      Dockerfile: `FROM ${busybox} AS test
RUN --mount=type=ssh --mount=type=secret,id=BIG echo ${fresh()} && sleep 0.3
FROM ${busybox} AS production
RUN dd if=/dev/urandom of=/app bs=1M count=8
`
    })
    const step = await workspace.run(
      {
        'test-target': 'test',
        target: 'production',
        tags: `${repository.reference}:1`,
        push: 'true',
        load: 'true',
        'ssh-private-key': makeKey().privateKey,
        'secret-envs': 'BIG=BIG_ONE',
        secrets: `TOKEN=${sentinel()}`
      },
      {
        env: { BIG_ONE: secret },
        onStart: (child, temporary) => onStart((signal) => child.kill(signal), temporary)
      }
    )
    return { step, repository }
  }
  const start = performance.now()
  const whole = await runOnce(() => undefined)
  const length = performance.now() - start
  expectExit(whole.step, 0)
  await whole.step.post()

  for (let index = 0; index < kills; index += 1) {
    const way = ways[index % ways.length] ?? ways[0]
    const after = (pick(Array.from({ length: 1000 }, (_, part) => part)) / 1000) * length
    let folder = ''
    const { step, repository } = await runOnce((kill, temporary) => {
      folder = temporary
      setTimeout(() => kill(way.signal), after)
    })
    if (way.post) await step.post()
    const state = JSON.parse(step.state.leftovers ?? '{}') as {
      readonly agents?: readonly { readonly folder: string }[]
    }
    const left = async (): Promise<readonly string[]> => [
      ...(await readdir(folder)).filter((name) => !name.startsWith('stagegate-report-')),
      ...processesWith(folder).map(({ command }) => command),
      ...(state.agents ?? []).map((agent) => agent.folder).filter((place) => existsSync(place))
    ]
    let rest = await left()
    for (const end = Date.now() + PATIENCE * 1000; rest.length > 0 && Date.now() < end; rest = await left())
      await sleep(200)
    const tags = await registryTags(sharedRegistry(), repository.name)
    // A tag that is there names an image that is there as a whole.
    const half = await Promise.all(tags.map((tag) => imageManifest(repository.name, tag).then(() => '', String)))
    const bad = [...rest, ...half.filter((text) => text !== '')]
    if (bad.length > 0)
      through.push(`${way.signal} after ${Math.round(after)} ms, post ${way.post}: ${bad.join(' · ')}`)
  }
  // What a run without `post` has left in the engine goes with the next one that loads.
  await (await runOnce(() => undefined)).step.post()
  const images = await docker(process.env, 'image', 'ls', '--format', '{{.Repository}}:{{.Tag}}')
  through.push(...images.split('\n').filter((name) => /(?:^|\/)stagegate-/.test(name)))
  tally('kills at random moments', kills, through.length)
  expect(through).toEqual([])
})

test('what a killed load has left in the engine, under the name of a registry that is gone, goes with the next load', async () => {
  const { pid: ended } = spawnSync('true')
  const left = (pid?: number): string =>
    `${sharedRegistry().address}/stagegate-${processMark(pid)}${randomBytes(8).toString('hex')}`
  const [forsaken, inUse] = [left(ended), left()]
  await using workspace = await startWorkspace({
    Dockerfile: `FROM ${await baseImage('busybox')}\nRUN echo ${fresh()}\n`
  })
  for (const name of [forsaken, inUse]) {
    await docker({}, 'buildx', 'build', '--push', '--quiet', '-t', `${name}:1`, workspace.folder)
    await docker({}, 'image', 'rm', '--force', `${name}:1`).catch(() => '')
    const { digest = '' } = (await registryManifest(sharedRegistry(), name.split('/')[1] ?? '', '1')) ?? {}
    await docker({}, 'image', 'pull', '--quiet', `${name}@${digest}`)
  }
  const names = async (): Promise<readonly string[]> =>
    (await docker({}, 'image', 'ls', '--digests', '--format', '{{.Repository}}')).split('\n')
  expect(await names()).toEqual(expect.arrayContaining([forsaken, inUse]))

  const tag = `${fresh('app')}:1`
  const result = await workspace.run({ load: 'true', tags: tag })
  expectExit(result, 0)
  // Its own is gone by now, and so nothing that `post` has to remove.
  expect(JSON.parse(result.state.leftovers ?? '')).toMatchObject({ images: [] })
  const after = await names()
  expect(after).not.toContain(forsaken)
  // This process has not ended, so that what has its mark is somebody's.
  expect(after).toContain(inUse)
  for (const line of (await docker({}, 'image', 'ls', '--digests', '--format', '{{.Repository}}@{{.Digest}}')).split(
    '\n'
  ))
    if (line.startsWith(inUse)) await docker({}, 'image', 'rm', line)
})
