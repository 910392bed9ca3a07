/**
 * Attacks by area: each is tried once, and is through if what was promised did not hold. Known doors come first, then as
 * many around them as asked for, always the same ones for the same number.
 */
import path from 'node:path'
import { breakMarks, mayCommand } from '../../src/adapters/commands.js'
import { readEnvironment } from '../../src/adapters/environment.js'
import { readCredentials } from '../../src/credentials/credentials.js'
import { mayServeStrangers } from '../../src/gate/plan.js'
import { allowedTo, planTrust } from '../../src/occasion/trust_plan.js'
import { occasionOf } from '../../src/occasion/occasion.js'
import { runs, type StartedRun } from '../fixtures/events.js'
import { contextOf, occasionFor } from '../fixtures/started.js'
import { parseJSON } from '../../src/core/json.js'
import { inputsOf } from '../inputs/support.js'
import { readCommands } from '../support/runner_commands.js'
import type { Area } from './area.js'
import { gates } from './gates.js'
import { settings } from './settings.js'
import { texts } from './texts.js'

const marks = [
  '##[',
  '##[error]',
  '#',
  '[',
  '::',
  '::error::',
  '::stop-commands::x',
  ':',
  ']',
  'add-mask',
  'set-output name=a'
]
const between = [
  ' ',
  '\t',
  '\r',
  '\n',
  '\u00a0',
  '\u200b',
  '\u00ad',
  '\ufeff',
  '\0',
  '\u0301',
  '\u2066',
  '\u0085',
  'x',
  '%0A',
  '\u2028'
]
const knownLines = [
  '##[error]x',
  'the secret "a ##[set-output name=b]c" is missing',
  '\ufeff::error::x',
  'a\r::error::x',
  '#\u00ad#[debug]x'
]

const commands: Area = {
  name: 'workflow commands in a line',
  doors: knownLines.length,
  attack(index, pick) {
    const line = knownLines[index] ?? Array.from({ length: 8 }, () => pick(pick([marks, between]))).join('')
    if (readCommands(line).length > 0 && !mayCommand(line)) return JSON.stringify(line)
    const data = breakMarks(line).replaceAll('\r', '%0D').replaceAll('\n', '%0A')
    const seen = readCommands(`::notice::${data}`, { without: ['notice'] })
    return seen.length > 0 ? `in a notice of an old runner: ${JSON.stringify(line)}` : undefined
  }
}

const knownOutputs = [
  'type =registry,name=r.test/a',
  'TYPE=registry,name=r.test/a',
  '"type=registry","name=r.test/a"',
  'type=image,name=r.test/a,push=',
  'type=docker,context=other',
  'type=image,name=r.test/a,push\u0085=true'
]

const outputs: Area = {
  name: 'outputs of an untrusted run that push',
  doors: knownOutputs.length,
  attack(index, pick) {
    const spelled = (key: string): string => {
      const letters = [...key].map((letter) => pick([letter, letter.toUpperCase()])).join('')
      return `${pick(['', ' ', '\t', '  ', '\u0085'])}${letters}${pick(['', ' ', '\t', '\u00a0'])}`
    }
    const kind = pick([
      [`${spelled('type')}=registry`],
      [`${spelled('type')}=image`, `${spelled('push')}=${pick(['true', '1', 't', 'T', '', 'TRUE'])}`],
      [`${spelled('type')}=image`, `${spelled('push-by-digest')}=true`]
    ])
    const fields = [`${spelled('name')}=r.test/a`, ...kind, ...pick([[], ['oci-mediatypes=true']])]
    const turned = pick([fields, fields.toReversed()])
    const known = knownOutputs[index]
    const entry = known ?? turned.map((field) => pick([field, `"${field}"`])).join(',')
    for (const run of ['fork', 'dependabot', 'targetFromFork'] as const) {
      const left = stay(run, entry)
      if (left) return `${run}: ${entry}`
    }
    return undefined
  }
}

/** Whether the entry is let out; one that is refused as an input is not. */
function stay(run: 'fork' | 'dependabot' | 'targetFromFork', entry: string): boolean {
  try {
    return planTrust(occasionFor(run), inputsOf({ outputs: entry })).publish.outputs.length > 0
  } catch {
    return false
  }
}

