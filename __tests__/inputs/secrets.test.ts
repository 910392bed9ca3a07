import { describe, expect, test } from '@jest/globals'
import { parseSecretList, parseSecrets } from '../../src/inputs/secrets.js'

/** Ids and values, as they came out. */
function values(text: string): Readonly<Record<string, string>> {
  const { sources, problems } = parseSecrets(text)
  expect(problems).toEqual([])
  return Object.fromEntries(sources.map((source) => [source.id, source.input === 'secrets' ? source.value : '']))
}

/** A key of no use, in the shape of a real one. */
const key = [
  '-----BEGIN OPENSSH PRIVATE KEY-----',
  'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW',
  'QyNTUxOQAAACDf+g7Z/l5E3sS3y0wq8v0m2rQn9zHk4oYc1D6bTtJ7uwAAAJhEXAMPLE==',
  '-----END OPENSSH PRIVATE KEY-----'
].join('\n')
const certificate = ['-----BEGIN CERTIFICATE-----', 'MIIBszCCAVmgAwIBAgIUEXAMPLE0', '-----END CERTIFICATE-----'].join(
  '\n'
)

describe('values come through byte by byte', () => {
  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['a plain one', 'TOKEN=abc', { TOKEN: 'abc' }],
    ['several', 'A=1\nB=2\n', { A: '1', B: '2' }],
    ['blank lines and an indented line', '\nA=1\n\n  B=2\n\t\n', { A: '1', B: '2' }],
    ['"=" in the value', 'A=b=c==', { A: 'b=c==' }],
    ['commas', 'A=1,2,id=x', { A: '1,2,id=x' }],
    ['quotes inside', `A=say "hi", it's`, { A: `say "hi", it's` }],
    ['quotes around the value stay', 'A="b"', { A: '"b"' }],
    ['white space around the value stays', 'A=  b \t', { A: '  b \t' }],
    ['a carriage return stays: it is a byte of the value', 'A=1\r\nB=2\r', { A: '1\r', B: '2\r' }],
    ['a dollar, a backslash, a percent sign', String.raw`A=$HOME\n%0A$(x)`, { A: String.raw`$HOME\n%0A$(x)` }],
    ['JSON on one line', 'A={"a":"b=c","d":[1,2]}', { A: '{"a":"b=c","d":[1,2]}' }],
    [
      'a URL with a token',
      'INDEX=https://u:p%40ss@index/simple/?a=b&c=d',
      { INDEX: 'https://u:p%40ss@index/simple/?a=b&c=d' }
    ],
    ['characters outside ASCII', 'A=pässwörd🔑', { A: 'pässwörd🔑' }],
    ['an empty one: that it is empty is told later, with its origin', 'A=', { A: '' }],
    ['ids with what ids may have', '@scope/x:y.z-1_2=v\na b=w', { '@scope/x:y.z-1_2': 'v', 'a b': 'w' }],
    ['nothing', '', {}]
  ])('%s', (_, text, expected) => {
    expect(values(text)).toEqual(expected)
  })
})

describe('ID<<END', () => {
  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['several lines', 'A<<END\nx=1\n\n"y",\nEND\nB=2', { A: 'x=1\n\n"y",', B: '2' }],
    ['no lines', 'A<<END\nEND', { A: '' }],
    ['a last empty line is a last new line', 'A<<END\nx\n\nEND', { A: 'x\n' }],
    ['the word inside a line does not end it', 'A<<END\n END\nENDING\nEND', { A: ' END\nENDING' }],
    ['indentation and carriage returns stay', 'A<<E\n  x\r\n\ty\nE\r', { A: '  x\r\n\ty' }],
    ['a key', `A<<END\n${key}\nEND\n`, { A: key }]
  ])('%s', (_, text, expected) => {
    expect(values(text)).toEqual(expected)
  })
})

describe("docker/build-push-action's quoted form", () => {
  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['one line', '"A=b"', { A: 'b' }],
    ['several lines', '"A=x\ny\n\nz"\nB=2', { A: 'x\ny\n\nz', B: '2' }],
    ['doubled quotes', '"A={""a"": ""b""}"', { A: '{"a": "b"}' }],
    ['doubled quotes at the end', '"A=""b"""', { A: '"b"' }],
    ['a doubled quote at the end of a line', '"A=x""\ny"', { A: 'x"\ny' }],
    ['a key', `"A=${key}"`, { A: key }]
  ])('%s', (_, text, expected) => {
    expect(values(text)).toEqual(expected)
  })
})

describe('blocks of PEM need no quoting', () => {
  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['a key', `A=${key}`, { A: `${key}\n` }],
    ['a key before something else', `A=${key}\nB=2`, { A: `${key}\n`, B: '2' }],
    ['with the line ends of Windows', `A=${key.replaceAll('\n', '\r\n')}`, { A: `${key.replaceAll('\n', '\r\n')}\n` }],
    [
      'a chain of certificates',
      `A=${certificate}\n${certificate}\nB=2`,
      { A: `${certificate}\n${certificate}\n`, B: '2' }
    ],
    [
      'a key on one line is a line',
      'A=-----BEGIN X----- abc -----END X-----',
      { A: '-----BEGIN X----- abc -----END X-----' }
    ]
  ])('%s', (_, text, expected) => {
    expect(values(text)).toEqual(expected)
  })
})

