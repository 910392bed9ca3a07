import { expect, test } from '@jest/globals'
import { remediesFor } from '../../src/report/sections/remedies.js'
import type { Report } from '../../src/report/model.js'
import { redTest } from './support/reports.js'

/** The command that a red test is to be tried with. */
function command(buildArguments: readonly string[] | undefined, dockerfile = 'Dockerfile'): string | undefined {
  const report = redTest()
  const source: Report['source'] = {
    ...report.source,
    dockerfile,
    ...(buildArguments === undefined ? {} : { buildArguments })
  }
  if (report.outcome.kind === 'green') throw new Error('the report is to be red')
  return remediesFor({ ...report, source }, report.outcome.failure).at(-1)?.lines?.text[0]
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
  ['what cannot be typed', ['--build-arg', 'A=\u202e', '.'], 'Dockerfile', undefined]
])('try it yourself: %s', (_, buildArguments, dockerfile, expected) => {
  expect(command(buildArguments, dockerfile)).toBe(expected)
})
