/** Advice that would break the image, or cannot be followed, is none. */
import { describe, expect, it } from '@jest/globals'
import { advise } from '../../src/advise/advise.js'
import type { Subject } from '../../src/advise/rule.js'
import { digest, figures, image, layer, step } from '../report/support/reports.js'

type Config = Subject['images'][number]['config']

function told(change: Partial<Subject> & { readonly config?: Partial<Config>; readonly platform?: string }) {
  const { config, platform = 'linux/amd64', ...rest } = change
  const clients = [{ name: 'curl', path: '/usr/bin/curl', layer: 0, base: false }]
  const report = image({ platform, layers: [layer(1, 10, 'RUN x')], figures: figures({ clients }) })
  const subject: Subject = {
    images: [{ report, config: { user: 'app', env: [], ...config } }],
    ...{ dockerfile: 'FROM scratch\n', target: '', testTargets: [], steps: [], lint: [], buildArgs: [] },
    buildContexts: [],
    ...rest
  }
  return advise(subject)
}
const rules = (change: Parameters<typeof told>[0]): readonly string[] => told(change).map(({ rule }) => rule)

describe('what the image runs is not to be taken out', () => {
  it.each<[string, Partial<Config>, readonly string[]]>([
    ['nothing runs it', { cmd: ['/bin/app'] }, ['NetworkClientInImage']],
    ['the health check', { healthcheck: ['CMD-SHELL', 'curl -f http://localhost/ || exit 1'] }, []],
    ['the health check as a list', { healthcheck: ['CMD', '/usr/bin/curl', '-f', 'http://localhost/'] }, []],
    ['the command in a shell', { cmd: ['/bin/sh', '-c', 'until curl -s db; do sleep 1; done; exec app'] }, []],
    ['the entry point', { entrypoint: ['curl'] }, []],
    ['a script, which may run it', { entrypoint: ['/docker-entrypoint.sh'], cmd: ['/bin/app'] }, []],
    ['a script without an ending', { entrypoint: ['/usr/local/bin/entrypoint'] }, []],
    ['a health check by a script', { cmd: ['/bin/app'], healthcheck: ['CMD', '/healthcheck.sh'] }, []],
    ['another program of a like name', { cmd: ['/bin/curlish'] }, ['NetworkClientInImage']]
  ])('%s', (_, config, expected) => expect(rules({ config })).toEqual(expected))
})

describe('RunsAsRoot on Windows', () => {
  it.each<[string | undefined, readonly string[]]>([
    [undefined, []],
    ['ContainerUser', []]
  ])('the user %j', (user, expected) => {
    const found = rules({ platform: 'windows/amd64', config: { user, cmd: ['curl'] } })
    expect(found).toEqual(expected)
  })
})

it('modes mean nothing on Windows', () => {
  const worldWritable = { count: 1, first: [{ path: '/app', mode: 0o777, layer: 0 }] }
  const modes = { setuid: { count: 0, first: [] }, worldWritable }
  const on = (platform: string): readonly string[] => {
    const report = image({ platform, layers: [layer(1, 10, 'COPY app /app')], figures: figures({ modes }) })
    return rules({ images: [{ report, config: { user: 'app', env: [] } }] })
  }
  expect(on('windows/amd64')).toEqual([])
  expect(on('linux/amd64')).toEqual(['WorldWritableFiles'])
})

describe('BaseNotPinned', () => {
  const copying = step('COPY --from=busybox:1 /bin/busybox /b', {
    inputs: [`FROM docker.io/library/busybox:1@${digest(7)}`]
  })
  it('knows the digest of an image that is only copied from', () => {
    const dockerfile = 'FROM scratch\nCOPY --from=busybox:1 /bin/busybox /b\n'
    const [first] = told({ dockerfile, steps: [copying], config: { cmd: ['curl'] } })
    expect(first).toMatchObject({ rule: 'BaseNotPinned', fix: `Pin what this build used: \`busybox:1@${digest(7)}\`.` })
  })
  it('asks for no digest of an image that only this engine has', () => {
    const local = step('FROM docker.io/library/mine:dev')
    expect(rules({ dockerfile: 'FROM mine:dev\n', steps: [local], config: { cmd: ['curl'] } })).toEqual([])
  })
})

