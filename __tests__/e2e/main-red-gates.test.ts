/**
 * Whatever a run would publish, and wherever it fails: of a red gate nothing leaves. `script/red-gates` runs as many of
 * them as one likes.
 */
import { expect, jest, test } from '@jest/globals'
import { randomInt } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { registryTags } from '../support/engine.js'
import { startFaultyRegistry, type FaultyRegistry } from './support/faults.js'
import { planRedGate, type RedGate } from './support/red_gates.js'
import { docker } from './support/variety.js'
import { baseImage, fresh, sharedRegistry, startWorkspace } from './support/workspace.js'

const count = Number(process.env.RED_GATES ?? 50)
const seed = Number(process.env.RED_GATES_SEED ?? randomInt(1_000_000))
/** Runs at a time: a run waits for its builder most of the time. */
const atOnce = 3

jest.setTimeout(120_000 + count * 10_000)

const registry = sharedRegistry()

/** Runs it, and tells what it did that it must not. */
async function findBreach(number: number, watched: FaultyRegistry, base: string): Promise<readonly string[]> {
  const name = `e2e/${fresh('red')}`
  const reference = `${watched.address}/${name}`
  const gate: RedGate = planRedGate(seed, number, { base, reference })
  await using workspace = await startWorkspace(gate.files)
  const result = await workspace.run(gate.inputs, {
    ...(gate.event === undefined ? {} : { event: gate.event }),
    ...(gate.cancelAfter === undefined
      ? {}
      : { onStart: (child) => setTimeout(() => child.kill('SIGTERM'), gate.cancelAfter).unref() })
  })
  await result.post() // a step that is killed while it starts has nothing else
  const tags = await Promise.all(
    [...new Set(gate.repositories)].map(async (repository) => {
      const found = await registryTags(registry, repository.slice(watched.address.length + 1))
      return found.map((tag) => `the registry has ${repository}:${tag}`)
    })
  )
  const own = Object.keys(gate.files).map((file) => file.split('/')[0])
  const breaches = [
    ...(result.exitCode === 0 ? ['it is green'] : []),
    ...(result.outputs.published === 'true' ? ['it says that it has published'] : []),
    ...(result.summary.includes('internal error') ? ['it fails for a defect'] : []),
    ...watched.writes(name).map((request) => `${request} reached the registry`),
    ...tags.flat(),
    ...(await readdir(workspace.folder)).filter((file) => !own.includes(file)).map((file) => `${file} was written`)
  ]
  if (breaches.length === 0) return []
  const told = `gate ${number} of seed ${seed} (${gate.place}): ${breaches.join(', ')}\n${result.log.slice(-3000)}`
  console.error(told) // thousands of them take an hour
  return [told]
}

test(`${count} red gates let nothing out (seed ${seed})`, async () => {
  const base = await baseImage('busybox')
  await using watched = await startFaultyRegistry(registry)
  const numbers = Array.from({ length: count }, (_, number) => number).values()
  const breaches: string[] = []
  const worker = async (): Promise<void> => {
    for (const number of numbers) breaches.push(...(await findBreach(number, watched, base)))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  expect(breaches).toEqual([])
  const images = await docker({}, 'image', 'ls', '--all', '--format', '{{.Repository}}:{{.Tag}}')
  expect(images.split('\n').filter((image) => image.startsWith(`${watched.address}/`))).toEqual([])
})
