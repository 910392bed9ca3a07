/** The login that docker has for a repository: https://docs.docker.com/reference/cli/docker/login/#credential-stores */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { buildxConfigFolder, dockerConfigFolder } from '../core/docker_config.js'
import { asObject, asString, dig, parseJSON } from '../core/json.js'
import { Cancelled, type Exec } from '../ports.js'
import { dockerHub, isDockerHub } from '../core/reference.js'
import type { Repository } from './address.js'

/** What a request may do with a repository. */
export type Actions = 'pull' | 'pull,push'

/** A login, or why there is none to be had. Holds secrets: never print it whole. */
export type Login =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string; readonly source: string }
  /** A refresh token: https://distribution.github.io/distribution/spec/auth/oauth/ */
  | { readonly kind: 'identity'; readonly token: string; readonly source: string }
  /** A token that the registry itself takes. */
  | { readonly kind: 'bearer'; readonly token: string; readonly source: string }
  /** As docker does, the run goes on without what is broken; `fault` says what that is. */
  | { readonly kind: 'none'; readonly source: string; readonly fault?: string }
  /** There should be one and cannot be had; `why` says what happened. */
  | { readonly kind: 'unusable'; readonly why: string; readonly source: string }

type Environment = Readonly<Record<string, string | undefined>>

/** What is asked for. */
export type LoginQuestion = {
  readonly repository: Pick<Repository, 'host' | 'path'>
  readonly actions: Actions
  /** What a helper said before this is not good any more; milliseconds since the epoch, 0 unless told. */
  readonly since?: number
}

/** Seconds that a credential helper may take; those of cloud providers ask their cloud. */
const HELPER_SECONDS = 20

type Asked = { readonly login: Promise<Login>; readonly at: number }

/** What helpers have said in a run, which has one environment: a helper knows registries, and nothing of repositories. */
const asked = new WeakMap<Environment, Map<string, Asked>>()

/**
 * Looks where docker and buildx look: a configuration for this very repository (docker/login-action's `scope`), then
 * `DOCKER_AUTH_CONFIG`, then docker's configuration with the helpers that it names. The most specific key of `auths` wins:
 * `ghcr.io/acme` before `ghcr.io`. Rejects with `Cancelled` alone.
 */
export async function findLogin(exec: Exec, env: Environment, question: LoginQuestion): Promise<Login> {
  const { repository, actions, since = 0 } = question
  const ask: AskHelper = (helper, key) => askOnce(exec, env, { helper, key, since })
  const scoped = await findScoped(env, repository, actions)
  if (scoped !== undefined) return loginIn(ask, await readConfig(scoped), repository)
  const variable = parseConfig(env.DOCKER_AUTH_CONFIG ?? '', 'DOCKER_AUTH_CONFIG')
  const fromVariable = inlineLogin(variable, repository)
  if (fromVariable !== undefined && fromVariable.kind !== 'none') return fromVariable
  const login = await loginIn(ask, await readConfig(dockerConfigFolder(env)), repository)
  if (login.kind !== 'none') return login
  // Hardened images and Scout are behind Docker Hub's logins.
  if (repository.host === 'dhi.io' || repository.host === 'registry.scout.docker.com')
    return findLogin(exec, env, { ...question, repository: { ...repository, host: dockerHub.host } })
  return withFault(login, variable.fault ?? fromVariable?.fault)
}

/** What a file or variable of docker's holds; nothing where `fault` says why it cannot be read. */
type Config = { readonly source: string; readonly content: unknown; readonly fault?: string }

async function readConfig(folder: string): Promise<Config> {
  const source = path.join(folder, 'config.json')
  try {
    return parseConfig(await readFile(source, 'utf8'), source)
  } catch (error: unknown) {
    const code = asString(dig(error, 'code')) ?? 'unknown'
    const isThere = code !== 'ENOENT' && code !== 'ENOTDIR'
    return { source, content: undefined, ...(isThere ? { fault: `${source} cannot be read (${code})` } : {}) }
  }
}

function parseConfig(text: string, source: string): Config {
  const content = parseJSON(text)
  // An empty one is none to docker, and so is `null`.
  if (text.trim() === '' || content === null || asObject(content) !== undefined) return { source, content }
  const fault = content === undefined ? `${source} is cut off or not JSON` : `${source} is not a JSON object`
  return { source, content: undefined, fault }
}

/** The first thing that is broken is enough to begin with. */
function withFault(login: Extract<Login, { kind: 'none' }>, fault: string | undefined): Login {
  return fault === undefined || login.fault !== undefined ? login : { ...login, fault }
}

type AskHelper = (helper: string, key: string) => Promise<Login>

async function loginIn(ask: AskHelper, config: Config, repository: Pick<Repository, 'host' | 'path'>): Promise<Login> {
  const { source, content, fault } = config
  const named = mostSpecific(dig(content, 'credHelpers'), repository) ?? dig(content, 'credsStore') ?? ''
  const inline = inlineLogin(config, repository) ?? withFault({ kind: 'none', source }, fault)
  if (typeof named !== 'string') {
    const misnamed = `in ${source} the credential helper is not named by a text`
    return inline.kind === 'none' ? withFault(inline, misnamed) : inline
  }
  if (named === '') return inline
  const login = await ask(named, isDockerHub(repository.host) ? dockerHub.loginKey : repository.host)
  if (login.kind !== 'none') return login
  return inline.kind === 'none' ? withFault(login, inline.fault) : inline
}

type InlineLogin = Exclude<Login, { kind: 'unusable' }>