describe('tests whose failure nobody sees', () => {
  const stage = (lines: string): string => `FROM scratch AS test\n${lines}\nFROM scratch AS app\n`
  it.each<[string, readonly string[]]>([
    ['RUN pytest | tee out.txt', ['PipeHidesFailure']],
    ['RUN pytest 2>&1 |& tee out.txt', ['PipeHidesFailure']],
    ['RUN pytest \\\n  | tee out.txt', ['PipeHidesFailure']],
    ['RUN set -o pipefail && pytest | tee out.txt', []],
    ['RUN set -euo pipefail; pytest | tee out.txt', []],
    ['SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN pytest | tee out.txt', []],
    ['RUN pytest || exit 1', []],
    ['RUN pytest -k "a|b"', []],
    ["RUN pytest -k 'a | b'", []],
    ['RUN ["pytest", "|", "tee"]', []],
    ['RUN echo y | app --check', []],
    ['RUN pytest --workers $(nproc | head -1)', []],
    ['RUN pytest --seed "$(date | cut -c 1-3)"', []],
    ['RUN pytest --seed `date | cut -c 1-3`', []],
    ['RUN pytest $(cat $(ls | head -1) | tr a b) "${ARGS:-a | b}"', []],
    ['RUN diff out <(sort a | uniq)', []],
    ['RUN pytest $(ls | head -1) | tee out', ['PipeHidesFailure']],
    ['RUN echo $((1 | 2)) && pytest', []],
    ['RUN pytest # not | tee out', []],
    ['RUN pytest#1 | tee out', ['PipeHidesFailure']],
    ["RUN <<EOT\nset -e\nmypy # don't | stop\npytest\nEOT", []],
    [`RUN pytest ${'$('.repeat(20_000)} | tee out`, []],
    ['RUN <<EOT\necho mypy\nfalse\necho pytest\nEOT', ['HeredocWithoutErrexit']],
    ['RUN <<EOT\nset -e\nmypy\npytest\nEOT', []],
    ['RUN <<EOT\nset -eux\nmypy\npytest\nEOT', []],
    ['RUN <<EOT\nset -o errexit\nmypy\npytest\nEOT', []],
    ['RUN <<EOT\n#!/bin/sh -e\nmypy\npytest\nEOT', []],
    ['RUN <<EOT\n#!/usr/bin/env python3\nimport a\nimport b\nEOT', []],
    ['SHELL ["/bin/sh", "-ec"]\nRUN <<EOT\nmypy\npytest\nEOT', []],
    ['RUN <<EOT\npytest\nEOT', []],
    ['RUN python3 <<EOT\nimport a\nimport b\nEOT', []],
    ['RUN python3 <<EOT\nprint(1 | 2)\nEOT', []],
    ['RUN <<EOT\n#!/usr/bin/env python3\nprint(1 | 2)\nEOT', []],
    ['RUN bash -e <<EOT\npytest | tee out\nEOT', ['PipeHidesFailure']],
    ['RUN <<EOT\npytest | tee out\nEOT', ['PipeHidesFailure']],
    ['RUN <<EOT bash -e\nmypy\npytest\nEOT', []],
    ['RUN <<"EOT" env bash -eo pipefail\nmypy\npytest | tee out\nEOT', []],
    ['RUN bash -o pipefail <<EOT\npytest | tee out\nEOT', []],
    ['RUN bash -o pipefail <<EOT | tee out\npytest\nEOT', ['PipeHidesFailure']],
    ['RUN <<EOT sh\nmypy\npytest\nEOT', ['HeredocWithoutErrexit']],
    ['RUN <<EOT sh test.sh\none\ntwo | three\nEOT', []],
    ['RUN <<EOT sh -c "cat > /x"\none\ntwo | three\nEOT', []],
    ['RUN <<EOT cat > /x\none\ntwo | three\nEOT', []],
    ['RUN <<EOT\nif [ -f setup.cfg ]; then\n  pytest\nfi\nEOT', []],
    ['RUN <<EOT\nif [ -f a ]\nthen pytest a\nelif [ -f b ]; then pytest b\nelse\n  pytest\nfi\nEOT', []],
    ['RUN <<EOT\nif [ -f a ]; then\n  mypy\n  pytest\nfi\nEOT', ['HeredocWithoutErrexit']],
    ['RUN <<EOT\nif [ -f a ]; then\n  mypy\nfi\npytest\nEOT', ['HeredocWithoutErrexit']],
    ['RUN <<EOT\nif [ -f a ]; then\n  mypy\nfi || exit 1\npytest\nEOT', []],
    ['RUN <<EOT\nfor each in a b; do\n  pytest $each\ndone\nEOT', ['HeredocWithoutErrexit']],
    ['RUN <<EOT\nfor each in a b; do\n  pytest $each || exit 1\ndone\nEOT', []],
    ['RUN <<EOT\ncase "$A" in\n  x|y) pytest x ;;\n  *)\n    pytest\n    ;;\nesac\nEOT', []],
    ['RUN <<EOT\ncase "$A" in\n  x) mypy; pytest ;;\nesac\nEOT', ['HeredocWithoutErrexit']],
    ['RUN <<EOT\n(\n  cd app && pytest\n)\nEOT', []],
    ['RUN <<EOT\n(cd app; mypy\n  pytest)\nEOT', ['HeredocWithoutErrexit']],
    ['RUN <<EOT\n(if true; then pytest; fi)\nEOT', []],
    ['RUN <<EOT\nmypy || { echo no; exit 1; }\npytest\nEOT', []],
    ['RUN <<EOT\nmypy; pytest\nEOT', ['HeredocWithoutErrexit']],
    ['RUN <<EOT\npytest -k "a\nb; c"\nEOT', []],
    ['RUN <<EOT\nmypy &&\npytest\nEOT', []],
    ['RUN <<EOT\nmypy \\\n  --strict\nEOT', []],
    ['RUN <<EOT\nmypy || exit 1\npytest\nEOT', []],
    ['RUN <<EOT\nmypy || true\npytest\nEOT', ['HeredocWithoutErrexit']],
    ['RUN case "$A" in x|y) pytest ;; esac', []],
    ['RUN if echo a | grep -q a; then pytest; fi', []],
    ['RUN if true; then pytest | tee out; fi', ['PipeHidesFailure']],
    ['SHELL ["pwsh", "-Command"]\nRUN Get-Item . | Test-Path', []],
    ['SHELL ["python3", "-c"]\nRUN <<EOT\nimport a\nimport b\nEOT', []]
  ])('%j', (lines, expected) => {
    const found = rules({ dockerfile: stage(lines), target: 'app', testTargets: ['test'], config: { cmd: ['curl'] } })
    expect(found).toEqual(expected)
  })
  it.each([
    ['', 'if the image of the stage has bash, set the option with `SHELL ["/bin/bash", "-eo", "pipefail", "-c"]`'],
    ['SHELL ["/opt/bin/bash", "-c"]\n', 'with `SHELL ["/opt/bin/bash", "-eo", "pipefail", "-c"]`']
  ])('the fix names a shell that is known, after %j', (shell, fix) => {
    const dockerfile = stage(`${shell}RUN pytest | tee out`)
    const found = told({ dockerfile, target: 'app', testTargets: ['test'], config: { cmd: ['curl'] } })
    expect(found[0]?.fix).toContain(fix)
  })
  it('the shell of the stage below is inherited', () => {
    const from = (shell: string): string =>
      `FROM scratch AS base\nSHELL ${shell}\nFROM base AS test\nRUN pytest | tee out\nFROM scratch AS app\n`
    const of = (shell: string): readonly string[] =>
      rules({ dockerfile: from(shell), target: 'app', testTargets: ['test'], config: { cmd: ['curl'] } })
    expect(of('["/bin/bash", "-eo", "pipefail", "-c"]')).toEqual([])
    expect(of('["/bin/bash", "-c"]')).toEqual(['PipeHidesFailure'])
  })
  it('other stages may do as they like', () => {
    const dockerfile = 'FROM scratch AS test\nRUN pytest\nFROM scratch AS app\nRUN a | b\n'
    expect(rules({ dockerfile, target: 'app', testTargets: ['test'], config: { cmd: ['curl'] } })).toEqual([])
  })
})

