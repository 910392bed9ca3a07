/** What the runner's disk says, as a failure that somebody can mend. */
import { expect, test } from '@jest/globals'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { checkTemporaryFolder, diskFailure } from '../../src/failure/disk.js'

const errorOf = (code: string): Error => Object.assign(new Error(code), { code, path: '/tmp/stagegate-a/image' })

test.each([
  ['ENOSPC', 'no space, or no inode, is left on its disk'],
  ['EDQUOT', "the user's quota is used up"],
  ['EROFS', 'its file system is read-only']
])('%s names the place and what is wrong with it', (code, words) => {
  expect(diskFailure(errorOf(code))).toMatchObject({
    kind: 'engine',
    message: `the runner could not write a file (/tmp/stagegate-a/image): ${words}`,
    fix: expect.stringMatching(/\.$/)
  })
})

test.each([errorOf('ENOENT'), errorOf('EACCES'), new Error('ENOSPC'), 'ENOSPC', undefined])(
  'no word of the disk: %#',
  (error) => {
    expect(diskFailure(error)).toBeUndefined()
  }
)

test('a folder with room is left as it was', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-disk-'))
  try {
    await checkTemporaryFolder(folder)
    expect(await readdir(folder)).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('one that is not there is named, with what to do', async () => {
  await expect(checkTemporaryFolder('/nowhere/at/all')).rejects.toMatchObject({
    failure: {
      kind: 'engine',
      message: expect.stringContaining('(RUNNER_TEMP, /nowhere/at/all) cannot be used: it is not there')
    }
  })
})
