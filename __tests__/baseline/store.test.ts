/** Baselines through the real cache client and a cache service that keeps scopes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { Cache } from '../../src/actions-cache/cache.js'
import { restoreBaseline, saveBaseline, type RestoreRequest, type SaveRequest } from '../../src/baseline/store.js'
import { createRedactor } from '../../src/report/redact.js'
import { CacheService, type Grant } from './support/cache-service.js'
import { createTestRunner, type TestRunner } from './support/runner.js'
import { childEnvironment, createExec } from '../../src/adapters/exec.js'

const MAIN: Grant = { write: 'refs/heads/main', read: ['refs/heads/main'] }
/** A pull request's run, from a fork or not, writes to its own merge ref and reads from its base as well. */
const PULL: Grant = { write: 'refs/pull/7/merge', read: ['refs/pull/7/merge', 'refs/heads/main'] }

const plain = (text: string): string => text
const exec = createExec(childEnvironment(process.env), new AbortController().signal)
/** A question may start a process, and the machine is shared. */
jest.setTimeout(60_000)

let service: CacheService
let repository: string
/** main's commits, oldest first; a merged branch hangs on the last but one. */
let commits: readonly string[]
let outside: string

beforeAll(async () => {
  service = await CacheService.start()
  repository = mkdtempSync(path.join(tmpdir(), 'stagegate-history-test-'))
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', ...args], {
      cwd: repository,
      encoding: 'utf8'
    }).trim()
  const commit = (message: string): string => {
    git('commit', '-q', '--allow-empty', '-m', message)
    return git('rev-parse', 'HEAD')
  }
  git('init', '-q', '-b', 'main')
  const made = Array.from({ length: 12 }, (_, index) => commit(`main ${index}`))
  git('switch', '-q', '-c', 'side')
  outside = commit('side')
  git('switch', '-q', 'main')
  git('merge', '-q', '--no-ff', '-m', 'merge', 'side')
  commits = [...made, git('rev-parse', 'HEAD'), commit('last')]
})
afterAll(async () => {
  for (const runner of runners.values()) {
    await runner.cache[Symbol.asyncDispose]()
    expect(runner.leftovers()).toEqual([])
    await runner[Symbol.asyncDispose]()
  }
  await service[Symbol.asyncDispose]()
  rmSync(repository, { recursive: true, force: true })
})
beforeEach(() => service.forget())

const at = (index: number): string => commits.at(index) ?? ''
const series = { name: 'app', target: 'runtime', branch: 'main', subject: 'Dockerfile in .', identity: 'one' }

/** By what it may do. A runner starts one worker for all that it is asked. */
const runners = new Map<string, TestRunner>()
function runnerOf(grant: Grant): TestRunner {
  const key = JSON.stringify(grant)
  const runner = runners.get(key) ?? createTestRunner(service.environment(grant))
  runners.set(key, runner)
  return runner
}

async function save(more: Partial<SaveRequest> = {}, grant: Grant = MAIN) {
  const outcome = await saveBaseline(runnerOf(grant).cache, {
    ...series,
    sha: at(-1),
    run: '7-1',
    text: 'a report',
    redact: plain,
    ...more
  })
  return outcome
}

async function restore(
  more: Partial<RestoreRequest> = {},
  { grant = PULL, workspace = repository }: { grant?: Grant; workspace?: string } = {}
) {
  return restoreBaseline({ cache: runnerOf(grant).cache, clone: { exec, workspace } }, { ...series, ...more })
}

