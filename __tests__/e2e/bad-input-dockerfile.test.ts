/** Dockerfiles that cannot be built: whose fault it is, at which line, and what to do. */
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { expectEngineClean, expectRefused } from './support/refusal.js'
import { baseImage, fresh, startWorkspace } from './support/workspace.js'
import { some } from '../support/tiers.js'

jest.setTimeout(60_000)

afterAll(() => expectEngineClean())

/** A Dockerfile with stages base, test and production; `#` in a line stands for a word that no cache knows. */
async function dockerfile(...[base, testStage, production]: readonly string[]): Promise<string> {
  const lines = [
    `FROM ${await baseImage('busybox')} AS base`,
    base ?? 'RUN true',
    'FROM base AS test',
    testStage ?? 'RUN true',
    'FROM base AS production',
    production ?? 'RUN true',
    ''
  ]
  return lines.join('\n').replaceAll('#', fresh())
}

describe('the Dockerfile has an error', () => {
  test.each<[string, () => Promise<string>, readonly string[]]>(
    some(
      [
        [
          'a word that is no instruction',
          () => dockerfile('RUNN true'),
          ['Dockerfile:2', 'unknown instruction: RUNN (did you mean RUN?)']
        ],
        ['nothing in it', () => Promise.resolve(''), ['the Dockerfile cannot be empty', 'Correct the Dockerfile']],
        ['only a comment', () => Promise.resolve('# later\n'), ['no instructions', 'Correct the Dockerfile']],
        [
          'a finding of a check that it declares an error',
          async () => `# check=error=true\n${(await dockerfile()).replace('AS test', 'as test')}`,
          ['FromAsCasing', 'The Dockerfile says "# check=error=true"', 'Fix the finding']
        ]
      ],
      1
    )
  )('%s', async (_, text, says) => {
    await using workspace = await startWorkspace({ Dockerfile: await text() })
    const result = await expectRefused(workspace, { says: says.filter((words) => !words.startsWith('Dockerfile:')) })
    expect(result.summary).toContain('the Dockerfile has an error')
    for (const place of says.filter((words) => words.startsWith('Dockerfile:'))) expect(result.summary).toContain(place)
    expect(result.outputs.gate).toBe('skipped')
  })

  test('and a declared check tells the line of its finding', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: `# check=error=true\n${(await dockerfile()).replace('AS test', 'as test')}`
    })
    const { annotations } = await expectRefused(workspace, { says: ['lint violation'] })
    const finding = annotations.find(({ text }) => text.includes('title=FromAsCasing'))
    expect(finding?.text).toContain('file=Dockerfile,line=4')
  })
})

describe('the build failed', () => {
  test.each<[string, () => Promise<string>, string, readonly string[]]>(
    some(
      [
        [
          'COPY of a file that is not there',
          () => dockerfile('COPY nosuch.txt /'),
          'the build failed (base)',
          ['Dockerfile:2', '"/nosuch.txt": not found', 'not in the build context', '.dockerignore']
        ],
        [
          'COPY in the test stage, before any test',
          () => dockerfile('RUN true', 'COPY nosuch.txt /\nRUN true'),
          'the build failed (test)',
          ['Dockerfile:4', 'not in the build context']
        ],
        [
          'a step that the tests need',
          () => dockerfile('RUN echo compiling #; exit 3'),
          'the build failed (base)',
          ['Dockerfile:2', 'exit code 3', 'compiling', 'docker buildx build --target base .']
        ],
        [
          'a step of the target alone',
          // The test runs beside it, and is stopped with it.
          () => dockerfile('RUN true', 'RUN sleep 600', 'RUN echo linking #; exit 4'),
          'the build failed (production)',
          ['Dockerfile:6', 'exit code 4', 'linking']
        ],
        [
          'a step that was killed',
          () => dockerfile('RUN sleep 9# & kill -9 $!; wait $!'.replace('9#', '90')),
          'the build failed (base)',
          ['Dockerfile:2', 'exit code 137', 'the process was killed', 'memory']
        ],
        [
          'a command that is not installed',
          () => dockerfile('RUN nosuchcommand'),
          'the build failed (base)',
          ['Dockerfile:2', 'exit code 127', 'Is it installed in this stage']
        ]
      ],
      3
    )
  )('%s', async (_, text, headline, says) => {
    await using workspace = await startWorkspace({ Dockerfile: await text() })
    const result = await expectRefused(workspace, { says })
    expect(result.summary).toContain(headline)
    expect(result.summary).not.toContain('the tests failed')
    expect(result.outputs.gate).toBe('skipped')
  })
})

test('the tests failed, and a test that was killed is a failed one', async () => {
  await using workspace = await startWorkspace({
    Dockerfile: await dockerfile('RUN true', 'RUN echo testing #; sleep 90 & kill -9 $!; wait $!')
  })
  const result = await expectRefused(workspace, {
    says: ['Dockerfile:4', 'exit code 137', 'testing', 'memory ran out']
  })
  expect(result.summary).toContain('the tests failed')
  expect(result.outputs.gate).toBe('failed')
})
