/** `smoke`, `verify` and what belongs to them. */
import { expect, test } from '@jest/globals'
import { parseInputs } from '../../src/inputs/parse.js'
import { look, readGiven, type Given } from './support.js'

const parse = (given: Given) => parseInputs(readGiven(given), look)

test('everything that is given', () => {
  const { inputs, problems } = parse({
    ...{ smoke: 'http://:8080/healthz', 'smoke-env': 'A=1\nB=x=y', 'smoke-timeout': '2m' },
    ...{ verify: 'trivy image\n', 'verify-env': 'TRIVY_TOKEN, OTHER' }
  })
  expect(problems).toEqual([])
  expect(inputs.trial).toEqual({
    smoke: { kind: 'http', port: 8080, path: '/healthz' },
    smokeEnv: [
      { name: 'A', value: '1' },
      { name: 'B', value: 'x=y' }
    ],
    smokeTimeoutSeconds: 120,
    verify: 'trivy image\n',
    verifyEnv: ['TRIVY_TOKEN', 'OTHER']
  })
})

test.each<[Given, string, string]>([
  [{ smoke: 'http:///healthz' }, 'smoke', 'has no port'],
  [{ smoke: 'helthy' }, 'smoke', 'is not one of the accepted forms'],
  [{ smoke: 'healthy', 'smoke-env': 'hush hush' }, 'smoke-env', 'line 1 is not NAME=VALUE'],
  [{ smoke: 'healthy', 'smoke-timeout': 'soon' }, 'smoke-timeout', 'is not a duration'],
  [{ 'smoke-env': 'A=1' }, 'smoke-env', 'there is no smoke'],
  [{ 'verify-env': 'A' }, 'verify-env', 'there is no verify'],
  [{ verify: 'trivy', 'verify-env': 'A=hush' }, 'verify-env', 'is not the name of a variable'],
  // A switch is no probe: `true` is a program that passes whatever the image is
  [{ smoke: 'true' }, 'smoke', 'does not say how to test the image'],
  [{ smoke: 'False' }, 'smoke', 'does not say how to test the image'],
  [{ smoke: 'none' }, 'smoke', 'does not say how to test the image'],
  [{ verify: 'true' }, 'verify', 'does not look at the image'],
  [{ verify: 'Yes\n' }, 'verify', 'does not look at the image'],
  [{ verify: '# trivy image\n\n  # later\n' }, 'verify', 'has no command'],
  [{ smoke: 'healthy http://:8080/' }, 'smoke', 'more follows "healthy"'],
  // URLs
  [{ smoke: 'https://:8443/' }, 'smoke', 'is https'],
  [{ smoke: 'tcp://:5432' }, 'smoke', 'is not an http URL'],
  [{ smoke: ':8080/healthz' }, 'smoke', 'is not an http URL'],
  [{ smoke: 'http://:8080/a b' }, 'smoke', 'has a space or a line end'],
  [{ smoke: 'http://:8080/a\nhttp://:8081/b' }, 'smoke', 'has a space or a line end'],
  [{ smoke: 'http://hush@:8080/' }, 'smoke', 'is not a URL with a port and a path'],
  [{ smoke: 'http://[::1]:8080/' }, 'smoke', 'is not a URL with a port and a path'],
  [{ smoke: 'http://app:8080/' }, 'smoke', 'names the host "app"'],
  [{ smoke: 'http://:0/' }, 'smoke', '0 is not a port'],
  [{ smoke: 'http://:65536/' }, 'smoke', '65536 is not a port'],
  [{ smoke: 'http://:8080healthz' }, 'smoke', 'is not a URL with a port and a path'],
  // What a shell would make something of
  [{ smoke: 'run --version && run check' }, 'smoke', '&& means nothing'],
  [{ smoke: 'run check | grep ok' }, 'smoke', '| means nothing'],
  [{ smoke: 'run check; true' }, 'smoke', 'check; means nothing'],
  [{ smoke: 'run check > /dev/null' }, 'smoke', '> means nothing'],
  [{ smoke: 'run check 2>&1' }, 'smoke', '2>&1 means nothing'],
  [{ smoke: 'run one\nrun two' }, 'smoke', 'has several lines'],
  [{ smoke: 'run "one' }, 'smoke', 'never closed'],
  // Times and variables
  ...['0', '61m', '1h1s', '1.5m', '-1', '500ms', '1e3', 'NaN', '1d'].map((time): [Given, string, string] => [
    { smoke: 'healthy', 'smoke-timeout': time },
    'smoke-timeout',
    'is not a duration of up to an hour'
  ]),
  ...['export A=hush', '=hush', '1A=hush', 'A =hush', 'ä=hush'].map((line): [Given, string, string] => [
    { smoke: 'healthy', 'smoke-env': line },
    'smoke-env',
    'line 1 is not NAME=VALUE'
  ]),
  // The stage with the reports
  [{ 'test-report-target': 'unit, lint' }, 'test-report-target', '"unit, lint" is more than one stage'],
  [{ 'test-report-target': 'unit\nlint' }, 'test-report-target', 'is more than one stage']
])('%j is told', (given, input, problem) => {
  const { problems } = parse(given)
  expect(problems).toEqual([{ input, problem: expect.stringContaining(problem), fix: expect.any(String) }])
  expect(JSON.stringify(problems)).not.toContain('hush')
})

test.each<[string, object]>([
  ['http://:8080', { kind: 'http', port: 8080, path: '/' }],
  ['HTTP://localhost:80/größe?q=ä#x', { kind: 'http', port: 80, path: '/gr%C3%B6%C3%9Fe?q=%C3%A4' }],
  ['http://:8080?ready=1', { kind: 'http', port: 8080, path: '/?ready=1' }],
  ['http://:8080//a', { kind: 'http', port: 8080, path: '//a' }],
  ['/bin/check --deep', { kind: 'arguments', args: ['/bin/check', '--deep'] }],
  ['run \\\n  --version', { kind: 'arguments', args: ['run', '--version'] }],
  ["sh -c 'one && two; three > x\nfour'", { kind: 'arguments', args: ['sh', '-c', 'one && two; three > x\nfour'] }],
  [
    'find . -name a -exec test {} \\;',
    { kind: 'arguments', args: ['find', '.', '-name', 'a', '-exec', 'test', '{}', ';'] }
  ],
  ['--filter a&b "" x=1', { kind: 'arguments', args: ['--filter', 'a&b', '', 'x=1'] }]
])('smoke: %s', (smoke, probe) => {
  const { inputs, problems } = parse({ smoke })
  expect(problems).toEqual([])
  expect(inputs.trial.smoke).toEqual(probe)
})
