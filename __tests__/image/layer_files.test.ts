import { expect, test } from '@jest/globals'
import { defaultLimits, listLayer, readImages } from '../../src/image/index.js'
import { packageOwners } from '../../src/image/leaks/owners.js'
import { layoutOf, temporaryFolder, writeFiles } from './support/image-builder.js'
import { file, folder, hardLink, symlink } from './support/tar-builder.js'

test('a layer is listed in its order, with what may differ from another', async () => {
  await using place = await temporaryFolder()
  const entries = [
    folder('./etc', { mtime: 5 }),
    file('etc/a', 'hello', { mtime: 7, mode: 0o600, uid: 3, gid: 4 }),
    file('etc/.wh.b'),
    hardLink('c', 'etc/a'),
    symlink('d', '/etc/a')
  ]
  const { images } = await readImages(await writeFiles(place.path, layoutOf([{ layers: [{ entries }] }])))
  const layer = images[0]?.layers[0]
  if (layer === undefined) throw new Error('no layer')
  expect(await listLayer(layer)).toMatchObject([
    { path: '/etc', type: 'directory', modified: 5 },
    { path: '/etc/a', type: 'file', content: '5 907060870', attributes: `${0o600} 3 4`, modified: 7 },
    { path: '/etc/.wh.b', type: 'file' },
    { path: '/c', type: 'hard-link', content: 'etc/a 0 0' },
    { path: '/d', type: 'symlink', content: '/etc/a 0 0' }
  ])
})

test('slashes of any number in a path are read once', async () => {
  await using place = await temporaryFolder()
  const entries = Array.from({ length: 200 }, (_, at) =>
    file('a', '', { pax: { path: `a${'/'.repeat(65_000)}${at}` } })
  )
  const { images } = await readImages(await writeFiles(place.path, layoutOf([{ layers: [{ entries }] }])))
  const [layer] = images[0]?.layers ?? []
  expect(layer === undefined ? [] : await listLayer(layer)).toHaveLength(200)
})

test('the list of a Python package is read once', async () => {
  await using place = await temporaryFolder()
  const list = `"a/b",,\n"${'"'.repeat(2_000_000)}\rb\n`
  const wheels = Array.from({ length: 200 }, (_, at) => `${'a'.repeat(60_000)}/${at}.dist-info/RECORD`)
  const entries = [file('lib/c-1.dist-info/RECORD', list), ...wheels.map((path) => file('a', 'x', { pax: { path } }))]
  const { images } = await readImages(await writeFiles(place.path, layoutOf([{ layers: [{ entries }] }])))
  const [image] = images
  if (image === undefined) throw new Error('no image')
  const wanted = new Set(['/lib/a/b'])
  const owners = await packageOwners(image, wanted, { limits: defaultLimits, signal: undefined })
  expect([...owners]).toEqual([['/lib/a/b', 'the Python package c-1']])
})
