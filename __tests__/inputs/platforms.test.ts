import { describe, expect, test } from '@jest/globals'
import { parsePlatform } from '../../src/inputs/platforms.js'

const runner = { platform: 'linux', arch: 'x64' }

/** What buildx makes of it, by platforms.Parse and platforms.Normalize of containerd. */
describe('a platform', () => {
  test.each([
    ['linux/amd64', 'linux/amd64'],
    ['Linux/AMD64', 'linux/amd64'],
    ['amd64', 'linux/amd64'],
    ['arm64', 'linux/arm64'],
    ['linux', 'linux/amd64'],
    ['local', 'linux/amd64'],
    ['x86_64', 'linux/amd64'],
    ['linux/x86-64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['aarch64', 'linux/arm64'],
    ['arm64/v8', undefined], // "arm64" is no operating system
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/arm64/v8.0', 'linux/arm64'],
    ['linux/arm64/v9.0', 'linux/arm64/v9'],
    ['linux/arm64/v8.1', 'linux/arm64/v8.1'],
    ['arm', 'linux/arm/v7'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/arm/v8', 'linux/arm/v8'],
    ['armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/riscv64/rva23u64', 'linux/riscv64/rva23u64'],
    ['linux/ppc64le/power9', 'linux/ppc64le/power9'],
    ['linux/i386', 'linux/386'],
    ['macos/arm64', 'darwin/arm64'],
    ['windows(10.0.17763)/amd64', 'windows(10.0.17763)/amd64'],
    ['wasi/wasm', 'wasi/wasm'],
    ['', undefined],
    ['linux/', undefined],
    ['linux/amd46', undefined],
    ['linus/amd64', undefined],
    ['linux/amd64/', undefined],
    ['linux/amd64/x', undefined],
    ['linux/arm/v7/x', undefined],
    ['linux/amd64 linux/arm64', undefined]
  ])('%j is %j', (text, expected) => expect(parsePlatform(text, runner)).toBe(expected))
})

test.each([
  ['linux', 'arm64', 'linux', 'linux/arm64'],
  ['linux', 'arm64', 'amd64', 'linux/amd64'],
  ['linux', 'arm', 'local', 'linux/arm/v7'],
  ['linux', 's390x', 'local', 'linux/s390x'],
  ['win32', 'x64', 'amd64', 'windows/amd64']
])('on %s %s, %s is %s', (platform, arch, text, expected) => {
  expect(parsePlatform(text, { platform, arch })).toBe(expected)
})
