/**
 * Runs the built action as a GitHub runner does: defaults from action.yml, inputs as INPUT_*, file commands, an event
 * file, then `post` with the state that main saved.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'

export const repositoryRoot = path.resolve(import.meta.dirname, '../..')

/** A workflow step: inputs as under `with:`, and what surrounds it. */
export type StepOptions = {
  /** Folder of the action in the repository, as after `uses: OWNER/stagegate/`; the action itself unless told. */
  readonly action?: string
  readonly with: Readonly<Record<string, string>>
  readonly cwd: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Name and payload of the event; a push to main unless told. */
  readonly event?: { readonly name: string; readonly payload: unknown; readonly ref?: string; readonly actor?: string }
  /** A program with arguments that starts the step in its turn, such as `setpriv`. */
  readonly through?: readonly string[]
  /** Called with the running process, for tests that interrupt it or look at it. */
  readonly onStart?: (child: ChildProcess, temporary: string) => void
  readonly onLog?: (text: string) => void
}

export type StepResult = {
  readonly exitCode: number
  /** Everything the step printed, commands included. */
  readonly log: string
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly exported: Readonly<Record<string, string>>
  readonly masks: readonly string[]
  readonly annotations: readonly { readonly level: string; readonly text: string }[]
  /** RUNNER_TEMP of the step. */
  readonly temporary: string
  /** Runs `post` and returns its log. */
  readonly post: () => Promise<string>
}

export type TestRunner = AsyncDisposable & {
  readonly run: (options: StepOptions) => Promise<StepResult>
}

type ActionFile = {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly runs: { readonly main: string; readonly post?: string }
}

/** A runner with a temporary folder of its own; disposing it runs every `post` that is still due. */
export async function startRunner(): Promise<TestRunner> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'stagegate-runner-'))
  const due = new Set<() => Promise<string>>()
  let count = 0
  return {
    async run(options) {
      count += 1
      const step = await runStep(options, path.join(home, `step-${count}`))
      const post = async (): Promise<string> => {
        due.delete(post)
        return step.post()
      }
      due.add(post)
      return { ...step, post }
    },
    async [Symbol.asyncDispose]() {
      for (const post of due) await post()
      await rm(home, { recursive: true, force: true })
    }
  }
}

async function runStep(options: StepOptions, folder: string): Promise<StepResult> {
  const place = path.join(repositoryRoot, options.action ?? '.')
  const action = parse(readFileSync(path.join(place, 'action.yml'), 'utf8')) as ActionFile
  const temporary = path.join(folder, 'temp')
  mkdirSync(temporary, { recursive: true })
  const fileOf = (name: string): string => path.join(folder, name)
  for (const name of ['output', 'state', 'env', 'path', 'summary']) writeFileSync(fileOf(name), '')
  const event = options.event ?? { name: 'push', payload: pushPayload }
  writeFileSync(fileOf('event.json'), JSON.stringify(event.payload))

  const env: Record<string, string | undefined> = {
    ...process.env,
    SSH_AUTH_SOCK: undefined,
    NODE_OPTIONS: undefined,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: event.name,
    GITHUB_EVENT_PATH: fileOf('event.json'),
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SHA: '3f2c1a9d0b8e4c6a9d5f7e1b2c3d4e5f6a7b8c9d',
    GITHUB_REF: event.ref ?? 'refs/heads/main',
    GITHUB_ACTOR: event.actor ?? 'octocat',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_WORKFLOW: 'build',
    GITHUB_JOB: 'image',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKSPACE: options.cwd,
    GITHUB_OUTPUT: fileOf('output'),
    GITHUB_STATE: fileOf('state'),
    GITHUB_ENV: fileOf('env'),
    GITHUB_PATH: fileOf('path'),
    GITHUB_STEP_SUMMARY: fileOf('summary'),
    RUNNER_TEMP: temporary,
    RUNNER_NAME: 'test',
    RUNNER_ENVIRONMENT: 'github-hosted',
    ...inputVariables(action, options.with),
    ...options.env
  }

  const main = await runNode(path.join(place, action.runs.main), env, options)
  const state = readFileCommand(await readFile(fileOf('state'), 'utf8'))
  return {
    ...main,
    temporary,
    state,
    summary: await readFile(fileOf('summary'), 'utf8'),
    outputs: readFileCommand(await readFile(fileOf('output'), 'utf8')),
    exported: readFileCommand(await readFile(fileOf('env'), 'utf8')),
    masks: [...main.log.matchAll(/^::add-mask::(.*)$/gm)].map((match) => unescapeData(match[1] ?? '')),
    annotations: [...main.log.matchAll(/^::(error|warning|notice)( [^:]*)?::(.*)$/gm)].map((match) => ({
      level: match[1] ?? '',
      text: unescapeData(`${match[2] ?? ''} ${match[3] ?? ''}`).trim()
    })),
    post: async () => {
      const entry = action.runs.post
      if (entry === undefined) return ''
      const saved = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]))
      const { cwd, through = [] } = options
      const { exitCode, log } = await runNode(path.join(place, entry), { ...env, ...saved }, { cwd, through })
      if (exitCode !== 0) throw new Error(`post ended with ${exitCode}:\n${log}`)
      return log
    }
  }
}

