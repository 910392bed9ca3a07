/** The same job on different engines: a Dockerfile with a gate, and what it comes to when all goes well. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { baseImage, fresh, startWorkspace, type Workspace } from './workspace.js'

const run = promisify(execFile)

/** Stages base, test and production on busybox; `testStep` is on line 4, the 100,000 bytes of production on line 6. */
export async function startProject(testStep = 'echo all tests passed'): Promise<Workspace> {
  const lines = [
    `FROM ${await baseImage('busybox')} AS base`,
    `RUN echo ${fresh()} > /base`,
    'FROM base AS test',
    `RUN ${testStep}`,
    'FROM base AS production',
    'RUN dd if=/dev/zero of=/app bs=1000 count=100',
    ''
  ]
  return startWorkspace({ Dockerfile: lines.join('\n') })
}

/** For every platform; its tests run on the builder's own, so that an engine without QEMU builds it too. */
export async function startPortableProject(): Promise<Workspace> {
  const lines = [
    'FROM scratch AS base',
    'COPY base /base',
    `FROM --platform=$BUILDPLATFORM ${await baseImage('busybox')} AS test`,
    'COPY --from=base /base /base',
    'RUN echo all tests passed on $(cat /base)',
    'FROM base AS production',
    'ARG TARGETARCH',
    'COPY app /app-$TARGETARCH',
    ''
  ]
  return startWorkspace({ Dockerfile: lines.join('\n'), base: fresh(), app: 'app' })
}

/**
 * The same for every platform in three folders: the base of `app` is the target `base` of a bake file, which has a file of `tools`.
 * @param tool a command of `tools`, on line 2 of its Dockerfile, which runs on the builder's own platform
 */
export async function startLinkedProject({
  platforms = [],
  tool = 'true',
  image
}: {
  readonly platforms?: readonly string[]
  readonly tool?: string
  /** What the image is tagged with, unless `IMAGE` says something else. */
  readonly image: string
}): Promise<Workspace> {
  const busybox = `--platform=$BUILDPLATFORM ${await baseImage('busybox')}`
  const target = (more: object): object => ({ ...more, ...(platforms.length === 0 ? {} : { platforms }) })
  return startWorkspace({
    'tools/Dockerfile': `FROM ${busybox} AS build\nRUN ${tool} && echo ${fresh()} > /tool\nFROM scratch\nCOPY --from=build /tool /tool\n`,
    'base/Dockerfile': 'FROM scratch AS based\nARG TARGETARCH\nCOPY --from=tools /tool /tool-$TARGETARCH\n',
    'app/Dockerfile': [
      ...[`FROM ${busybox} AS test`, 'ARG TARGETARCH', 'COPY --from=base / /base/'],
      ...['RUN test -s /base/tool-$TARGETARCH', 'FROM base AS production', 'COPY code /code', '']
    ].join('\n'),
    'app/code': 'code',
    'docker-bake.json': JSON.stringify({
      variable: { IMAGE: { default: image } },
      group: { default: { targets: ['app'] } },
      target: {
        tools: target({ context: 'tools' }),
        base: target({ context: 'base', contexts: { tools: 'target:tools' } }),
        app: target({ context: 'app', contexts: { base: 'target:base' }, target: 'production', tags: ['${IMAGE}'] })
      }
    })
  })
}

/** Inputs of its job. */
export const linkedJob = { 'bake-files': 'docker-bake.json', 'test-target': 'test', target: '', push: 'true' }

/** Inputs of the job; more can be added. */
export const job = { 'test-target': 'test', target: 'production' }

/** What `docker` prints, with the engine that the variables name. */
export async function docker(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', args, { env: { ...process.env, ...env } })
  return stdout.trim()
}
