/** Values that no build can be made of: each is told with its input and what to do, all at once, before anything starts. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { baseImage, startWorkspace, type Workspace } from './support/workspace.js'
import { expectEngineClean, expectRefused, type Refusal } from './support/refusal.js'
import { some } from '../support/tiers.js'

jest.setTimeout(60_000)

let workspace: Workspace

beforeAll(async () => {
  const base = await baseImage('busybox')
  workspace = await startWorkspace({
    Dockerfile: `FROM ${base} AS base\nRUN echo base\nFROM base AS test\nRUN echo test\nFROM base AS production\nRUN echo production > /app\n`
  })
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await expectEngineClean()
})

test.each<[string, Refusal]>(
  some(
    [
      [
        'a missing context',
        { with: { context: 'nosuch' }, says: ['context', '"nosuch" does not exist', 'actions/checkout runs before'] }
      ],
      [
        'a context that is a file',
        { with: { context: 'Dockerfile' }, says: ['context', '"Dockerfile" is a file', 'Give the folder'] }
      ],
      [
        'a missing Dockerfile',
        {
          with: { file: 'docker/Dockerfile' },
          says: ['file', 'no Dockerfile at "docker/Dockerfile"', 'relative to the working directory']
        }
      ],
      [
        'a missing target',
        {
          with: { target: 'prodution' },
          says: ['target', 'no stage "prodution"', 'base, test, production', 'Did you mean "production"?']
        }
      ],
      [
        'a missing test stage',
        { with: { 'test-target': 'tests' }, says: ['test-target', 'no stage "tests"', 'Did you mean "test"?'] }
      ],
      [
        'an unknown platform',
        {
          with: { platforms: 'linux/amd46' },
          says: ['platforms', '"linux/amd46" is not a platform', 'Did you mean "linux/amd64"?']
        }
      ],
      [
        'a mistyped input: the gate it was meant for would be missing',
        {
          with: { 'test-targets': 'test' },
          says: ['test-targets', 'there is no such input', 'Did you mean "test-target"?']
        }
      ],
      [
        'a mistyped word for the baseline',
        {
          with: { 'compare-to': 'nnoe' },
          says: ['compare-to', '"nnoe" is neither auto nor none', 'Did you mean "none"?']
        }
      ],
      [
        'a baseline that is no reference',
        {
          with: { 'compare-to': 'ghcr.io/Acme/app:1' },
          says: ['compare-to', 'lower case', 'Write "ghcr.io/acme/app:1"']
        }
      ],
      [
        'a limit that could never be judged',
        {
          with: { 'compare-to': 'none', 'max-increase': '5%' },
          says: ['max-increase', 'compare-to is none', 'max-size']
        }
      ],
      [
        'a tag in upper case',
        {
          with: { tags: 'ghcr.io/Acme/App:1' },
          says: ['tags', '"ghcr.io/Acme/App:1"', 'lower case', 'Write "ghcr.io/acme/app:1"']
        }
      ],
      [
        'a tag with a space',
        {
          with: { tags: 'ghcr.io/acme/my app:1' },
          says: ['tags', '"ghcr.io/acme/my app:1"', 'white space', 'one reference per line']
        }
      ],
      [
        'a tag with an empty version',
        { with: { tags: 'ghcr.io/acme/app:' }, says: ['tags', 'the tag after ":" is empty', '1 to 128'] }
      ],
      ['a push without tags', { with: { tags: '' }, says: ['push', 'tags is empty', 'Add the tags'] }],
      [
        'an unknown word',
        {
          with: { 'test-cache': 'reuze' },
          says: ['test-cache', '"reuze"', 'Use "reuse" or "rerun"', 'Did you mean "reuse"?']
        }
      ],
      [
        'a flag that is neither true nor false',
        { with: { push: 'yes' }, says: ['push', '"yes" is neither true nor false'] }
      ],
      [
        'a builder that is not there',
        { with: { builder: 'nosuch' }, says: ['builder', 'no builder "nosuch"', 'docker/setup-buildx-action'] }
      ]
    ],
    7
  )
)('%s', async (_, refusal) => {
  await expectRefused(workspace, refusal)
})

test('several problems are told together, each with its input', async () => {
  const { annotations, summary } = await expectRefused(workspace, {
    with: {
      context: 'nosuch',
      platforms: 'linux/amd46',
      tags: 'ghcr.io/Acme/App:1',
      'test-cache': 'rerum',
      secrets: 'no id here',
      'ssh-private-key': ' '
    },
    says: [
      'context',
      'platforms',
      'tags',
      'test-cache',
      'secrets',
      'ssh-private-key',
      '"linux/amd46" is not a platform'
    ]
  })
  expect(annotations.filter(({ level }) => level === 'error')).toHaveLength(6)
  expect(summary).toContain('6 inputs are wrong')
})

test('an input of another action has no effect, and is named', async () => {
  const result = await workspace.run({ 'buildkitd-config': 'x', 'test-target': 'test' })
  expect(result.exitCode).toBe(0)
  const told = result.annotations.map(({ text }) => text).join('\n')
  expect(told).toContain('There is no input "buildkitd-config"')
})
