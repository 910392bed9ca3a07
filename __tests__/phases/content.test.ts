/** What was inspected, as it is handed on; with the tar of this machine where nothing else is said. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { openContent } from '../../src/phases/content.js'
import type { Exec } from '../../src/ports.js'
import { privateFolder } from '../gate/support/build.js'
import { makeExec } from '../ssh/support.js'

const folder = privateFolder()

async function open(content: string, exec: Exec) {
  const archive = path.join(folder.path, 'image.tar')
  writeFileSync(archive, content)
  return openContent({ exec }, [archive])()
}

test('an archive that tar cannot unpack is told in its words', async () => {
  await expect(open('no archive at all'.repeat(100), makeExec())).rejects.toMatchObject({
    failure: {
      kind: 'engine',
      message: expect.stringMatching(/^the image cannot be handed on: tar ended with exit code 2, tar: /)
    }
  })
})

test('a full disk is told as that', async () => {
  const stderr = [
    'tar: Ignoring unknown extended header keyword',
    'tar: blobs/sha256/0123: Cannot write: No space left on device',
    'tar: Exiting with failure status due to previous errors'
  ].join('\n')
  const exec: Exec = () => Promise.resolve({ exitCode: 2, stdout: '', stderr, timedOut: false })
  await expect(open('', exec)).rejects.toMatchObject({
    failure: {
      kind: 'engine',
      message:
        'the image cannot be handed on: tar ended with exit code 2, tar: blobs/sha256/0123: Cannot write: No space left on device'
    }
  })
})
