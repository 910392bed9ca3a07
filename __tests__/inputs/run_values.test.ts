import { describe, expect, test } from '@jest/globals'
import { inputsOf, problemsOf } from './support.js'

describe('hosts', () => {
  test.each([
    ['db:10.0.0.2', ['db:10.0.0.2']],
    ['db=10.0.0.2', ['db=10.0.0.2']],
    ['db:::1\ndb=::1', ['db:::1', 'db=::1']],
    ['db:[::1],db=[2001:db8::1]', ['db:[::1]', 'db=[2001:db8::1]']],
    ['a:[10.0.0.2]', ['a:[10.0.0.2]']],
    ['host.docker.internal:host-gateway,h=host-gateway', ['host.docker.internal:host-gateway', 'h=host-gateway']],
    ['"db:10.0.0.2,10.0.0.3",x:::1', ['db:10.0.0.2,10.0.0.3', 'x:::1']]
  ])('%j', (text, expected) => expect(inputsOf({ 'add-hosts': text }).addHosts).toEqual(expected))

  test.each([
    'foo',
    'foo:',
    ':10.0.0.2',
    'foo:bar',
    'foo:10.0.0',
    '10.0.0.2:foo',
    'a:10.0.0.2 b:10.0.0.3',
    'a:fe80::1%eth0'
  ])('%j is no host with its address', (text) => {
    expect(problemsOf({ 'add-hosts': text })).toEqual([
      `add-hosts: "${text}" is not a host and its address. Write each as HOST:IP, with a comma or a new line between two: "db:10.0.0.2", "db:[::1]" or "db:host-gateway".`
    ])
  })
})

describe('limits', () => {
  test.each(['nofile=1024', 'nofile=1024:2048', 'nofile=-1', 'nofile=5:-1', 'core=0:0', 'memlock=-1:-1', 'nproc=+5'])(
    '%s',
    (text) => expect(inputsOf({ ulimit: text }).ulimit).toEqual([text])
  )

  test.each([
    ['x', '"x" is not a limit. Write each on a line of its own, as in "nofile=1024:2048".'],
    ['nofile', '"nofile" is not a limit. Write each'],
    ['nofile=a', '"nofile=a" is not a limit. Write each'],
    ['nofile=1:2:3', '"nofile=1:2:3" is not a limit. Write each'],
    ['nofile=1024,nproc=5', '"nofile=1024,nproc=5" is not a limit. Write each on a line of its own'],
    ['nofiles=1', '"nofiles=1" limits nothing that there is. Use core, cpu, '],
    ['nofiles=1', 'Did you mean "nofile"?'],
    ['nofile=2:1', '"nofile=2:1" has a soft limit above the hard one. Write the soft limit first'],
    ['nofile=-1:5', '"nofile=-1:5" has a soft limit above the hard one.']
  ])('%s: %s', (text, said) => {
    expect(problemsOf({ ulimit: text })).toEqual([expect.stringMatching(/^ulimit: /)])
    expect(problemsOf({ ulimit: text }).join()).toContain(said)
  })
})

describe('shared memory', () => {
  test.each(['', '64m', '2g', '1.5G', '.5g', '1 gb', '1KiB', '1000', '1b', '0'])('%j', (text) => {
    expect(inputsOf({ 'shm-size': text }).shmSize).toBe(text)
  })

  test.each(['lots', '-1', '1ki', '1bb', '1 x', 'g'])('%j is no size', (text) => {
    expect(problemsOf({ 'shm-size': text })).toEqual([
      `shm-size: "${text}" is not a size. Write a number and its unit, as in "64m" or "2g".`
    ])
  })
})

test.each(['default=~/.ssh/id', 'default=~me/.ssh/id', 'default=a.pem,~/b.pem'])('nothing expands %s', (text) => {
  expect(problemsOf({ ssh: text })).toEqual([
    'ssh: nothing replaces the "~" of "default" by a folder. Write the whole path, or put the key into ssh-private-key.'
  ])
})

test.each(['default=/run/a~1/agent', 'default=a~b', 'default=keys/~old/k'])('%s has no home folder', (text) => {
  expect(inputsOf({ ssh: text }).ssh).toHaveLength(1)
})
