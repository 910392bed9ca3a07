/** What once got past the leak check and the redaction, on the real engine. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { registryTags } from '../support/engine.js'
import type { StepOptions, StepResult } from '../support/runner.js'
import { long, some } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import {
  baseImage,
  fresh,
  freshRepository,
  sharedRegistry,
  startWorkspace,
  type Workspace
} from './support/workspace.js'

jest.setTimeout(120_000)

let workspace: Workspace
let busybox: string
let python: string

beforeAll(async () => {
  busybox = await baseImage('busybox')
  python = await baseImage('python')
  workspace = await startWorkspace({})
}, 600_000)

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

async function build(
  instructions: readonly string[],
  inputs: StepOptions['with'],
  env: Readonly<Record<string, string>> = {}
): Promise<StepResult & { readonly report: string }> {
  const dockerfile = [`FROM ${busybox} AS production`, `RUN echo ${fresh()} > /fresh`, ...instructions, 'USER 1000', '']
  await workspace.write({ Dockerfile: dockerfile.join('\n') })
  const result = await workspace.run({ target: 'production', 'compare-to': 'none', ...inputs }, { env })
  return { ...result, report: await readFile(result.outputs.report ?? '', 'utf8') }
}

test('a part of a secret is a leak, and named as one', async () => {
  const mount = '--mount=type=secret,id=npmrc,required=true'
  const result = await build(
    [`RUN ${mount} cut -d= -f2 /run/secrets/npmrc > /yarnrc`],
    { 'secret-envs': 'npmrc=NPMRC' },
    { NPMRC: '//r.example/:_authToken=npm_Zq81hVb2LmX0pTe7RkWd93nY' }
  )
  expectExit(result, 1)
  expect(result.summary).toContain('(the value after `_authToken=`)')
  expect(result.report + result.summary).not.toContain('npm_Zq81')
})

test('a keystore is found', async () => {
  await workspace.write({ ks: Buffer.from([0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0x9a, 0xff, 0x81, 0xc3, 0x28]) })
  const result = await build(['RUN --mount=type=secret,id=ks,required=true cp /run/secrets/ks /keystore'], {
    'secret-files': 'ks=ks'
  })
  expectExit(result, 1)
  expect(result.summary).toContain('`/keystore`')
})

const TOKEN = 'ghp_A1b2C3d4E5f6G7h8I9j0KLmnOPqrSTuvWXyz'

test.each<[string, StepOptions['with']]>(
  some(
    [
      [
        'of an index over several platforms',
        { platforms: 'linux/amd64,linux/arm64', annotations: `index:a.b=${TOKEN}` }
      ],
      [
        'of an index, beside one of the manifest',
        { provenance: 'mode=min', annotations: `index:a.b=${TOKEN}\nmanifest:a.b=clean` }
      ],
      ['of an image output', { outputs: `type=image,push=true,annotation.a=${TOKEN}` }],
      [
        'of a descriptor',
        { provenance: 'mode=min', outputs: `type=image,push=true,annotation-manifest-descriptor.a=${TOKEN}` }
      ],
      ['of an output to a file', { outputs: `type=oci,dest=image.tar,annotation.a=${TOKEN}` }],
      ['in its name', { annotations: `${TOKEN}=x` }]
    ],
    1
  )
)('an annotation %s is searched', async (_, inputs) => {
  await workspace.write({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
  const { name, reference } = freshRepository()
  const result = await workspace.run({ tags: `${reference}:1`, push: 'true', secrets: `tok=${TOKEN}`, ...inputs })
  expectExit(result, 1)
  expect(result.summary).toContain('the secret "tok" is in the image, nothing was published')
  expect(result.summary).not.toContain(TOKEN)
  expect(await registryTags(sharedRegistry(), name)).toEqual([])
  await expect(readFile(path.join(workspace.folder, 'image.tar'))).rejects.toThrow('ENOENT')
})

long.test('the self-test keys of a library are a note', async () => {
  const library = '/usr/lib/x86_64-linux-gnu/libgnutls.so.30'
  const result = await build([`COPY --from=${python} ${library} /usr/lib/libgnutls.so.30`], {})
  expectExit(result, 0)
  expect(result.summary).toContain('it is a test key of GnuTLS')
})

test('a build argument that is called a secret is told nowhere, and the layer has the words of the Dockerfile', async () => {
  const result = await build(
    ['ARG NPM_AUTH', 'ARG API_KEY', 'RUN echo "t=$NPM_AUTH $API_KEY" > /npmrc'],
    { 'build-args': 'NPM_AUTH=npm_TopSecretValue1234\nAPI_KEY' },
    { API_KEY: 'anotherTopSecretOne' }
  )
  expectExit(result, 0)
  // The log of the runner has the line that GitHub itself prints of the step's environment.
  expect(result.report + result.summary).not.toContain('TopSecret')
  expect(result.summary).toContain('t=$NPM_AUTH $API_KEY')
})

/** What any build argument leaves: the words that it was written with, and nothing of its value. */
const args = {
  'build-args': 'PLACE=expanded-value-one\nSHELL_WORDS=expanded value two\nINDEX=https://ci:expanded3hunter@index.test/'
}
const using = [
  'ARG PLACE SHELL_WORDS INDEX',
  'SHELL ["/bin/sh", "-e", "-c"]',
  'RUN echo "first $PLACE" > /first',
  'RUN <<EOF',
  'echo "second $PLACE $SHELL_WORDS" > /second',
  'EOF',
  'WORKDIR /srv/$PLACE',
  'RUN echo "$INDEX" > /index'
]

test.each(
  some(
    [
      ['green', 'RUN true', 0],
      ['red', 'RUN test "$PLACE" = other', 1]
    ] as const,
    1
  )
)('a %s run tells its steps in the words of the Dockerfile', async (_, last, exitCode) => {
  const result = await build([...using, last], args)
  expectExit(result, exitCode)
  const report = JSON.parse(result.report) as {
    readonly steps: readonly { readonly name: string; readonly inputs?: readonly string[] }[]
  }
  const { steps, ...rest } = report
  expect(steps.filter(({ name }) => name.includes('first $PLACE'))).toHaveLength(1)
  // What a step stands on is still found by its name.
  const names = new Set(steps.map(({ name }) => name))
  const inputs = steps.flatMap((step) => step.inputs ?? []).filter((input) => /^\[\d/.test(input))
  expect(inputs.filter((input) => input.includes('$PLACE'))).not.toEqual([])
  expect(inputs.filter((input) => !names.has(input))).toEqual([])
  // Paths in the image, the log of a failed step and the command that builds the same have values, as they must.
  const told =
    JSON.stringify([steps, { ...rest, source: undefined }]) +
    result.summary.replaceAll(/--build-arg (?:'[^']*'|\S+)/g, '')
  for (const value of ['value-one', 'value two', 'expanded3']) {
    expect([value, context(told, value)]).toEqual([value, ''])
  }
})

function context(text: string, value: string): string {
  const at = text.indexOf(value)
  return at < 0 ? '' : text.slice(Math.max(0, at - 200), at + 100)
}

test.each(some(['registry', 'passed', 'secret', 'budget'], 1))(
  'a secret "%s" leaves the words of the report alone',
  async (word) => {
    const result = await build([], { secrets: `user=${word}` })
    expectExit(result, 0)
    expect(result.outputs.published).toBe('false')
  }
)
