/**
 * The environment as this program and its children see it. The code of a pull request is checked out where the step
 * starts, so nothing that is looked for relative to that folder, or in it, may be run or read as configuration.
 */
import { realpathSync } from 'node:fs'
import path from 'node:path'
import { homeFolder } from '../core/docker_config.js'

type Environment = Readonly<Record<string, string | undefined>>

/** Names of folders and files; an empty one would stand for the working directory. */
const pathVariables = [
  'HOME',
  'DOCKER_CONFIG',
  'BUILDX_CONFIG',
  'XDG_CONFIG_HOME',
  'XDG_CACHE_HOME',
  'XDG_RUNTIME_DIR',
  'TMPDIR',
  'RUNNER_TEMP',
  'GITHUB_WORKSPACE',
  'GITHUB_EVENT_PATH',
  'GITHUB_STEP_SUMMARY',
  'SSH_AUTH_SOCK'
]

/** Where programs are without a PATH. */
const defaultPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/**
 * Empty names of folders are unset, as they are to docker; `PATH` holds absolute folders outside of the checkout alone;
 * and there is a home in any case, since docker would look for `.docker` in the working directory without one.
 */
export function readEnvironment(env: Environment): Environment {
  const set = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value !== '' || !pathVariables.includes(name))
  )
  const isChecked = inCheckout(set)
  const folders = (set.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder) && !isChecked(folder))
  const temporary = [set.RUNNER_TEMP].find((folder) => folder !== undefined && path.isAbsolute(folder))
  return {
    ...set,
    HOME: homeFolder(set) ?? temporary ?? '/',
    PATH: (folders.length > 0 ? folders : defaultPath).join(path.delimiter)
  }
}

/** Tells whether a path is in the checkout (`GITHUB_WORKSPACE`), symbolic links followed. */
export function inCheckout({ GITHUB_WORKSPACE: workspace = '' }: Environment): (place: string) => boolean {
  const checkout = workspace === '' ? '/' : followed(workspace)
  // Nothing is checked out into the root; and everything would be in it.
  if (checkout === path.parse(checkout).root) return () => false
  return (place) => `${followed(place)}${path.sep}`.startsWith(`${checkout}${path.sep}`)
}

function followed(place: string): string {
  try {
    return realpathSync(place)
  } catch {
    return path.resolve(place)
  }
}
