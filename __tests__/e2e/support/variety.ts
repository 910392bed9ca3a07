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

/** Inputs of the job; more can be added. */
export const job = { 'test-target': 'test', target: 'production' }

/** What `docker` prints, with the engine that the variables name. */
export async function docker(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', args, { env: { ...process.env, ...env } })
  return stdout.trim()
}