/** What the runner sets for `with:`, defaults of action.yml included. */
function inputVariables(action: ActionFile, given: Readonly<Record<string, string>>): Record<string, string> {
  const defaults = Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? '']))
  const values = { ...defaults, 'github-token': '', ...given }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value])
  )
}

function runNode(
  entry: string,
  env: Record<string, string | undefined>,
  { cwd, through = [], onStart, onLog }: Pick<StepOptions, 'cwd' | 'through' | 'onStart' | 'onLog'>
): Promise<{ exitCode: number; log: string }> {
  return new Promise((resolve, reject) => {
    const [file = '', ...args] = [...through, process.execPath, entry]
    const child = spawn(file, args, {
      cwd,
      env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let log = ''
    const take = (chunk: Buffer): void => {
      log += chunk.toString()
      onLog?.(chunk.toString())
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('error', reject)
    child.once('close', (code) => resolve({ exitCode: code ?? 137, log }))
    onStart?.(child, env.RUNNER_TEMP ?? '')
  })
}

/** The runner's file command format: `NAME=VALUE`, or `NAME<<DELIMITER` … `DELIMITER`. */
function readFileCommand(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at += 1) {
    const heredoc = /^([^=]+?)<<(.+)$/.exec(lines[at] ?? '')
    if (heredoc !== null) {
      const end = lines.indexOf(heredoc[2] ?? '', at)
      values[heredoc[1] ?? ''] = lines.slice(at + 1, end).join('\n')
      at = end
    } else if ((lines[at] ?? '').includes('=')) {
      const line = lines[at] ?? ''
      values[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1)
    }
  }
  return values
}

function unescapeData(text: string): string {
  return text.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%')
}

const pushPayload = {
  ref: 'refs/heads/main',
  repository: { full_name: 'acme/app', default_branch: 'main' },
  sender: { login: 'octocat' }
}

/** A pull request as GitHub sends it, cut to what matters; `from` is the head repository. */
export function pullRequestEvent(from = 'acme/app', author = 'octocat'): NonNullable<StepOptions['event']> {
  return {
    name: 'pull_request',
    ref: 'refs/pull/12/merge',
    actor: author,
    payload: {
      action: 'synchronize',
      number: 12,
      repository: { full_name: 'acme/app', default_branch: 'main' },
      pull_request: {
        number: 12,
        user: { login: author },
        head: { ref: 'feature', sha: 'a'.repeat(40), repo: { full_name: from, fork: from !== 'acme/app' } },
        base: { ref: 'main', sha: 'b'.repeat(40), repo: { full_name: 'acme/app' } }
      }
    }
  }
}
