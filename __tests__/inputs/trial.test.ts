/** `smoke`, `verify` and what belongs to them. */
import { expect, test } from '@jest/globals'
import { parseInputs } from '../../src/inputs/inputs.js'
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
  [{ smoke: 'healthy', 'smoke-timeout': 'soon' }, 'smoke-timeout', 'is not a time'],
  [{ 'smoke-env': 'A=1' }, 'smoke-env', 'there is no smoke'],
  [{ 'verify-env': 'A' }, 'verify-env', 'there is no verify'],
  [{ verify: 'true', 'verify-env': 'A=hush' }, 'verify-env', 'is not the name of a variable']
])('%j is told', (given, input, problem) => {
  const { problems } = parse(given)
  expect(problems).toEqual([{ input, problem: expect.stringContaining(problem), fix: expect.any(String) }])
  expect(JSON.stringify(problems)).not.toContain('hush')
})
