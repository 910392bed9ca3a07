/** The login that docker has for a registry: https://docs.docker.com/reference/cli/docker/login/#credential-stores */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { asString, dig, parseJSON } from '../core/json.js'
import { dockerConfigFolder } from '../core/docker_config.js'
import type { Exec } from '../ports.js'

/** A login, or why there is none to be had: docker has none, or one that only docker can use. */
export type Login =
  { readonly kind: 'basic'; readonly header: string } | { readonly kind: 'none' } | { readonly kind: 'foreign' }

type Environment = Readonly<Record<string, string | undefined>>

/** Looks into docker's configuration and asks the credential helper that it names. Never throws. */
export async function findLogin(exec: Exec, env: Environment, key: string): Promise<Login> {
  const config = parseJSON(await readFile(path.join(dockerConfigFolder(env), 'config.json'), 'utf8').catch(() => ''))
  const helper = asString(dig(config, 'credHelpers', key)) ?? asString(dig(config, 'credsStore'))
  if (helper !== undefined && helper !== '') return askHelper(exec, helper, key)
  const entry = dig(config, 'auths', key)
  if (entry === undefined) return { kind: 'none' }
  const encoded = asString(dig(entry, 'auth')) ?? ''
  return encoded === '' || (asString(dig(entry, 'identitytoken')) ?? '') !== ''
    ? { kind: 'foreign' }
    : { kind: 'basic', header: `Basic ${encoded}` }
}

async function askHelper(exec: Exec, helper: string, key: string): Promise<Login> {
  if (!/^[\w.-]+$/.test(helper)) return { kind: 'foreign' }
  try {
    const command = { file: `docker-credential-${helper}`, args: ['get'] }
    const { exitCode, stdout } = await exec(command, { input: key, timeoutSeconds: 5 })
    if (exitCode !== 0) return stdout.includes('credentials not found') ? { kind: 'none' } : { kind: 'foreign' }
    const answer = parseJSON(stdout)
    const [user, secret] = [asString(dig(answer, 'Username')) ?? '', asString(dig(answer, 'Secret')) ?? '']
    if (user === '' || user === '<token>') return { kind: 'foreign' } // the secret is no password then
    return { kind: 'basic', header: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` }
  } catch {
    return { kind: 'foreign' }
  }
}
