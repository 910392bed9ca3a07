/**
 * `docker buildx` without the detour: the docker CLI starts each of its plugins to learn their names before it starts
 * the one that was asked for, which takes longer than many a cached build. The plugin is a program of its own, with the
 * same arguments, configuration and contexts.
 */
import { accessSync, constants, readFileSync } from 'node:fs'
import path from 'node:path'
import { dockerConfigFolder } from '../core/docker_config.js'
import { Cancelled, type Exec } from '../ports.js'
import { inCheckout } from './environment.js'

/** Folders of every user's plugins, in the order of https://github.com/docker/cli/tree/master/cli-plugins/manager. */
const systemFolders = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins'
]

/**
 * Path of the buildx that the docker CLI would start; `undefined` where there is no CLI or where it has to find it itself.
 * What is in the checkout is passed over: it may be the code of a stranger.
 * @param env the environment that children get
 */
export function findBuildx(
  env: Readonly<Record<string, string | undefined>>,
  systemWide: readonly string[] = systemFolders
): string | undefined {
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder))
  if (!folders.some((folder) => isProgram(path.join(folder, 'docker')))) return undefined
  const configFolder = dockerConfigFolder(env)
  const isCheckedOut = inCheckout(env)
  return [...extraFolders(configFolder), path.join(configFolder, 'cli-plugins'), ...systemWide]
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, 'docker-buildx'))
    .find((file) => isProgram(file) && !isCheckedOut(file))
}

/** Runs `docker buildx …` as that program. Where it cannot be started, the docker CLI says what is wrong with it. */
export function startDirectly(exec: Exec, buildx: string | undefined): Exec {
  if (buildx === undefined) return exec
  return async (command, options) => {
    const [plugin, ...args] = command.args
    if (command.file !== 'docker' || plugin !== 'buildx') return exec(command, options)
    try {
      return await exec({ file: buildx, args }, options)
    } catch (error) {
      if (error instanceof Cancelled) throw error
      return exec(command, options)
    }
  }
}

/** `cliPluginsExtraDirs` of the docker CLI's configuration. */
function extraFolders(configFolder: string): readonly string[] {
  try {
    const config: unknown = JSON.parse(readFileSync(path.join(configFolder, 'config.json'), 'utf8'))
    const folders = (config as { cliPluginsExtraDirs?: unknown } | null)?.cliPluginsExtraDirs
    return Array.isArray(folders) ? folders.filter((folder) => typeof folder === 'string') : []
  } catch {
    return [] // no configuration, or one that docker itself will complain about
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
