/** The gate on a real engine: what is tested is what is published, and nothing is published that was not tested. */
import { describe, expect, jest, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { registryManifest, registryTags } from '../support/engine.js'
import type { StepResult } from '../support/runner.js'
import { long } from '../support/tiers.js'
import { contextBytes, outputsOf, recordBuildx, solves } from './support/buildx.js'
import { imageManifest, readImageFile, readTarFile, weigh } from './support/image.js'
import { expectExit, printed, ranSteps } from './support/log.js'
import { baseImage, fresh, freshRepository, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(120_000)

const registry = sharedRegistry()

function counts({ outputs }: StepResult): readonly [cached: number, steps: number] {
  return [Number(outputs['cached-steps']), Number(outputs.steps)]
}

describe('a red gate', () => {
  const dockerfile = async (test: string) => `FROM ${await baseImage('busybox')} AS base
ARG RUN=${fresh()}
RUN echo $RUN > /base.txt
FROM base AS test
${test}
FROM base AS production
RUN sleep 900 && echo NEVER-$((40 + 2))
`

  test('leaves the registry as it was and says where, why and what the test said last', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')}\nRUN echo ${fresh()} > /x`
    })
    const repository = freshRepository()
    const tags = `${repository.reference}:latest`
    const before = await workspace.run({ tags, push: 'true' })
    expectExit(before, 0)
    const digest = (await registryManifest(registry, repository.name, 'latest'))?.digest

    await workspace.write({
      Dockerfile: await dockerfile(
        'RUN sleep 5; for i in $(seq 40); do echo "case $i"; done; echo 1 of 41 failed; exit 3'
      )
    })
    const red = await workspace.run({
      'test-target': 'test',
      target: 'production',
      tags: `${tags}\n${repository.reference}:new`,
      push: 'true'
    })

    expectExit(red, 1)
    expect(red.outputs).toMatchObject({ gate: 'failed', published: 'false' })
    expect(red.outputs.digest).toBeUndefined()
    expect(await registryTags(registry, repository.name)).toEqual(['latest'])
    expect((await registryManifest(registry, repository.name, 'latest'))?.digest).toBe(digest)

    // The target beside it was stopped, not awaited.
    expect(red.log).toContain('RUN sleep 900')
    expect(red.log).not.toContain('NEVER-42')
    expect(red.log).toMatch(/production 1\/1 │ cancelled/)

    expect(red.summary).toMatch(/^## ❌ .*the tests failed, nothing was published/)
    expect(red.summary).toContain('`test`')
    expect(red.summary).toContain('Dockerfile:5')
    expect(red.summary).toContain('exit code 3')
    expect(red.summary).toContain('case 40\n1 of 41 failed\n')
    expect(red.summary).toContain('`production` stopped')
    expect(red.summary).not.toContain('stagegate-gate')
    expect(red.log).not.toContain('stagegate-gate')
    const [error, ...more] = red.annotations.filter(({ level }) => level === 'error')
    expect(more).toEqual([])
    expect(error?.text).toMatch(/file=Dockerfile,line=5/)
    expect(error?.text).toContain('1 of 41 failed')
    expect(await readdir(red.temporary)).toEqual([expect.stringMatching(/^stagegate-report-/)])
    expect(await readFile(red.outputs['summary-file'] ?? '', 'utf8')).toContain('1 of 41 failed')
  })

  test('tells a failing build step from a failing test', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: (await dockerfile('RUN true')).replace('RUN sleep 900 &&', 'RUN sleep 1; exit 9 ||')
    })
    const repository = freshRepository()
    const red = await workspace.run({
      'test-target': 'test',
      target: 'production',
      tags: `${repository.reference}:1`,
      push: 'true'
    })
    expectExit(red, 1)
    expect(red.outputs.gate).not.toBe('failed')
    expect(red.outputs.published).toBe('false')
    expect(red.summary).toMatch(/^## ❌ .*the build failed \(production\), nothing was published/)
    expect(red.summary).toContain('Dockerfile:7')
    expect(await registryTags(registry, repository.name)).toEqual([])
  })

  // Which of two stages BuildKit names a shared step for is chance: each is tried several times.
  test.each<[string, string, string]>([
    ['its own', '', 'COPY app app\nRUN grep WORD app > out'],
    ['what its parent has for it', 'ONBUILD COPY app app\nONBUILD RUN grep WORD app > out', '']
  ])('a test is %s steps, also where the image has the same', async (_, parent, steps) => {
    const word = fresh()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS deps
${parent}
FROM deps AS test
${steps}
FROM deps AS build
${steps}
FROM ${await baseImage('busybox')} AS production
COPY --from=build /out /out
`.replaceAll('WORD', word),
      app: word
    })
    const inputs = { 'test-target': 'test', target: 'production' }
    for (let nth = 0; nth < 3; nth += 1) {
      const word = `${fresh()}-${nth}`
      const dockerfile = await readFile(path.join(workspace.folder, 'Dockerfile'), 'utf8')
      await workspace.write({ Dockerfile: dockerfile.replace(/grep \S+/g, `grep ${word}`), app: word })
      const green = await workspace.run(inputs)
      expectExit(green, 0)
      expect(green.outputs.gate).toBe('passed')
      expect(green.summary).toMatch(/Gate passed\*\* \(.*test/)
      await workspace.write({ app: 'BAD\n' })
      const red = await workspace.run(inputs)
      expectExit(red, 1)
      expect(red.outputs.gate).toBe('failed')
      expect(red.summary).toContain('app: the tests failed, nothing was published')
    }
  })

  long.test('with several test targets names the one that failed', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS base
ARG RUN=${fresh()}
FROM base AS unit
RUN echo UNIT=$RUN
FROM base AS lint
RUN sleep 5; echo $RUN; exit 5
FROM base AS production
RUN echo $RUN > /app
`
    })
    const repository = freshRepository()
    const red = await workspace.run({
      'test-target': 'unit, lint',
      target: 'production',
      tags: `${repository.reference}:1`,
      push: 'true'
    })
    expectExit(red, 1)
    expect(red.outputs).toMatchObject({ gate: 'failed', published: 'false' })
    expect(red.summary).toMatch(/^## ❌ .*the tests failed \(lint\)/)
    expect(red.summary).toContain('`unit` passed')
    expect(await registryTags(registry, repository.name)).toEqual([])
  })
})

