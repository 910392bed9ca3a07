import { describe, expect, test } from '@jest/globals'
import { without } from '../../src/core/json.js'
import { remediesFor } from '../../src/report/sections/remedies.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import type { Report } from '../../src/report/model.js'
import type { FileMismatch, MismatchedLayer } from '../../src/compare/twice.js'
import type { Credential, Failure } from '../../src/failure/failure.js'
import { redTest, viewOf } from './support/reports.js'

/** The command that a red test is to be tried with. */
function command(buildArguments: readonly string[] | undefined, dockerfile = 'Dockerfile'): string | undefined {
  const report = redTest()
  const source: Report['source'] = {
    ...report.source,
    dockerfile,
    ...(buildArguments === undefined ? {} : { buildArguments })
  }
  if (report.outcome.kind === 'green') throw new Error('the report is to be red')
  return remediesFor(viewOf({ ...report, source }), report.outcome.failure)
    .at(-1)
    ?.lines?.text.join('\n')
    .replaceAll(' \\\n  ', ' ')
}

test.each<[string, readonly string[] | undefined, string, string | undefined]>([
  ['nothing known', undefined, 'Dockerfile', 'docker buildx build --target test .'],
  ['the context alone', ['app'], 'Dockerfile', 'docker buildx build --target test app'],
  [
    'words for a shell',
    ['--build-arg', "NAME=it's", '--secret', 'id=token', '.'],
    'docker/Dockerfile',
    `docker buildx build --file docker/Dockerfile --target test --build-arg 'NAME=it'\\''s' --secret id=token .`
  ],
  [
    'a command inside',
    ['--build-arg', 'A=$(rm -rf ~);`id`', '.'],
    'Dockerfile',
    "docker buildx build --target test --build-arg 'A=$(rm -rf ~);`id`' ."
  ],
  [
    'the home folder',
    ['--secret', 'id=known_hosts,src=$HOME/.ssh/known_hosts', '--ssh', 'default', '.'],
    'Dockerfile',
    'docker buildx build --target test --secret "id=known_hosts,src=$HOME/.ssh/known_hosts" --ssh default .'
  ],
  ['what cannot be typed', ['--build-arg', 'A=\u202e', '.'], 'Dockerfile', undefined]
])('try it yourself: %s', (_, buildArguments, dockerfile, expected) => {
  expect(command(buildArguments, dockerfile)).toBe(expected)
})

test.each<[string, string | undefined, string, (readonly string[])?]>([
  [
    'a stage of its own',
    'test',
    'docker buildx bake --file a.hcl --set app.target=test --set app.output=type=cacheonly app'
  ],
  ['no stage', undefined, 'docker buildx bake --file a.hcl --set app.output=type=cacheonly app'],
  [
    'a stage of a linked target',
    'target:base:build',
    'docker buildx bake --file a.hcl --set base.target=build --set base.output=type=cacheonly base'
  ],
  [
    'a linked target with one stage',
    'target:base',
    'docker buildx bake --file a.hcl --set base.output=type=cacheonly base'
  ],
  [
    'a stage without a name',
    'target:base:stage-1',
    'docker buildx bake --file a.hcl --set base.output=type=cacheonly base'
  ],
  [
    'what the step sets',
    'target:base:build',
    "docker buildx bake --file a.hcl --set 'base.args.NAME=two words' --set base.target=build --set base.output=type=cacheonly base",
    ['base.args.NAME=two words']
  ]
])('try it yourself, with linked targets: %s', (_name, stage, expected, set = []) => {
  const report = redTest()
  const [step] = report.steps
  if (step === undefined) throw new Error('the report is to have steps')
  const failed = { ...without(step, 'stage'), state: 'failed' as const, ...(stage === undefined ? {} : { stage }) }
  const remedies = remediesFor(
    viewOf({
      ...report,
      source: { ...without(report.source, 'buildArguments'), bake: { files: ['a.hcl'], target: 'app', set } }
    }),
    {
      ...{ kind: 'build', message: 'it failed', exitCode: 1, step: failed }
    }
  )
  expect(remedies.at(-1)?.lines?.text.join('\n').replaceAll(' \\\n  ', ' ')).toBe(expected)
})

