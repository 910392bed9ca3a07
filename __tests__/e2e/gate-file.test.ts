/** The generated gate Dockerfile, given to BuildKit: it takes every one, and says nothing about the stage that is ours. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childEnvironment, createExec } from '../../src/adapters/exec.js'
import { lint, readOutline } from '../../src/buildkit/preflight.js'
import { runSolve } from '../../src/buildkit/solve.js'
import type { Inputs } from '../../src/inputs/inputs.js'
import { buildFromInputs } from '../../src/builds/from_inputs.js'
import { noCredentials, planCall, type BuildBase } from '../../src/buildkit/command.js'
import { planGateDockerfile } from '../../src/gate/gate_stage.js'
import type { LintFinding } from '../../src/core/lint.js'
import type { Log } from '../../src/ports.js'
import { dockerfiles, unusable } from '../fixtures/dockerfiles.js'
import { mounting } from '../fixtures/mounting.js'
import { inputsOf } from '../inputs/support.js'
import { some } from '../support/tiers.js'

const exec = createExec(childEnvironment(process.env), new AbortController().signal)
const silent: Log = {
  info: () => undefined,
  untrusted: () => undefined,
  notice: () => undefined,
  warning: () => undefined,
  error: () => undefined,
  debug: () => undefined,
  group: (_, body) => body()
}

jest.setTimeout(120_000) // each test asks a real builder several times

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stagegate-gate-file-'))
  await writeFile(join(folder, 'a.txt'), 'a')
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** A base whose Dockerfile holds these bytes. */
async function baseOf(bytes: Buffer): Promise<BuildBase> {
  const file = join(folder, 'Dockerfile')
  await writeFile(file, bytes)
  const inputs: Inputs = { ...inputsOf(), context: { kind: 'local', path: folder }, file }
  return { build: buildFromInputs(inputs, 'app', {}), credentials: noCredentials }
}

/** Builds a stage; its stages, and its steps with their lines. */
async function build(base: BuildBase, target: string) {
  const result = await runSolve(
    { exec, log: silent },
    { ...base, target, outputs: ['type=cacheonly'], metadataFile: join(folder, 'metadata.json') },
    { env: { BUILDX_METADATA_PROVENANCE: 'max' }, listener: {} }
  )
  if (!result.ok) throw new Error(result.progress.plain.join('\n'))
  const { steps } = result.progress
  const { lines } = result.metadata.provenance
  return {
    stages: new Set(steps.map(({ stage }) => stage)),
    // A vertex that copies from the context has another digest in each solve, so steps are told by their names.
    lines: steps.flatMap(({ name, vertex }) => (lines.has(vertex) ? [`${name} at ${lines.get(vertex)}`] : []))
  }
}

describe.each(some(Object.entries(dockerfiles), 3))('%s', (_, { bytes }) => {
  test('builds both stages in one solve, at their own lines', async () => {
    const own = await baseOf(bytes)
    const wanted = await build(own, 'test')
    const planned = planGateDockerfile(bytes, ['test', 'production'], 'm4rk')
    if (!planned.ok) throw new Error(planned.reason)
    const gate = await build(await baseOf(planned.text), planned.stage)
    expect([...gate.stages]).toEqual(expect.arrayContaining(['test', 'production', planned.stage]))
    expect(wanted.lines.length).toBeGreaterThan(0)
    expect(gate.lines).toEqual(expect.arrayContaining(wanted.lines))
  })

  test('draws no remark about the generated stage', async () => {
    const planned = planGateDockerfile(bytes, ['test', 'production'], 'm4rk')
    if (!planned.ok) throw new Error(planned.reason)
    const base = await baseOf(planned.text)
    const findings = await lint(exec, planCall(base, 'check', planned.stage))
    expect(findings.filter(({ line }) => line === undefined || line >= planned.firstLine)).toEqual([])
    // And none that the user's own text does not draw.
    const own = await lint(exec, planCall(await baseOf(bytes), 'check', 'production'))
    const tests = await lint(exec, planCall(await baseOf(bytes), 'check', 'test'))
    const known = new Set([...own, ...tests].map((finding) => JSON.stringify(finding)))
    expect(findings.filter((finding) => !known.has(JSON.stringify(finding)))).toEqual([])
  })
})

test.each(Object.entries(unusable).filter(([name]) => name.includes('continuation')))(
  '%s: BuildKit builds it as it is, so it is built in turn',
  async (_, { bytes }) => {
    const { lines } = await build(await baseOf(bytes), 'production')
    expect(lines.length).toBeGreaterThan(0)
  }
)

describe('what the text mounts', () => {
  test.each(some(Object.entries(mounting), 4))('%s', async (_, { lines, mounts, buildArgs = [], refused }) => {
    const base = await baseOf(Buffer.from(lines.join('\n')))
    const { build } = base
    const asked = { ...base, build: { ...build, shape: { ...build.shape, buildArgs } } }
    const outlines = await Promise.all(
      ['test', 'production'].map((stage) => readOutline(exec, planCall(asked, 'outline', stage)))
    )
    const told = outlines.flatMap((outline) => [
      ...(outline?.secrets ?? []).map(({ id }) => `secret:${id}`),
      ...(outline?.ssh ?? []).map(({ id }) => `ssh:${id}`)
    ])
    expect(outlines.includes(undefined)).toBe(refused === true)
    // Where only BuildKit can tell, it does.
    if (mounts === undefined) expect(told.length > 0).toBe(refused !== true)
    else expect([...new Set(told)].sort()).toEqual(mounts)
  })
})

test('what a build says of its Dockerfile is what the checks say', async () => {
  const base = await baseOf(
    Buffer.from(
      [
        ...['FROM scratch as test', 'ENV A_SECRET_TOKEN x', 'COPY a.txt /', 'CMD echo x'],
        ...['FROM test AS Production', 'MAINTAINER x', 'ENV B=$UNKNOWN', 'COPY a.txt /b', 'CMD echo (line 9)', '']
      ].join('\n')
    )
  )
  const { progress } = await runSolve(
    { exec, log: silent },
    { ...base, target: 'Production', outputs: ['type=cacheonly'], metadataFile: join(folder, 'metadata.json') },
    { env: {}, listener: {} }
  )
  const checks = await lint(exec, planCall(base, 'check', 'Production'))
  expect(checks.length).toBeGreaterThan(5)
  const sorted = (findings: readonly LintFinding[]): readonly string[] =>
    findings.map((each) => JSON.stringify(each)).sort()
  expect(sorted(progress.findings)).toEqual(sorted(checks))
})

test('unnamed stages are meant by their index', async () => {
  const bytes = Buffer.from(
    'FROM scratch\nCOPY a.txt /a\nFROM scratch AS named\nCOPY a.txt /b\nFROM scratch\nCOPY a.txt /c\n'
  )
  const planned = planGateDockerfile(bytes, ['0', '2'], 'm4rk')
  if (!planned.ok) throw new Error(planned.reason)
  const { stages } = await build(await baseOf(planned.text), planned.stage)
  expect([...stages].sort()).toEqual(['stage-0', 'stage-2', planned.stage])
})
