/** Attacks on cache mounts of an engine that lives on: what a pull request leaves there, and what main finds. */
import { expect, jest, test } from '@jest/globals'
import { tally } from '../attack/area.js'
import { pullRequestEvent } from '../support/runner.js'
import { some } from '../support/tiers.js'
import { expectExit, printed } from './support/log.js'
import { baseImage, fresh, startWorkspace } from './support/workspace.js'

jest.setTimeout(300_000)

/** How `main` names its mounts, each a mount's options but for the type. */
const mains = (own: string): readonly string[] => [
  `id=${own}`,
  `target=/root/.cache/${own}`,
  `id=a/${own},sharing=locked`,
  `id=${own}-uid,uid=1000,gid=1000,mode=0750`
]

/** How a stranger could mean the same one. */
const spellings = (id: string): readonly string[] => [
  id,
  `/${id}`,
  `//${id}`,
  `./${id}`,
  `../${id}`,
  `../../${id}`,
  `acme-app-pr-12/../${id}`,
  `x/../${id}`,
  `${id}/`,
  `${id}/.`,
  `branch-main/${id}`,
  `acme-app/${id}`
]

test.each(
  some(
    [
      ['a fork', 'mallory/app'],
      ['a branch', 'acme/app']
    ],
    1
  )
)('what %s leaves in mounts is not found by main', async (who, from) => {
  const own = fresh('mount')
  const base = await baseImage('busybox')
  const ids = mains(own).map((options) => /(?:id|target)=([^,]+)/.exec(options)?.[1] ?? '')
  const tries = [...ids.flatMap(spellings).map((id) => `id=${id}`), ...mains(own)]
  const at = (options: string, index: number): string =>
    options.includes('target=') ? options : `${options},target=/m${index}`
  const placeOf = (options: string, index: number): string => /target=([^,]+)/.exec(at(options, index))?.[1] ?? ''
  const evil = tries.map((options, index) => `echo EVIL-${index} > ${placeOf(options, index)}/evil-${index}`)
  await using workspace = await startWorkspace({})
  const run = (lines: readonly string[], event?: ReturnType<typeof pullRequestEvent>) =>
    workspace
      .write({ Dockerfile: [`FROM ${base} AS test`, 'ARG BUILDKIT_CACHE_MOUNT_NS=', ...lines, ''].join('\n') })
      .then(() =>
        workspace.run(
          { 'test-target': 'test', 'compare-to': 'none' },
          { ...(event === undefined ? {} : { event }), env: { RUNNER_ENVIRONMENT: 'self-hosted' } }
        )
      )
  const mounts = (list: readonly string[]): string =>
    list.map((options, index) => `--mount=type=cache,${at(options, index)}`).join(' ')

  const stranger = await run(
    [`RUN ${mounts(tries)} ${evil.join(' && ')} && echo WROTE=${tries.length}`],
    pullRequestEvent(from)
  )
  expectExit(stranger, 0)
  expect(printed(stranger.log, 'WROTE')).toEqual([String(tries.length)])

  const look = mains(own).map((options, index) => {
    const place = placeOf(options, index)
    return `echo FOUND=in,$(ls ${place} | tr '\\n' ,) && echo mine > ${place}/mine`
  })
  const find = async (): Promise<readonly string[]> => {
    const main = await run([`RUN echo ${fresh()}`, `RUN ${mounts(mains(own))} ${look.join(' && ')}`])
    expectExit(main, 0)
    const found = printed(main.log, 'FOUND')
    expect(found).toHaveLength(mains(own).length)
    return found
  }
  const through = (await find()).filter((names) => names.includes('evil'))
  // The mounts do live on, and under these names.
  expect((await find()).filter((names) => !names.includes('mine'))).toEqual([])
  tally(`cache mounts of an engine, by ${who}`, tries.length, through.length)
  expect(through).toEqual([])
})
