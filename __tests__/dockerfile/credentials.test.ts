import { expect, test } from '@jest/globals'
import { mountedCredentials, parseDockerfile, readArguments } from '../../src/dockerfile/index.js'
import { mounting } from '../fixtures/mounting.js'

test.each(Object.entries(mounting))('mounts %s', (_, { lines, mounts, buildArgs = [] }) => {
  const dockerfile = parseDockerfile(lines.join('\n'))
  const found = mountedCredentials(dockerfile, ['test', 'production'], readArguments(buildArgs))
  const { secrets = [], ssh = [] } = found ?? {}
  const told = [...[...secrets].map((id) => `secret:${id}`), ...[...ssh].map((id) => `ssh:${id}`)].sort()
  expect(found === undefined ? undefined : told).toEqual(mounts)
})

test('what the stages do not need is not counted', () => {
  const dockerfile = parseDockerfile('FROM a AS one\nRUN --mount=type=ssh b\nFROM a AS two\n')
  expect(mountedCredentials(dockerfile, ['two'])?.ssh.size).toBe(0)
  expect(mountedCredentials(dockerfile, ['one'])?.ssh.size).toBe(1)
})
