/** What a builder that the workflow names is asked for, where it has the classic image store. */
import { expect, test } from '@jest/globals'
import type { Builder } from '../../src/buildkit/builder.js'
import { keepLeftovers } from '../../src/leftovers.js'
import { chooseBuilder } from '../../src/phases/choose.js'
import { keptLog } from '../buildkit/support/buildx.js'
import { occasionFor } from '../fixtures/started.js'
import { inputsOf, type Given } from '../inputs/support.js'

const classic: Builder = {
  ...{ name: 'mine', driver: 'docker', buildx: { major: 0, minor: 29, text: '0.29.1' }, classicStore: true },
  ...{ platforms: [], nodes: [], created: false }
}

async function choose(given: Given) {
  const ports = {
    ...{ log: keptLog().log, show: () => Promise.resolve(0) },
    exec: () => Promise.resolve({ exitCode: 0, stdout: '{}', stderr: '', timedOut: false })
  }
  return chooseBuilder(ports, classic, {
    ...{ inputs: inputsOf({ builder: 'mine', ...given }), dockerfile: undefined, occasion: occasionFor('push') },
    ...{ cache: { from: [], to: [] }, leftovers: keepLeftovers({ saveState: () => undefined }) }
  })
}

test.each<Given>([
  { provenance: 'false' },
  { provenance: '0' },
  { provenance: 'F' },
  { provenance: 'mode=max,disabled=true', sbom: 'False' },
  { attests: 'type=provenance,disabled=true' },
  { provenance: 'false', attests: 'type=provenance,mode=max' }
])('no attestation is asked of it: %j', async (given) => {
  expect((await choose(given)).builder).toBe(classic)
})

test.each<Given>([
  { provenance: 'true' },
  { provenance: '0', sbom: '1' },
  { attests: 'type=provenance,disabled=false' },
  { attests: 'type=sbom' }
])('one is, which it cannot make: %j', async (given) => {
  await expect(choose(given)).rejects.toMatchObject({
    failure: { kind: 'input', problems: [{ input: 'provenance', problem: expect.stringContaining('attestations') }] }
  })
})