describe('problems', () => {
  test.each([
    ['not an assignment', 'hunter2hunter2', 'line 1 is not ID=VALUE'],
    ['the second line of a value', 'A=first\nhunter2hunter2', 'line 2 is not ID=VALUE'],
    ['an open quote', 'A=1\n"B=hunter2\nhunter3', 'the quote opened on line 2 is never closed'],
    ['quotes without an id', '"hunter2"', 'line 1 has no "=" inside its quotes'],
    ['an open heredoc', 'A=1\nhunter2<<hunter3\nhunter4', 'the value that opens with "<<" on line 2 is never closed'],
    ['an empty id', '"=hunter2"', 'line 1 is not ID=VALUE|line 1 has no "=" inside its quotes'],
    ['an id with a comma', '"hunter2,x=1"', 'line 1: the id has characters outside'],
    ['an id outside ASCII', '"hünter2=1"', 'line 1: the id has characters outside'],
    ['white space around an id', 'hunter2 =1', 'line 1: there is white space around the id'],
    ['the padding of base64', 'A=aHVudGVyMg\nQ0hVTlRFUjJodW50ZXIy==', 'line 2 is not ID=VALUE'],
    ['a comment', 'A=1\n# hunter2=x', 'line 2 is a comment'],
    ['a YAML list', '- hunter2=x', 'line 1 is an entry of a YAML list'],
    ['what docker build takes', 'id=hunter2,src=.npmrc', 'line 1 is written as for "docker build --secret"'],
    ['JSON on several lines', 'A={\n  "hunter2": "x=y"\n}', 'line 2']
  ])('%s is told by its line, not by its text', (_, text, problem) => {
    const { problems } = parseSecrets(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]?.problem).toMatch(new RegExp(problem))
    expect(JSON.stringify(problems)).not.toMatch(/h[uü]nter|UlRFUj|aHVu/i)
  })

  test('a quote on a line of JSON may belong to the value above it', () => {
    const { problems } = parseSecrets('GCP={\n  "key": "x"\n}')
    expect(problems.map(({ problem, fix }) => `${problem}. ${fix}`)).toEqual([
      'the quote opened on line 2 is never closed. Close it. If the value above it spans several lines, give it as secret-envs (ID=VARIABLE, with the value in env:) or between ID<<END and END.'
    ])
  })

  test('after a line that is no secret nothing is taken for one: it may be the rest of a value', () => {
    const { sources, problems } = parseSecrets(`A=1\nKEY=x\n${key.split('\n').slice(1).join('\n')}\nrest=of the value`)
    expect(sources.map(({ id }) => id)).toEqual(['A', 'KEY'])
    expect(problems).toHaveLength(1)
    expect(JSON.stringify(problems)).not.toContain('b3Blbn')
  })
})

describe('secret-envs and secret-files', () => {
  test.each([
    ['secret-files', 'id=npm,src=.npmrc', 'Write ID=PATH in one line.'],
    ['secret-files', 'type=file,id=npm,source=.npmrc', 'Write ID=PATH in one line.'],
    ['secret-envs', 'id=npm,env=NPM_TOKEN', 'Write ID=VARIABLE in one line.']
  ] as const)('%s as for docker build: %s', (input, entry, fix) => {
    expect(parseSecretList(input, [entry])).toEqual({
      sources: [],
      problems: [{ input, problem: 'entry 1 is written as for "docker build --secret"', fix }]
    })
  })

  test('names of variables and paths', () => {
    expect(parseSecretList('secret-envs', ['token=NPM_TOKEN', 'NPM_TOKEN'])).toEqual({
      sources: [
        { id: 'token', input: 'secret-envs', variable: 'NPM_TOKEN' },
        { id: 'NPM_TOKEN', input: 'secret-envs', variable: 'NPM_TOKEN' }
      ],
      problems: []
    })
    expect(parseSecretList('secret-files', ['key=./a=b, c.pem'])).toEqual({
      sources: [{ id: 'key', input: 'secret-files', path: './a=b, c.pem' }],
      problems: []
    })
  })

  test.each([
    ['secret-envs', 'token=s3cr3t-value!', '"token": what follows "=" is not the name of an environment variable'],
    ['secret-envs', 'token=', '"token": what follows "=" is not the name of an environment variable'],
    ['secret-envs', '=TOKEN', 'entry 1: the id before "=" is empty'],
    ['secret-envs', 's3cr3t-vælue', 'entry 1: the id has characters outside'],
    ['secret-files', 'key', '"key" names no file'],
    ['secret-files', 'key=', '"key" names no file']
  ] as const)('%s: %s', (input, entry, problem) => {
    const reading = parseSecretList(input, [entry])
    expect(reading.sources).toEqual([])
    expect(reading.problems).toHaveLength(1)
    expect(reading.problems[0]?.input).toBe(input)
    expect(reading.problems[0]?.problem).toContain(problem)
    expect(JSON.stringify(reading.problems)).not.toContain('s3cr3t')
  })
})