describe('the ladder', () => {
  it('takes the very commit before all others', async () => {
    for (const index of [-3, -1, -2]) await save({ sha: at(index), text: `report ${index}` })
    const { baseline, notes } = await restore({ base: at(-1) })
    expect(baseline).toEqual({
      kind: 'commit',
      relation: { kind: 'base' },
      branch: 'main',
      sha: at(-1),
      text: 'report -1'
    })
    expect(notes).toEqual([])
    expect(service.calls.filter((call) => call === 'GetCacheEntryDownloadURL')).toHaveLength(1)
  })

  it('of which the newest run counts: a nightly, or one that was started again', async () => {
    for (const run of ['7-1', '7-2', '8-1']) await save({ run, text: `run ${run}` })
    expect((await restore({ base: at(-1) })).baseline).toMatchObject({
      kind: 'commit',
      relation: { kind: 'base' },
      text: 'run 8-1'
    })
  })

  it('and never of another image that has the same name', async () => {
    await save({ subject: 'b/Dockerfile in b' })
    const { baseline, notes } = await restore({ base: at(-1) })
    expect(baseline).toMatchObject({ kind: 'none', reason: expect.stringContaining('is another image') })
    expect(notes).toEqual([expect.stringContaining('`report-name`')])
  })

  it('and of two legs of a matrix none, whichever was stored first', async () => {
    expect(await save({ identity: 'one', text: 'of one' })).toEqual({ kind: 'saved', notes: [] })
    const second = await save({ identity: 'two', text: 'of two' })
    expect(second).toEqual({ kind: 'exists', notes: [expect.stringContaining('Two images share the name "app"')] })
    const first = await restore({ base: at(-1), identity: 'one' })
    expect(first.baseline).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('with other build arguments, platforms or stages')
    })
    expect(first.notes).toEqual([expect.stringContaining('`report-name`')])
    // The one that is found is judged by its own, and told as well.
    const other = await restore({ base: at(-1), identity: 'two' })
    expect(other.baseline).toMatchObject({ kind: 'commit', text: 'of two' })
    expect(other.notes).toEqual(first.notes)
  })

  it('but arguments that changed from one run to the next make no other image', async () => {
    await save({ identity: 'one', run: '7-1' })
    await save({ identity: 'two', run: '8-1', text: 'built anew' })
    const { baseline, notes } = await restore({ base: at(-1), identity: 'three' })
    expect(baseline).toMatchObject({ kind: 'commit', text: 'built anew' })
    expect(notes).toEqual([])
  })

  it('then the nearest ancestor, along first parents', async () => {
    for (const sha of [at(-6), at(-4), outside]) await save({ sha, text: sha })
    const { baseline } = await restore({ base: at(-1) })
    expect(baseline).toEqual({
      ...{ kind: 'commit', branch: 'main', sha: at(-4), text: at(-4) },
      relation: { kind: 'ancestor', base: at(-1), behind: 3 }
    })
  })

  it('then the newest of the branch, and counts how far it is when the clone tells', async () => {
    await save({ sha: at(0), text: 'old' })
    const { baseline } = await restore({ base: at(-1) })
    expect(baseline).toEqual({
      ...{ kind: 'commit', branch: 'main', sha: at(0), text: 'old' },
      relation: { kind: 'newest', base: at(-1), behind: 13 }
    })
  })

  it('says that it does not know how far, when the branch has moved on or the clone is shallow', async () => {
    await save({ sha: at(-1), text: 'newer' })
    const ahead = await restore({ base: at(-4) })
    expect(ahead.baseline).toEqual({
      ...{ kind: 'commit', branch: 'main', sha: at(-1), text: 'newer' },
      relation: { kind: 'newest', base: at(-4) }
    })
    const shallow = path.join(repository, '..', `${path.basename(repository)}-shallow`)
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${repository}`, shallow])
    try {
      service.forget()
      await save({ sha: at(-2), text: 'near' })
      expect((await restore({ base: at(-1) }, { workspace: shallow })).baseline).toMatchObject({
        relation: { kind: 'newest' },
        sha: at(-2)
      })
    } finally {
      rmSync(shallow, { recursive: true, force: true })
    }
  })

  it.each([
    ['without a repository', tmpdir()],
    ['in a folder that is not there', '/nowhere/at/all']
  ])('works %s', async (_name, workspace) => {
    await save()
    expect((await restore({ base: at(-1) }, { workspace })).baseline).toMatchObject({ relation: { kind: 'base' } })
    expect((await restore({ base: at(-2) }, { workspace })).baseline).toMatchObject({ relation: { kind: 'newest' } })
  })

  it('takes the newest without a commit to start from', async () => {
    await save({ sha: at(-2), text: 'older' })
    await save({ sha: at(-1), text: 'newer' })
    const { baseline } = await restore()
    expect(baseline).toEqual({
      ...{ kind: 'commit', branch: 'main', sha: at(-1), text: 'newer' },
      relation: { kind: 'newest' }
    })
  })

  it('asks another branch when this one has nothing', async () => {
    await save({ text: 'of main' })
    const grant = { read: ['refs/heads/feature', 'refs/heads/main'] }
    const { baseline } = await restore({ branch: 'feature', fallbackBranch: 'main', base: at(-1) }, { grant })
    expect(baseline).toEqual({
      kind: 'commit',
      relation: { kind: 'base' },
      branch: 'main',
      sha: at(-1),
      text: 'of main'
    })
  })

  it('ends in a reason', async () => {
    const { baseline, notes } = await restore({ base: at(-1), branch: 'feature', fallbackBranch: 'main' })
    expect(baseline).toEqual({ kind: 'none', reason: 'no report of feature or main is stored (yet)' })
    expect(notes).toEqual([])
  })
})

describe('a baseline', () => {
  it('is not one of another branch, however alike they are', async () => {
    await save({ branch: 'main-2' })
    expect((await restore({ base: at(-1) })).baseline.kind).toBe('none')
  })

  it('may have a name of any length and kind', async () => {
    const name = `${'ä,'.repeat(2000)}\n"; rm -rf /`
    expect(await save({ name })).toEqual({ kind: 'saved', notes: [] })
    expect((await restore({ name, base: at(-1) })).baseline).toMatchObject({ relation: { kind: 'base' } })
    for (const { key } of service.entries) expect(key).toMatch(/^[\w-]{1,512}$/)
  })

  it('may be as long as a report is', async () => {
    const text = JSON.stringify(Array.from({ length: 100_000 }, (_, index) => `/usr/lib/file-${index * 7919}`))
    await save({ text })
    expect((await restore({ base: at(-1) })).baseline).toMatchObject({
      kind: 'commit',
      relation: { kind: 'base' },
      text
    })
  })

  it('of a commit is stored once', async () => {
    expect((await save({ text: 'first' })).kind).toBe('saved')
    expect(await save({ text: 'second' })).toEqual({ kind: 'exists', notes: [] })
    expect((await restore({ base: at(-1) })).baseline).toMatchObject({ text: 'first' })
  })

  it('is not mixed up with one that is stored at the same moment on the same machine', async () => {
    const shas = [at(-1), at(-2), at(-3)]
    await Promise.all(shas.map((sha) => save({ sha, text: `report of ${sha}` })))
    for (const sha of shas)
      expect((await restore({ base: sha })).baseline).toMatchObject({
        kind: 'commit',
        relation: { kind: 'base' },
        text: `report of ${sha}`
      })
  })

  it('of a pull request does not reach its base', async () => {
    await save({ text: 'of the fork' }, PULL)
    expect((await restore({ base: at(-1) }, { grant: MAIN })).baseline.kind).toBe('none')
  })

  it('holds no secret, in no form', async () => {
    const sentinel = 'S3ntinel/+value'
    const forms = [sentinel, Buffer.from(sentinel).toString('hex'), encodeURIComponent(sentinel)]
    await save({
      name: `app ${sentinel}`,
      text: JSON.stringify(forms),
      redact: createRedactor([{ id: 'token', value: sentinel }])
    })
    const [entry] = service.entries
    if (entry === undefined) throw new Error('nothing stored')
    const archive = (entry.blob[0] === 0x1f ? gunzipSync(entry.blob) : zstdDecompressSync(entry.blob)).toString(
      'latin1'
    )
    expect(archive).toContain('***')
    for (const form of forms) expect(archive + entry.key).not.toContain(form)
  })

  it.each(['', 'main', '../../x', '0'.repeat(40)])('is not stored for the commit %p', async (sha) => {
    expect(await save({ sha })).toEqual({
      kind: 'not-saved',
      notes: ['The baseline was not stored: the commit is not known.']
    })
    expect(service.calls).toEqual([])
  })

  it('that is damaged is none', async () => {
    await save()
    const [entry] = service.entries
    if (entry === undefined) throw new Error('nothing stored')
    // The archive of one commit under the key of another.
    service.entries.push({ ...entry, key: entry.key.replace(at(-1), at(-2)) })
    const { baseline, notes } = await restore({ base: at(-2) })
    expect(baseline).toEqual({ kind: 'none', reason: 'the stored report of main is damaged' })
    expect(notes).toEqual(['The baseline could not be read: the stored report of main is damaged.'])
  })

  it('whose archive is broken is none', async () => {
    await save()
    const [entry] = service.entries
    if (entry !== undefined) entry.blob = entry.blob.subarray(0, 20)
    const { baseline, notes } = await restore({ base: at(-1) })
    expect(baseline.kind).toBe('none')
    expect(notes[0]).toMatch(/^The baseline could not be read: the Actions cache says "Failed to restore: /)
  })
})