test.each([
  ['test', 'production', 'docker buildx build --target test .'],
  ['stage-1', 'production', 'docker buildx build --target production .'],
  ['stage-1', 'stage-2', 'docker buildx build .']
])('BuildKit’s own name of a stage is no target: %s, of the image %s', (stage, image, expected) => {
  const report = redTest()
  const [first] = report.steps
  if (first === undefined) throw new Error('the report is to have steps')
  const stages = [{ name: image, role: 'target', steps: 1, cached: 0, seconds: 0 }] as const
  const failure: Failure = { kind: 'build', message: '', exitCode: 1, step: { ...first, stage, logTail: [] } }
  const said = remediesFor(viewOf({ ...report, stages }), failure)
  expect(said.at(-1)?.lines?.text.join(' ')).toBe(expected)
})

describe('a test whose exit code is in what its stage exports', () => {
  const tried = (source: Partial<Report['source']>, words = 'RUN pytest; echo $? > /out/exit-code') => {
    const report = redTest()
    const [step] = report.steps
    if (step === undefined) throw new Error('the report is to have steps')
    const targets = [
      { stage: 'lint', result: 'ran', seconds: 1 },
      { stage: 'report', result: 'failed', seconds: 1 }
    ] as const
    const failure: Failure = {
      ...{ kind: 'test', exitCode: 1, reported: true },
      step: { ...step, stage: 'run', instruction: words }
    }
    const view = viewOf({ ...report, gate: { verdict: 'failed', targets }, source: { ...report.source, ...source } })
    const { sentence, lines } = remediesFor(view, failure).at(-1) ?? {}
    return { sentence, command: lines?.text.join(' ').replaceAll(' \\ ', ' ').replace(/ +/g, ' ') }
  }

  test('is looked for in the files, as the build is green', () => {
    expect(tried({ buildArguments: ['.'] })).toEqual({
      sentence:
        'The stage builds green, also when its tests fail: the exit code is in its files. Export them on your machine:',
      command: 'docker buildx build --target report --output type=local,dest=test-report .'
    })
  })

  test('with bake, and where there is no command', () => {
    expect(tried({ bake: { files: [], target: 'app', set: [] } }).command).toBe(
      'docker buildx bake --set app.target=report --set app.output=type=local,dest=test-report app'
    )
    expect(tried({ buildArguments: ['--build-arg', 'A=\u202e', '.'] })).toEqual({
      sentence:
        'The stage builds green, also when its tests fail: the exit code is in its files. Export them on your machine.',
      command: undefined
    })
  })
})

/** What is advised about a step that failed with these words. */
function advice(
  instruction: string,
  words: readonly string[],
  more: Partial<Extract<Failure, { kind: 'build' }>> = {},
  before?: readonly string[]
) {
  const red = redTest()
  const [first] = red.steps
  if (first === undefined) throw new Error('the report is to have steps')
  const report = before === undefined ? red : { ...red, steps: before.map((each) => ({ ...first, instruction: each })) }
  const step = { ...first, instruction, logTail: words, state: 'failed' as const }
  return remediesFor(viewOf(report), { kind: 'build', message: '', step, ...more })
}