describe('a green gate', () => {
  test('publishes the inspected image, under every tag, and only after the tests', async () => {
    const repository = freshRepository()
    const listing = `http://${registry.address}/v2/${repository.name}/tags/list`
    await using workspace = await startWorkspace({
      'data.txt': fresh().repeat(1000),
      Dockerfile: `FROM ${await baseImage('busybox')} AS base
ARG RUN=${fresh()}
RUN dd if=/dev/urandom of=/random bs=1k count=700 && rm /bin/ash
COPY data.txt /data.txt
FROM base AS test
RUN sleep 3; if wget -q -O - ${listing}; then echo LOOKED=published; else echo LOOKED=nothing; fi
FROM base AS production
RUN echo $RUN > /app
`
    })
    const green = await workspace.run({
      'test-target': 'test',
      target: 'production',
      network: 'host',
      tags: `${repository.reference}:1\n${repository.reference}:1.2,${repository.reference}:latest`,
      labels: 'org.example.run=yes',
      push: 'true',
      load: 'true'
    })

    expectExit(green, 0)
    // The test looked at the registry when the target had long been built.
    expect(printed(green.log, 'LOOKED')).toEqual(['nothing'])
    expect(green.outputs).toMatchObject({ gate: 'passed', published: 'true' })
    expect(await registryTags(registry, repository.name)).toEqual(['1', '1.2', 'latest'])
    const pushed = await Promise.all(
      ['1', '1.2', 'latest'].map((tag) => registryManifest(registry, repository.name, tag))
    )
    expect(new Set(pushed.map((manifest) => manifest?.digest))).toEqual(new Set([green.outputs.digest]))

    // The image behind the tag is the inspected one, and weighs what was said.
    const image = await imageManifest(repository.name, 'latest')
    expect(green.summary).toContain(image.digest)
    expect(green.summary).toContain('inspected')
    expect(engineID(`${repository.reference}:1`)).toBe(green.outputs.imageid)
    const { size, transferSize, layers } = await weigh(repository.name, 'latest')
    expect(green.outputs).toMatchObject({
      size: String(size),
      'transfer-size': String(transferSize),
      layers: String(layers)
    })
    expect(layers).toBe(4)
    expect(size).toBeGreaterThan(700 * 1024)
    const metadata = JSON.parse(green.outputs.metadata ?? '') as Record<string, unknown>
    expect(metadata['containerimage.digest']).toBe(green.outputs.digest)
    expect(metadata['image.name']).toContain(`${repository.reference}:1.2`)

    // The layer table points at the user's lines.
    expect(green.summary).toMatch(/Layers/)
    expect(green.summary).toContain('COPY data.txt /data.txt')
    expect(green.summary).not.toContain('*(empty)*')
    expect(green.summary).not.toContain('stagegate-gate')
    expect(green.summary).toMatch(/after the gate had passed/)

    // `load`: the engine has it too.
    const loaded = ['run', '--rm', '--network', 'none', `${repository.reference}:1.2`, 'cat', '/app']
    expect(execFileSync('docker', loaded).toString().trim()).toBe(
      (await readImageFile(repository.name, '1.2', '/app'))?.trim()
    )
  })

  test('writes local and tar outputs', async () => {
    const word = fresh()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test
RUN echo ${word}
FROM scratch AS files
COPY --from=test /etc/passwd /out/passwd
COPY word.txt /out/word.txt
`,
      'word.txt': word
    })
    const green = await workspace.run({
      'test-target': 'test',
      target: 'files',
      outputs: 'type=local,dest=exported\ntype=tar,dest=exported.tar'
    })
    expectExit(green, 0)
    expect(green.outputs).toMatchObject({ gate: 'passed', published: 'true' })
    expect(await readFile(path.join(workspace.folder, 'exported/out/word.txt'), 'utf8')).toBe(word)
    expect(readTarFile(await readFile(path.join(workspace.folder, 'exported.tar')), 'out/word.txt')).toBe(word)
  })

  long.test('runs what test and target share once, sends the context once, and ships what was tested', async () => {
    await using recorder = await recordBuildx()
    const repository = freshRepository()
    await using workspace = await startWorkspace({
      'big.bin': Buffer.from(Array.from({ length: 3_000_000 }, () => Math.floor(Math.random() * 256))),
      Dockerfile: `FROM ${await baseImage('busybox')} AS deps
ARG RUN=${fresh()}
COPY big.bin /big.bin
RUN cat /proc/sys/kernel/random/uuid > /id && echo MADE=$(cat /id) && sleep 1
FROM deps AS test
RUN echo TESTED=$(cat /id)
FROM deps AS production
RUN cp /id /app-id
`
    })
    const given = { 'test-target': 'test', target: 'production', tags: `${repository.reference}:1`, push: 'true' }
    const green = await workspace.run(given, { env: recorder.env })
    expectExit(green, 0)
    const [id, ...again] = printed(green.log, 'MADE')
    expect(again).toEqual([])
    expect(printed(green.log, 'TESTED')).toEqual([id])
    expect((await readImageFile(repository.name, '1', '/app-id'))?.trim()).toBe(id)

    const sent = solves(await recorder.calls()).map(contextBytes)
    expect(sent.filter((bytes) => bytes >= 3_000_000)).toHaveLength(1)
    expect(sent.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(3_100_000)

    // Once more without the cache: everything runs anew, once, and what was tested is what is shipped.
    const uncached = await workspace.run({ ...given, 'no-cache': 'true' })
    expectExit(uncached, 0)
    const [newID, ...newAgain] = printed(uncached.log, 'MADE')
    expect(newAgain).toEqual([])
    expect(newID).not.toBe(id)
    expect(printed(uncached.log, 'TESTED')).toEqual([newID])
    expect((await readImageFile(repository.name, '1', '/app-id'))?.trim()).toBe(newID)
  })
})

describe('a gate that has passed before', () => {
  test('says that nothing ran, and runs again when asked to', async () => {
    const repository = freshRepository()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS base
ARG RUN=${fresh()}
RUN echo BASE=$RUN
FROM base AS unit
RUN echo UNIT=$RUN
FROM base AS lint
RUN echo LINT=$RUN
FROM base AS production
RUN echo $RUN > /app
`
    })
    const given = {
      'test-target': 'unit\nlint',
      target: 'production',
      tags: `${repository.reference}:1`,
      push: 'true'
    }
    const first = await workspace.run(given)
    expectExit(first, 0)
    expect(printed(first.log, 'UNIT')).toHaveLength(1)
    expect(printed(first.log, 'LINT')).toHaveLength(1)
    expect(first.summary).toMatch(/^## ✅ .*tests passed, /)
    expect(counts(first)).toEqual([0, 4])

    const cached = await workspace.run(given)
    expectExit(cached, 0)
    expect(cached.outputs).toMatchObject({ gate: 'passed', published: 'true' })
    expect(ranSteps(cached.log)).toEqual([])
    expect(cached.summary).toMatch(/^## ✅ .*tests passed \(cached\)/)
    expect(cached.summary).toContain('passed (cached)')
    expect(counts(cached)).toEqual([4, 4])

    const rerun = await workspace.run({ ...given, 'test-cache': 'rerun' })
    expectExit(rerun, 0)
    expect(printed(rerun.log, 'UNIT')).toHaveLength(1)
    expect(printed(rerun.log, 'LINT')).toHaveLength(1)
    expect(printed(rerun.log, 'BASE')).toEqual([])
    expect(counts(rerun)).toEqual([2, 4])
    expect(rerun.summary).not.toContain('(cached)')
  })
})

