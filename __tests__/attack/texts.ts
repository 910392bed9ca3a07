/** Attacks by text: on those who read a report, on the runner that reads a log, and past what looks for secrets. */
import { handOn } from '../../src/comment/origin.js'
import { readReport } from '../../src/comment/read.js'
import { createValidator } from '../../src/comment/schema.js'
import { planNeedles, searchText } from '../../src/image/index.js'
import type { Report } from '../../src/report/model.js'
import { createRedactor } from '../../src/report/redact.js'
import { annotations } from '../../src/report/surfaces/annotations.js'
import { renderComment } from '../../src/report/surfaces/comment.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { documentOf, leavesOf, originOf, startedBy } from '../comment/support/strangers.js'
import { COMPARED } from '../report/support/compared.js'
import { HOSTILE } from '../report/support/hostile.js'
import { poisoned } from '../report/support/poison.js'
import { GOLDEN } from '../report/support/reports.js'
import { expectUnmoved, rendered, type Rendered } from '../report/support/tree.js'
import { printed } from '../support/printed.js'
import { readCommands } from '../support/runner_commands.js'
import type { Area, Pick } from './area.js'

const reports = Object.entries<() => Report>({ ...GOLDEN, ...COMPARED })

/** In a short run; a long one tries each many times. */
const SHOWN_REPORTS = 8

const bits = [
  ...[
    '`',
    '``',
    '```',
    '~~~',
    '|',
    '||',
    '\\',
    '\\\\',
    '*',
    '_',
    '~~',
    '#',
    '>',
    '<',
    '&',
    '!',
    '[',
    ']',
    '(',
    ')',
    '{',
    '}',
    '$'
  ],
  ...[
    '@team',
    '#1',
    'gh-1',
    ':tada:',
    'http://evil.test',
    'www.evil.test',
    '](http://evil.test)',
    '<!--',
    '-->',
    '<img src=x>'
  ],
  ...[
    '</details>',
    '<details>',
    '</summary>',
    '<table>',
    '</td>',
    '<br>',
    '&lt;',
    '&#64;',
    '[x]: http://evil.test',
    '[^1]: a'
  ],
  ...[
    '\n',
    '\n\n',
    '\r\n',
    '\r',
    '\t',
    ' ',
    '\u00a0',
    '\u200b',
    '\u202e',
    '\u2028',
    '\u0085',
    '\u001b[31m',
    '\u001b]8;;',
    '\0'
  ],
  ...[
    '::error::',
    '##[error]',
    '::stop-commands::a',
    '%0A',
    '%0D',
    '%25',
    '---',
    '===',
    '- ',
    '1. ',
    '    ',
    '| a | b |',
    '|--|--|'
  ],
  ...[
    'word',
    'RUN make',
    '/usr/lib/a',
    'a:1.0',
    'deadbee',
    '\ud800',
    '\u{e0041}',
    '${{ secrets.A }}',
    '%%{init}%%',
    'section x'
  ]
]

/** A string that is meant to break out: a known one, or made of bits that have a meaning somewhere. */
const hostile = (pick: Pick): string =>
  pick([true, false, false])
    ? (pick(HOSTILE)[1] ?? '')
    : Array.from({ length: pick([1, 2, 3, 5, 8, 13]) }, () => pick(bits)).join('')

/** Widths of our tables: the kind of a string decides whether a table has a column for it. */
let widths: readonly number[] | undefined
const widthsOfAll = (): readonly number[] =>
  (widths ??= [...new Set(reports.flatMap(([, report]) => rendered(renderSummary(report())).rows))])

/** What a hostile rendering may be made of: what the honest one is, and tables as wide as ours are. */
function usualOf(render: (report: Report) => string): (name: string, report: Report) => Rendered {
  const known = new Map<string, Rendered>()
  return (name, report) => {
    const usual = known.get(name) ?? rendered(render(report))
    known.set(name, usual)
    return { ...usual, rows: [...usual.rows, ...widthsOfAll()] }
  }
}