describe('RunsAsRoot says who said so', () => {
  it.each<[string, string, string]>([
    ['FROM scratch\n', '', 'no `USER` is set'],
    ['FROM scratch\n', 'root', 'its base image sets `USER root`'],
    ['FROM scratch\nUSER 0\n', '0', 'its last `USER` is `0`']
  ])('%j as %j', (dockerfile, user, why) => {
    const found = told({ dockerfile, config: { user, cmd: ['curl'] } })
    expect(found.map(({ message }) => message)).toEqual([`The image starts as root: ${why}`])
  })
})

describe('files in two layers that differ in their owner alone', () => {
  const none = { files: 0, size: 0 }
  const copies = { files: 2, size: 900_000, paths: [], chown: { files: 2, size: 900_000 }, chmod: none }
  it.each([
    ['RUN chown -R app /app', '`chown` ships', 'Write `COPY --chown=…`'],
    ['COPY --chown=app . /app', '`COPY` ships', 'copy them once, with `--chown=…`']
  ])('%s', (instruction, message, fix) => {
    const report = image({ layers: [layer(1, 900_000, instruction, { line: 3, copies })], figures: figures() })
    const [found] = told({ images: [{ report, config: { user: 'app', env: [] } }] })
    expect(found?.message).toContain(message)
    expect(found?.fix).toContain(fix)
  })
})