describe('Dockerfiles of every shape', () => {
  test('a gate without a target exports nothing', async () => {
    await using recorder = await recordBuildx()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test
RUN echo TESTED=${fresh()}
FROM test AS production
RUN echo BUILT=yes
`
    })
    const green = await workspace.run({ 'test-target': 'test' }, { env: recorder.env })
    expectExit(green, 0)
    expect(green.outputs).toMatchObject({ gate: 'passed', published: 'false' })
    expect(green.outputs.size).toBeUndefined()
    expect(printed(green.log, 'TESTED')).toHaveLength(1)
    expect(printed(green.log, 'BUILT')).toEqual([])
    const [solve, ...more] = solves(await recorder.calls())
    expect(more).toEqual([])
    expect(solve === undefined ? [] : outputsOf(solve)).toEqual(['type=cacheonly'])
  })

  long.test('a target that is not to be published is built and weighed, and stays in the builder', async () => {
    const repository = freshRepository()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS test
RUN echo ${fresh()}
FROM test AS production
RUN echo BUILT=yes
`
    })
    const green = await workspace.run({
      'test-target': 'test',
      target: 'production',
      tags: `${repository.reference}:1`,
      push: 'false'
    })
    expectExit(green, 0)
    expect(green.outputs).toMatchObject({ gate: 'passed', published: 'false' })
    expect(Number(green.outputs.size)).toBeGreaterThan(1_000_000)
    expect(printed(green.log, 'BUILT')).toHaveLength(1)
    expect(await registryTags(registry, repository.name)).toEqual([])
  })

  long.test('the last stage is the target, even without a name, after a gate named in another case', async () => {
    const repository = freshRepository()
    const word = fresh()
    // CRLF, a heredoc, a comment that looks like a stage, and no newline at the end.
    const dockerfile = `# escape=\\
FROM ${await baseImage('busybox')} AS Test
RUN <<END
echo TESTED=${word}
echo FROM scratch AS stagegate-gate
END
# FROM nowhere AS production
FROM ${await baseImage('busybox')}
RUN echo \\
  ${word} > /app`.replaceAll('\n', '\r\n')
    await using workspace = await startWorkspace({ Dockerfile: dockerfile })
    const green = await workspace.run({ 'test-target': 'test', tags: `${repository.reference}:1`, push: 'true' })
    expect(green.log).not.toContain('::error')
    expectExit(green, 0)
    expect(green.outputs).toMatchObject({ gate: 'passed', published: 'true' })
    expect(printed(green.log, 'TESTED')).toEqual([word])
    expect((await readImageFile(repository.name, '1', '/app'))?.trim()).toBe(word)
  })

  long.test('one stage: its own build is the gate, or there is none', async () => {
    const repository = freshRepository()
    const word = fresh()
    await using workspace = await startWorkspace({
      Dockerfile: `FROM ${await baseImage('busybox')} AS app\nRUN echo ${word} > /app\nRUN test -s /app\n`
    })
    const ungated = await workspace.run({ tags: `${repository.reference}:1`, push: 'true' })
    expectExit(ungated, 0)
    expect(ungated.outputs).toMatchObject({ gate: 'skipped', published: 'true' })
    expect(ungated.summary).toMatch(/^## ⚪️ .*not tested/)
    expect((await readImageFile(repository.name, '1', '/app'))?.trim()).toBe(word)

    const gated = await workspace.run({ 'test-target': 'app' })
    expectExit(gated, 0)
    expect(gated.outputs).toMatchObject({ gate: 'passed', published: 'false' })

    // A stage cannot be what is shipped and what tests it.
    const both = await workspace.run({ 'test-target': 'app', tags: `${repository.reference}:2`, push: 'true' })
    expectExit(both, 1)
    expect(both.log).toContain('"app" is the last stage, which is the image')

    await workspace.write({ Dockerfile: `FROM ${await baseImage('busybox')} AS app\nRUN echo ${fresh()}; exit 4\n` })
    const red = await workspace.run({ 'test-target': 'app' })
    expectExit(red, 1)
    expect(red.outputs).toMatchObject({ gate: 'failed', published: 'false' })
    expect(red.summary).toContain('Dockerfile:2')
    expect(await registryTags(registry, repository.name)).toEqual(['1'])
  })
})

/** The id under which the engine has an image. */
function engineID(reference: string): string {
  return execFileSync('docker', ['image', 'inspect', '--format', '{{.Id}}', reference], { encoding: 'utf8' }).trim()
}
