/** The gate: the tests, and the target beside them. */
import path from 'node:path'
import type { Failure } from '../failure/failure.js'
import { runGate, type GateRun } from '../gate/gate.js'
import { Stop } from '../failure/stop.js'
import { keepForRetry } from '../cache/keep.js'
import { readOutcomes } from '../cache/outcome.js'
import { noteCache } from '../journal.js'
import { Cancelled } from '../ports.js'
import { keepOptions, type Scene } from './scene.js'

/** Builds the gate; a red one stops the run, with what was built kept for the next. */
export async function passGate(scene: Scene): Promise<GateRun> {
  const { ports, asked, journal, handed, flight, folder, linting, mounts } = scene
  const { buildup, settled } = flight
  const { trust } = asked.trustPlan
  const gate = await runGate(ports, {
    base: buildup.base,
    plan: buildup.gate,
    cache: settled.cache,
    testCaches: settled.testCaches,
    env: handed.env,
    metadataFile: path.join(folder, 'metadata.json'),
    untrusted: trust.trusted ? undefined : trust.reason,
    builder: flight.builder,
    supplied: [...handed.secretIDs.map((id) => `secret:${id}`), ...handed.sshIDs.map((id) => `ssh:${id}`)]
  })
  Object.assign(journal, { gate: gate.gate, steps: gate.steps, provenance: gate.provenance })
  const read = [settled.cache, ...settled.testCaches].flatMap(({ from }) => from)
  noteCache(journal, readOutcomes({ from: read, to: [] }, gate.internals), gate.imports)
  journal.notes.push(...gate.notes)
  // What a failing test has cached is worth most: its next run comes soon.
  if (flight.buildup.gate.testTargets.length > 0) mounts?.save(gate.steps, gate.failure === undefined)
  // Where a finding is the failure, the lines are in the findings.
  if (gate.failure === undefined || gate.failure.kind === 'dockerfile') journal.lint = await linting
  if (gate.failure === undefined) return gate
  await salvage(scene, gate.failure)
  throw new Stop(gate.failure)
}

/** Saves what a red build has built for the next run. The failure stays what it was, also where this is cancelled. */
export async function salvage(scene: Scene, failure: Failure): Promise<void> {
  const { ports, journal } = scene
  try {
    const { outcomes, notes, imports } = await keepForRetry(ports, { ...keepOptions(scene), failure })
    noteCache(journal, outcomes, imports)
    journal.notes.push(...notes)
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
  }
}
