/** Which history line belongs to which layer, also where a base image has few lines or none. */
import { expect, test } from '@jest/globals'
import { layerInstructions, layerTimes } from '../../src/image/history.js'

type Line = Parameters<typeof layerInstructions>[0][number]

const line = (createdBy: string | undefined, more: Partial<Line> = {}): Line => ({
  created: undefined,
  createdBy,
  comment: 'buildkit.dockerfile.v0',
  emptyLayer: false,
  ...more
})
const base = line('/bin/sh -c #(nop) ADD file:1 in /', { comment: undefined })
const run = line('RUN make')
const copy = line('COPY a /a')
const empty = line('USER 1000', { emptyLayer: true })
/** What BuildKit adds at the end for the layers that have no line. */
const filler = line('RUN make', { comment: 'buildkit.exporter.image.v0' })

test.each<readonly [string, readonly Line[], number, readonly (string | undefined)[]]>([
  ['a line for each layer', [base, empty, run, copy], 3, [base.createdBy, 'RUN make', 'COPY a /a']],
  ['a base without any', [run, copy, empty, filler, filler], 4, [undefined, undefined, 'RUN make', 'COPY a /a']],
  ['a base with too few', [base, run, copy, filler], 4, [undefined, base.createdBy, 'RUN make', 'COPY a /a']],
  ['nothing but fillers', [filler, filler], 2, [undefined, undefined]],
  ['fewer lines than layers, and nobody filled up', [run], 2, [undefined, undefined]],
  ['more lines than layers', [base, run, copy], 2, [undefined, undefined]],
  ['no history', [], 2, [undefined, undefined]]
])('%s', (_, history, layers, expected) => expect(layerInstructions(history, layers)).toEqual(expected))

test.each([
  ['RUN |1 A=b /bin/sh -c make', 'RUN /bin/sh -c make'],
  ['RUN |2 A=two words B= /bin/sh -c make # buildkit', 'RUN /bin/sh -c make # buildkit'],
  ['|1 A=b /bin/sh -c make', '/bin/sh -c make'],
  ['RUN |1 A=hunter2 hunter3 /bin/bash -o pipefail -c make', 'RUN /bin/bash -o pipefail -c make'],
  ['RUN |1 A=hunter2 hunter3 cmd /S /C make', 'RUN …'],
  ['RUN |1 A=hunter2 make all', 'RUN …'],
  ['RUN make', 'RUN make']
])('no value of a build argument is told: %s', (history, told) => {
  expect(layerInstructions([line(history)], 1)).toEqual([told])
})

test('the time of each layer is that of its line, and none of a filler', () => {
  const at = (created: string) => ({ ...run, created })
  const lines = [
    at('2026-01-02T03:04:05.123456789Z'),
    at('soon'),
    { ...empty, created: '2020-01-01T00:00:00Z' },
    filler
  ]
  expect(layerTimes(lines, 3)).toEqual([undefined, Date.UTC(2026, 0, 2, 3, 4, 5, 123), undefined])
})
