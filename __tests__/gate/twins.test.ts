import { expect, test } from '@jest/globals'
import type { Step } from '../../src/core/step.js'
import { joinTwins } from '../../src/gate/twins.js'

function step(vertex: string, name: string, state: Step['state'], seconds = 0): Step {
  const instruction = name.replace(/^\[[^\]]*\] /, '')
  return { vertex, name, instruction, stage: 'build', state, seconds, logTail: [`log of ${vertex}`] }
}

const isOfImage = (vertex: string): boolean => vertex.startsWith('image')

test('a step with two vertices is one, by the vertex of the image, with what the work told', () => {
  const steps = [
    step('test-1', '[build 1/2] COPY a /', 'ran', 2),
    step('image-1', '[build 1/2] COPY a /', 'cached'),
    step('test-2', '[test 1/1] RUN test', 'ran', 1)
  ]
  expect(joinTwins(steps, isOfImage)).toEqual([
    { ...step('image-1', '[build 1/2] COPY a /', 'ran', 2), logTail: ['log of test-1'] },
    steps[2]
  ])
})

test('a failure is told before all else', () => {
  const steps = [
    { ...step('image-1', '[build 1/1] RUN x', 'cancelled', 1), error: 'context canceled' },
    { ...step('test-1', '[build 1/1] RUN x', 'failed', 3), error: 'exit code: 1' }
  ]
  expect(joinTwins(steps, isOfImage)).toMatchObject([{ vertex: 'image-1', state: 'failed', error: 'exit code: 1' }])
})

test('steps of their own names, and the naming of a base, stay as they are', () => {
  const steps = [
    step('a', '[build 1/2] FROM x', 'ran'),
    step('b', '[build 1/2] FROM x', 'cached'),
    step('c', '[build 2/2] RUN y', 'ran')
  ]
  expect(joinTwins(steps, isOfImage)).toEqual(steps)
})