describe('an image that a second build makes otherwise', () => {
  const remedies = (timed: boolean, files: readonly FileMismatch[], more: Partial<MismatchedLayer> = {}) => {
    const layer = {
      ...{ index: 1, instruction: 'RUN make', base: false, files, count: files.length, reordered: false },
      ...{ madeBefore: false, ...more }
    }
    const differences = [{ platform: 'linux/amd64', first: 'a', second: 'b', config: [], layer }]
    const failure: Failure = { kind: 'irreproducible', timed, differences }
    return remediesFor(viewOf(redTest()), failure).map(({ sentence }) => sentence)
  }
  const chance = expect.stringContaining('on chance')

  test.each<readonly [string, string]>([
    ['/var/log/apt/term.log', 'apt and dpkg'],
    ['/var/log/dpkg.log', 'apt and dpkg'],
    ['/var/log/alternatives.log', 'apt and dpkg'],
    ['/var/cache/ldconfig/aux-cache', 'ldconfig'],
    ['/app/__pycache__/a.cpython-312.pyc', 'PYTHONDONTWRITEBYTECODE'],
    ['/etc/machine-id', 'machine id'],
    ['/etc/shadow', 'useradd'],
    ['/root/.wget-hsts', '--no-hsts'],
    ['/lib/apk/db/installed', 'apk'],
    ['/var/lib/dpkg/status', 'Pin their versions']
  ])('%s', (path, words) => {
    expect(remedies(true, [{ path, differs: 'content' }])).toEqual([expect.stringContaining(words)])
  })

  test('times alone, without those of the commit', () => {
    expect(remedies(false, [{ path: '/a', differs: 'time' }])).toEqual([expect.stringContaining('Give it those of')])
  })

  test('what nobody knows', () => {
    expect(remedies(true, [{ path: '/a', differs: 'content' }])).toEqual([chance])
    expect(remedies(true, [{ path: '/a', differs: 'time' }])).toEqual([chance])
    expect(remedies(true, [])).toEqual([chance])
  })

  test.each([
    ['RUN make', 'Declare `ARG SOURCE_DATE_EPOCH` in its stage'],
    ['COPY --from=builder /a /a', 'Declare `ARG SOURCE_DATE_EPOCH` in the stage `builder`'],
    ['COPY a /a', 'Put a `WORKDIR` above it'],
    ['ADD a /a', 'Put a `WORKDIR` above it']
  ])('a step that was cached before the commit: %s', (instruction, words) => {
    expect(remedies(true, [{ path: '/a', differs: 'time' }], { instruction, madeBefore: true })).toEqual([
      expect.stringContaining(words),
      expect.stringContaining('older than every build')
    ])
  })

  test('another base image', () => {
    expect(remedies(true, [{ path: '/a', differs: 'content' }], { base: true })).toEqual([
      expect.stringContaining('Pin the base')
    ])
  })
})

describe('a file that is not there', () => {
  test.each([
    ['COPY a.txt /a', '"/a.txt": not found', 'not in the build context'],
    ['COPY --from=builder /out/ap /app', '"/out/ap": not found', '`/out/ap` is not in the stage `builder`'],
    ['COPY --link --from=BUILDER /out/ap /app', '"/out/ap": not found', '`/out/ap` is not in the stage `BUILDER`'],
    ['COPY --from=0 /out/ap /app', 'lstat /out/ap: no such file or directory', '`/out/ap` is not in the stage `0`'],
    ['COPY --from=busybox:1 /out/ap /app', '"/out/ap": not found', 'names no stage'],
    [
      'RUN --mount=type=bind,from=builder,source=/out/ap,target=/x true',
      '"/out/ap": not found',
      'in the stage `builder`'
    ]
  ])('%s', (instruction, end, words) => {
    const message = `failed to compute cache key: failed to calculate checksum of ref x: ${end}`
    expect(advice(instruction, [], { message })[0]?.sentence).toContain(words)
  })
})

