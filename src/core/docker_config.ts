/** Where docker keeps what is the user's own: https://docs.docker.com/reference/cli/docker/#configuration-files */
import os from 'node:os'
import path from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** The folder of docker's configuration, logins and plugins. An empty `DOCKER_CONFIG` is none, as it is to docker. */
export function dockerConfigFolder(env: Environment): string {
  const { DOCKER_CONFIG: named = '' } = env
  return named === '' ? path.join(homeFolder(env) ?? '/', '.docker') : path.resolve(named)
}

/** The folder of buildx's own configuration: https://docs.docker.com/build/building/variables/#buildx_config */
export function buildxConfigFolder(env: Environment): string {
  const { BUILDX_CONFIG: named = '' } = env
  return named === '' ? path.join(dockerConfigFolder(env), 'buildx') : path.resolve(named)
}

/**
 * The user's home, always absolute: `HOME` or, where that is unset, empty or relative, what the user database says.
 * `undefined` for a user whom it does not know, such as an arbitrary uid in a container.
 */
export function homeFolder(env: Environment): string | undefined {
  return [env.HOME, databaseHome()].find((folder) => folder !== undefined && path.isAbsolute(folder))
}

function databaseHome(): string | undefined {
  try {
    return os.userInfo().homedir
  } catch {
    return undefined // ERR_SYSTEM_ERROR: the uid has no entry
  }
}
