/**
 * The sentinel: values that exist nowhere else in the world go into the run as secrets, as a key and as its passphrase.
 * The build gets them byte for byte; then every surface is searched for them, in each form a build may have printed.
 */
import { describe, expect, jest, test } from '@jest/globals'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { CacheService } from '../baseline/support/cache-service.js'
import { GitHub } from '../github/support/github.js'
import { registryTags } from '../support/engine.js'
import { pullRequestEvent, type StepOptions, type StepResult } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { everythingBehind } from './support/image.js'
import { makeKey } from './support/keys.js'
import { expectExit, printed, withoutMasks } from './support/log.js'
import { watchCommandLines } from './support/processes.js'
import { baseImage, fresh, freshRepository, sentinel, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(180_000)

const sha256 = (value: string | Buffer): string => createHash('sha256').update(value).digest('hex')

/** Secrets of every awkward shape, by how they are given. */
function makeSecrets() {
  const nasty = `${sentinel()},"quoted",it's=x y\\n%0A$(id)\`{}`
  const lines = `first ${sentinel()}\n{\n  "token": "${sentinel()}"\n}\n\n  last=${sentinel()},`
  const pem = `-----BEGIN EXAMPLE-----\n${randomBytes(48).toString('base64')}\n-----END EXAMPLE-----\n`
  const variable = `${sentinel()}\n"${sentinel()}"\n`
  const long = Array.from({ length: 1500 }, () => randomBytes(40).toString('hex')).join('\n') // 120 kB
  const file = randomBytes(120_000).toString('hex') // beyond what a variable may hold: 128 KiB
  return {
    values: { nasty, lines, pem, variable, long, file, short: 'dev' },
    inputs: {
      secrets: `nasty=${nasty}\nlines<<THE_END\n${lines}\nTHE_END\npem=${pem.trimEnd()}\nshort=dev\n`,
      'secret-envs': 'variable=MY_VARIABLE,long=MY_LONG_VARIABLE'
    },
    env: { MY_VARIABLE: variable, MY_LONG_VARIABLE: long }
  }
}

type Secrets = ReturnType<typeof makeSecrets>['values']

/** What must not be found: whole lines, in the clear and as a build might encode them. */
function needlesOf(values: readonly string[]): readonly string[] {
  const lines = values
    .flatMap((value) => value.split('\n'))
    .map((line) => line.trim())
    // The value `dev` and lone brackets are nobody's secret, and the first line of a key is everybody's.
    .filter((line) => line.length >= 12 && !line.startsWith('-----'))
  // The long ones need no more than a sample of each.
  const pieces = [...lines.slice(0, 40), ...lines.slice(-10)].map((line) => line.slice(0, 60))
  return pieces.flatMap((piece) => {
    const bytes = Buffer.from(piece)
    const base64 = [0, 1, 2].map((offset) =>
      Buffer.concat([Buffer.alloc(offset), bytes])
        .toString('base64')
        .slice(4, 40)
    )
    return [piece.slice(0, 36), bytes.toString('hex').slice(0, 48), encodeURIComponent(piece).slice(0, 36), ...base64]
  })
}

function found(needles: readonly string[], where: string | Buffer): readonly string[] {
  return needles.filter((needle) => where.includes(needle))
}

/** A pull request from a branch of the repository itself, which gets a comment. */
const ownPullRequest: StepOptions['event'] = {
  ...pullRequestEvent(),
  payload: {
    number: 1,
    repository: { full_name: 'acme/app', default_branch: 'main' },
    pull_request: {
      number: 1,
      user: { login: 'octocat' },
      head: { ref: 'feature/login', sha: 'a'.repeat(40), repo: { full_name: 'acme/app' } },
      base: { ref: 'main', sha: '3f2c1a9d0b8e4c6a9d5f7e1b2c3d4e5f6a7b8c9d' }
    }
  }
}

/** The archive of a cache entry, without its compression: zstd where the runner has it, else gzip. */
function unpacked(blob: Buffer): string {
  return (blob.readUInt32LE(0) === 0xfd2fb528 ? zstdDecompressSync(blob) : gunzipSync(blob)).toString('latin1')
}

/** Every file in a folder, with its content. */
async function filesIn(folder: string): Promise<readonly { readonly file: string; readonly content: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return Promise.all(files.map(async (file) => ({ file, content: await readFile(file) })))
}

/** What a step leaves where people and programs can see it. */
function surfaces(step: StepResult): Readonly<Record<string, string>> {
  return {
    log: withoutMasks(step.log),
    summary: step.summary,
    outputs: JSON.stringify(step.outputs),
    state: JSON.stringify(step.state),
    exported: JSON.stringify(step.exported),
    annotations: JSON.stringify(step.annotations)
  }
}

const ids = ['nasty', 'lines', 'pem', 'variable', 'long', 'file', 'short'] as const
const mounts = ids.map((id) => `--mount=type=secret,id=${id},required=true`).join(' ')

/** Test and target get every secret; the test prints them all in four ways. */
async function dockerfile(end = 'true'): Promise<string> {
  return `FROM ${await baseImage('busybox')} AS base
ARG RUN=${fresh()}
RUN ${mounts} --mount=type=ssh \\
  cd /run/secrets && for id in ${ids.join(' ')}; do echo SUM_$id=$(sha256sum <$id | cut -c-64); done
FROM base AS test
RUN ${mounts} cd /run/secrets && cat nasty lines pem variable short && base64 nasty && base64 lines && \\
  base64 -w 0 variable && echo "x$(cat nasty)" | base64 && head -c 3000 long && tail -c 90000 file && \\
  xxd -p -c 256 nasty && cat nasty >&2 && printf '::error::%s\\n' "$(cat nasty)" && ${end}
FROM base AS production
RUN ${mounts} wc -c /run/secrets/* > /sizes
`
}

async function writeSecretFile(values: Secrets): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'a, "secret" folder '))
  await writeFile(path.join(folder, 'file'), values.file)
  return {
    path: path.join(folder, 'file'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true })
  }
}