describe('a host that SSH does not know', () => {
  const failed = 'Host key verification failed.'
  const mounts =
    'RUN --mount=type=ssh --mount=type=secret,id=known_hosts,target=/etc/ssh/ssh_known_hosts git ls-remote x'

  test('and a step that was not given the known hosts', () => {
    expect(advice('RUN --mount=type=ssh git ls-remote x', [failed])[0]?.lines?.text.join(' ')).toContain(
      'id=known_hosts'
    )
  })

  test.each([
    [
      'No ED25519 host key is known for [127.0.0.1]:2261 and you have requested strict checking.',
      'ssh-keyscan -p 2261 127.0.0.1'
    ],
    [
      'No ED25519 host key is known for git.example.com and you have requested strict checking.',
      'ssh-keyscan git.example.com'
    ],
    ['', 'ssh-keyscan HOST']
  ])('and a step that has them: %s', (said, command) => {
    const [remedy] = advice(mounts, [said, failed])
    expect(remedy?.sentence).toContain('`ssh-known-hosts`')
    expect(remedy?.lines?.text).toEqual([command])
  })

  test('any more', () => {
    const said = '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @'
    expect(advice(mounts, [said, failed])[0]?.sentence).toContain('another key than the known one')
  })
})

describe('what a step mounts and was not given', () => {
  const refused = 'git@github.com: Permission denied (publickey).'
  const unauthorized = 'ERROR: HTTP error 401 while getting https://pypi.acme.com/simple/'
  const key = { credential: 'ssh', id: 'default' } as const
  const secret = (id: string) => ({ credential: 'secret', id }) as const
  const ssh = 'RUN --mount=type=ssh git clone x'
  const npmrc = 'RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci'
  const index = 'RUN --mount=type=secret,id=index,env=PIP_INDEX_URL pip install x'
  const keyLine = '  ssh-private-key: ${{ secrets.SSH_PRIVATE_KEY }}'

  test.each<[string, string, string, Credential, string]>([
    ['a key', ssh, refused, key, keyLine],
    ['a key, and git alone says so', ssh, 'fatal: Could not read from remote repository.', key, keyLine],
    ['a key of another id', ssh.replace('ssh ', 'ssh,id=a '), refused, { credential: 'ssh', id: 'a' }, '  ssh: |'],
    [
      'a file',
      'RUN --mount=type=secret,id=npmrc x',
      "cat: can't open '/run/secrets/npmrc': No such file",
      secret('npmrc'),
      '  secrets: |'
    ],
    ['a file with a place of its own', npmrc, 'ENOENT: /root/.npmrc', secret('npmrc'), '  secrets: |'],
    ['a variable', index, 'sh: 1: PIP_INDEX_URL: parameter not set', secret('index'), '  secrets: |']
  ])('is the cause where its words are about it: %s', (_, instruction, words, credential, line) => {
    const [first, second, more] = advice(instruction, [words], { exitCode: 1, lacking: [credential] })
    expect(first?.sentence).toContain(
      `"${credential.id}", which the workflow does not supply, and failed for want of it.`
    )
    expect(first?.lines?.text).toContain(line)
    expect(second?.sentence).toContain('See it fail')
    expect(more).toBeUndefined()
  })

  const likely = 'which the workflow does not supply: if it needs it, that is the likely cause.'
  test.each([
    ['a secret', npmrc, 'make: *** [all] Error 2', secret('npmrc')],
    ['a key', ssh, 'make: *** [all] Error 2', key],
    ['a secret whose name stands in another', npmrc, 'cat: /root/.npmrc-old: No such file', secret('npmrc')]
  ])('is likely where they say nothing: %s', (_, instruction, words, credential) => {
    expect(advice(instruction, [words], { exitCode: 2, lacking: [credential] })[0]?.sentence).toContain(likely)
  })

  test.each([
    ['pip', index, unauthorized, 'index', '    index=${{ secrets.INDEX }}'],
    ['npm', npmrc, 'npm error code E401', 'npmrc', '    npmrc=${{ secrets.NPMRC }}'],
    ['npm, old', npmrc, 'npm ERR! code E403', 'npmrc', '    npmrc=${{ secrets.NPMRC }}'],
    ['curl', npmrc, 'curl: (22) The requested URL returned error: 401', 'npmrc', '  secrets: |'],
    ['git', npmrc, "fatal: could not read Username for 'https://github.com'", 'npmrc', '  secrets: |'],
    ['a test, which may have meant it', npmrc, 'expected status code 401, got 500', 'npmrc', '  secrets: |']
  ])('is likely, and told first, where a server refused a login and the step had none: %s', (...row) => {
    const [, instruction, words, id, line] = row
    const [first, second, more] = advice(instruction, [words], { exitCode: 1, lacking: [secret(id)] })
    expect(first?.sentence).toContain(likely)
    expect(first?.lines?.text).toContain(line)
    expect(second?.sentence).toContain('See it fail')
    expect(more).toBeUndefined()
  })

  const both = npmrc.replace('RUN ', 'RUN --mount=type=secret,id=pip ')
  const keys = ssh.replace('RUN ', 'RUN --mount=type=ssh,id=other ')
  test.each([
    ['a login, and the step had another', both, 'npm error code E401', secret('pip'), 'A server refused the login'],
    ['a key, and the step had another', keys, refused, { ...key, id: 'other' }, 'The host refused the SSH key'],
    ['a key, and not the program that picks it', ssh, refused, secret('git_ssh'), 'The host refused the SSH key'],
    ['a shell that prints its commands', npmrc, '+ test -e /root/.npmrc || echo not found', secret('npmrc'), likely]
  ])('is no cause where it may have been another: %s', (_, instruction, words, credential, first) => {
    const remedies = advice(instruction, [words], { exitCode: 1, lacking: [credential] })
    expect(remedies[0]?.sentence).toContain(first)
    expect(remedies.some(({ sentence }) => sentence.includes('for want of'))).toBe(false)
    expect(remedies.some(({ sentence }) => sentence.includes(likely))).toBe(true)
  })

  test.each([
    ['the host', ssh, ['Host key verification failed.', 'fatal: Could not read from remote repository.'], key],
    ['the name', ssh, ['ssh: Could not resolve hostname x', 'fatal: Could not read from remote repository.'], key],
    ['the disk', npmrc, ['write /a: No space left on device'], secret('npmrc')]
  ])('comes after another cause that they tell: %s', (_, instruction, words, credential) => {
    const [first, second] = advice(instruction, words, { exitCode: 1, lacking: [credential] })
    expect(first?.sentence).not.toContain('does not supply')
    expect(second?.sentence).toContain(likely)
  })

  test('of several, what they are about comes first', () => {
    const instruction = 'RUN --mount=type=ssh --mount=type=secret,id=a --mount=type=secret,id=b x'
    const [first, second] = advice(instruction, [unauthorized], { lacking: [key, secret('a'), secret('b')] })
    expect(first?.lines?.text.slice(1)).toEqual(['  secrets: |', '    a=${{ secrets.A }}', '    b=${{ secrets.B }}'])
    expect(second?.lines?.text.slice(1)).toEqual([keyLine])
  })

  test('is told as in a run without secrets, where it is one', () => {
    const report = redTest()
    if (report.outcome.kind === 'green' || report.outcome.failure.kind !== 'test')
      throw new Error('a test is to be red')
    const failure = { ...report.outcome.failure, lacking: [secret('token')] }
    const [first] = remediesFor(viewOf({ ...report, trusted: false }), failure)
    expect(first?.sentence).toMatch(/"token", which this run is not given\. GitHub gives no secrets/)
    expect(first?.lines).toBeUndefined()
  })
})

