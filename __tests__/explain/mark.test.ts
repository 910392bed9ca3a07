/** What a step was made of: the same for the same, another for anything that the step can see. */
import { expect, test } from '@jest/globals'
import { without } from '../../src/core/json.js'
import { markOf } from '../../src/explain/mark.js'
import { CONTEXT, digest, matcher, recordOf, stepsOf, type Build } from './support/builds.js'

const from = `[test 1/4] FROM debian@${digest('a')}`
const dockerfile = 'FROM debian AS test\nARG MODE\nENV A=1\nWORKDIR /srv\nCOPY app ./\nRUN pytest\n'
const build: Build = {
  dockerfile,
  steps: [
    [from, 'cached', []],
    ['[test 2/4] WORKDIR /srv', 1],
    ['[test 3/4] COPY app ./', 1, ['[test 2/4] WORKDIR /srv', CONTEXT]],
    ['[test 4/4] RUN pytest', 1]
  ],
  files: { 'app/a.py': '1', 'README.md': 'x' },
  args: ['MODE=fast', 'COMMIT=1']
}

function mark(changed: Partial<Build> = {}): string | undefined {
  return markOfBuild({ ...build, ...changed })
}

function markOfBuild(all: Build): string | undefined {
  const steps = stepsOf(all.steps)
  const step = steps.at(-1)
  if (step === undefined) throw new Error('no steps')
  return markOf(step, { steps, record: recordOf(all), matcher, redact: (text) => text })
}
const step = (index: number, name: string): Build['steps'] =>
  build.steps.map((each, at) => (at === index ? [name, each[1], each[2]] : each))

test('it is one word', () => expect(mark()).toMatch(/^[0-9a-f]{32}$/))

test.each<[string, Partial<Build>]>([
  ['a file that no step reads', { files: { 'app/a.py': '1', 'README.md': 'y' } }],
  ['an argument that the stage does not declare', { args: ['MODE=fast', 'COMMIT=2'] }],
  ['the stage whose name a shared step has', { steps: step(0, `[production 1/1] FROM debian@${digest('a')}`) }],
  ['namespace of cache mounts', { shape: { buildArgs: ['BUILDKIT_CACHE_MOUNT_NS=pr-1'] } }],
  ['a later stage', { dockerfile: `${dockerfile}FROM debian\nRUN other\n` }]
])('is the same for another %s', (_what, change) => {
  expect(mark(change)).toBe(mark())
})

test.each<[string, Partial<Build>]>([
  ['file', { files: { 'app/a.py': '2' } }],
  ['number of files', { files: { 'app/a.py': '1', 'app/b.py': '' } }],
  ['argument', { args: ['MODE=slow', 'COMMIT=1'] }],
  ['base image', { steps: step(0, `[test 1/4] FROM debian@${digest('b')}`) }],
  ['network', { shape: { network: 'none' } }],
  ['ENV', { dockerfile: dockerfile.replace('A=1', 'A=2') }],
  ['command', { dockerfile: dockerfile.replace('pytest', 'pytest -x'), steps: step(3, '[test 4/4] RUN pytest -x') }]
])('is another for another %s', (_what, change) => {
  expect(mark(change)).toBeDefined()
  expect(mark(change)).not.toBe(mark())
})

test('there is none where something is not known', () => {
  const download: Build['steps'] = [
    ...build.steps.slice(0, 3),
    ['[test 4/4] RUN pytest', 1, ['[test 3/4] COPY app ./', 'https://example.com/data.json']]
  ]
  expect(mark({ steps: download })).toBeUndefined()
  expect(markOfBuild(without(build, 'files'))).toBeUndefined()
})
