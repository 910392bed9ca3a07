import { afterAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { noMetadata } from '../../src/buildkit/provenance.js'
import type { Step } from '../../src/core/step.js'
import { findDisagreement } from '../../src/gate/proof.js'
import { makeFolder } from '../ssh/support.js'

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

/** A step of both targets, with a vertex for each. */
function twice(name: string, inputs: readonly string[] = []): readonly Step[] {
  const instruction = name.replace(/^\[[^\]]*\] /, '')
  const step = { name, instruction, stage: 'build', state: 'ran' as const, seconds: 1, inputs, logTail: [] }
  return [
    { ...step, vertex: `${name} for the image` },
    { ...step, vertex: `${name} for the test` }
  ]
}

function disagreement(steps: readonly Step[], since: number, place: 'here' | 'elsewhere' = 'here') {
  const builtFor = new Map(steps.map(({ vertex }) => [vertex, [vertex.endsWith('test') ? 'test' : 'image']]))
  const { provenance } = noMetadata
  return findDisagreement({
    ...{ steps, builtFor, since, targets: { image: 'image', test: 'test' } },
    provenance: { image: provenance, test: provenance },
    ...(place === 'elsewhere' ? {} : { context: folder.path })
  })
}

const copy = '[build 1/2] COPY src/app.txt other* /app/'
const later = twice('[build 2/2] RUN make', [copy])

describe('two readings of the context', () => {
  mkdirSync(join(folder.path, 'src'))
  for (const name of ['src/app.txt', 'src/log.txt', 'notes.txt']) writeFileSync(join(folder.path, name), name)
  const hour = 3_600_000

  test('are the same where nothing that was copied has changed', async () => {
    expect(await disagreement([...twice(copy), ...later], Date.now() + hour)).toBeUndefined()
  })

  test('are not where a copied file has changed', async () => {
    utimesSync(join(folder.path, 'src/app.txt'), new Date(), new Date())
    expect(await disagreement([...twice(copy), ...later], Date.now() - hour)).toBe(
      'src/app.txt changed while the build ran'
    )
  })

  test('explain nothing where the context is elsewhere', async () => {
    expect(await disagreement(twice(copy), Date.now() + hour, 'elsewhere')).toBe(
      `the step ${copy} was built twice, from different inputs`
    )
  })
})

describe('a RUN that was built twice', () => {
  const hour = 3_600_000

  test.each([
    ['--mount=type=bind,source=src,target=/src make', true],
    ['--mount=target=/src,rw make', true],
    ['--mount=type=cache,target=/c --mount=type=bind,target=. make', true],
    ['--mount=type=$TYPE,target=. make', true],
    ['--mount=type=bind,target=. <<EOF (make...)', true],
    ['--mount=type=bind,from=tools,target=/t make', false],
    ['--mount=type=cache,target=/c make', false],
    ['--mount=type=secret,id=token --mount=type=ssh make', false],
    ['echo --mount=type=bind,target=.', false]
  ])('and may read the context is explained by it alone: RUN %s', async (words, reads) => {
    const name = `[build 1/1] RUN ${words}`
    const told = `the step ${name} was built twice, from different inputs`
    expect(await disagreement(twice(name), Date.now() + hour)).toBe(reads ? undefined : told)
  })
})

test('a step that is built upon no such reading is built twice for another reason', async () => {
  expect(await disagreement(twice('[build 1/1] RUN make'), 0)).toBe(
    'the step [build 1/1] RUN make was built twice, from different inputs'
  )
})