function complaint(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function markup(name: string, render: (report: Report) => string): Area {
  const usual = usualOf(render)
  return {
    name: `markup in ${name}`,
    doors: SHOWN_REPORTS,
    cost: 40,
    attack(_index, pick) {
      const [kind, report] = pick(reports)
      const bad = poisoned(report(), () => hostile(pick))
      const found = complaint(() => expectUnmoved(render(bad), usual(kind, report())))
      return found === undefined ? undefined : `${kind}: ${found}`
    }
  }
}

const validate = createValidator()
const context = startedBy()

/** As the second action does: read what is in the file, and hand it on; undefined for what is refused. */
function handedOn(document: unknown): Report | undefined {
  const reading = readReport(JSON.stringify(document), validate)
  return reading.ok ? handOn(reading.report, originOf(context), context, 2) : undefined
}

const honest = usualOf((report) => {
  const passedOn = handedOn(documentOf(report))
  return passedOn === undefined ? '' : renderComment(passedOn)
})

const relayed: Area = {
  name: "a fork's report in a comment",
  doors: SHOWN_REPORTS,
  cost: 40,
  attack(_index, pick) {
    const [kind, report] = pick(reports)
    const document = documentOf(report())
    const taken = new Map<unknown, string>()
    const leaves = leavesOf(document).filter(({ value }) => typeof value === 'string')
    for (const { value, set } of leaves) {
      if (pick([true, false])) continue
      const bad = taken.get(value) ?? hostile(pick)
      set(bad)
      if (validate(document).ok) taken.set(value, bad)
      else set(value)
    }
    const shown = handedOn({ ...document, name: `x${String(document.name).slice(0, 99)}` })
    if (shown === undefined) return undefined
    const found = complaint(() => expectUnmoved(renderComment(shown), honest(kind, report())))
    return found === undefined ? undefined : `${kind}: ${found}`
  }
}

const annotated: Area = {
  name: 'workflow commands in annotations',
  doors: 40,
  cost: 10,
  async attack(_index, pick) {
    const [kind, report] = pick(reports)
    const all = annotations(poisoned(report(), () => hostile(pick)))
    const text = await printed((log) => {
      for (const { level, message, ...place } of all) log[level](message, place)
    })
    const ours = all.map(({ level }) => level as string)
    const seen = readCommands(text).map(({ name }) => name)
    const older = readCommands(text, { without: ['notice'] }).map(({ name }) => name)
    const isOurs = seen.join() === ours.join() && older.join() === ours.filter((name) => name !== 'notice').join()
    return isOurs ? undefined : `${kind}: ${seen.join()}`
  }
}

const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
const signs = [...'+/=&?%"\'\\<> :@;,#', 'é', '\n', '\r\n']

/** A token, now and then with signs that each writing has its own way with. */
const secret = (pick: Pick): string =>
  `${pick(letters)}${Array.from({ length: pick([11, 14, 19, 28, 40]) }, () => pick(pick([letters, letters, letters, signs]))).join('')}Z9`

const folded = (text: string, pick: Pick): string =>
  (text.match(new RegExp(`.{1,${pick([16, 20, 60, 64, 76, 1000])}}`, 'gs')) ?? []).join(pick(['\n', '\r\n', '\\\n']))

/** The ways that docs/analysis.md claims. */
const writings: readonly (readonly [name: string, write: (value: string, pick: Pick) => string])[] = [
  ['as it is', (value) => value],
  ['with LF', (value) => value.replaceAll('\r\n', '\n')],
  ['with CRLF', (value) => value.replaceAll(/\r?\n/g, '\r\n')],
  [
    'base64',
    (value, pick) =>
      folded(Buffer.from(`${pick(['', 'a', 'ab', 'user:'])}${value}${pick(['', 'x'])}`).toString('base64'), pick)
  ],
  ['base64url', (value) => Buffer.from(value).toString('base64url')],
  ['hex', (value, pick) => folded(Buffer.from(value).toString('hex'), pick)],
  ['HEX', (value) => Buffer.from(value).toString('hex').toUpperCase()],
  ['encodeURIComponent', (value) => encodeURIComponent(value)],
  ['a form', (value) => new URLSearchParams({ a: value }).toString()],
  ['JSON', (value) => JSON.stringify({ a: value })],
  ['JSON in JSON', (value) => JSON.stringify({ a: JSON.stringify(value) })]
]

const hidden: Area = {
  name: 'a secret in an image, written somehow',
  doors: writings.length,
  cost: 10,
  async attack(index, pick) {
    const value = secret(pick)
    const [name, write] = writings[index] ?? pick(writings)
    const plan = await planNeedles([{ id: 's', value, kind: 'secret' }])
    const text = `${pick(['', 'before '.repeat(9), '\0\0'])} ${write(value, pick)} ${pick(['', ' after', '\0'])}`
    return searchText(plan, text).length > 0 ? undefined : `${name}: ${JSON.stringify(value)}`
  }
}

const colours = ['\u001b[0m', '\u001b[1;31m', '\u200b', '\u2060', '\u00ad', '\u001b[K', '\ufeff']

const told: Area = {
  name: 'a secret in a report, written or coloured somehow',
  doors: writings.length,
  cost: 10,
  attack(index, pick) {
    const value = secret(pick)
    const [name, write] = writings[index] ?? pick(writings)
    const redact = createRedactor([{ id: 's', value }])
    const plain = write(value, pick)
    const cut = Math.floor(plain.length / pick([2, 3, 5]))
    const text = pick([true, false]) ? plain : plain.slice(0, cut) + pick(colours) + plain.slice(cut)
    const left = redact(`t=${text} and more`)
    // The longest stretch of the secret that is left as it was written.
    const most = plain.length - 10
    const shows = most > 0 && left.includes(plain.slice(5, 5 + most))
    return shows || !left.includes('***') ? `${name}: ${JSON.stringify([value, left])}` : undefined
  }
}

export const texts: readonly Area[] = [
  markup('a summary', renderSummary),
  markup('a comment', renderComment),
  relayed,
  annotated,
  hidden,
  told
]