describe('a secret', () => {
  test('arrives byte for byte and is on no surface of a green run', async () => {
    const { values, inputs, env } = makeSecrets()
    const key = makeKey({ passphrase: `pass ${sentinel()} "phrase"` })
    const needles = needlesOf([...Object.values(values), key.privateKey, key.passphrase])
    expect(needles.length).toBeGreaterThan(100)
    await using file = await writeSecretFile(values)
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
    const [app, cache] = [freshRepository(), freshRepository()]
    await using watch = await watchCommandLines()

    const green = await workspace.run(
      {
        ...inputs,
        'secret-files': `file=${file.path}`,
        'ssh-private-key': key.privateKey,
        'ssh-passphrase': key.passphrase,
        'test-target': 'test',
        target: 'production',
        tags: `${app.reference}:1`,
        push: 'true',
        provenance: 'mode=max',
        'cache-image': cache.reference
      },
      { env: { ...env, RUNNER_DEBUG: '1' } }
    )
    const commandLines = await watch.seen()
    expectExit(green, 0)
    expect(green.outputs).toMatchObject({ gate: 'passed', published: 'true' })

    for (const id of ids) expect([id, printed(green.log, `SUM_${id}`)]).toEqual([id, [sha256(values[id])]])

    for (const [surface, text] of Object.entries(surfaces(green))) {
      expect([surface, found(needles, text)]).toEqual([surface, []])
    }
    // The test did print them: what stands there now are stars, and the marks around them.
    expect(green.log).toMatch(/test 1\/1 │ \*\*\*/)
    expect(green.log).toMatch(/^.*::error::\*\*\*/m)
    expect(green.annotations.map(({ level }) => level)).not.toContain('error')

    // On the command line of no process, and the watch saw those it had to see.
    const all = commandLines.join('\n')
    expect(all).toMatch(/docker-buildx build .*--secret id=nasty,env=/)
    expect(all).toContain('ssh-agent -a')
    expect(found(needles, all)).toEqual([])

    // On no disk: neither where the step worked nor where it has been.
    for (const { file: name, content } of await filesIn(path.dirname(green.temporary))) {
      expect([name, found(needles, content)]).toEqual([name, []])
    }
    const report = path.basename(path.dirname(green.outputs['summary-file'] ?? ''))
    expect(await readdir(green.temporary)).toEqual([report])

    // Neither in the image, its history and its provenance, nor in the cache.
    const [cacheTag = ''] = await registryTags(sharedRegistry(), cache.name)
    const documents = [...(await everythingBehind(app.name, '1')), ...(await everythingBehind(cache.name, cacheTag))]
    expect(documents.some((document) => document.includes('https://slsa.dev/provenance'))).toBe(true)
    expect(documents.some((document) => document.includes('/run/secrets/file'))).toBe(true)
    for (const document of documents) expect(found(needles, document)).toEqual([])

    const post = await green.post()
    expect(found(needles, post)).toEqual([])
  })

  test('is on no surface of a red run whose last words are the secret', async () => {
    const { values, inputs, env } = makeSecrets()
    const key = makeKey()
    const needles = needlesOf([...Object.values(values), key.privateKey])
    await using file = await writeSecretFile(values)
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile('sh -c "exit 7" "$(cat nasty)" || cat lines nasty && exit 7')
    })
    const red = await workspace.run(
      {
        ...inputs,
        'secret-files': `file=${file.path}`,
        'ssh-private-key': key.privateKey,
        'test-target': 'test',
        target: 'production'
      },
      { env }
    )
    expectExit(red, 1)
    expect(red.outputs.gate).toBe('failed')
    expect(red.summary).toContain('exit code 7')
    expect(red.summary).toContain('***')
    for (const [surface, text] of Object.entries(surfaces(red))) {
      expect([surface, found(needles, text)]).toEqual([surface, []])
    }
    for (const { file: name, content } of await filesIn(path.dirname(red.temporary))) {
      expect([name, found(needles, content)]).toEqual([name, []])
    }
  })

  test('is in no comment, status, report or cache entry, although it is in the image', async () => {
    const { values, inputs, env } = makeSecrets()
    // One that can be part of a path: the file index of the baseline and the lists of the report are full of paths.
    const word = sentinel()
    const needles = needlesOf([...Object.values(values), word])
    await using github = await GitHub.start()
    await using cache = await CacheService.start()
    await using file = await writeSecretFile(values)
    await using workspace = await startWorkspace({})
    const build = async (lines: string, exitCode: number, event?: StepOptions['event']): Promise<StepResult> => {
      await workspace.write({ Dockerfile: lines })
      const scope = event === undefined ? 'refs/heads/main' : 'refs/pull/1/merge'
      const step = await workspace.run(
        {
          ...inputs,
          secrets: `${inputs.secrets}word=${word}\n`,
          'secret-files': `file=${file.path}`,
          'ssh-private-key': key.privateKey,
          'test-target': 'test',
          target: 'production',
          'report-name': 'app',
          'leak-check': 'warn',
          'commit-status': 'stagegate',
          'github-token': await github.workflowToken()
        },
        {
          env: {
            ...env,
            ...cache.environment({ write: scope, read: [scope, 'refs/heads/main'] }),
            GITHUB_API_URL: github.apiUrl
          },
          ...(event === undefined ? {} : { event })
        }
      )
      expectExit(step, exitCode)
      return step
    }
    const key = makeKey()
    const mount = 'RUN --mount=type=secret,id=word,required=true'
    const leaking = `${await dockerfile()}${mount} cd /srv || mkdir /srv && cd /srv && w=$(cat /run/secrets/word) && \\
  mkdir -p $w $(echo -n $w | base64 -w 0) $(echo -n $w | xxd -p -c 256) && echo $w > $w/plain
`
    const green = await build(leaking, 0)
    const larger = `${leaking}${mount} w=$(cat /run/secrets/word) && head -c 300000 /dev/urandom > /srv/$w/more\n`
    const told = await build(larger, 0, ownPullRequest)
    const [comment] = await github.comments(1)
    const red = await build(await dockerfile('cat lines nasty && exit 7'), 1, ownPullRequest)
    const [failed] = await github.comments(1)

    // It was there to be found, and what stands in its place is on each surface.
    expect(green.outputs.leaks).not.toBe('0')
    expect(comment?.body).toContain('/srv/***/more')
    expect(failed?.body).toContain('exit code 7')
    expect(failed?.body).toContain('***')
    expect(github.statuses.map(({ state }) => state)).toEqual(['success', 'success', 'failure'])
    const entries = cache.entries.map(({ blob }) => unpacked(blob))
    expect(entries.map((entry) => entry.includes('***/plain'))).toEqual([true])
    const reports = await Promise.all([green, told, red].map(({ outputs }) => readFile(outputs.report ?? '', 'utf8')))
    expect(reports.map((report) => report.includes('***'))).toEqual([true, true, true])

    const seen = {
      requests: github.requests.map(({ method, path: asked, text }) => `${method} ${asked} ${text}`).join('\n'),
      statuses: JSON.stringify(github.statuses),
      keys: cache.entries.map((entry) => entry.key).join('\n'),
      entries: entries.join('\n'),
      reports: reports.join('\n'),
      ...Object.fromEntries(
        [green, told, red].flatMap((step, at) =>
          Object.entries(surfaces(step)).map(([name, text]) => [`${name} ${at}`, text])
        )
      )
    }
    for (const [surface, text] of Object.entries(seen)) expect([surface, found(needles, text)]).toEqual([surface, []])
    expect(github.faults).toEqual([])
  })

  long.test('masks no ordinary word and no lone bracket', async () => {
    const { inputs, env, values } = makeSecrets()
    const key = makeKey()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test\nRUN echo '{ dev }' ${fresh()}\n`
    })
    const step = await workspace.run(
      {
        ...inputs,
        secrets: `${inputs.secrets}json<<END\n{\n  "a": [\n    1\n  ]\n}\nEND\nempty_lines<<END\n\n\n${sentinel()}\n\nEND`,
        'ssh-private-key': key.privateKey,
        'test-target': 'test'
      },
      { env }
    )
    expectExit(step, 0)
    expect(step.log).toContain('│ { dev }')
    const short = step.masks.filter((mask) => mask.trim().length < 6)
    expect(short).toEqual([])
    expect(step.masks.filter((mask) => mask.includes('\n'))).toEqual([])
    // What has to be masked is: each line of every value, and of the key.
    const masks = new Set(step.masks)
    for (const value of [values.nasty, values.lines, values.variable, key.privateKey]) {
      for (const line of value.split('\n').filter((each) => /^(?!-----).{11}/.test(each))) {
        expect(masks).toContain(line.trim())
      }
    }
    // Masked before anything else is said.
    expect(step.log.lastIndexOf('::add-mask::')).toBeLessThan(step.log.indexOf('::group::'))
  })
})
