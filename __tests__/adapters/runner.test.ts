/** What the job log lets through to the runner, read by the runner's own rules. */
import { describe, expect, test } from '@jest/globals'
import { breakMarks, mayCommand } from '../../src/adapters/commands.js'
import type { Log } from '../../src/ports.js'
import { printed } from '../support/printed.js'
import { readCommands } from '../support/runner_commands.js'

/** Every way of ours to print a text; none may be a command but those that are ours. */
const ways: readonly [string, (log: Log, text: string) => Promise<void> | void, readonly string[]][] = [
  ['info', (log, text) => log.info(text), []],
  ['untrusted', (log, text) => log.untrusted(text), []],
  ['notice', (log, text) => log.notice(text, { title: text, file: text }), ['notice']],
  ['warning', (log, text) => log.warning(text, { title: text, file: text }), ['warning']],
  ['error', (log, text) => log.error(text, { title: text, file: text }), ['error']],
  ['group', (log, text) => log.group(text, () => Promise.resolve(log.info(text))), ['group', 'endgroup']]
]

const attacks: readonly string[] = [
  '##[error]x',
  'the secret "tok ##[set-output name=digest]sha256:evil" is missing',
  'x##[stop-commands]t',
  'name ##[add-mask]a',
  '::error::x',
  '  ::set-output name=a::b',
  '\u00a0\u2003::error::x',
  '\ufeff::error::x',
  '\u200b:\u00ad:error::x',
  '#\u200d#\u00ad[error]x',
  '#\0#[error]x',
  'text\r::warning::x',
  'text\r\n##[warning]x',
  'a\n::save-state name=leftovers::{}',
  '\u0085::debug::x',
  '::stop-commands::pause',
  '%0A::error::x',
  'x\u2028::error::y\u2029##[error]z',
  '\u001b[0m##[error]x',
  '::error title=a::##[set-env name=b]c'
]

describe.each(ways)('%s', (_, write, own) => {
  test.each(attacks)('makes no command of %j', async (attack) => {
    const text = await printed((log) => write(log, attack))
    expect(text.length).toBeGreaterThan(attack.length)
    for (const without of [[], ['notice']]) {
      const names = readCommands(text, { without }).map(({ name }) => name)
      expect(names.filter((name) => name !== 'stop-commands' && !own.includes(name))).toEqual([])
      expect(names.filter((name) => own.includes(name)).length).toBeLessThanOrEqual(own.length)
    }
  })
})

test('the parser of these tests sees the attacks as such', () => {
  const unseen = attacks.filter((attack) => readCommands(`${attack}\n`).length === 0)
  expect(unseen).toEqual(['%0A::error::x'])
})

test('a command of ours after a stopped line is one again, with a token nobody can guess', async () => {
  const lines = await printed((log) => {
    log.info('##[error]x')
    log.warning('ours', { title: 't' })
    log.info('plain')
    log.info('::a::b')
  })
  expect(readCommands(lines).map(({ name }) => name)).toEqual(['stop-commands', 'warning', 'stop-commands'])
  const tokens = [...lines.matchAll(/::stop-commands::([0-9a-f]{32})\n/g)].map(([, token]) => token)
  expect(new Set(tokens).size).toBe(2)
})

describe('random lines from the pieces of commands', () => {
  const pieces = [
    ...['##[error]', '##[set-output name=a]', '::error::', '::add-mask::', '\n::', '##[debug'],
    ...['##[', '#', '##', '[', ']', '::', ':', 'error', 'set-output name=a', 'stop-commands', 'add-mask', 'endgroup'],
    ...[
      ' ',
      '\t',
      '\r',
      '\n',
      '\u00a0',
      '\u200b',
      '\u00ad',
      '\ufeff',
      '\0',
      '\u0301',
      '\u2066',
      '\u0085',
      'x',
      '%0A',
      ';',
      ',',
      '='
    ]
  ]
  // Always the same numbers: a failure can be had again.
  const random = generator(20_261_128)

  test('are no commands, however they are printed', async () => {
    let dangerous = 0
    for (let round = 0; round < 4_000; round += 1) {
      const line = Array.from({ length: 1 + random(12) }, () => pieces[random(pieces.length)] ?? '').join('')
      if (readCommands(line).length > 0) {
        dangerous += 1
        if (!mayCommand(line)) throw new Error(`passed as harmless: ${JSON.stringify(line)}`)
      }
      const [name, write, own] = ways[random(ways.length)] ?? ways[0]!
      const found = readCommands(await printed((log) => write(log, line)), {
        without: random(2) === 0 ? ['notice'] : []
      })
      const foreign = found.filter((command) => command.name !== 'stop-commands' && !own.includes(command.name))
      if (foreign.length > 0) throw new Error(`${name} of ${JSON.stringify(line)}: ${JSON.stringify(foreign)}`)
    }
    expect(dangerous).toBeGreaterThan(100)
  })
})

test.each<[string, string]>([
  ['an ordinary [line] #1', 'an ordinary [line] #1'],
  ['##[error]x', '##\\[error]x'],
  ['a # #[b ##[c', 'a # #\\[b ##\\[c']
])('a mark in %s is broken up', (given, expected) => expect(breakMarks(given)).toBe(expected))

/** A linear congruential generator: whole numbers below a limit. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
