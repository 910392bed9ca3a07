/** What a run tells: its log, which a build cannot turn against the runner, and what it finds before it builds. */
import { describe, expect, jest, test } from '@jest/globals'
import { expectExit, printed } from './support/log.js'
import { recordBuildx, solves } from './support/buildx.js'
import { baseImage, fresh, startWorkspace } from './support/workspace.js'
import { long, some } from '../support/tiers.js'

jest.setTimeout(120_000)

/** The log as the runner reads it: what it would take for commands. */
function commandsSeenByRunner(log: string): readonly string[] {
  let token: string | undefined
  return log.split('\n').filter((line) => {
    const command = line.trimStart()
    if (token !== undefined) {
      if (command === `::${token}::`) token = undefined
      return false
    }
    const stop = /^::stop-commands::(.+)$/.exec(command)
    if (stop !== null) token = stop[1]
    // The older form, `##[command]`, is looked for anywhere in a line.
    return stop === null && (command.startsWith('::') || line.includes('##['))
  })
}

describe('a build that prints workflow commands', () => {
  test('commands nobody', async () => {
    const attack = fresh('attack')
    await using workspace = await startWorkspace({
      'attack.txt': [
        `::set-output name=gate::${attack}`,
        `::error::${attack}`,
        `::add-mask::${attack}`,
        `::save-state name=leftovers::${attack}`,
        '::endgroup::',
        '::stop-commands::pause-logging',
        '::pause-logging::',
        `##[error]${attack}`,
        `\r::warning::${attack}`,
        `text\r::warning::${attack}`,
        `\u001b[0m::error::${attack}`,
        ''
      ].join('\n'),
      Dockerfile: `FROM ${await baseImage('busybox')} AS test
COPY attack.txt /
RUN cat /attack.txt && cat /attack.txt >&2 && echo ::notice::${attack}
RUN echo "\\n::error::${attack}" && echo DONE=yes
`
    })
    const first = await workspace.run({ 'test-target': 'test' })
    expectExit(first, 0)
    expect(first.outputs).toMatchObject({ gate: 'passed' })
    expect(printed(first.log, 'DONE')).toEqual(['yes'])
    // It is all there to be read …
    expect(first.log).toContain(`::error::${attack}`)
    // … and nothing of it is a command.
    const commands = commandsSeenByRunner(first.log)
    expect(commands.filter((line) => line.includes(attack))).toEqual([])
    expect(commands.filter((line) => !/^::(group|endgroup|debug|add-mask)/.test(line))).toEqual([])
    expect(commands.filter((line) => line.startsWith('::group')).length).toBe(
      commands.filter((line) => line.startsWith('::endgroup')).length
    )

    // The word that resumes cannot be guessed: it is another one each time.
    const tokens = [...first.log.matchAll(/^::stop-commands::([0-9a-f]{32})$/gm)].map((match) => match[1])
    const second = await workspace.run({ 'test-target': 'test' })
    for (const token of tokens) expect(second.log).not.toContain(token)
    expect(tokens.length).toBeGreaterThan(0)
    for (const token of tokens) expect(first.log).toContain(`\n::${token}::\n`)
  })

  long.test('not by its last words either, nor by its Dockerfile', async () => {
    const attack = fresh('attack')
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test
RUN printf '::error::%s\\n::set-output name=gate::%s\\n' ${attack} ${attack}; : "::error::${attack}"; exit 3
`
    })
    const red = await workspace.run({ 'test-target': 'test' })
    expectExit(red, 1)
    expect(red.outputs.gate).toBe('failed')
    const commands = commandsSeenByRunner(red.log)
    // One annotation, ours: the build's words are inside it, as text.
    expect(commands.filter((line) => /^::(?!group|endgroup)/.test(line))).toEqual([
      expect.stringMatching(/^::error title=.*the tests failed,file=Dockerfile,line=2::/)
    ])
    expect(red.log).not.toMatch(/^::set-output/m)
  })
})

describe('the log', () => {
  long.test('streams while the build runs', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test\nRUN echo FIRST=${fresh()}; sleep 5; echo SECOND=${fresh()}\n`
    })
    let alone = false
    const step = await workspace.run(
      { 'test-target': 'test' },
      {
        onLog: (text) => {
          alone ||= printed(text, 'FIRST').length > 0 && printed(text, 'SECOND').length === 0
        }
      }
    )
    expectExit(step, 0)
    expect([alone, printed(step.log, 'SECOND').length]).toEqual([true, 1])
  })
})

describe('before anything is built', () => {
  test('lint findings become annotations, ten at most, and fail nothing', async () => {
    const bad = Array.from({ length: 14 }, (_, index) => `ENV KEY${index} value${index}`).join('\n')
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} as test
ARG RUN=${fresh()}
${bad}
RUN echo $RUN
FROM test AS production
`
    })
    const step = await workspace.run({ 'test-target': 'test', target: 'production' })
    expectExit(step, 0)
    const warnings = step.annotations.filter(({ level }) => level === 'warning')
    expect(warnings).toHaveLength(10)
    expect(warnings[0]?.text).toContain('FromAsCasing')
    expect(warnings[0]?.text).toContain('file=Dockerfile,line=1')
    expect(warnings[1]?.text).toContain('line=3')
    expect(warnings[9]?.text).toMatch(/6 more warnings/)
    // The advice of ours stands beside them.
    expect(step.summary.match(/\[`(?:LegacyKeyValueFormat|FromAsCasing)`\]/g)).toHaveLength(15)
    expect(step.log).not.toContain('stagegate-gate')
  })

  const cases = [
    [
      'a missing test stage',
      'FROM BASE AS tests\nRUN true\nFROM BASE AS production\n',
      {},
      ['The Dockerfile has no stage "test"', 'Did you mean "tests"']
    ],
    [
      'a missing target',
      'FROM BASE AS test\nRUN true\nFROM BASE AS prod\n',
      {},
      ['The Dockerfile has no stage "production"', 'test, prod']
    ],
    [
      'a required secret that nobody supplies',
      'FROM BASE AS test\nRUN --mount=type=secret,id=npm-token,required=true true\nFROM BASE AS production\n',
      { secrets: 'other=12345678' },
      ['Dockerfile:2', 'npm-token', 'npm-token=${{ secrets.NPM_TOKEN }}']
    ],
    [
      'a required key that nobody supplies',
      'FROM BASE AS test\nRUN true\nFROM BASE AS deps\nRUN --mount=type=ssh,required=true true\nFROM deps AS production\n',
      {},
      ['Dockerfile:4', 'ssh-private-key: ${{ secrets.SSH_PRIVATE_KEY }}']
    ]
  ] as const

  test.each(some(cases, 2))('%s is told with its line', async (_, dockerfile, inputs, words) => {
    await using workspace = await startWorkspace({
      Dockerfile: dockerfile.replaceAll('BASE', await baseImage('busybox'))
    })
    await using recorder = await recordBuildx()
    const step = await workspace.run({ 'test-target': 'test', target: 'production', ...inputs }, { env: recorder.env })
    expectExit(step, 1)
    expect(step.outputs).toMatchObject({ gate: 'skipped', published: 'false' })
    for (const word of words) expect(step.summary).toContain(word)
    expect(step.annotations.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(solves(await recorder.calls())).toEqual([])
  })
})
