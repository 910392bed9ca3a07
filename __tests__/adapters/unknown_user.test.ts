/**
 * The bundle as a user whom the machine does not know and who has no home, as in a container that is started with a number:
 * what asks the user database, HOME or docker's folder must do without. Only root can become such a user.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { makeKey } from '../e2e/support/keys.js'
import { repositoryRoot, startRunner, type TestRunner } from '../support/runner.js'

const UID = '12345'
const become = ['setpriv', '--reuid', UID, '--regid', UID, '--clear-groups']
/** The runner's files belong to the user that the runner runs as. */
const handOver = `chmod 711 "$RUNNER_TEMP/../.." && chown -R ${UID}:${UID} "$RUNNER_TEMP/.." && exec ${become.join(' ')} "$@"`

const bundle = path.join(repositoryRoot, 'dist/index.js')
const reads = `require('node:fs').accessSync(${JSON.stringify(bundle)}); require('node:os').userInfo()`
const probe = spawnSync(become[0] ?? '', [...become.slice(1), process.execPath, '-e', reads], { encoding: 'utf8' })
/** Why it cannot be tried here; nothing where it can. */
const reason =
  process.getuid?.() !== 0
    ? 'it takes root'
    : probe.error !== undefined
      ? 'there is no setpriv'
      : /ENOENT.*uv_os_get_passwd|uv_os_get_passwd returned ENOENT/.test(probe.stderr)
        ? ''
        : 'the user is known here, or may not read the bundle'

let home: string
let runner: TestRunner
beforeAll(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'stagegate-unknown-'))
  chmodSync(home, 0o755)
  runner = await startRunner()
})
afterAll(async () => {
  await runner[Symbol.asyncDispose]()
  rmSync(home, { recursive: true, force: true })
})

/** A docker with a builder that fails, which writes down what it is called with. */
const docker = `#!/bin/sh
echo "HOME=$HOME docker $*" >> "$RUNNER_TEMP/calls"
case "$*" in
  'buildx version') echo 'github.com/docker/buildx v0.29.1 x' ;;
  'buildx inspect'*) printf 'Name: b\\nDriver: docker-container\\n\\nNodes:\\nName: b0\\nEndpoint: unix:///x\\nStatus: running\\nBuildKit version: v0.29.0\\nPlatforms: linux/amd64\\n' ;;
  *) echo 'ERROR: failed to build: failed to solve: the moon is full' >&2; exit 1 ;;
esac
`

const named = reason === '' ? test : test.skip
named(`a user without a name and a home gets as far as anybody${reason === '' ? '' : ` (${reason})`}`, async () => {
  const [programs, workspace] = [path.join(home, 'bin'), path.join(home, 'workspace')]
  for (const folder of [programs, workspace]) mkdirSync(folder)
  writeFileSync(path.join(programs, 'docker'), docker, { mode: 0o755 })
  writeFileSync(path.join(workspace, 'Dockerfile'), 'FROM scratch AS test\nRUN true\nFROM scratch\nCOPY x /\n')
  const result = await runner.run({
    cwd: workspace,
    // A plain sh drops names with a hyphen.
    through: ['bash', '-c', handOver, 'bash'],
    env: {
      ...{ HOME: undefined, USER: undefined, LOGNAME: undefined, DOCKER_CONFIG: undefined, DOCKER_HOST: undefined },
      PATH: `${programs}:/usr/bin:/bin`
    },
    with: {
      ...{ 'test-target': 'test', push: 'true', tags: '127.0.0.1:9/app:1', 'cache-image': '127.0.0.1:9/cache' },
      'ssh-private-key': makeKey().privateKey
    }
  })
  expect(result.exitCode).toBe(1)
  expect(result.log).toContain('into the agent')
  expect(result.summary).toContain('the moon is full')
  expect(result.log).not.toMatch(/ENOENT|uv_os_get_passwd|a defect of Stagegate|^\s+at .*:\d+:\d+/m)
  const calls = readFileSync(path.join(result.temporary, 'calls'), 'utf8').trim().split('\n')
  expect(calls.filter((call) => call.includes('docker buildx bake'))).toHaveLength(1)
  // Docker without a home would take what lies in the checkout for its configuration.
  for (const call of calls) expect(call).toMatch(/^HOME=\/\S+ docker /)
  await result.post()
  expect(readdirSync(result.temporary).filter((name) => !/^(?:calls|stagegate-report-\w+)$/.test(name))).toEqual([])
})
