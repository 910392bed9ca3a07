import { describe, expect, test } from '@jest/globals'
import type { Step } from '../../src/core/step.js'
import { findMounts, mountKey, parseMount } from '../../src/mounts/mount.js'

const step = (instruction: string, change: Partial<Step> = {}): Step => ({
  ...{ vertex: `sha256:${instruction}`, name: `[test 2/2] ${instruction}`, instruction, state: 'ran', seconds: 1 },
  ...{ logTail: [] },
  ...change
})
const found = (instruction: string) => findMounts([step(instruction)]).mounts

describe('the mounts in a step', () => {
  const shared = { sharing: 'shared', used: true }

  test.each([
    // As BuildKit 0.25 named them, with the ids that its provenance gave.
    ['an id', 'RUN --mount=type=cache,id=foo-mid,target=/cache true', { id: 'foo-mid' }],
    ['no id', 'RUN --mount=type=cache,target=/root/.cache/pip true', { id: '/root/.cache/pip' }],
    ['a path below WORKDIR', 'RUN --mount=type=cache,target=.mypy_cache/ true', { id: '.mypy_cache' }],
    ['a path to be cleaned', 'RUN --mount=type=cache,target=/a/./b/../c// true', { id: '/a/c' }],
    ['quotes', 'RUN --mount=type=cache,"target=/var/cd" true', { id: '/var/cd' }],
    ['quotes around it all', "RUN --mount='type=cache,target=/var/cd' true", { id: '/var/cd' }],
    ['other names', 'RUN --mount=type=cache,dst=/a true', { id: '/a' }],
    ['no order', 'RUN --mount=target=/a,ro,id=x,type=cache true', { id: 'x' }],
    [
      'owner and mode',
      'RUN --mount=type=cache,target=/a,uid=1000,gid=1001,mode=0750 true',
      { id: '/a', uid: 1000, gid: 1001, mode: 0o750 }
    ],
    ['sharing', 'RUN --mount=type=cache,target=/a,sharing=locked true', { id: '/a', sharing: 'locked' }],
    ['flags before it', 'RUN --network=none --security=sandbox --mount=type=cache,target=/a true', { id: '/a' }],
    ['lines that were joined', 'RUN --mount=type=secret,id=s    --mount=type=cache,target=/a true', { id: '/a' }],
    ['lower case', 'run --mount=type=cache,target=/a true', { id: '/a' }],
    ['a heredoc', 'RUN --mount=type=cache,target=/a <<HD (echo hi > /a/x)', { id: '/a' }]
  ])('with %s', (_name, instruction, mount) => {
    expect(found(instruction)).toEqual([{ ...shared, ...mount }])
  })

  test.each([
    ['a command that only looks like it', 'RUN docker run --mount=type=cache,target=/a busybox'],
    ['a heredoc that does', 'RUN <<HD (RUN --mount=type=cache,target=/a true)'],
    ['other mounts', 'RUN --mount=type=bind,target=/a --mount=type=tmpfs,target=/b true'],
    ['other instructions', 'COPY --mount=type=cache,target=/a x y']
  ])('none in %s', (_name, instruction) => {
    expect(findMounts([step(instruction)])).toEqual({ mounts: [], unsupported: [] })
  })

  test.each([
    ['files of a stage', 'RUN --mount=type=cache,id=x,target=/a,from=deps true', 'x', 'it starts from'],
    ['a variable that stayed', 'RUN --mount=type=cache,id=$HOST,target=/a true', '$HOST', 'unusual characters'],
    ['a space', 'RUN --mount=type=cache,"id=a b",target=/a true', 'a b', 'unusual characters']
  ])('not with %s', (_name, instruction, id, reason) => {
    const { mounts, unsupported } = findMounts([step(instruction)])
    expect(mounts).toEqual([])
    expect(unsupported).toEqual([{ id, reason: expect.stringContaining(reason) }])
  })

  test('a mount counts as used when one of its steps did anything, whatever became of it', () => {
    const [one, two] = ['RUN --mount=type=cache,target=/a one', 'RUN --mount=type=cache,target=/a two']
    const used = (...states: readonly [Step['state'], number][]) =>
      findMounts(states.map(([state, seconds], index) => step(index === 0 ? one : two, { state, seconds }))).mounts
    expect(used(['cached', 0], ['ran', 1])).toEqual([{ id: '/a', ...shared }])
    for (const [state, seconds, expected] of [
      ['failed', 1, true],
      ['cancelled', 1, true],
      ['cancelled', 0, false],
      ['waiting', 0, false],
      ['cached', 0, false]
    ] as const) {
      expect(used([state, seconds])).toEqual([{ id: '/a', sharing: 'shared', used: expected }])
    }
  })

  test('owner and mode make another mount, sharing does not', () => {
    expect(found('RUN --mount=type=cache,target=/a --mount=type=cache,target=/a,sharing=locked true')).toHaveLength(1)
    expect(found('RUN --mount=type=cache,target=/a --mount=type=cache,target=/a,mode=0700 true')).toHaveLength(2)
    const [plain, padded] = [
      found('RUN --mount=type=cache,target=/a,mode=700 x'),
      found('RUN --mount=type=cache,target=/a,mode=0700 x')
    ]
    expect(plain.map(mountKey)).toEqual(padded.map(mountKey))
  })
})

describe('a stored mount', () => {
  test.each([
    { id: 'a', sharing: 'private' },
    { id: '/a', sharing: 'locked', uid: 0, gid: 5, mode: 0o700 }
  ])('comes back: %j', (mount) => {
    expect(parseMount(JSON.parse(JSON.stringify(mount)))).toEqual(mount)
  })

  test.each([
    undefined,
    { id: 'a' },
    { id: 'a', sharing: 'mine' },
    { id: 'a,target=/etc', sharing: 'shared' },
    { id: 'a\nRUN evil', sharing: 'shared' },
    { id: '', sharing: 'shared' },
    { id: 'a', sharing: 'shared', uid: -1 },
    { id: 'a', sharing: 'shared', mode: 1.5 }
  ])('is refused: %j', (value) => {
    expect(parseMount(value)).toBeUndefined()
  })
})
