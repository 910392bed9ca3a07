import { expect, test } from '@jest/globals'
import { ranBecauseOf } from '../../src/core/step.js'
import { stepsOf } from '../explain/support/builds.js'

test('what ran because of several steps is counted once, and what was cached ends it', () => {
  const steps = stepsOf([
    ['[a 1/1] COPY x /', 1, []],
    ['[b 1/1] COPY x /', 1, []],
    ['[c 1/3] COPY --from=a /x /a', 1, ['[a 1/1] COPY x /', '[b 1/1] COPY x /']],
    ['[c 2/3] RUN same', 'cached', ['[c 1/3] COPY --from=a /x /a']],
    ['[c 3/3] RUN after', 1, ['[c 2/3] RUN same']],
    ['[d 1/1] RUN other', 1, []]
  ])
  const names = (...indices: readonly number[]) => indices.map((index) => steps[index]?.name)
  const because = (...indices: readonly number[]) =>
    ranBecauseOf(
      indices.map((index) => steps[index]!),
      steps
    ).map(({ name }) => name)
  expect(because(0)).toEqual(names(0, 2))
  expect(because(0, 1)).toEqual(names(0, 1, 2))
  expect(because(4)).toEqual(names(4))
})
