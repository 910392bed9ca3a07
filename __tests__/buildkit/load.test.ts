import { expect, test } from '@jest/globals'
import { findLoadProblem } from '../../src/buildkit/load.js'

const info = (driverType: string | undefined): string =>
  JSON.stringify({
    ServerVersion: '28.5.2',
    DriverStatus: driverType === undefined ? [['Backing Filesystem', 'extfs']] : [['driver-type', driverType]]
  })
const two = ['linux/amd64', 'linux/arm64']

test.each<[string, { stdout: string; stderr?: string; exitCode?: number }, readonly string[], string | undefined]>([
  ['one platform, classic', { stdout: info(undefined) }, ['linux/arm64'], undefined],
  ['two platforms, containerd', { stdout: info('io.containerd.snapshotter.v1') }, two, undefined],
  ['two platforms, classic', { stdout: info(undefined) }, two, 'classic image store'],
  [
    'no engine',
    {
      stdout:
        '{"ServerErrors":["Cannot connect to the Docker daemon at unix:///no.sock. Is the docker daemon running?"]}',
      exitCode: 1
    },
    [],
    'no Docker engine to load the image into: Cannot connect to the Docker daemon at unix:///no.sock'
  ],
  ['no answer', { stdout: '', stderr: 'ERROR: permission denied', exitCode: 1 }, [], 'into: permission denied']
])('%s', (_, { stdout, stderr = '', exitCode = 0 }, platforms, words) => {
  const problem = findLoadProblem({ stdout, stderr, exitCode }, platforms)
  if (words === undefined) expect(problem).toBeUndefined()
  else expect(problem).toMatchObject({ input: 'load', problem: expect.stringContaining(words) })
})
