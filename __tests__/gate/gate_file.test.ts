import { afterAll, describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeGateFile } from '../../src/gate/gate_file.js'
import { buildOf } from '../builds/support.js'
import { makeFolder } from '../ssh/support.js'

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

describe('the file', () => {
  test('is written beside a copy of its ignore file', async () => {
    const source = join(folder.path, 'release.Dockerfile')
    writeFileSync(source, 'FROM scratch AS test\n')
    writeFileSync(`${source}.dockerignore`, '*.md\n')
    const build = buildOf({}, { file: source })
    const written = await writeGateFile(build, readFileSync(source), { stages: ['test'], folder: folder.path })
    expect(written).toEqual({
      path: join(folder.path, 'gate/release.Dockerfile'),
      stage: 'stagegate-gate',
      lastUserLine: 1
    })
    expect(readFileSync(join(folder.path, 'gate/release.Dockerfile'), 'utf8')).toMatch(
      /^FROM scratch AS test\nFROM scratch AS stagegate-gate\n/
    )
    expect(readFileSync(join(folder.path, 'gate/release.Dockerfile.dockerignore'), 'utf8')).toBe('*.md\n')
  })

  test('has no ignore file where the user has none', async () => {
    const source = join(folder.path, 'Dockerfile')
    writeFileSync(source, 'FROM scratch AS test')
    await writeGateFile(buildOf({}, { file: source }), readFileSync(source), { stages: ['test'], folder: folder.path })
    expect(existsSync(join(folder.path, 'gate/Dockerfile.dockerignore'))).toBe(false)
  })

  test('of a remote context is not there to be read', async () => {
    const build = buildOf({ context: 'https://github.com/a/b.git' })
    expect(await writeGateFile(build, undefined, { stages: ['test'], folder: folder.path })).toEqual({
      reason: 'the context is remote'
    })
  })
})
