import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from '../../__tests__/support/runner.ts'
import { startService, type Service } from '../../script/lib/demo/service.ts'

const run = promisify(execFile)

/** examples/fastapi with what it needs around it, ready to be built. */
export type Fastapi = AsyncDisposable & {
  readonly service: Service
  readonly buildArgs: readonly string[]
  /** What `docker buildx build` needs, the credentials too. */
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Starts its private package, its index and a registry of its own; all of it goes when it is disposed of. */
export async function startFastapi(): Promise<Fastapi> {
  const [python, slim] = await pythonBases()
  await using started = new AsyncDisposableStack()
  const service = started.use(await startService())
  await service.checkout.commit('A service that prices orders')
  const keys = await mkdtemp(path.join(os.tmpdir(), 'stagegate-bench-'))
  started.defer(() => rm(keys, { recursive: true, force: true }))
  await writeFile(path.join(keys, 'key'), service.deployKey, { mode: 0o600 })
  await writeFile(path.join(keys, 'known_hosts'), `${service.hostKeyLine}\n`)
  const buildArgs = [
    `PYTHON_IMAGE=${python}`,
    `PYTHON_SLIM_IMAGE=${slim}`,
    `PRICING=${service.pricing}`,
    'PIP_NO_DEPS=1'
  ]
  const owned = started.move()
  return {
    ...{ service, buildArgs, env: { PIP_INDEX_URL: service.index.url } },
    flags: [
      ...['--network', 'host', '--ssh', `default=${path.join(keys, 'key')}`, '--secret', 'id=PIP_INDEX_URL'],
      ...['--secret', `id=known_hosts,src=${path.join(keys, 'known_hosts')}`],
      ...buildArgs.flatMap((argument) => ['--build-arg', argument])
    ],
    [Symbol.asyncDispose]: () => owned.disposeAsync()
  }
}

/** References of the base images, the larger one first. */
export async function pythonBases(): Promise<readonly [string, string]> {
  const { stdout } = await run(path.join(repositoryRoot, 'script/engine'), ['base', 'python', 'python-slim'])
  const [python = '', slim = ''] = stdout.trim().split('\n')
  return [python, slim]
}
