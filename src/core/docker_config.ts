/** Where docker keeps what is the user's own: https://docs.docker.com/reference/cli/docker/#configuration-files */
import os from 'node:os'
import path from 'node:path'

/** The folder of docker's configuration, logins and plugins. */
export function dockerConfigFolder(env: Readonly<Record<string, string | undefined>>): string {
  return env.DOCKER_CONFIG ?? path.join(env.HOME ?? os.homedir(), '.docker')
}