/** A login that stands in the text itself; `undefined` where none does. */
function inlineLogin(
  { source, content }: Config,
  repository: Pick<Repository, 'host' | 'path'>
): InlineLogin | undefined {
  const entry = mostSpecific(dig(content, 'auths'), repository)
  const member = (name: string): string => asString(dig(entry, name)) ?? ''
  if (member('identitytoken') !== '') return { kind: 'identity', token: member('identitytoken'), source }
  if (member('registrytoken') !== '') return { kind: 'bearer', token: member('registrytoken'), source }
  const decoded = Buffer.from(member('auth'), 'base64').toString()
  const colon = decoded.indexOf(':')
  // Old docker padded with zero bytes, and the new one still takes them off.
  const password = colon < 0 ? member('password') : decoded.slice(colon + 1).replace(/^\0+|\0+$/g, '')
  const user = colon < 0 ? member('username') : decoded.slice(0, colon)
  if (user !== '' || password !== '') return { kind: 'basic', user, password, source }
  const auth = dig(entry, 'auth') ?? ''
  if (auth === '') return undefined
  return {
    kind: 'none',
    source,
    fault: `the "auth" for ${repository.host} in ${source} is not USER:PASSWORD in base64`
  }
}

/** The member whose key says most of the repository: `host/acme/app`, `host/acme`, `host`; also written as URLs. */
function mostSpecific(members: unknown, { host, path: name }: Pick<Repository, 'host' | 'path'>): unknown {
  const byPlace = new Map<string, unknown>()
  for (const [key, value] of Object.entries(asObject(members) ?? {})) {
    const place = placeOf(key)
    if (!byPlace.has(place) || key === place) byPlace.set(place, value)
  }
  const parts = name.split('/')
  const base = isDockerHub(host) ? dockerHub.name : host
  for (let length = parts.length; length >= 0; length -= 1) {
    const place = [base, ...parts.slice(0, length)].join('/')
    if (byPlace.has(place)) return byPlace.get(place)
  }
  return undefined
}

/** `https://index.docker.io/v1/` is `docker.io`, and `https://host/v2/acme` is `host/acme`. */
function placeOf(key: string): string {
  const [host = '', ...rest] = key
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .split('/')
  const names = rest[0] === 'v1' || rest[0] === 'v2' ? rest.slice(1) : rest
  return [isDockerHub(host) ? dockerHub.name : host, ...names].join('/')
}

/** Asks a helper, unless it was asked for the same registry. A failure is nobody's answer but that of who met it. */
async function askOnce(
  exec: Exec,
  env: Environment,
  { helper, key, since }: { readonly helper: string; readonly key: string; readonly since: number }
): Promise<Login> {
  const memory = asked.get(env) ?? new Map<string, Asked>()
  asked.set(env, memory)
  const place = `${helper} ${key}`
  const known = memory.get(place)
  const login = known === undefined || known.at < since ? undefined : await known.login.catch(() => undefined)
  if (login !== undefined && login.kind !== 'unusable') return login
  const asking = askHelper(exec, helper, key)
  memory.set(place, { login: asking, at: Date.now() })
  return asking
}

async function askHelper(exec: Exec, helper: string, key: string): Promise<Login> {
  const source = `docker-credential-${helper}`
  const unusable = (why: string): Login => ({ kind: 'unusable', why: `${source} ${why}`, source })
  if (!/^[\w.-]+$/.test(helper))
    return { kind: 'unusable', why: 'the name of the credential helper is not valid', source }
  try {
    const options = { input: key, timeoutSeconds: HELPER_SECONDS }
    const { exitCode, stdout, timedOut } = await exec({ file: source, args: ['get'] }, options)
    if (timedOut) return unusable(`did not answer within ${HELPER_SECONDS} s`)
    if (exitCode !== 0) {
      // The helpers' own words: https://github.com/docker/docker-credential-helpers/blob/master/credentials/error.go
      return /credentials not found|no credentials/i.test(stdout)
        ? { kind: 'none', source }
        : unusable(`ended with exit code ${exitCode}`)
    }
    if (stdout.trim() === '') return unusable('gave no answer')
    const answer = asObject(parseJSON(stdout))
    if (answer === undefined) return unusable('gave an answer that is cut off or not a JSON object')
    const [user, secret] = [answer.Username ?? '', answer.Secret ?? '']
    if (typeof user !== 'string' || typeof secret !== 'string')
      return unusable('gave an answer whose Username or Secret is not a text')
    if (secret === '') return user === '' ? { kind: 'none', source } : unusable('gave no secret')
    return user === '<token>'
      ? { kind: 'identity', token: secret, source }
      : { kind: 'basic', user, password: secret, source }
  } catch (error: unknown) {
    if (error instanceof Cancelled) throw error
    return unusable('could not be started')
  }
}

/**
 * The folder of a configuration that is for this repository alone, or for its registry and these actions.
 * https://docs.docker.com/build/building/registry-auth/#select-credentials-by-repository-and-scope
 */
async function findScoped(
  env: Environment,
  { host, path: name }: Pick<Repository, 'host' | 'path'>,
  actions: Actions
): Promise<string | undefined> {
  const wanted: readonly string[] = actions.split(',')
  const base = path.join(buildxConfigFolder(env), 'config')
  const read = async (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])
  // A folder for the repository goes before one for the registry, and the one with more actions before the others.
  for (const place of [path.join(host, name), host]) {
    const [parent, last] = [path.dirname(place), path.basename(place)]
    const found = (await read(path.join(base, parent)))
      .flatMap((entry) => {
        const [key, list = ''] = entry.split('@')
        const needed = list.split(',').filter((action) => action !== '')
        return key === last && needed.every((action) => wanted.includes(action)) ? [{ entry, needed }] : []
      })
      .sort((a, b) => b.needed.length - a.needed.length)
    for (const { entry } of found) {
      const folder = path.join(base, parent, entry)
      if ((await read(folder)).includes('config.json')) return folder
    }
  }
  return undefined
}
