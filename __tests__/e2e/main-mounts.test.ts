/** Cache mounts: what mypy and pytest remember on one runner is there on the next, which never saw them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { readdir, readFile } from 'node:fs/promises'
import { CacheService, type Grant } from '../baseline/support/cache-service.js'
import { canStartEngine, startEngine, startProxyBuilder, type Engine, type EngineEnv } from '../support/engine.js'
import { pullRequestEvent, type StepOptions, type StepResult } from '../support/runner.js'
import { long, some } from '../support/tiers.js'
import { expectExit, printed } from './support/log.js'
import { baseImage, fresh, freshRepository, sentinel, startWorkspace, type Workspace } from './support/workspace.js'

jest.setTimeout(180_000)

const MAIN: Grant = { write: 'refs/heads/main', read: ['refs/heads/main'] }
const PULL: Grant = { write: 'refs/pull/12/merge', read: ['refs/pull/12/merge', 'refs/heads/main'] }

/**
 * Two mounts as the tools of scenario 5 use them: one relative to WORKDIR, one that belongs to another user.
 * Other ids alone make no other steps: BuildKit does not look at them when it looks for a cached one.
 */
async function dockerfile(id: string): Promise<string> {
  const base = await baseImage('busybox')
  return `FROM ${base} AS test
WORKDIR /srv
RUN echo ${id}
COPY app.txt verdict ./
ARG PYTEST=/home/app/.pytest_cache
RUN --mount=type=cache,target=.mypy_cache/${id} \\
    cd .mypy_cache/${id} && \\
    echo MYPY=$(cat meta 2>/dev/null || echo nothing) && \\
    echo MODES=$(stat -c %u:%g:%a meta 3.12 2>/dev/null | tr '\\n' ,) && \\
    cat /srv/app.txt > meta && chown 123:456 meta && chmod 0640 meta && mkdir -p 3.12 && chmod 0711 3.12
RUN --mount=type=cache,id=pytest-${id},"target=$PYTEST",uid=1000,gid=1000,mode=0750,sharing=locked \\
    cd $PYTEST && echo PYTEST=$(cat lastfailed 2>/dev/null || echo nothing),$(stat -c %u:%g:%a .) && \\
    echo same > lastfailed && sh /srv/verdict
FROM ${base} AS production
COPY app.txt /
`
}

const gate = { 'test-target': 'test', target: 'production', comment: 'false', 'compare-to': 'none' }

let service: CacheService
let workspace: Workspace
const engines: Engine[] = []

