/** The generated Dockerfiles, and the runner's programs in them. The e2e tests build them for real. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { childEnvironment, createExec } from '../../src/adapters/exec.js'
import { planNeedles } from '../../src/image/index.js'
import { readArchive } from '../../src/mounts/archive.js'
import type { CacheMount } from '../../src/mounts/mount.js'
import { planFill, planMountsBuild, planPack, planUsage, readOutcome, readUsage } from '../../src/mounts/solve.js'
import { packTools, parseLinkage, type Toolbox } from '../../src/mounts/toolbox.js'

const toolbox: Toolbox = { loader: { sh: 'ld-linux-x86-64.so.2', tar: 'ld-linux-x86-64.so.2' } }
const mounts: readonly CacheMount[] = [
  { id: '/root/.cache/pip', sharing: 'shared' },
  { id: 'mypy', sharing: 'locked', uid: 1000, gid: 1000, mode: 0o750 }
]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'stagegate-mounts-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the Dockerfile', () => {
  test('has a step for each mount, with the options that BuildKit knows it by', () => {
    expect(planFill(mounts, toolbox, 'run-1').files.Dockerfile).toBe(`FROM scratch
RUN --network=none --mount=type=bind,target=/stagegate --mount=type=cache,id=/root/.cache/pip,target=/mount,sharing=shared ["/stagegate/tools/ld-linux-x86-64.so.2","--library-path","/stagegate/tools","/stagegate/tools/sh","/stagegate/step.sh","0","run-1"]
RUN --network=none --mount=type=bind,target=/stagegate --mount=type=cache,id=mypy,target=/mount,sharing=locked,uid=1000,gid=1000,mode=0750 ["/stagegate/tools/ld-linux-x86-64.so.2","--library-path","/stagegate/tools","/stagegate/tools/sh","/stagegate/step.sh","1","run-1"]
`)
  })

  test('starts static programs as they are', () => {
    const { files } = planPack(mounts.slice(0, 1), { loader: {} }, { nonce: 'n', mostBytes: 1024 })
    expect(files.Dockerfile).toContain('["/stagegate/tools/sh","/stagegate/step.sh","0","n"]')
    expect(files['step.sh']).toContain('ulimit -f 2\n')
  })

  test.each([
    ['fill', planFill(mounts, toolbox, 'n')],
    ['pack', planPack(mounts, toolbox, { nonce: 'n', mostBytes: 1e6 })]
  ])('runs a script that any shell takes: %s', (_name, { files }) => {
    const file = path.join(folder, 'step.sh')
    writeFileSync(file, files['step.sh'] ?? '')
    expect(execFileSync('sh', ['-n', file]).toString()).toBe('')
  })

  test('reports on lines of its own', () => {
    expect(readOutcome('stagegate-mount 12 too-large\r')).toEqual({ index: 12, word: 'too-large' })
    for (const line of ['stagegate-mount x saved', 'tar: stagegate-mount 1 saved', '']) {
      expect(readOutcome(line)).toBeUndefined()
    }
  })
})

test('the call takes nothing of the user but the builder and the namespace', () => {
  const buildArgs = ['A=1', 'BUILDKIT_CACHE_MOUNT_NS=team', 'BUILDKIT_CACHE_MOUNT_NSX=2']
  const { args } = planMountsBuild({ folder: '/tmp/f', output: 'type=cacheonly', builder: 'mine', buildArgs })
  expect(args.join(' ')).toBe(
    'buildx build --progress rawjson --file /tmp/f/Dockerfile --builder mine --build-arg BUILDKIT_CACHE_MOUNT_NS=team --output type=cacheonly /tmp/f'
  )
  expect(planUsage(undefined).args.join(' ')).toBe('buildx du --verbose --filter type=exec.cachemount')
})

test('the builder tells which mounts it has', () => {
  const usage = `ID:           i3bw4ledr1tk7ds7jl0116bj2
Type:         exec.cachemount
Description:  cached mount /m from exec /bin/sh -c echo with id "/a" with id "//root/.cache/pip"

Description:  cached mount /m from exec /bin/sh -c x with id "team/mypy"
`
  expect(readUsage(usage, mounts, [])).toEqual([mounts[0]])
  expect(readUsage(usage, mounts, ['BUILDKIT_CACHE_MOUNT_NS=team'])).toEqual([mounts[1]])
  expect(readUsage('', mounts, [])).toEqual([])
})

describe('the tools', () => {
  test.each([
    [
      'glibc',
      '\tlinux-vdso.so.1 (0x00007f93a89b2000)\n\tlibacl.so.1 => /lib/x86_64-linux-gnu/libacl.so.1 (0x00007f93a8912000)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f93a8702000)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f93a89b4000)\n',
      {
        loader: '/lib64/ld-linux-x86-64.so.2',
        libraries: ['/lib/x86_64-linux-gnu/libacl.so.1', '/lib/x86_64-linux-gnu/libc.so.6']
      }
    ],
    [
      'glibc on ARM',
      '\tlinux-vdso.so.1 (0x0000ffff8c5a2000)\n\tlibc.so.6 => /lib/aarch64-linux-gnu/libc.so.6 (0x0000ffff8c3c0000)\n\t/lib/ld-linux-aarch64.so.1 (0x0000ffff8c565000)\n',
      { loader: '/lib/ld-linux-aarch64.so.1', libraries: ['/lib/aarch64-linux-gnu/libc.so.6'] }
    ],
    [
      'musl',
      '\t/lib/ld-musl-x86_64.so.1 (0x7f3c5e0f5000)\n\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f3c5e0f5000)\n',
      { loader: '/lib/ld-musl-x86_64.so.1', libraries: [] }
    ],
    ['a static program', '\tnot a dynamic executable\n', { libraries: [] }]
  ])('need what ldd tells: %s', (_name, text, linkage) => {
    expect(parseLinkage(text)).toEqual(linkage)
  })

  test('of this machine run from their folder alone', async () => {
    const tools = path.join(folder, 'tools')
    const packed = await packTools(createExec(childEnvironment(process.env), new AbortController().signal), tools)
    if ('reason' in packed) throw new Error(packed.reason)
    const own = (name: 'sh' | 'tar'): readonly string[] => {
      const loader = packed.loader[name]
      const file = path.join(tools, name)
      return loader === undefined ? [file] : [path.join(tools, loader), '--library-path', tools, file]
    }
    const [program = '', ...args] = own('sh')
    const output = execFileSync(program, [...args, '-c', `${own('tar').join(' ')} --version`], { env: {} })
    expect(output.toString()).toMatch(/tar/i)
  })

  test('are missed with a reason', async () => {
    const exec = createExec(childEnvironment(process.env), new AbortController().signal)
    expect(await packTools(exec, path.join(folder, 'none'), { searchPath: [folder] })).toEqual({
      reason: 'this runner has no sh'
    })
  })
})

const needles = await planNeedles([{ id: 'token', value: 'hush-hush-1234', kind: 'secret' }])

describe('an archive', () => {
  let count = 0
  function archive(
    names: readonly string[],
    change: (file: string) => void = () => undefined
  ): ReturnType<typeof readArchive> {
    const content = mkdtempSync(path.join(folder, 'content-'))
    mkdirSync(path.join(content, 'd'))
    for (const name of ['a', 'd/b']) writeFileSync(path.join(content, name), `content of ${name}`)
    symlinkSync('a', path.join(content, 'link'))
    change(content)
    const file = path.join(folder, `${(count += 1)}.tar`)
    execFileSync('tar', ['-C', content, '--numeric-owner', '--no-recursion', '-cf', file, '.', ...names])
    return readArchive(file, needles)
  }
  const all = ['a', 'd', 'd/b', 'link']

  test('has a digest that knows neither order nor time', async () => {
    const { digest } = await archive(all)
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(await archive([...all].reverse(), (content) => utimesSync(path.join(content, 'a'), 1, 1))).toMatchObject({
      digest
    })
  })

  test.each<[string, (content: string) => void]>([
    ['content', (content) => writeFileSync(path.join(content, 'a'), 'content of b')],
    ['mode', (content) => chmodSync(path.join(content, 'a'), 0o600)],
    ['the mode of the mount itself', (content) => chmodSync(content, 0o711)],
    [
      'link',
      (content) => {
        rmSync(path.join(content, 'link'))
        symlinkSync('d', path.join(content, 'link'))
      }
    ]
  ])('has another digest for another %s', async (_name, change) => {
    expect((await archive(all, change)).digest).not.toBe((await archive(all)).digest)
  })

  test('is searched for secrets, in contents and in names', async () => {
    expect((await archive(all)).secrets).toEqual([])
    const encoded = Buffer.from('user:hush-hush-1234').toString('base64')
    const inContent = await archive(all, (content) =>
      writeFileSync(path.join(content, 'a'), `Authorization: Basic ${encoded}`)
    )
    const inName = await archive([...all, 'hush-hush-1234'], (content) =>
      writeFileSync(path.join(content, 'hush-hush-1234'), '')
    )
    expect([inContent.secrets, inName.secrets]).toEqual([['token'], ['token']])
  })

  test('knows when there is nothing', async () => {
    const empty = path.join(folder, 'empty')
    mkdirSync(empty)
    const file = path.join(folder, 'empty.tar')
    execFileSync('tar', ['-C', empty, '-cf', file, '.'])
    expect(await readArchive(file, needles)).toMatchObject({ empty: true })
    expect(readdirSync(empty)).toEqual([])
    await expect(readArchive(import.meta.filename, needles)).rejects.toThrow()
  })
})
