/**
 * The verdict on the real engine: a secret or a key in the image, or an image over its budget, leaves neither a tag nor
 * a cache behind; and the JSON report holds what was found.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { registryTags } from '../support/engine.js'
import { repositoryRoot, type StepOptions, type StepResult } from '../support/runner.js'
import { long, some } from '../support/tiers.js'
import { makeKey } from './support/keys.js'
import { expectExit, withoutMasks } from './support/log.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sentinel,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

jest.setTimeout(120_000)

let workspace: Workspace
let base: string

beforeAll(async () => {
  base = await baseImage('busybox')
  workspace = await startWorkspace({})
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

type Told = StepResult & {
  /** Tags of the image and of the cache after the run. */
  readonly tags: readonly string[]
  readonly cacheTags: readonly string[]
  readonly json: Readonly<Record<string, unknown>>
}

/** Runs a step that would push an image and a cache, on a Dockerfile with these instructions in its production stage. */
async function judge(instructions: readonly string[], inputs: StepOptions['with'] = {}): Promise<Told> {
  const dockerfile = [
    `FROM ${base} AS base`,
    `RUN echo ${fresh()} > /fresh`,
    'FROM base AS test',
    'RUN test -s /fresh',
    'FROM base AS production',
    ...instructions
  ]
  await workspace.write({ Dockerfile: `${dockerfile.join('\n')}\n` })
  const [image, cache] = [freshRepository(), freshRepository()]
  const result = await workspace.run({
    target: 'production',
    'test-target': 'test',
    tags: `${image.reference}:1`,
    push: 'true',
    'cache-image': cache.reference,
    ...inputs
  })
  const json: unknown = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8'))
  return {
    ...result,
    tags: await registryTags(sharedRegistry(), image.name),
    cacheTags: await registryTags(sharedRegistry(), cache.name),
    json: json as Told['json']
  }
}

/** Nothing got out, and nothing that was told holds the value. */
function expectHeld(result: Told, value: string): void {
  expectExit(result, 1)
  expect([result.outputs.gate, result.outputs.published]).toEqual(['passed', 'false'])
  expect([result.tags, result.cacheTags]).toEqual([[], []])
  for (const text of [
    withoutMasks(result.log),
    result.summary,
    JSON.stringify([result.outputs, result.state, result.json])
  ]) {
    expect(text).not.toContain(value)
  }
}

