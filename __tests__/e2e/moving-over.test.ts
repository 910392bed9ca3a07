/** Steps written for docker/build-push-action: the same `with:` block does the same, or is refused before the build. */
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { expectExit } from './support/log.js'
import { expectEngineClean, expectRefused } from './support/refusal.js'
import { baseImage, fresh, freshRepository, startWorkspace } from './support/workspace.js'
import { long, some } from '../support/tiers.js'

jest.setTimeout(90_000)

afterAll(() => expectEngineClean())

async function dockerfile(...production: readonly string[]): Promise<string> {
  const lines = [
    `FROM ${await baseImage('busybox')} AS base`,
    'FROM base AS test',
    `RUN echo ${fresh()}`,
    'FROM base AS production',
    ...(production.length === 0 ? [`RUN echo ${fresh()}`] : production),
    ''
  ]
  return lines.join('\n')
}

test('quoted entries reach the build without their quotes', async () => {
  const text = await dockerfile(
    ...['ARG A', 'ARG B', 'ARG C', 'ARG D'],
    `RUN test "$A" = "one, two" && test "$B" = '"x"' && test "$C" = "$(printf 'line1\\nline2')" && test "$D" = a,b`
  )
  await using workspace = await startWorkspace({ Dockerfile: text })
  const result = await workspace.run({
    'build-args': '"A=one, two"\n# a comment\nB="x"\n"C=line1\nline2"\nD=a,b\nUNUSED=1',
    target: 'production'
  })
  expectExit(result, 0)
  expect(result.summary).toContain('no ARG of the Dockerfile takes')
})

describe('call', () => {
  test('check is red on a finding, with its line, and builds nothing', async () => {
    await using workspace = await startWorkspace({ Dockerfile: 'from scratch as Base\ncopy f /f\n', f: 'x' })
    const result = await workspace.run({ call: 'check', tags: freshRepository().reference, push: 'true' })
    expectExit(result, 1)
    expect(result.log).toContain('StageNameCasing')
    expect(result.outputs).toMatchObject({ gate: 'skipped', published: 'false' })
    expect(result.annotations.some(({ text }) => text.includes('line=1'))).toBe(true)
  })

  test.each(
    some(
      [
        ['check', 'Check complete, no warnings found'],
        ['outline', 'TARGET'],
        ['targets', 'production']
      ],
      1
    )
  )('%s answers in the log', async (call, words) => {
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
    const result = await workspace.run({ call, 'test-target': 'test', target: 'production' })
    expectExit(result, 0)
    expect(result.log).toContain(words)
    expect(result.outputs).toMatchObject({ gate: 'skipped', published: 'false' })
  })
})

long.test('no-cache beside filters and rerun runs everything', async () => {
  await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
  const given = { 'test-target': 'test', target: 'production', 'no-cache': 'true', 'no-cache-filters': 'base' }
  expectExit(await workspace.run({ ...given, 'test-cache': 'rerun' }), 0)
})

test('a limit asks for the image where only the tests are named', async () => {
  await using workspace = await startWorkspace({ Dockerfile: (await dockerfile()).replace(' AS production', '') })
  const result = await workspace.run({ 'test-target': 'test', 'max-size': '1kB' })
  expectExit(result, 1)
  expect(result.outputs.gate).toBe('passed')
  expect(Number(result.outputs.size)).toBeGreaterThan(1000)
})

describe('refused before the build', () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>(
    some(
      [
        [
          'a named context in the place of the tests',
          { 'build-contexts': 'test=docker-image://nosuch' },
          ['"test" is a test target and also a named context: no test would run']
        ],
        ['an attestation', { attests: 'type=foo' }, ['"foo" is not a type of attestation']],
        [
          'an archive in a folder that is not there',
          { outputs: 'type=docker,dest=no/x.tar' },
          ['there is no folder "no"']
        ],
        ['a folder that is not empty', { outputs: 'type=local,dest=.' }, ['the folder "." is not empty']],
        [
          'a tag pushed by digest',
          { outputs: 'type=image,push-by-digest=true,push=true' },
          ['push-by-digest cannot push the tag']
        ],
        [
          'several at once',
          { 'build-args': '- A=one', allow: 'all', context: '{{defaultContext}}' },
          ['build-args', 'allow', 'Leave context out']
        ]
      ],
      3
    )
  )('%s', async (_, given, says) => {
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
    const { outputs } = await expectRefused(workspace, { with: given, says })
    expect(outputs.gate).toBe('skipped')
  })

  test('a test stage that has CMD and no RUN', async () => {
    const text = (await dockerfile()).replace(/^RUN .*$/m, 'CMD ["pytest", "-q"]')
    await using workspace = await startWorkspace({ Dockerfile: text })
    await expectRefused(workspace, { says: ['runs nothing', 'a build does not run CMD', 'RUN pytest -q'] })
  })
})