beforeAll(async () => {
  service = await CacheService.start()
  await baseImage('busybox')
  await baseImage('python')
}, 300_000)
afterAll(async () => {
  for (const engine of engines) await engine[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
}, 120_000)
beforeEach(async () => {
  service.forget()
  workspace = await startWorkspace({ Dockerfile: await dockerfile(fresh()), 'app.txt': 'one', verdict: 'exit 0' })
})
afterEach(async () => {
  await workspace[Symbol.asyncDispose]()
})

/** A builder that has seen nothing. */
async function coldBuilder(): Promise<EngineEnv> {
  const engine = await startEngine({ name: 'mounts' })
  engines.push(engine)
  return engine.env
}

type BuildOptions = Omit<StepOptions, 'with' | 'cwd'> & { readonly with?: StepOptions['with']; readonly grant?: Grant }

async function build(options: BuildOptions = {}): Promise<StepResult> {
  const { with: inputs, grant = MAIN, env, ...rest } = options
  return workspace.run({ ...gate, ...inputs }, { ...rest, env: { ...service.environment(grant), ...env } })
}

const keys = (prefix: string): readonly string[] =>
  service.entries.filter(({ key }) => key.startsWith(prefix)).map(({ key }) => key)
const contents = (): readonly string[] => keys('stagegate-mount-')
const records = (): readonly string[] => keys('stagegate-mounts-')

type ReportFile = {
  readonly cacheMounts?: readonly { readonly id: string; readonly before?: string; readonly after?: string }[]
  readonly notes: readonly string[]
}
const reportOf = async ({ outputs }: StepResult): Promise<ReportFile> =>
  JSON.parse(await readFile(outputs.report ?? '', 'utf8')) as ReportFile

const withEngine = canStartEngine() ? describe : describe.skip

withEngine('from runner to runner', () => {
  test('contents, owners and modes go along, and only what changed is stored again', async () => {
    const first = await build({ env: await coldBuilder() })
    expectExit(first, 0)
    expect(printed(first.log, 'MYPY')).toEqual(['nothing'])
    expect(printed(first.log, 'PYTEST')).toEqual(['nothing,1000:1000:750'])
    expect((await reportOf(first)).notes).toEqual([])
    expect(first.summary).toMatch(/\*\*Cache mounts:\*\* 2.saved/)
    expect(contents()).toHaveLength(2)
    expect(records()).toHaveLength(1)

    // Another machine, and a change to the code.
    const second = await coldBuilder()
    await workspace.write({ 'app.txt': 'two' })
    const next = await build({ env: second })
    expectExit(next, 0)
    expect(printed(next.log, 'MYPY')).toEqual(['one'])
    expect(printed(next.log, 'MODES')).toEqual(['123:456:640,0:0:711,'])
    expect(printed(next.log, 'PYTEST')).toEqual(['same,1000:1000:750'])
    expect(next.summary).toMatch(/\*\*Cache mounts:\*\* 2.restored .*1.saved .*1.unchanged/)
    expect(contents()).toHaveLength(3)
    expect(records()).toHaveLength(2)

    // The same machine, where older contents are stored: what it has is newer and stays.
    service.entries.splice(
      service.entries.findIndex(({ key }) => key === records()[1]),
      1
    )
    await workspace.write({ 'app.txt': 'three' })
    const warm = await build({ env: second })
    expectExit(warm, 0)
    expect(printed(warm.log, 'MYPY')).toEqual(['two'])
    expect(warm.summary).toMatch(/\*\*Cache mounts:\*\* 2.kept by the builder .*1.saved/)

    // Nothing ran: nothing can have changed, and nothing is stored.
    const before = service.entries.length
    expectExit(await build({ env: second }), 0)
    expect(service.entries).toHaveLength(before)
  })

  long.test('a red gate stores them too, for its branch alone', async () => {
    await workspace.write({ verdict: 'echo 1 failed; exit 1' })
    const red = await build({ env: await coldBuilder(), event: pullRequestEvent(), grant: PULL })
    expectExit(red, 1)
    expect(red.outputs.gate).toBe('failed')
    expect((await reportOf(red)).cacheMounts?.map(({ after }) => after)).toEqual(['saved', 'saved'])

    await workspace.write({ verdict: 'exit 0' })
    const [main, retry] = [await coldBuilder(), await coldBuilder()]
    const elsewhere = await build({ env: main })
    expect(printed(elsewhere.log, 'MYPY')).toEqual(['nothing'])
    const green = await build({ env: retry, event: pullRequestEvent(), grant: PULL })
    expectExit(green, 0)
    expect(printed(green.log, 'PYTEST')).toEqual(['same,1000:1000:750'])
  })

  long.test("a fork's run reads them and stores nothing", async () => {
    expectExit(await build({ env: await coldBuilder() }), 0)
    const before = service.entries.length
    await workspace.write({ 'app.txt': 'two' })
    const fork = await build({ env: await coldBuilder(), event: pullRequestEvent('mallory/app'), grant: PULL })
    expectExit(fork, 0)
    expect(printed(fork.log, 'MYPY')).toEqual(['one'])
    expect(service.entries).toHaveLength(before)
  })

  long.test('mypy and pytest themselves know on a new machine what failed on the other', async () => {
    const id = fresh()
    await workspace.write({
      Dockerfile: `FROM ${await baseImage('python')} AS test
WORKDIR /srv
RUN echo ${id}
COPY app.py test_app.py ./
RUN --mount=type=cache,id=mypy-${id},target=.mypy_cache \\
    python3 -m mypy -v app.py test_app.py > /mypy.log 2>&1; echo FRESH=$(grep -c 'Metadata fresh for app:' /mypy.log)
RUN --mount=type=cache,id=pytest-${id},target=.pytest_cache \\
    python3 -m pytest --failed-first > /pytest.log; code=$?; \\
    echo AGAIN=$(grep -c 'rerun previous 1 failure first' /pytest.log); exit $code
FROM ${await baseImage('busybox')} AS production
`,
      'app.py': 'def double(number: int) -> int:\n    return number * 2\n',
      'test_app.py': 'from app import double\n\ndef test_double() -> None:\n    assert double(2) == 5\n'
    })
    const red = await build({ env: await coldBuilder() })
    expectExit(red, 1)
    expect([printed(red.log, 'FRESH'), printed(red.log, 'AGAIN')]).toEqual([['0'], ['0']])

    await workspace.write({
      'test_app.py': 'from app import double\n\ndef test_double() -> None:\n    assert double(2) == 4\n'
    })
    const green = await build({ env: await coldBuilder() })
    expectExit(green, 0)
    expect([printed(green.log, 'FRESH'), printed(green.log, 'AGAIN')]).toEqual([['1'], ['1']])
  })

  long.test('two mounts that hold the same are one content, and each comes back', async () => {
    const [base, id] = [await baseImage('busybox'), fresh()]
    const file = (command: string): string => `FROM ${base} AS test
RUN echo ${id}
RUN --mount=type=cache,id=a-${id},target=/a --mount=type=cache,id=b-${id},target=/b ${command}
FROM ${base} AS production
`
    await workspace.write({ Dockerfile: file('touch -d @0 /a/x && cp -p /a/x /b/x') })
    expectExit(await build({ env: await coldBuilder() }), 0)
    expect(contents()).toHaveLength(1)
    await workspace.write({ Dockerfile: file('echo BOTH=$(cd / && echo a/* b/* | tr " " ,)') })
    const next = await build({ env: await coldBuilder() })
    expectExit(next, 0)
    expect(printed(next.log, 'BOTH')).toEqual(['a/x,b/x'])
    expect((await reportOf(next)).notes).toEqual([])
  })

  long.test('a mount with an owner is found beside a registry layer cache', async () => {
    const cache = freshRepository()
    const given = { with: { 'cache-image': cache.reference } }
    expectExit(await build({ ...given, env: await coldBuilder() }), 0)
    await workspace.write({ 'app.txt': 'two' })
    const next = await build({ ...given, env: await coldBuilder() })
    expectExit(next, 0)
    expect(printed(next.log, 'MYPY')).toEqual(['one'])
    expect(printed(next.log, 'PYTEST')).toEqual(['same,1000:1000:750'])
  })

  long.test('on other builders: remote, and with the classic image store', async () => {
    await using classic = await startEngine({ name: 'mounts', store: 'classic' })
    expectExit(await build({ env: classic.env }), 0)
    expect(contents()).toHaveLength(2)
    await workspace.write({ 'app.txt': 'two' })
    const env = await coldBuilder()
    await using remote = await startProxyBuilder({ env })
    const next = await build({ env, with: { builder: remote.name } })
    expectExit(next, 0)
    expect(printed(next.log, 'MYPY')).toEqual(['one'])
    expect(printed(next.log, 'MODES')).toEqual(['123:456:640,0:0:711,'])
    expect((await reportOf(next)).notes).toEqual([])
    expect(contents()).toHaveLength(3)
  })
})

long.test('a mount that is too large, or starts from a stage, is a note', async () => {
  const base = await baseImage('busybox')
  const id = fresh()
  await workspace.write({
    Dockerfile: `FROM ${base} AS test
RUN echo ${id}
RUN --mount=type=cache,id=large-${id},target=/cache dd if=/dev/zero of=/cache/large bs=1M count=0 seek=300
RUN --mount=type=cache,id=small-${id},target=/cache echo small > /cache/small
RUN --mount=type=cache,id=seeded-${id},target=/cache,from=${base} ls /cache
FROM ${base} AS production
`
  })
  const result = await build()
  expectExit(result, 0)
  const { cacheMounts, notes } = await reportOf(result)
  expect(cacheMounts).toEqual([
    { id: `large-${id}`, after: 'too-large' },
    { id: `small-${id}`, after: 'saved', size: expect.any(Number) }
  ])
  expect(notes).toContainEqual(expect.stringMatching(`"large-${id}" was not stored: it is larger than 256.0 MB`))
  expect(notes).toContainEqual(expect.stringMatching(`"seeded-${id}" is not kept: it starts from`))
  expect(contents()).toHaveLength(1)
  expect(result.annotations.map(({ level }) => level)).not.toContain('error')
})

test('a mount that a secret got into is not stored, and said so', async () => {
  const base = await baseImage('busybox')
  const [id, value] = [fresh(), sentinel()]
  await workspace.write({
    Dockerfile: `FROM ${base} AS test
RUN echo ${id}
RUN --mount=type=secret,id=token --mount=type=cache,id=${id},target=/cache cat /run/secrets/token > /cache/index
RUN --mount=type=cache,id=clean-${id},target=/cache echo clean > /cache/index
FROM ${base} AS production
`
  })
  const result = await build({ with: { secrets: `token=${value}` } })
  expectExit(result, 0)
  const { cacheMounts, notes } = await reportOf(result)
  expect(cacheMounts).toEqual([
    { id, after: 'withheld' },
    { id: `clean-${id}`, after: 'saved', size: expect.any(Number) }
  ])
  expect(notes).toContainEqual(expect.stringContaining(`"${id}" was not stored: it holds the value of "token"`))
  expect(contents()).toHaveLength(1)
})

long.test('without a gate the build itself uses them', async () => {
  const [base, id] = [await baseImage('busybox'), fresh()]
  const file = (command: string): string =>
    `FROM ${base}\nRUN echo ${id}\nRUN --mount=type=cache,id=${id},target=/c ${command}\n`
  const without = { 'test-target': '', target: '' }
  await workspace.write({ Dockerfile: file('echo kept > /c/x; false') })
  expectExit(await build({ with: without }), 1)
  expect(contents()).toHaveLength(1)
  await workspace.write({ Dockerfile: file('echo more > /c/y') })
  expectExit(await build({ with: without }), 0)
  expect(contents()).toHaveLength(2)
})

test.each(
  some(
    [
      ['with cache-mounts: false', { with: { 'cache-mounts': 'false' } }],
      ['where the runner has no Actions cache', { env: { ACTIONS_RESULTS_URL: '', ACTIONS_CACHE_URL: '' } }]
    ],
    1
  )
)('nothing is asked, packed or told %s', async (_name, options) => {
  const result = await build(options)
  expectExit(result, 0)
  expect(service.calls).toEqual([])
  expect((await reportOf(result)).cacheMounts).toBeUndefined()
  expect(result.summary).not.toContain('ache mounts')
})

long.test('nothing is asked for a Dockerfile without cache mounts', async () => {
  await workspace.write({
    Dockerfile: `FROM ${await baseImage('busybox')} AS test\nRUN true\nFROM test AS production\n`
  })
  expectExit(await build(), 0)
  expect(service.calls).toEqual([])
})

test.each(
  some(
    [
      ['refuses', 403],
      ['is down', 500]
    ],
    1
  )
)('a cache service that %s is a note, and the run is green', async (_name, status) => {
  service.trouble = () => ({ status, body: { code: 'trouble', msg: 'not now' } })
  const result = await build()
  expectExit(result, 0)
  const { notes, cacheMounts } = await reportOf(result)
  expect(notes).toContainEqual(expect.stringMatching(/^The cache mounts were not restored: .*(not now|took longer)/))
  expect(notes).toContainEqual(expect.stringMatching(/^The cache mounts were not stored: .*could not be asked/))
  expect(cacheMounts).toBeUndefined()
  // Whom one cannot ask one does not tell: that would only take longer.
  expect(service.calls).not.toContain('CreateCacheEntry')
})

long.test('a service that takes nothing is a note for each mount', async () => {
  service.trouble = (method) =>
    method === 'CreateCacheEntry' ? { status: 429, body: { code: 'resource_exhausted', msg: 'too many' } } : undefined
  const result = await build()
  expectExit(result, 0)
  const { notes } = await reportOf(result)
  expect(notes.filter((note) => /^The cache mount ".*" was not stored: /.test(note))).toHaveLength(2)
})

test('a run that is cancelled while the service keeps it waiting ends at once, and leaves nothing', async () => {
  const started = Promise.withResolvers<{
    readonly kill: (signal: NodeJS.Signals) => boolean
    readonly place: string
  }>()
  service.trouble = () => {
    void started.promise.then(({ kill }) => kill('SIGTERM'))
    return 'hang'
  }
  const result = await build({
    onStart: (child, place) => started.resolve({ kill: (signal) => child.kill(signal), place })
  })
  expectExit(result, 1)
  expect(result.summary).toContain('cancelled')
  // Whoever waited out the service would have gone on to build.
  expect(printed(result.log, 'MYPY')).toEqual([])
  const { place } = await started.promise
  expect((await readdir(place)).filter((name) => !name.startsWith('stagegate-report-'))).toEqual([])
})
