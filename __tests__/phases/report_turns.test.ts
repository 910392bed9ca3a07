/** Images whose tests leave their reports in one mount are not built at the same time. */
import { expect, test } from '@jest/globals'
import { setImmediate as soon } from 'node:timers/promises'
import { reportIDs } from '../../src/mounts/mount.js'
import { reportTurns } from '../../src/phases/report_turns.js'
import { sideBySide } from '../../src/phases/side_by_side.js'
import { keptLog } from '../buildkit/support/buildx.js'

/** Builds images of some Dockerfiles side by side; tells what was done, in which order. */
async function order(dockerfiles: readonly (string | undefined)[], red?: string): Promise<readonly string[]> {
  const did: string[] = []
  const images = dockerfiles.map((text, nth) => {
    const name = 'abcdef'[nth] ?? ''
    const mounts =
      text === undefined
        ? undefined
        : {
            reportIDs: reportIDs(text),
            async reports() {
              await soon()
              did.push(`${name} read`)
              return undefined
            }
          }
    return { build: { name }, mounts, turn: () => undefined }
  })
  const inTurn = reportTurns(images)
  const { log, lines } = keptLog()
  await sideBySide(images, { log, signal: new AbortController().signal }, (image, side) =>
    inTurn(image, side, async () => {
      const { name } = image.build
      did.push(name)
      await soon()
      if (name === red) throw new Error('red')
    })
  ).catch(() => did.push('red'))
  return [...did, ...lines]
}

const shared = 'RUN --mount=type=cache,id=test-reports,target=/r test'
const ofStage = (name: string): string => shared.replace('test-reports', `test-reports-${name}`)

test('one is built when the reports of the one before it have been read', async () => {
  const did = await order([shared, shared])
  expect(did.slice(0, 3)).toEqual(['a', 'a read', 'b'])
  expect(did).toContain('b is built after a: their test reports may be in one cache mount.')
})

test.each([
  ['have none', ['RUN make', undefined]],
  ['have mounts of their own', [ofStage('api'), ofStage('web')]],
  ['are one with and one without', [shared, 'RUN make']]
])('images that %s are built at the same time', async (_, dockerfiles) => {
  expect((await order(dockerfiles)).slice(0, 2)).toEqual(['a', 'b'])
})

test.each([
  ['by a variable', [ofStage('api'), ofStage('$NAME')]],
  ['by its end', [shared.replace('id=test-reports', '"id=test-reports"'), shared]]
])('a mount that may be the same one %s counts as one', async (_, dockerfiles) => {
  expect((await order(dockerfiles)).slice(0, 3)).toEqual(['a', 'a read', 'b'])
})

test('one that waits is not begun where the one before it is red', async () => {
  expect(await order([shared, shared], 'a')).not.toContain('b')
})
