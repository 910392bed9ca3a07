/** action.yml against what the program does. The inputs' side is in inputs/inputs.test.ts. */
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseMetadata } from '../src/buildkit/provenance.js'
import { declaredInputs } from '../src/inputs/declared.js'
import { planOutputs } from '../src/outputs.js'
import { recordedBuild } from './fixtures/recorded.js'
import { action } from './inputs/support.js'
import { larger } from './report/support/compared.js'
import { testedGreen } from './report/support/tested.js'

const root = join(import.meta.dirname, '..')

/** Every output that a run can have: what `planOutputs` gives a full report, and what the entry adds. */
function produced(): readonly string[] {
  const metadata = { ...parseMetadata(recordedBuild('target-oci').metadata), imageID: 'sha256:1' }
  const { builds } = larger()
  const planned = Object.keys(
    planOutputs({ report: { ...testedGreen(), builds }, metadata: new Map([[builds[0].name, metadata]]) })
  )
  const entry = readFileSync(join(root, 'src/tell.ts'), 'utf8')
  return [...planned, ...[...entry.matchAll(/setOutput\('([a-z-]+)'/g)].map((match) => match[1] ?? '')]
}

test('every output that is documented is produced, and none beside them', () => {
  expect([...produced()].sort()).toEqual(Object.keys(action.outputs).sort())
})

test('names have the form that GitHub and the runner agree on', () => {
  for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)])
    expect(name).toMatch(/^[a-z][a-z-]*[a-z]$/)
})

test('defaults are values that the inputs take as they are', () => {
  const defaults = Object.entries(action.inputs).flatMap(([name, input]) =>
    input.default === undefined ? [] : [[name, input.default]]
  )
  expect(Object.fromEntries(defaults)).toMatchObject({
    context: '.',
    push: 'false',
    'cache-mode': 'auto',
    builder: 'auto'
  })
  expect(declaredInputs).toEqual(expect.arrayContaining(defaults.map(([name]) => name)))
})
