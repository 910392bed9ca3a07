import { describe, expect, test } from '@jest/globals'
import { planCall, planSolve, type BuildBase, type Solve } from '../../src/buildkit/command.js'
import { buildOf } from '../builds/support.js'
import type { Given } from '../inputs/support.js'

const credentials = { secrets: ['id=token,env=STAGEGATE_SECRET_0'], ssh: ['default=/run/agent'] }
const flags = '--secret id=token,env=STAGEGATE_SECRET_0 --ssh default=/run/agent'

function base(given: Given, builder?: string): BuildBase {
  return { build: buildOf(given), credentials, ...(builder === undefined ? {} : { builder }) }
}

/** Arguments of a solve between the fixed first five and the context at the end. */
function solveArguments(given: Given, change: Partial<Solve> = {}): string {
  const { file, args } = planSolve({ ...base(given), target: '', outputs: [], metadataFile: '/tmp/m.json', ...change })
  expect(file).toBe('docker')
  expect(args.slice(0, 6)).toEqual(['buildx', 'build', '--progress', 'rawjson', '--metadata-file', '/tmp/m.json'])
  return args.slice(6).join(' ')
}

const end = `${flags} .`

describe('a solve', () => {
  test.each<[string, Given, Partial<Solve>, string]>([
    ['of nothing in particular', {}, {}, `--file Dockerfile ${end}`],
    ['of a target', {}, { target: 'production' }, `--file Dockerfile --target production ${end}`],
    [
      'from the gate Dockerfile',
      { file: 'app/Dockerfile' },
      { dockerfile: '/tmp/gate/Dockerfile' },
      `--file /tmp/gate/Dockerfile ${end}`
    ],
    ['in a folder', { context: 'app' }, {}, `--file app/Dockerfile ${flags} app`],
    ['of a remote context', { context: 'https://x.test/a.git' }, {}, `${flags} https://x.test/a.git`],
    [
      'of a remote context with a file',
      { context: 'https://x.test/a.git', file: 'b/Dockerfile' },
      {},
      `--file b/Dockerfile ${flags} https://x.test/a.git`
    ],
    ['on a builder', {}, { builder: 'mine' }, `--builder mine --file Dockerfile ${end}`],
    [
      'with the cache',
      {},
      { cache: { from: ['a', 'b'], to: ['c'] } },
      `--file Dockerfile ${flags} --cache-from a --cache-from b --cache-to c .`
    ],
    [
      'afresh',
      { 'no-cache': 'true' },
      { fresh: { noCache: true, noCacheFilters: ['test'] } },
      `--file Dockerfile ${flags} --no-cache .`
    ],
    [
      'again: no-cache is for the first solve',
      { 'no-cache': 'true', 'no-cache-filters': 'test' },
      {},
      `--file Dockerfile ${end}`
    ],
    [
      'with outputs and tags',
      {},
      { outputs: ['type=cacheonly'], tags: ['a:1', 'b:2'] },
      `--file Dockerfile ${flags} --tag a:1 --tag b:2 --output type=cacheonly .`
    ]
  ])('%s', (_, given, change, expected) => {
    expect(solveArguments(given, change)).toBe(expected)
  })

  test('with every input that reaches each solve', () => {
    const given = {
      'build-args': 'A=1\nB=2,3',
      'build-contexts': 'x=docker-image://y',
      platforms: 'linux/amd64,linux/arm64',
      pull: 'true',
      network: 'host',
      'add-hosts': 'a:1.2.3.4',
      allow: 'network.host',
      'shm-size': '2g',
      ulimit: 'nofile=1:2'
    }
    expect(solveArguments(given)).toBe(
      `--file Dockerfile --pull --build-arg A=1 --build-arg B=2,3 --build-context x=docker-image://y --platform linux/amd64,linux/arm64 --network host --add-host a:1.2.3.4 --allow network.host --shm-size 2g --ulimit nofile=1:2 ${end}`
    )
  })

  test('labels, annotations and attestations are for the image alone, which comes of a bake call', () => {
    const given = {
      labels: 'a=b',
      annotations: 'index:c=d',
      provenance: 'mode=max',
      sbom: 'true',
      attests: 'type=sbom,x=y'
    }
    expect(solveArguments(given)).toBe(`--file Dockerfile ${end}`)
  })
})

describe('a question', () => {
  test.each<[Parameters<typeof planCall>[1], Given, string, string | undefined, readonly string[]]>([
    ['targets', {}, '', undefined, ['--call=targets,format=json', '--file', 'Dockerfile', '.']],
    [
      'outline',
      { context: 'app' },
      'test',
      undefined,
      ['--call=outline,format=json', '--file', 'app/Dockerfile', '--target', 'test', 'app']
    ],
    [
      'check',
      { 'build-args': 'A=1' },
      'gate',
      '/tmp/g',
      ['--call=check,format=json', '--file', '/tmp/g', '--target', 'gate', '--build-arg', 'A=1', '.']
    ]
  ])('%s is asked without credentials', (call, given, target, dockerfile, expected) => {
    expect(planCall(base(given), call, target, dockerfile)).toEqual({
      file: 'docker',
      args: ['buildx', 'build', ...expected]
    })
  })

  test('but a private repository has to be fetched for it', () => {
    const { args } = planCall(base({ context: 'https://x.test/a.git' }), 'targets', '')
    expect(args.slice(-5).join(' ')).toBe(`${flags} https://x.test/a.git`)
  })
})

test('no value of a secret or key is in any argument', () => {
  const build = buildOf({
    secrets: 'token=hunter2',
    'ssh-private-key': 'hunter3',
    'ssh-passphrase': 'hunter4',
    'github-token': 'hunter5'
  })
  const solve = planSolve({ build, credentials, target: 'x', outputs: [], metadataFile: 'm', tags: [] })
  expect([...solve.args, ...planCall({ build, credentials }, 'check', '').args].join(' ')).not.toContain('hunter')
})