const hosts = [
  'github.com',
  'evil.test',
  'github.com.evil.test',
  'evil.test:443',
  'github.com:8443',
  '[::1]',
  'GITHUB.COM'
]
const pieces = ['@', ':', '\\', '/', '#', '?', '%40', '..', ' ', '\t', '', 'x', 'github.com', 'evil.test']
const knownAddresses = [
  'https://github.com@evil.test/a.git',
  'https://github.com\\@evil.test/a.git',
  'http://github.com/a.git',
  'https://github.com.evil.test/a.git'
]

const token: Area = {
  name: 'the token for another host',
  doors: knownAddresses.length,
  async attack(index, pick) {
    const random = `${pick(['https', 'http', 'HTTPS', 'git'])}://${pick(pieces)}${pick(pieces)}${pick(hosts)}${pick(pieces)}${pick(pieces)}/a/b.git`
    const url = knownAddresses[index] ?? random
    const context = occasionFor('push')
    const inputs = { ...inputsOf({ 'github-token': 'ghs_hunter2hunter2' }), context: { kind: 'remote' as const, url } }
    const { credentials } = await readCredentials(inputs, context, {})
    const ids = credentials.secrets.map(({ id }) => id).filter((id) => id.startsWith('GIT_AUTH'))
    if (ids.length === 0) return undefined
    // As Go reads an address, which BuildKit does: the authority ends at the first of "/?#", the host begins after the last "@".
    const authority = /^https:\/\/([^/?#]*)/i.exec(url)?.[1] ?? ''
    const host = authority.slice(authority.lastIndexOf('@') + 1)
    const isServer = /^github\.com(?::443)?$/i.test(host) && !/[\\\s%]/.test(authority)
    return isServer && ids.join() === `GIT_AUTH_TOKEN.${host}` ? undefined : url
  }
}

const entries = [
  '',
  '.',
  'bin',
  './x',
  '../x',
  '/checkout/app',
  '/checkout/app/bin',
  '/checkout/app/../app/x',
  '/usr/bin',
  '/checkout/application',
  '/checkout//app/y'
]

const environment: Area = {
  name: 'programs and configuration from the checkout',
  doors: entries.length,
  attack(index, pick) {
    const list = index < entries.length ? [entries[index] ?? ''] : Array.from({ length: 5 }, () => pick(entries))
    const variables = { HOME: pick(['', '.', 'home', '/home/me']), DOCKER_CONFIG: pick(['', '/etc/docker']) }
    const env = readEnvironment({ ...variables, GITHUB_WORKSPACE: '/checkout/app', PATH: list.join(path.delimiter) })
    const bad = (env.PATH ?? '')
      .split(path.delimiter)
      .filter((folder) => !path.isAbsolute(folder) || `${path.resolve(folder)}/`.startsWith('/checkout/app/'))
    const isOpen = bad.length > 0 || !path.isAbsolute(env.HOME ?? '') || env.DOCKER_CONFIG === ''
    return isOpen ? JSON.stringify(env) : undefined
  }
}

const foreign = [
  'fork',
  'forkReview',
  'deletedFork',
  'targetFromFork',
  'targetOfDependabot',
  'dependabot',
  'comment',
  'repositoryDispatch',
  'workflowRunOfBranch',
  'workflowRunOfFork',
  'workflowRunOfPullRequest',
  'workflowRunOfUnknown'
] as const

const caches: Area = {
  name: 'caches and mounts of a branch from elsewhere',
  doors: foreign.length,
  attack(index, pick) {
    const name = foreign[index] ?? pick(foreign)
    const started: StartedRun = runs[name]
    const ref = pick([started.env.GITHUB_REF ?? '', 'refs/heads/main', 'refs/heads/pr-214'])
    const { scopes, ownerOfMounts } = occasionFor(name, { ref })
    const { write } = scopes
    const writesBranch = 'scope' in write && write.scope.startsWith('branch-')
    if (writesBranch || ownerOfMounts === undefined) return `${name} on ${ref}`
    return undefined
  }
}

const own = ['secret-files', 'secret-envs', 'ssh-path', 'ssh-agent'] as const

const runners: Area = {
  name: "the runner's own in an untrusted run",
  doors: own.length,
  async attack(index, pick) {
    const chosen = index < own.length ? [own[index]] : own.filter(() => pick([true, false]))
    const run = pick(['fork', 'forkReview', 'deletedFork', 'dependabot', 'dependabotPush', 'targetFromFork'] as const)
    const occasion = occasionFor(run, { sshAuthSock: '/run/agent' })
    const inputs = inputsOf({
      'secret-files': chosen.includes('secret-files') ? `file=${import.meta.filename}` : '',
      'secret-envs': chosen.includes('secret-envs') ? 'variable=VARIABLE' : '',
      ssh: [
        ...(chosen.includes('ssh-agent') ? ['default'] : []),
        ...(chosen.includes('ssh-path') ? ['a=/k'] : [])
      ].join('\n')
    })
    const env = { VARIABLE: 'hunter2hunter2' }
    const { credentials } = await readCredentials(inputs, occasion, env)
    const given = credentials.secrets.map(({ id }) => id).filter((id) => id !== 'known_hosts')
    return given.length > 0 || credentials.usesRunners ? `${run}: ${given.join()}` : undefined
  }
}

const members = [
  'action',
  'number',
  'repository',
  'sender',
  'id',
  'head',
  'base',
  'repo',
  'full_name',
  'user',
  'ref',
  'sha'
]

const events: Area = {
  name: 'events of a fork that lack a member',
  doors: members.length,
  attack(index, pick) {
    const lacking = members[index] === undefined ? members.filter(() => pick([true, false, false])) : [members[index]]
    const name = pick(['fork', 'forkReview', 'deletedFork', 'targetFromFork'] as const)
    const text = JSON.stringify(runs[name].payload, (key, value: unknown) =>
      lacking.includes(key) ? undefined : value
    )
    const payload = parseJSON(
      pick([text, text, text, text.slice(0, pick([0, 1, 40, 400])), 'null', '[]', '{"pull_request":7}'])
    )
    const occasion = occasionOf(contextOf({ ...runs[name], payload: payload ?? null }))
    return occasion.trust.trusted ? `${name} without ${lacking.join()}: ${JSON.stringify(payload)}` : undefined
  }
}

const entitled = ['security.insecure', ' security.insecure', 'device', 'device=nvidia.com/gpu', 'device=a,b=c']

const entitlements: Area = {
  name: 'entitlements that make a stranger root',
  doors: entitled.length,
  attack(index, pick) {
    const chosen = [entitled[index] ?? pick(entitled), pick(['network.host', pick(entitled)])]
    const run = pick(['fork', 'forkReview', 'deletedFork', 'dependabot', 'targetFromFork'] as const)
    const allowed = allowedTo(occasionFor(run).trust, chosen)
    return allowed.every((entitlement) => entitlement === 'network.host') ? undefined : `${run}: ${allowed.join()}`
  }
}

const frontends = [
  'evil.test/docker/dockerfile:1',
  'docker/dockerfile/x',
  'docker/dockerfilex:1',
  'docker.io/evil/dockerfile:1',
  'docker.io.evil.test/docker/dockerfile',
  'localhost:5000/docker/dockerfile@sha256:a'
]

const frontend: Area = {
  name: 'frontends of a stranger on a shared builder',
  doors: frontends.length,
  attack(index, pick) {
    const named =
      frontends[index] ??
      `${pick(['', 'docker.io/', 'evil.test/', 'DOCKER.IO/'])}${pick(['docker/', 'evil/', 'docker//'])}dockerfile${pick(['', '-upstream', '-evil', '/x'])}${pick(['', ':1', '@sha256:a'])}`
    const isDockers = /^(docker\.io\/)?docker\/dockerfile(-upstream)?([:@]|$)/.test(named)
    return mayServeStrangers(named) && !isDockers ? named : undefined
  }
}

export const areas: readonly Area[] = [
  commands,
  outputs,
  token,
  environment,
  caches,
  runners,
  events,
  entitlements,
  frontend,
  ...gates,
  ...settings,
  ...texts
]
