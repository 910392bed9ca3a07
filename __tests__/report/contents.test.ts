import { expect, it } from '@jest/globals'
import { LADDER } from '../../src/report/format/ladder.js'
import { reclaimable } from '../../src/report/sections/contents.js'
import { figures, firstGreen, image, viewOf } from './support/reports.js'

type Path = ReturnType<typeof image>['figures']['reclaimable']['paths'][number]

it.each<readonly [string, Partial<Path>, words: RegExp]>([
  ['a file that a later layer has again', { layers: [held(4, false), held(5, true)] }, /`COPY \.\/app \/app` \|$/],
  ['a file in whose place is a folder', { replacedBy: 5 }, /`COPY \.\/app \/app` \|$/],
  ['a file in whose place is a folder, of no known layer', {}, /\| a later layer replaces it \|$/],
  ['a file that is deleted', { deleted: true, deletedBy: 5 }, /`COPY \.\/app \/app` deletes it \|$/],
  ['a file that is deleted, by no known layer', { deleted: true }, /\| a later layer deletes it \|$/]
])('says what made it useless: %s', (_, change, words) => {
  const path: Path = { path: '/thing', size: 50_000, own: 50_000, deleted: false, layers: [held(4, false)], ...change }
  const shown = image({ figures: figures({ reclaimable: { own: 50_000, base: 0, paths: [path] } }) })
  expect(reclaimable(viewOf(firstGreen({ images: [shown] })), shown, LADDER[0]!)).toMatch(words)
})

function held(index: number, live: boolean): Path['layers'][number] {
  return { index, size: 50_000, live }
}
