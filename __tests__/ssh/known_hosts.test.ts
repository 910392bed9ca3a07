import { afterAll, describe, expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { planKnownHosts } from '../../src/ssh/known_hosts.js'
import { generateKey, makeFolder, run } from './support.js'

const folder = makeFolder()
afterAll(() => {
  folder[Symbol.dispose]()
})

const host = generateKey(folder.path)
const ecdsa = generateKey(folder.path, { type: 'ecdsa' })
const [type = '', base64 = ''] = host.publicLine.split(' ')
const pinned = planKnownHosts('').text

/** What ssh-keygen, which reads known_hosts as ssh does, finds for a host. */
function find(text: string, name: string): readonly string[] {
  const file = join(folder.path, 'known_hosts')
  writeFileSync(file, text)
  return run('ssh-keygen', ['-l', '-F', name, '-f', file])
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => /SHA256:\S+/.exec(line)?.[0] ?? line)
}

describe('pinned hosts', () => {
  const github = [
    'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
    'SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM',
    'SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s'
  ]
  const gitlab = [
    'SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8',
    'SHA256:HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw',
    'SHA256:ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ'
  ]
  const bitbucket = [
    'SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM',
    'SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0',
    'SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E'
  ]

  test.each([
    ['github.com', github],
    ['[ssh.github.com]:443', github],
    ['gitlab.com', gitlab],
    ['[altssh.gitlab.com]:443', gitlab],
    ['bitbucket.org', bitbucket],
    ['ssh.bitbucket.org', bitbucket],
    ['[altssh.bitbucket.org]:443', bitbucket]
  ])('%s has exactly the published fingerprints', (name, fingerprints) => {
    expect(find(pinned, name)).toEqual(fingerprints)
  })

  test('nothing else is pinned', () => {
    expect(pinned.trimEnd().split('\n')).toHaveLength(9)
    expect(pinned.endsWith('\n')).toBe(true)
  })
})

describe("the user's lines", () => {
  const key = `${type} ${base64}`

  test.each([
    ['a host', `git.example.com ${key}`, 'git.example.com'],
    ['a comment behind it', `git.example.com ${key} root@git SHA256:abcdefghijklmnopqrstuvwxyz`, 'git.example.com'],
    ['names and addresses', `git.example.com,192.0.2.7,2001:db8::1 ${key}`, '2001:db8::1'],
    ['a port', `[git.example.com]:2222 ${key}`, '[git.example.com]:2222'],
    ['wildcards', `*.example.com,!bad.example.com ${key}`, 'git.example.com'],
    ['tabs and CRLF', `git.example.com\t${key}\r\n`, 'git.example.com'],
    ['indentation', `   git.example.com ${key}`, 'git.example.com'],
    ['literal \\n', `# x\\ngit.example.com ${key}\\n`, 'git.example.com'],
    [
      'as ssh-keyscan prints it',
      `# git.example.com:22 SSH-2.0-OpenSSH_9.2\n\ngit.example.com ${key}\n`,
      'git.example.com'
    ]
  ])('%s', (_, line, name) => {
    const { text, problems } = planKnownHosts(line)
    expect(problems).toEqual([])
    expect(text.startsWith(pinned)).toBe(true)
    expect(text.endsWith('\n')).toBe(true)
    expect(find(text, name)).toEqual([host.fingerprint])
  })

  test('hashed names, as ssh-keygen -H makes them', () => {
    const file = join(folder.path, 'hashed')
    writeFileSync(file, `git.example.com ${key}\n`)
    run('ssh-keygen', ['-H', '-f', file])
    const { text, problems } = planKnownHosts(readFileSync(file, 'utf8'))
    expect(problems).toEqual([])
    expect(find(text, 'git.example.com')).toEqual([host.fingerprint])
  })

  test('markers', () => {
    const lines = `@cert-authority *.example.com ${key}\n@revoked github.com ${key}`
    expect(planKnownHosts(lines)).toEqual({ text: `${pinned}${lines}\n`, problems: [] })
  })

  test.each([
    ['a private key', host.text, /private key/, /ssh-private-key/],
    ['a PuTTY key', 'PuTTY-User-Key-File-3: ssh-ed25519', /private key/, /ssh-private-key/],
    [
      'a fingerprint',
      'git.example.com SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
      /fingerprint/,
      /ssh-keyscan/
    ],
    ['a listing', `256 ${host.fingerprint} git.example.com (ED25519)`, /fingerprint/, /ssh-keyscan/],
    ['a public key', host.publicLine, /without a host name/, /in front/],
    ['a bare host', 'git.example.com', /triple/, /ssh-keyscan/],
    ['a host and a type', 'git.example.com ssh-ed25519', /triple/, /ssh-keyscan/],
    ['an URL', `https://git.example.com ${key}`, /address/, /bare name/],
    ['a user', `git@git.example.com ${key}`, /address/, /bare name/],
    ['a port the other way', `git.example.com:2222 ${key}`, /port/, /\[git\.example\.com\]:2222/],
    ['odd characters', `git.example.com; ${key}`, /characters/, /ssh-keyscan/],
    ['an unknown marker', `@trusted git.example.com ${key}`, /marker/, /@revoked/],
    ['a damaged hash', `|1|short|hash ${key}`, /hashed/, /ssh-keygen -H/],
    ['no base64', `git.example.com ${type} hello-world`, /no key/, /ssh-keyscan/],
    ['another type', `git.example.com ssh-rsa ${base64}`, /another type/, /Write `ssh-ed25519`/],
    ['a cut key', `git.example.com ${type} ${base64.slice(0, 40)}`, /cut off/, /ssh-keyscan/],
    ['a cut ECDSA key', `git.example.com ${ecdsa.publicLine.slice(0, 120)}`, /cut off/, /ssh-keyscan/]
  ])('%s is a problem, and is not in the text', (_, line, problem, fix) => {
    const { text, problems } = planKnownHosts(line)
    expect(text).toBe(pinned)
    expect(problems).toMatchObject([{ input: 'ssh-known-hosts', problem: expect.stringMatching(problem) }])
    expect(problems[0]?.fix).toMatch(fix)
  })

  test('problems name their lines; good lines stay', () => {
    const { text, problems } = planKnownHosts(`# hosts\nbad\n\ngit.example.com ${key}\nworse`)
    expect(problems.map(({ problem }) => problem.split(' ').slice(0, 2))).toEqual([
      ['Line', '2'],
      ['Line', '5']
    ])
    expect(text).toBe(`${pinned}# hosts\ngit.example.com ${key}\n`)
  })
})
