/**
 * What removes the private folders of a run that was killed so hard that not even `post` comes: they hold secrets that the
 * environment cannot, and the image. A process of its own for each, which ends with the folder, or with the run and the
 * folder. With the folder ends what the run has started on its behalf: a push or a test of the image is not to go on alone.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { endProcesses } from './adapters/processes.js'

/** Guards folders until it is disposed of. */
export type Guard = AsyncDisposable & { readonly watch: (folder: string) => void }

/** The longest a guard waits: a job's limit on hosted runners. */
const SIX_HOURS = 6 * 60 * 60

/** What stands in the environment of a program that works for the run of a folder: one that is guarded, or a verify command. */
function marksOf(folder: string): readonly string[] {
  return [`STAGEGATE_FOLDER=${folder}`, `STAGEGATE_OCI_LAYOUT=${folder}/`]
}

/** A build that outlived the run for a moment may write once more, so the folder is removed twice. */
const WATCH = `
watched=$1 seconds=$2 folder=$3
end() {
  for environment in $(grep -lsF ${marksOf('$folder')
    .map((mark) => `-e "${mark}"`)
    .join(' ')} /proc/[0-9]*/environ); do
    process=\${environment#/proc/}
    kill -s "$1" "\${process%/environ}" 2>/dev/null
  done
}
while [ "$seconds" -gt 0 ] && [ -d "$folder" ]; do
  if ! kill -0 "$watched" 2>/dev/null; then
    end TERM
    rm -rf -- "$folder"
    sleep 1
    end KILL
    break
  fi
  sleep 1
  seconds=$((seconds - 1))
done
kill -0 "$watched" 2>/dev/null || rm -rf -- "$folder"
`

/** The environment of a program that would outlive the run, by which it is known. Only Linux shows it. */
export function guardedBy(folder: string): Readonly<Record<string, string>> {
  return { STAGEGATE_FOLDER: folder }
}

/**
 * Whether an environment, as /proc shows it, is that of a program which works for the run of this folder, or was started by one. `post` is none: its state only mentions the folder.
 */
export function worksFor(folder: string, environment: Buffer): boolean {
  return marksOf(folder).some((mark) => environment.includes(mark))
}

/**
 * Begins to guard.
 * @param environment of which only `PATH` and the runner's own mark reach the processes
 * @param watched the process whose end ends the folders: this one unless told
 */
export function startGuard(environment: Readonly<Record<string, string | undefined>>, watched = process.pid): Guard {
  const children: ChildProcess[] = []
  return {
    watch(folder) {
      const { PATH, RUNNER_TRACKING_ID } = environment
      const args = ['-c', WATCH, 'stagegate-guard', String(watched), String(SIX_HOURS), folder]
      const child = spawn('sh', args, {
        cwd: '/',
        detached: true, // the signals of a terminal, and of a runner that cancels, are not meant for it
        stdio: 'ignore',
        env: {
          ...(PATH === undefined ? {} : { PATH }),
          ...(RUNNER_TRACKING_ID === undefined ? {} : { RUNNER_TRACKING_ID })
        }
      })
      child.once('error', () => undefined) // then `post` alone removes the folder
      child.unref()
      children.push(child)
    },
    async [Symbol.asyncDispose]() {
      const running = children.flatMap(({ pid, exitCode, signalCode }) =>
        pid === undefined || exitCode !== null || signalCode !== null ? [] : [-pid]
      )
      await endProcesses(running)
    }
  }
}
