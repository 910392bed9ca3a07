/** Smoke and verify in a run: what they see is what is published, what they refuse is not, and nothing is left of them. */
import { describe, expect, jest, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { REPORT_SCHEMA } from '../../src/report/surfaces/json.js'
import { registryManifest, registryTags } from '../support/engine.js'
import { long } from '../support/tiers.js'
import { expectExit } from './support/log.js'
import { baseImage, fresh, freshRepository, sharedRegistry, startWorkspace } from './support/workspace.js'

jest.setTimeout(180_000)

const registry = sharedRegistry()
const dockerfile = async (change = '') => `FROM ${await baseImage('busybox')}
RUN echo ${fresh()} > /run.txt && mkdir /www && echo up > /www/index.html
HEALTHCHECK CMD test -e /tmp/ready
CMD ["sh", "-c", "echo starting; touch /tmp/ready; exec httpd -f -p 8080 -h /www"]
${change}
`

/** What is of ours in the engine. */
function ours(): readonly string[] {
  const list = (...args: readonly string[]) => execFileSync('docker', args, { encoding: 'utf8' }).split('\n')
  return [
    ...list('container', 'ls', '--all', '--format', '{{.Names}}'),
    ...list('network', 'ls', '--format', '{{.Name}}'),
    ...list('image', 'ls', '--digests', '--format', '{{.Repository}}')
  ].filter((name) => /stagegate-(?:smoke|verify)|stagegate-[0-9a-f]{32}/.test(name))
}

describe('green', () => {
  test('the digest that was started and verified is the one that is published', async () => {
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
    const { name, reference } = freshRepository()
    const before = ours()
    const result = await workspace.run(
      {
        ...{ tags: `${reference}:1`, push: 'true', smoke: 'healthy' },
        verify: [
          'echo "$STAGEGATE_IMAGE" > image.txt',
          'echo "token:${GITHUB_TOKEN-}${ACTIONS_RUNTIME_TOKEN-}${SSH_AUTH_SOCK-}${INPUT_VERIFY-}${MY_TOKEN-}" > tokens.txt',
          'echo "named:$OTHER_TOKEN" > named.txt',
          'docker image load --input "$STAGEGATE_ARCHIVE"',
          'docker run --rm --network none "stagegate-verify:$(basename "$STAGEGATE_OCI_LAYOUT")" cat /run.txt > run.txt',
          'docker image rm "stagegate-verify:$(basename "$STAGEGATE_OCI_LAYOUT")"',
          'cp "$STAGEGATE_OCI_LAYOUT/index.json" index.json',
          'cp "$STAGEGATE_REPORT" report.json'
        ].join('\n'),
        'verify-env': 'OTHER_TOKEN'
      },
      {
        env: {
          ...{ GITHUB_TOKEN: 'ghs_hush', ACTIONS_RUNTIME_TOKEN: 'hush', SSH_AUTH_SOCK: '/tmp/hush' },
          ...{ MY_TOKEN: 'hush', OTHER_TOKEN: 'told' }
        }
      }
    )
    expectExit(result, 0)
    const file = (name: string) => readFile(path.join(workspace.folder, name), 'utf8')
    const published = await registryManifest(registry, name, '1')
    const children = published?.manifests.map(({ digest }) => digest) ?? []
    const [, digest = ''] = (await file('image.txt')).trim().split('@')
    expect([published?.digest, ...children]).toContain(digest)
    const index = JSON.parse(await file('index.json')) as { manifests: { digest: string }[] }
    expect(index.manifests.map((manifest) => manifest.digest)).toEqual([digest])
    // The report as any reader of it knows it, before anything has left.
    expect(JSON.parse(await file('report.json'))).toMatchObject({
      ...{ schema: REPORT_SCHEMA, outcome: { kind: 'green' } },
      builds: [{ images: [{ manifestDigest: digest }], publish: { published: false } }]
    })
    expect(await file('tokens.txt')).toBe('token:\n')
    expect(await file('named.txt')).toBe('named:told\n')
    expect((await file('run.txt')).trim()).toMatch(/^r[0-9a-f]{12}$/)
    expect(result.summary).toContain('**started**')
    expect(result.summary).toContain('**verified**')
    expect(ours()).toEqual(before)
  })
})

describe('red', () => {
  test('an image that does not start is not published, and says why', async () => {
    await using workspace = await startWorkspace({
      Dockerfile: await dockerfile(`CMD ["sh", "-c", "echo booting; echo DATABASE_URL is not set; exit 3"]`)
    })
    const { name, reference } = freshRepository()
    const before = ours()
    const red = await workspace.run({ tags: `${reference}:1`, push: 'true', smoke: 'http://:8080/' })
    expectExit(red, 1)
    expect(await registryTags(registry, name)).toEqual([])
    expect(red.outputs.published).toBe('false')
    expect(red.summary).toMatch(/^## ❌ .*did not pass its smoke test.*nothing was published/)
    expect(red.summary).toContain('it ended with exit code 3')
    expect(red.summary).toContain('It needs the variable DATABASE_URL: give it a value in smoke-env.')
    const [error] = red.annotations.filter(({ level }) => level === 'error')
    expect(error?.text).toContain('it ended with exit code 3')
    expect(ours()).toEqual(before)
  })

  test('a veto of verify', async () => {
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
    const { name, reference } = freshRepository()
    const red = await workspace.run({
      ...{ tags: `${reference}:1`, push: 'true' },
      verify: 'echo CVE-2026-1 is in it\nfalse\necho never'
    })
    expectExit(red, 1)
    expect(await registryTags(registry, name)).toEqual([])
    expect(red.summary).toMatch(/^## ❌ .*verify said no \(exit code 1\)/)
    expect(red.summary).toContain('CVE-2026-1 is in it')
    expect(red.log).not.toContain('never\n')
  })

  test('a HEALTHCHECK that is missing is an input that is wrong', async () => {
    await using workspace = await startWorkspace({ Dockerfile: await dockerfile('HEALTHCHECK NONE') })
    const red = await workspace.run({ smoke: 'healthy' })
    expectExit(red, 1)
    expect(red.summary).toContain('the image has none')
  })
})

describe('several images', () => {
  /** The arm64 one cannot run on this machine: its program is none. */
  const forTwo = async (command: string) => `FROM --platform=linux/amd64 ${await baseImage('busybox')} AS tools
RUN echo ${fresh()} > /run.txt
FROM scratch AS amd64
COPY --from=tools / /
FROM scratch AS arm64
COPY --chmod=755 text /bin/sh
FROM \${TARGETARCH}
CMD ["/bin/sh", "-c", "${command}"]
`
  const job = { platforms: 'linux/amd64,linux/arm64', push: 'true', smoke: '/bin/sh -c "test -s /run.txt"' }

  long.test('one that cannot run here is said, not passed', async () => {
    await using workspace = await startWorkspace({ Dockerfile: await forTwo('true'), text: 'not a program\n' })
    const { name, reference } = freshRepository()
    const verify = 'echo "$STAGEGATE_PLATFORM $(basename "$STAGEGATE_OCI_LAYOUT") $STAGEGATE_IMAGE" >> verified.txt'
    const result = await workspace.run({ ...job, tags: `${reference}:1`, verify })
    expectExit(result, 0)
    const published = await registryManifest(registry, name, '1')
    const verified = (await readFile(path.join(workspace.folder, 'verified.txt'), 'utf8')).trim().split('\n')
    expect(verified.map((line) => line.replace(/ \S*@/, ' '))).toEqual([
      `linux/amd64 linux-amd64 ${published?.manifests[0]?.digest}`,
      `linux/arm64 linux-arm64 ${published?.manifests[1]?.digest}`
    ])
    expect(await registryTags(registry, name)).toEqual(['1'])
    expect(result.summary).toContain('No smoke test of linux/arm64: the engine is linux/amd64 and does not emulate it')
  })

  long.test('one that fails keeps all of them, under every name, back', async () => {
    await using workspace = await startWorkspace({ Dockerfile: await forTwo('true'), text: 'not a program\n' })
    const [one, other] = [freshRepository(), freshRepository()]
    const tags = `${one.reference}:1,${other.reference}:2`
    const red = await workspace.run({ ...job, tags, smoke: '/bin/sh -c "exit 9"' })
    expectExit(red, 1)
    expect(red.summary).toContain('it ended with exit code 9')
    for (const { name } of [one, other]) expect(await registryTags(registry, name)).toEqual([])
  })
})

long.test('a killed run leaves nothing once its post has run', async () => {
  await using workspace = await startWorkspace({ Dockerfile: await dockerfile() })
  const before = ours()
  const marker = path.join(workspace.folder, 'pid.txt')
  const killed = await workspace.run(
    { smoke: 'sh -c "sleep 300"', 'smoke-timeout': '5m', verify: `sleep 300 & echo $! > ${marker}; wait` },
    {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(marker) || ours().length < before.length + 3) return
          clearInterval(timer)
          child.kill('SIGKILL')
        }, 200)
        child.once('exit', () => clearInterval(timer))
      }
    }
  )
  const pid = Number(await readFile(marker, 'utf8'))
  expect(ours().length).toBeGreaterThan(before.length)
  await killed.post()
  expect(ours()).toEqual(before)
  const state = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  expect(state === '' || /\) [ZX] /.test(state)).toBe(true)
})
