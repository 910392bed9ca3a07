import { expect, test } from '@jest/globals'
import { ownWords } from '../../src/explain/own_words.js'
import { recordOf, stepsOf, type Told } from './support/builds.js'

const told: readonly Told[] = [
  ['[base 1/4] FROM docker.io/library/hunter2-image', 'cached'],
  ['[base 2/4] RUN echo "t=hunter2-value"', 1],
  ['[base 3/4] RUN <<EOF (echo hunter2-value...)', 1],
  ['[base 4/4] LINK COPY --link hunter2-value /x', 1],
  ['[test 1/1] RUN make', 1]
]
const dockerfile = `FROM $IMAGE AS base
ARG A
RUN echo "t=$A"
RUN <<EOF
echo $A
EOF
COPY --link $A /x
FROM base AS test
RUN make
`

test('a step is told in the words of the Dockerfile, wherever its name or its instruction stands', () => {
  const words = ownWords(stepsOf(told), ['A=hunter2-value'], recordOf({ steps: told, dockerfile }))
  expect(words('[base 2/4] RUN echo "t=hunter2-value"')).toBe('[base 2/4] RUN echo "t=$A"')
  expect(words('RUN echo "t=hunter2-value"')).toBe('RUN echo "t=$A"')
  expect(words('RUN <<EOF (echo hunter2-value...)')).toBe('RUN <<EOF')
  expect(words('[base 4/4] COPY --link hunter2-value /x')).toBe('[base 4/4] COPY --link $A /x')
  expect(words('COPY --link hunter2-value /x')).toBe('COPY --link $A /x')
  expect(words('[test 1/1] RUN make')).toBe('[test 1/1] RUN make')
  expect(words('something else')).toBe('something else')
})

test('without the Dockerfile a value stands as its name', () => {
  for (const now of [undefined, recordOf({ steps: told })]) {
    const words = ownWords(stepsOf(told), ['A=hunter2-value', 'B=1', 'C'], now)
    expect(words('[base 2/4] RUN echo "t=hunter2-value"')).toBe('[base 2/4] RUN echo "t=$A"')
    expect(words('RUN <<EOF (echo hunter2-value...)')).toBe('RUN <<EOF (echo $A...)')
  }
})
