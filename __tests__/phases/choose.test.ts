/** What a builder that the workflow names is asked for, where it has the classic image store. */
import os from 'node:os'
import { expect, test } from '@jest/globals'
import type { Builder } from '../../src/buildkit/builder.js'
import { keepLeftovers } from '../../src/leftovers.js'
import { chooseBuilder } from '../../src/phases/choose.js'
import type { Command } from '../../src/ports.js'
import { keptLog } from '../buildkit/support/buildx.js'
import { occasionFor } from '../fixtures/started.js'
import { inputsOf, type Given } from '../inputs/support.js'

const classic: Builder = {
  ...{ name: 'mine', driver: 'docker', buildx: { major: 0, minor: 29, text: '0.29.1' }, classicStore: true },
  ...{ platforms: [], nodes: [], created: false }
}

/** @param others other images of the run */
function choose(given: Given, others: readonly Given[] = []) {
  const calls: string[] = []
  const ports = {
    ...{ log: keptLog().log, show: () => Promise.resolve(0) },
    exec: ({ args }: Command) => {
      calls.push(args.join(' '))
      // No builder is there yet.
      const exitCode = args[1] === 'inspect' || args[1] === 'create' ? 1 : 0
      return Promise.resolve({ exitCode, stdout: '{}', stderr: '', timedOut: false })
    }
  }
  const [use, ...more] = [given, ...others].map((each) => ({
    ...{ inputs: inputsOf({ builder: 'mine', ...each }), dockerfile: undefined, cache: { from: [], to: [] } }
  }))
  if (use === undefined) throw new Error('no image')
  const chosen = chooseBuilder(ports, classic, {
    ...{ ...use, uses: [use, ...more], occasion: { ...occasionFor('push'), temporaryFolder: os.tmpdir() } },
    leftovers: keepLeftovers({ saveState: () => undefined })
  })
  return { chosen, calls }
}

test.each<Given>([
  { provenance: 'false' },
  { provenance: '0' },
  { provenance: 'F' },
  { provenance: 'mode=max,disabled=true', sbom: 'False' },
  { attests: 'type=provenance,disabled=true' },
  { provenance: 'false', attests: 'type=provenance,mode=max' }
])('no attestation is asked of it: %j', async (given) => {
  expect((await choose(given).chosen).builder).toBe(classic)
})

test.each<Given>([
  { provenance: 'true' },
  { provenance: '0', sbom: '1' },
  { attests: 'type=provenance,disabled=false' },
  { attests: 'type=sbom' }
])('one is, which it cannot make: %j', async (given) => {
  await expect(choose(given).chosen).rejects.toMatchObject({
    failure: { kind: 'input', problems: [{ input: 'provenance', problem: expect.stringContaining('attestations') }] }
  })
})

test.each<[string, Given]>([
  ['a tag', { tags: '127.0.0.1:5000/acme/worker:1' }],
  ['its network', { network: 'host' }],
  ['an entitlement', { allow: 'network.host' }]
])('a builder that is made for one image is made for the others of the run, too: %s', async (_, other) => {
  const { chosen, calls } = choose({ builder: 'auto', sbom: 'true' }, [{ builder: 'auto', ...other }])
  await expect(chosen).rejects.toMatchObject({ failure: { kind: 'engine' } }) // it cannot be made here
  expect(calls.filter((call) => call.startsWith('buildx create'))).toEqual([expect.stringContaining('network=host')])
})
