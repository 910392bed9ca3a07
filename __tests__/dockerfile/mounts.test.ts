import { describe, expect, test } from '@jest/globals'
import { credentialOf, mountsOf } from '../../src/dockerfile/index.js'

const read = (value: string) => mountsOf({ flags: [`--mount=${value}`] }).map(({ type, options }) => [type, ...options])

describe('a mount', () => {
  test.each<[string, string, readonly unknown[]]>([
    ['without a type binds', 'source=a,target=/b', ['bind', ['source', 'a'], ['target', '/b']]],
    ['has one name for each option', 'src=a,DST=/b', ['bind', ['source', 'a'], ['target', '/b']]],
    ['has the last of two names', 'target=/a,destination=/b', ['bind', ['target', '/b']]],
    ['may have a comma in quotes', 'type=secret,"id=a,b"', ['secret', ['type', 'secret'], ['id', 'a,b']]],
    ['may have an option without a value', 'type=secret,required', ['secret', ['type', 'secret'], ['required', '']]]
  ])('%s', (_, value, expected) => {
    expect(read(value)).toEqual([expected])
  })

  test('is none where the flag is another', () => {
    expect(mountsOf({ flags: ['--network=none', '--security=insecure'] })).toEqual([])
  })
})

describe('the credential of a mount', () => {
  test.each<[string, string | undefined]>([
    ['type=secret,id=npm,target=/root/.npmrc', 'npm'],
    ['type=secret,dst=/run/tokens/npm', 'npm'],
    ['type=secret,src=npm', 'npm'],
    ['type=ssh', 'default'],
    ['type=ssh,id=deploy', 'deploy'],
    ['type=cache,id=npm', ''],
    ['type=secret,id=$NAME', undefined],
    ['type=$TYPE,id=npm', undefined]
  ])('%s', (value, expected) => {
    expect(mountsOf({ flags: [`--mount=${value}`] }).map(credentialOf)).toEqual([expected])
  })
})