describe('a login that is refused, with all that the step mounts', () => {
  test.each([
    ['RUN git clone x', 'Permission denied (publickey)', 'the step has no `--mount=type=ssh`'],
    ['RUN --mount=type=ssh git clone x', 'Permission denied (publickey)', 'may read this repository'],
    ['RUN pip install x', 'HTTP error 401', 'The step mounts no secret'],
    ['RUN --mount=type=secret,id=a pip install x', 'HTTP error 401', 'Check that "a" is the secret']
  ])('%s: %s', (instruction, words, expected) => {
    expect(advice(instruction, [words], { exitCode: 1 })[0]?.sentence).toContain(expected)
  })
})

describe('a script that cannot be run', () => {
  test.each([
    ['env of coreutils', '/usr/bin/env: ‘sh\\r’: No such file or directory', 127],
    ['env of busybox', "env: can't execute 'sh\\r': No such file or directory", 127],
    ['bash', '/bin/sh: ./a.sh: /bin/sh^M: bad interpreter: No such file or directory', 126],
    ['zsh', 'zsh: ./a.sh: bad interpreter: /bin/sh^M: no such file or directory', 127],
    ['a command of bash', "a.sh: line 2: $'foo\\r': command not found", 127],
    ['a command of dash', 'a.sh: 2: foo\\r: not found', 127],
    ['an option of dash', 'a.sh: 1: set: Illegal option -', 2],
    ['an option of busybox', 'c.sh: set: line 1: illegal option -', 2],
    ['an option of bash', 'c.sh: line 1: set: -\\r: invalid option', 2]
  ])('has carriage returns: %s', (_, words, exitCode) => {
    expect(advice('RUN ./a.sh', [words], { exitCode })[0]?.sentence).toContain('A script has Windows line ends (CRLF)')
  })

  const file = '`./a.sh` is not in this stage.'
  const program = '`./a.sh` is there, but not the program that its first line names'
  const either =
    'Exit code 127: `./a.sh` was not found. Is it in this stage, and the program that its first line names?'
  test.each([
    ['dash', '/bin/sh: 1: ./a.sh: not found', 127, either],
    ['busybox', '/bin/sh: ./a.sh: not found', 127, either],
    ['bash', '/bin/bash: line 1: ./a.sh: No such file or directory', 127, either],
    ['bash of today', 'bash: line 1: ./a.sh: cannot execute: required file not found', 127, program],
    ['without a shell', 'exec ./a.sh: no such file or directory', 1, program],
    [
      'without a shell or a file',
      'runc run failed: unable to start container process: exec: "./a.sh": stat ./a.sh: no such file or directory',
      1,
      file
    ]
  ])('is missing, or what it names: %s', (_, words, exitCode, expected) => {
    const copied = advice('RUN ./a.sh', [words], { exitCode }, ['COPY *.sh .'])[0]?.sentence
    expect(copied).toContain(expected)
    expect(copied?.includes('CRLF')).toBe(expected !== file)
    expect(advice('RUN ./a.sh', [words], { exitCode }, ['RUN make'])[0]?.sentence).not.toContain('CRLF')
  })

  test.each([
    ['/bin/sh: 1: pytset: not found', 127, 'a command was not found'],
    ["E  AssertionError: {'a\\r': 1} != {'a': 1}", 1, undefined],
    ['cat: /a: No such file or directory', 1, undefined]
  ])('is not meant: %s', (words, exitCode, expected) => {
    const [first] = advice('RUN x', [words], { exitCode }, ['COPY . .'])
    expect(first?.sentence).toContain(expected ?? 'See it fail')
  })
})

test('a registry’s cause stands before the usual advice', () => {
  const failure: Failure = { kind: 'registry', message: 'connection refused', fix: 'Do this.' }
  expect(remediesFor(viewOf(redTest()), failure)).toEqual([{ sentence: 'Do this.' }])
})

test('a long command has a line for each option, and none is cut', () => {
  const report = redTest()
  const buildArguments = [...Array.from({ length: 40 }, (_, at) => ['--build-arg', `NAME_${at}=value`]).flat(), '.']
  const source = { ...report.source, buildArguments }
  const rendered = renderSummary({ ...report, source })
  for (const at of [0, 20, 39]) expect(rendered).toContain(`\n    --build-arg NAME_${at}=value \\\n`)
  expect(rendered).toMatch(/^ {4}\.$/m)
})