describe('a leak', () => {
  const mount = '--mount=type=secret,id=token'

  test('in a file that a later layer deletes', async () => {
    const value = sentinel()
    const leaking = [`RUN ${mount} mkdir /app && cp /run/secrets/token /app/.token`, 'RUN rm /app/.token']
    const result = await judge(leaking, { secrets: `token=${value}` })
    expectHeld(result, value)
    expect(result.summary).toMatch(/^## ❌ .*the secret "token" is in the image, nothing was published$/m)
    expect(result.summary).toContain('/app/.token')
    expect(result.summary).toContain('token')
    expect(result.summary).toMatch(/Dockerfile#L6/)
    expect(result.annotations.some(({ level, text }) => level === 'error' && text.includes('/app/.token'))).toBe(true)
    expect(result.outputs.leaks).toBe('1')
  })

  test.each<[string, string]>(
    some(
      [
        ['base64', 'base64 < /run/secrets/token > /app.conf'],
        ['hexadecimal', "od -An -v -tx1 /run/secrets/token | tr -d ' \\n' > /app.conf"],
        ['a file name', 'touch "/var-$(cat /run/secrets/token)"']
      ],
      1
    )
  )('as %s', async (_, command) => {
    const value = sentinel().slice(0, 20)
    expectHeld(await judge([`RUN ${mount} ${command}`], { secrets: `token=${value}` }), value)
  })

  long.test('in the config, by a build argument', async () => {
    const value = sentinel()
    const inputs = { secrets: `token=${value}`, 'build-args': `TOKEN=${value}` }
    const result = await judge(['ARG TOKEN', 'ENV APP_TOKEN=$TOKEN'], inputs)
    expectHeld(result, value)
    expect(result.summary).toContain('APP_TOKEN')
  })

  long.test('of the SSH key, and of a key that nobody handed in', async () => {
    const [injected, other] = [makeKey(), makeKey()]
    await workspace.write({ id_ed25519: injected.privateKey, 'fixtures/server.key': other.privateKey })
    const result = await judge(['COPY id_ed25519 /root/.ssh/', 'COPY fixtures /fixtures'], {
      'ssh-private-key': injected.privateKey
    })
    expectHeld(result, injected.privateKey.split('\n')[2] ?? '')
    for (const found of ['ssh-private-key', '/root/.ssh/id_ed25519', '/fixtures/server.key']) {
      expect(result.summary).toContain(found)
    }
  })

  long.test('only warns where the workflow says so', async () => {
    const value = sentinel()
    const result = await judge([`RUN ${mount} cp /run/secrets/token /token`], {
      secrets: `token=${value}`,
      'leak-check': 'warn'
    })
    expectExit(result, 0)
    expect(result.tags).toEqual(['1'])
    expect(result.outputs.leaks).toBe('1')
    expect(result.annotations.some(({ level, text }) => level === 'warning' && text.includes('/token'))).toBe(true)
    expect(result.summary).not.toContain(value)
  })

  long.test('is not looked for where the workflow says so', async () => {
    const value = sentinel()
    const result = await judge([`RUN ${mount} cp /run/secrets/token /token`], {
      secrets: `token=${value}`,
      'leak-check': 'off'
    })
    expectExit(result, 0)
    expect([result.tags, result.outputs.leaks]).toEqual([['1'], undefined])
  })

  test('is not alarmed at by a secret that was used, and a text that mentions a key', async () => {
    await workspace.write({ 'notes.md': 'A key starts with -----BEGIN OPENSSH PRIVATE KEY----- and so on.\n' })
    const result = await judge([`RUN ${mount} wc -c < /run/secrets/token > /length`, 'COPY notes.md /'], {
      secrets: `token=${sentinel()}`
    })
    expectExit(result, 0)
    expect([result.tags, result.outputs.leaks]).toEqual([['1'], '0'])
    expect(result.cacheTags).toHaveLength(1)
  })
})

describe('a budget', () => {
  const megabytes = (count: number, file: string): string => `RUN head -c ${count}000000 /dev/urandom > ${file}`

  test.each<[string, readonly string[], StepOptions['with'], string]>(
    some(
      [
        ['of size', [megabytes(4, '/big')], { 'max-size': '5MB' }, '/big'],
        ['of layers', ['RUN echo 1 > /1', 'RUN echo 2 > /2'], { 'max-layers': '3' }, 'max-layers'],
        ['of waste', [megabytes(3, '/tmp/waste'), 'RUN rm /tmp/waste'], { 'max-reclaimable': '1MB, 5%' }, '/tmp/waste']
      ],
      1
    )
  )('%s that is broken holds the image back', async (_, instructions, limit, named) => {
    const result = await judge(instructions, limit)
    expectExit(result, 1)
    expect([result.tags, result.outputs.published]).toEqual([[], 'false'])
    // What was built serves the next try, and nothing else.
    expect(result.cacheTags).toEqual([expect.stringMatching(/^branch-main-.*-retry$/)])
    expect(result.summary).toMatch(
      /^## ❌ .*(over its budget|over the|too much|more than|too many).*nothing was published$/m
    )
    expect(result.summary).toContain(named)
  })

  long.test('that is kept lets it out, and the report says by how much', async () => {
    const limits = { 'max-size': '8MB', 'max-layers': '9', 'max-reclaimable': '1MB' }
    const result = await judge([megabytes(2, '/some')], limits)
    expectExit(result, 0)
    expect(result.tags).toEqual(['1'])
    expect(result.summary.replace(/\s|&nbsp;/g, ' ')).toContain('**Within budget** (4.0 MB of 8 MB, ')
    expect(Number(result.outputs.size)).toBeGreaterThan(2_000_000)
    expect(result.outputs.reclaimable).toBe('0')
  })

  test('that nobody can read is refused before anything is built', async () => {
    const result = await workspace.run({ 'max-size': 'small', 'max-layers': 'few', 'max-reclaimable': '5%%' })
    expectExit(result, 1)
    for (const input of ['max-size', 'max-layers', 'max-reclaimable']) expect(result.summary).toContain(input)
  })
})

test('the JSON report keeps to its schema, and gives advice with lines', async () => {
  const schema: unknown = JSON.parse(await readFile(path.join(repositoryRoot, 'docs/report.schema.json'), 'utf8'))
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema as object)
  const green = await judge(['ADD Dockerfile /', 'RUN chmod 4755 /bin/busybox'])
  const red = await judge(['RUN exit 7'])
  for (const { json } of [green, red]) expect(validate(json) ? [] : validate.errors).toEqual([])
  const rules = JSON.stringify(green.json)
  for (const rule of ['RunsAsRoot', 'SetuidFiles']) expect(rules).toContain(rule)
  expect(green.summary).toContain('Dockerfile#L6')
})
