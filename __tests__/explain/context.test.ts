import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { mayHold, readContextFiles } from '../../src/explain/context.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-context-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function make(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const context = path.join(folder, name)
  for (const [file, content] of Object.entries({ Dockerfile: 'FROM scratch', ...files })) {
    await mkdir(path.dirname(path.join(context, file)), { recursive: true })
    await writeFile(path.join(context, file), content)
  }
  return context
}

const never = new AbortController().signal
const read = (context: string, limits?: { files: number; bytes: number }) =>
  readContextFiles(context, path.join(context, 'Dockerfile'), never, limits)
const pathsIn = async (context: string) => (await read(context))?.map((file) => file.path)

describe('the files of a context', () => {
  test('are all, sorted, without the folders', async () => {
    const context = await make('all', { 'b/c/d.txt': '1', 'a.txt': '1', 'b/.hidden': '1' })
    expect(await pathsIn(context)).toEqual(['/Dockerfile', '/a.txt', '/b/.hidden', '/b/c/d.txt'])
  })

  test('are none where a pattern would take for ever', async () => {
    const context = await make('stars', { '.dockerignore': '*a*a*a*a*a*a*a*a*b\n', ['a'.repeat(60)]: '1' })
    expect(await pathsIn(context)).toBeUndefined()
  })

  test.each<[what: string, rules: Readonly<Record<string, string>>, expected: readonly string[]]>([
    ['a folder', { '.dockerignore': 'node_modules\n' }, ['/.dockerignore', '/Dockerfile', '/src/a.log', '/src/a.ts']],
    [
      'a pattern at any depth',
      { '.dockerignore': '# logs\n**/*.log\n/node_modules/\n' },
      ['/.dockerignore', '/Dockerfile', '/src/a.ts']
    ],
    ['all but', { '.dockerignore': '*\n!src\n**/*.log' }, ['/src/a.ts']],
    [
      'all but a part of a folder',
      { '.dockerignore': 'node_modules/*\n!node_modules/keep\nsrc' },
      ['/.dockerignore', '/Dockerfile', '/node_modules/keep/k.js']
    ],
    [
      'a file of the Dockerfile’s own, which goes first',
      { '.dockerignore': '*', 'Dockerfile.dockerignore': 'src\nnode_modules\n*ignore' },
      ['/Dockerfile']
    ]
  ])('ignores %s', async (what, rules, expected) => {
    const context = await make(`ignore ${what}`, {
      ...{ 'src/a.ts': '', 'src/a.log': '', 'node_modules/x/i.js': '', 'node_modules/keep/k.js': '' },
      ...rules
    })
    expect(await pathsIn(context)).toEqual(expected)
  })

  test.each<[pattern: string, expected: readonly string[]]>([
    ['src', ['src']],
    ['./src/deep/x.txt', ['src', 'src/deep']],
    ['/src/*/keep', ['src', 'src/deep', 'src/other/deep']],
    ['**/keep', ['src', 'src/deep', 'src/other/deep', 'node_modules']]
  ])('are looked for where the exception %s may bring some back', (pattern, expected) => {
    const folders = ['src', 'src/deep', 'src/other/deep', 'node_modules']
    expect(folders.filter((folder) => mayHold(folder, pattern))).toEqual(expected)
  })

  test('differ when content, mode or the target of a link does, and not when only times do', async () => {
    const context = await make('differ', { a: '1', big: '' })
    await truncate(path.join(context, 'big'), 5_000_000)
    await symlink('a', path.join(context, 'link'))
    const crcs = async () => new Map((await read(context))?.map((file) => [file.path, file.crc]))
    const first = await crcs()
    await writeFile(path.join(context, 'a'), '1')
    expect(await crcs()).toEqual(first)
    await writeFile(path.join(context, 'a'), '2')
    await writeFile(path.join(context, 'big'), 'x', { flag: 'r+' })
    await chmod(path.join(context, 'Dockerfile'), 0o755)
    await rm(path.join(context, 'link'))
    await symlink('b', path.join(context, 'link'))
    const second = await crcs()
    for (const [file, crc] of first) expect([file, second.get(file)]).not.toEqual([file, crc])
  })
})

describe('a context is not read', () => {
  test.each<[string, { files: number; bytes: number }]>([
    ['of more files', { files: 3, bytes: 1000 }],
    ['of more bytes', { files: 10, bytes: 20 }]
  ])('%s than the limit', async (what, limits) => {
    const context = await make(what, { a: '12345', b: '12345', c: '12345' })
    expect(await read(context, limits)).toBeUndefined()
    expect(await read(context, { files: 4, bytes: 27 })).toHaveLength(4)
  })

  test('that is not there, or when the run ends', async () => {
    expect(await read(path.join(folder, 'nowhere'))).toBeUndefined()
    const context = await make('ended', { a: '1' })
    expect(await readContextFiles(context, path.join(context, 'Dockerfile'), AbortSignal.abort())).toBeUndefined()
  })
})
