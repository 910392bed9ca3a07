import { describe, expect, test } from '@jest/globals'
import type { Step } from '../../src/build/step.js'
import { planSalvage, type FailedBuild } from '../../src/plan/salvage.js'

const dockerfile = `FROM busybox AS base
RUN one
FROM base AS build
RUN two
FROM build AS test
RUN three
RUN four \\
  more
RUN five
FROM base AS production
COPY --from=build /a /a
RUN six
`

/** `build 1/2 ran`: a step of a stage, how far it is, and what became of it; a platform may come before. */
function steps(...texts: readonly string[]): readonly Step[] {
  return texts.map((text) => {
    const [, platform, stage = '', position = '', state = ''] =
      /^(?:(\S+\/\S+) )?(\S+) (\d+\/\d+) (\w+)$/.exec(text) ?? []
    const name = `[${platform === undefined ? '' : `${platform} `}${stage} ${position}] RUN something`
    return {
      ...{ vertex: text, name, instruction: 'RUN something', stage, state: state as Step['state'] },
      ...{ seconds: 1, logTail: [] },
      ...(platform === undefined ? {} : { platform })
    }
  })
}

const built = ['base 2/2 ran', 'build 1/1 ran', 'test 1/3 ran', 'test 2/3 failed', 'test 3/3 waiting']
const cancelled = ['production 2/3 ran', 'production 3/3 cancelled']

function plan(texts: readonly string[], more: Partial<FailedBuild> = {}): { kept: readonly string[]; text: string } {
  const all = steps(...texts)
  const step = all.find(({ state }) => state === 'failed')
  const salvage = planSalvage({
    dockerfile: Buffer.from(dockerfile),
    steps: all,
    ...(step === undefined ? {} : { failed: { step, line: 7 } }),
    ...more
  })
  if (!salvage.ok) throw new Error(salvage.reason)
  return { kept: salvage.kept, text: salvage.text.toString() }
}

test('the failed stage is cut before its failed instruction, and the stages after it stay', () => {
  const { kept, text } = plan([...built, ...cancelled])
  expect(kept).toEqual(['base', 'build', 'test'])
  expect(text).toBe(`FROM busybox AS base
RUN one
FROM base AS build
RUN two
FROM build AS test
RUN three
FROM base AS production
COPY --from=build /a /a
RUN six
FROM scratch AS stagegate-gate
COPY --from=base /stagegate-gate-no-such-file-* /0/
COPY --from=build /stagegate-gate-no-such-file-* /1/
COPY --from=test /stagegate-gate-no-such-file-* /2/
`)
})

test('a stage that was completed meanwhile is kept whole', () => {
  expect(plan([...built, 'production 2/3 cached', 'production 3/3 ran']).kept).toContain('production')
})

test.each<[string, readonly string[], readonly string[]]>([
  ['only part of it was built', ['base 2/2 ran', 'build 1/2 ran', 'build 2/2 cancelled'], ['base']],
  ['its end is known under the name of another stage', ['base 2/2 ran', 'build 1/2 ran'], ['base']],
  [
    'another platform has not come as far',
    [
      'linux/amd64 base 2/2 ran',
      'linux/arm64 base 2/2 ran',
      'linux/amd64 build 1/1 ran',
      'linux/arm64 build 1/1 cancelled'
    ],
    ['base']
  ]
])('a stage is left out where %s', (_, texts, kept) => {
  expect(plan(texts).kept).toEqual(kept)
})

test('the failed stage is left out where another platform has not come as far', () => {
  const both = (text: string): readonly string[] => [`linux/amd64 ${text}`, `linux/arm64 ${text}`]
  const texts = [...both('base 2/2 ran'), 'linux/amd64 test 2/3 failed', 'linux/arm64 test 1/3 cancelled']
  expect(plan(texts).kept).toEqual(['base'])
})

describe('where the stages begin', () => {
  const heredoc = dockerfile.replace('RUN six', 'RUN <<END\nFROM nowhere AS nothing\nEND')

  test('is what the builder says', () => {
    const { text } = plan(built, { dockerfile: Buffer.from(heredoc), stageLines: [1, 3, 5, 10] })
    expect(text).toContain('RUN three\nFROM base AS production')
  })

  test('is not guessed in a file that may deceive: what follows is left out', () => {
    const { text } = plan(built, { dockerfile: Buffer.from(heredoc) })
    expect(text).toContain('RUN three\nFROM scratch AS stagegate-gate')
  })

  test('an instruction of the base image, told at the FROM, cuts nothing', () => {
    const all = steps(...built)
    const failed = { step: all[3]!, line: 5 }
    expect(planSalvage({ dockerfile: Buffer.from(dockerfile), steps: all, failed })).toMatchObject({
      ok: true,
      kept: ['base', 'build']
    })
  })
})

test('an unnamed stage is known by its index', () => {
  const { text } = plan(['stage-0 2/2 ran'], { dockerfile: Buffer.from('FROM busybox\nRUN one\nRUN two\n') })
  expect(text).toContain('COPY --from=0 /')
})

test.each<[string, readonly string[]]>([
  ['everything was cached', ['base 2/2 cached', 'build 1/1 cached', 'test 1/3 cached', 'test 2/3 failed']],
  ['no stage was completed', ['base 2/2 cancelled']]
])('there is nothing to keep where %s', (_, texts) => {
  expect(() => plan(texts)).toThrow('no step was built')
})