describe('a service in trouble', () => {
  const denied = {
    status: 403,
    body: { code: 'permission_denied', msg: 'cache read denied: see https://x.test/a?sig=s1gnature now' }
  }
  const limited = {
    status: 429,
    body: { code: 'resource_exhausted', msg: 'too many' },
    headers: { 'retry-after': '30' }
  }

  it.each([
    ['denies', denied, /"Failed to restore: .*cache read denied: see https:\/\/x.test\/a now"/],
    ['has had enough', limited, /"You've hit a rate limit/]
  ])('that %s reading is a note', async (_name, trouble, expected) => {
    service.trouble = () => trouble
    const { baseline, notes } = await restore({ base: at(-1) })
    expect(baseline.kind).toBe('none')
    expect(notes.join()).toMatch(expected)
  })

  it('that denies writing is a note', async () => {
    const { kind, notes } = await save({}, { read: [] })
    expect(kind).toBe('not-saved')
    expect(notes.join()).toMatch(
      /^The baseline was not stored: the Actions cache says "Failed to save: .*cache write denied/
    )
  })

  it('is asked again once', async () => {
    let failures = 1
    service.trouble = () => (failures-- > 0 ? { status: 503, body: { code: 'unavailable', msg: 'later' } } : undefined)
    expect((await save()).kind).toBe('saved')
  })

  it('that does not answer is not waited for', async () => {
    service.trouble = () => 'hang'
    await using runner = createTestRunner(service.environment(PULL))
    const cache: Cache = { ...runner.cache, ask: (task, work) => runner.cache.ask(task, work, 2) }
    const clone = { exec, workspace: repository }
    expect(await restoreBaseline({ cache, clone }, series)).toEqual({
      baseline: { kind: 'none', reason: 'the cache service took longer than 2 seconds' },
      notes: ['The baseline could not be read: the cache service took longer than 2 seconds.']
    })
    expect(runner.leftovers()).toEqual([])
    // The next question has a worker of its own.
    service.trouble = () => undefined
    expect((await restoreBaseline({ cache: runner.cache, clone }, series)).baseline).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('is stored (yet)')
    })
  })

  it('that is not there is a note', async () => {
    await using runner = createTestRunner({ ...service.environment(PULL), ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/' })
    const { notes } = await restoreBaseline({ cache: runner.cache, clone: { exec, workspace: repository } }, series)
    expect(notes.join()).toMatch(/^The baseline could not be read: the Actions cache says ".*ECONNREFUSED/)
  })
})

describe('a runner', () => {
  const clone = () => ({ exec, workspace: repository })

  it('without a cache service has no baseline, and says why', async () => {
    await using runner = createTestRunner({})
    const { baseline, notes } = await restoreBaseline({ cache: runner.cache, clone: clone() }, series)
    expect(baseline).toEqual({ kind: 'none', reason: 'this runner offers no Actions cache' })
    expect(notes).toEqual([])
    expect(await saveBaseline(runner.cache, { ...series, sha: at(-1), run: '7-1', text: '', redact: plain })).toEqual({
      kind: 'not-saved',
      notes: ['The baseline was not stored: this runner offers no Actions cache.']
    })
  })

  it('on which the run is cancelled gives an answer all the same', async () => {
    const cancelling = new AbortController()
    cancelling.abort()
    await using runner = createTestRunner(service.environment(PULL), { signal: cancelling.signal })
    const { baseline } = await restoreBaseline({ cache: runner.cache, clone: clone() }, series)
    expect(baseline).toEqual({ kind: 'none', reason: 'the cache client could not be run' })
  })

  it('without a temporary folder gives an answer all the same', async () => {
    await using runner = createTestRunner(service.environment(PULL), { temporaryFolder: '/nowhere/at/all' })
    const { baseline } = await restoreBaseline({ cache: runner.cache, clone: clone() }, series)
    expect(baseline).toEqual({ kind: 'none', reason: 'its files could not be written (ENOENT)' })
  })

  it('whose folders are elsewhere finds what another has stored', async () => {
    await save()
    await using other = createTestRunner({
      ...service.environment(PULL),
      HOME: '/github/home',
      GITHUB_WORKSPACE: '/__w/app/app'
    })
    const { baseline } = await restoreBaseline({ cache: other.cache, clone: clone() }, { ...series, base: at(-1) })
    expect(baseline).toMatchObject({ relation: { kind: 'base' } })
  })
})
