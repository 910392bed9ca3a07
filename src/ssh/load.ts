/** Puts keys into a running agent. Key text goes in on standard input; a passphrase in one `ssh-add`'s environment. */
import { access, chmod, constants, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InputProblem } from '../core/problem.js'
import { stopOnProblems } from '../failure/stop.js'
import { ProgramMissing, type Exec, type ExecOptions, type ExecResult } from '../ports.js'
import { INSTALL_OPENSSH, machineFailed } from './failed.js'
import type { PrivateKey } from './keys.js'
import { nameKey } from './passphrases.js'
import { blobType, fingerprint } from './wire.js'

/** A key as the agent shows it. */
export type LoadedKey = {
  readonly type: string
  readonly fingerprint: string
  readonly comment: string
  /** Type and blob, as in a `.pub` file without its comment. */
  readonly publicKey: string
}

/** Where and how to load. `folder` holds the askpass script; the times are seconds. */
export type Loading = {
  readonly exec: Exec
  readonly socketPath: string
  readonly folder: string
  readonly lifetimeSeconds: number
  readonly timeoutSeconds: number
}

/**
 * Answers one question for a passphrase and no second one: OpenSSH asks again for ever while the answer is wrong.
 * `printf` is built into sh, so the passphrase is on nobody's command line.
 */
const ASKPASS = `#!/bin/sh
[ -n "$STAGEGATE_PASSPHRASE" ] || exit 1
mkdir "$STAGEGATE_ASKED" 2>/dev/null || { mkdir "$STAGEGATE_ASKED-again"; exit 1; }
printf '%s\\n' "$STAGEGATE_PASSPHRASE"
`

/** Loads every key, then asks the agent what it holds. Throws one error with the problems of all keys. */
export async function loadKeys(
  loading: Loading,
  keys: readonly PrivateKey[],
  passphrases: readonly (string | undefined)[]
): Promise<readonly LoadedKey[]> {
  const askpass = join(loading.folder, 'askpass')
  await writeFile(askpass, ASKPASS)
  await chmod(askpass, 0o700)
  if (passphrases.some((passphrase) => passphrase !== undefined)) await checkExecutable(askpass)
  const problems: InputProblem[] = []
  for (const [index, key] of keys.entries()) {
    const asked = join(loading.folder, `asked-${index}`)
    const passphrase = passphrases[index]
    const result = await sshAdd(loading, ['-q', '-t', String(loading.lifetimeSeconds), '-'], {
      input: key.text,
      env: {
        SSH_ASKPASS: askpass,
        SSH_ASKPASS_REQUIRE: 'force',
        // OpenSSH before 8.4 knows no SSH_ASKPASS_REQUIRE and asks only where DISPLAY is set. Nothing connects to it.
        DISPLAY: 'none',
        STAGEGATE_ASKED: asked,
        ...(passphrase === undefined ? {} : { STAGEGATE_PASSPHRASE: passphrase })
      }
    })
    const problem = await explainRefusal(result, { key, asked, name: nameKey(index, keys.length) })
    if (problem !== undefined) problems.push(problem)
  }
  stopOnProblems(problems)
  const loaded = await listKeys(loading)
  confirmLoaded(keys, loaded)
  return loaded
}

/** `ssh-add` starts the script, which a file system that is mounted `noexec` does not let it. */
async function checkExecutable(file: string): Promise<void> {
  await access(file, constants.X_OK).catch((error: unknown) => {
    throw machineFailed(
      `No program can be started from the temporary folders of the runner (${file}): they are mounted noexec.`,
      'A key with a passphrase needs one, which asks for it. Mount RUNNER_TEMP or /tmp without noexec, or store the key without a passphrase.',
      error
    )
  })
}

/** What the agent holds, as `ssh-add -L` lists it. */
async function listKeys(loading: Loading): Promise<readonly LoadedKey[]> {
  const { stdout } = await sshAdd(loading, ['-L'], {})
  return stdout.split('\n').flatMap((line) => {
    const [type, base64, ...comment] = line.trim().split(' ')
    const blob = Buffer.from(base64 ?? '', 'base64')
    if (type === undefined || blobType(blob) !== type) return []
    const publicKey = `${type} ${blob.toString('base64')}`
    return [{ type, fingerprint: fingerprint(blob), comment: comment.join(' '), publicKey }]
  })
}

function confirmLoaded(keys: readonly PrivateKey[], loaded: readonly LoadedKey[]): void {
  const held = new Set(loaded.map((key) => key.fingerprint))
  const lacking = keys.filter((key) => key.fingerprint !== undefined && !held.has(key.fingerprint))
  if (lacking.length === 0 && (held.size > 0 || keys.length === 0)) return
  throw machineFailed(
    `ssh-add reported success, but the agent holds ${held.size} of ${keys.length} keys.`,
    'Run `ssh-add -V` and `ssh -V` on the runner: the agent and ssh-add may come from different installations.'
  )
}

async function sshAdd(loading: Loading, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const { exec, socketPath, timeoutSeconds } = loading
  try {
    const env = { ...options.env, SSH_AUTH_SOCK: socketPath }
    const result = await exec({ file: 'ssh-add', args }, { ...options, env, timeoutSeconds })
    if (!result.timedOut) return result
  } catch (error) {
    if (!(error instanceof ProgramMissing)) throw error
    throw machineFailed('ssh-add was not found on PATH.', INSTALL_OPENSSH, error)
  }
  throw machineFailed(
    `ssh-add did not end within ${timeoutSeconds} seconds.`,
    'Check the load of the runner, and that nothing else uses the agent of this step.'
  )
}

type Attempt = { readonly key: PrivateKey; readonly asked: string; readonly name: string }

/** Why `ssh-add` refused a key: the traces that the askpass left tell a wrong passphrase from a key it cannot read. */
async function explainRefusal(result: ExecResult, attempt: Attempt): Promise<InputProblem | undefined> {
  const { key, asked, name } = attempt
  if (result.exitCode === 0) return undefined
  if (/agent refused operation|communication with agent/i.test(result.stderr)) {
    throw machineFailed(
      `The agent refused ${name.toLowerCase()}.`,
      'The agent and ssh-add on this runner may come from different installations; check `ssh -V`.'
    )
  }
  if (await exists(`${asked}-again`)) {
    return {
      input: 'ssh-passphrase',
      problem: `The passphrase does not open ${lowerFirst(name)} in ssh-private-key.`,
      fix: 'Check it with `ssh-keygen -y -f <file>`. One line is used for all encrypted keys; several lines belong to the encrypted keys in their order. Spaces at the ends of a line count.'
    }
  }
  if (key.encrypted && !(await exists(asked)) && /askpass|permission denied/i.test(result.stderr)) {
    throw machineFailed(
      'ssh-add could not run the script that hands it the passphrase.',
      'The temporary folder of the runner (RUNNER_TEMP) must not be mounted with "noexec".'
    )
  }
  return {
    input: 'ssh-private-key',
    problem: `${name} looks complete, but ssh-add on this runner cannot read it${reasonOf(result.stderr)}.`,
    fix: "Rewrite it in OpenSSH's own format with `ssh-keygen -p -f <file>` (a new passphrase or none), check it with `ssh-keygen -y -f <file>`, and store it again."
  }
}

/** OpenSSH's fixed words alone; the rest of its message may hold the key's comment. */
function reasonOf(stderr: string): string {
  const words = /Error loading key "\(stdin\)": ([a-z ]{3,60})\s*$/m.exec(stderr)?.[1]
  return words === undefined ? '' : ` (it says: ${words})`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false
  )
}