it.each([
  ['maven', '/root/.m2/repository', 'Build in an earlier stage, and copy what it makes.'],
  ['pip', '/root/.cache/pip', 'Mount it instead: ']
])('the cache of %s: a container that builds still needs its own', (kind, path, fix) => {
  const packageCaches = [{ kind, path, size: 400_000, live: 0, files: 1, layers: [0] }]
  const report = image({ layers: [layer(1, 10, 'RUN x', { line: 2 })], figures: figures({ packageCaches }) })
  const [found] = told({ images: [{ report, config: { user: 'app', env: [] } }] })
  expect(found?.fix.startsWith(fix)).toBe(true)
})

it('setcap is told like chown, with the way around it', () => {
  const none = { files: 0, size: 0 }
  const copies = {
    files: 1,
    size: 2_000_000,
    paths: [],
    chown: none,
    chmod: none,
    attributes: { files: 1, size: 2_000_000 }
  }
  const report = image({ layers: [layer(1, 2_000_000, 'RUN setcap …', { line: 3, copies })], figures: figures() })
  const subject = { images: [{ report, config: { user: 'app', env: [] } }], dockerfile: 'FROM scratch\n', target: '' }
  const rest = { testTargets: [], steps: [], lint: [], buildArgs: [], buildContexts: [] }
  expect(advise({ ...subject, ...rest })).toMatchObject([{ rule: 'FilesCopiedBySetcap', line: 3, bytes: 2_000_000 }])
})

it('a Dockerfile that was written to keep its reader busy is read once', () => {
  const many = 200_000
  const tested = (run: string, from = 'scratch'): readonly string[] =>
    rules({
      dockerfile: `FROM ${from} AS test\n${run}\nFROM scratch AS app\n`,
      ...{ target: 'app', testTargets: ['test'], config: { cmd: ['curl'] } }
    })
  expect(tested(`RUN <<EOT\nset -e\n${'\n'.repeat(2_000_000)}a\nEOT`)).toEqual([])
  expect(tested(`RUN ${'a |b '.repeat(many)}`)).toEqual(['PipeHidesFailure'])
  expect(tested('RUN a', '${a:-'.repeat(200_000))).toEqual([])
})
