import { Stop } from '../failure/stop.js'

/** An error of the machine: OpenSSH is not there, may not run or does not do as it should. */
export function machineFailed(message: string, fix: string, cause?: unknown): Stop {
  return new Stop({ kind: 'engine', message, fix }, { cause })
}

/** What to do where a program of OpenSSH is not on PATH. */
export const INSTALL_OPENSSH =
  'Install the OpenSSH client on the runner: `apt-get install openssh-client` (Debian, Ubuntu), `apk add openssh-client` (Alpine) or `dnf install openssh-clients` (Fedora, RHEL).'
