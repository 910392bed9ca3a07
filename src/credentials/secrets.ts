/**
 * Secrets on their way to the build: from the workflow's values to `--secret` arguments that name environment variables.
 * A value is never on a command line; it is on disk only where the environment cannot hold it, in a private folder that
 * lives as long as the handover.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { InputProblem } from '../core/problem.js'
import { writeField } from '../core/csv.js'
import { textOf } from '../core/secret_encodings.js'
import { maskedLines, secretForms, SHORTEST_SECRET } from '../core/secret_forms.js'
import type { SecretSource } from '../inputs/secrets.js'

/** A secret with its bytes. Stays in memory; only its id may be shown. */
export type Secret = { readonly id: string; readonly value: Buffer }

/** What the values turned out to be: usable secrets, problems (trusted run) or notes (untrusted run). */
export type SecretsReading = {
  readonly secrets: readonly Secret[]
  readonly problems: readonly InputProblem[]
  readonly notes: readonly string[]
}

/** Secrets ready for `docker buildx build`. */
export type SecretHandover = AsyncDisposable & {
  /** Values of `--secret`. */
  readonly flags: readonly string[]
  /** Variables that the arguments name; for the build's environment only. */
  readonly env: Readonly<Record<string, string>>
}

/** BuildKit refuses more: `secret X too big. max size 500KiB`. */
const LARGEST_SECRET = 500 * 1024
/** Linux caps one `NAME=value` at 128 KiB (MAX_ARG_STRLEN), beyond which every exec of the process fails. */
const LARGEST_VARIABLE = 96 * 1024
/** All variables and arguments share about 2 MiB (a quarter of the stack limit); leave most of it to the job. */
const LARGEST_ENVIRONMENT = 512 * 1024

/**
 * Reads the values behind the inputs. An empty or missing one is a problem in a trusted run: to BuildKit it would be an
 * empty file that satisfies even `required=true`. In an untrusted run, where GitHub hands out none, it is a note.
 */
export async function readSecrets(
  sources: readonly SecretSource[],
  env: Readonly<Record<string, string | undefined>>,
  trusted: boolean
): Promise<SecretsReading> {
  const secrets: Secret[] = []
  const problems: InputProblem[] = []
  const notes: string[] = []

  for (const source of sources) {
    const value = await readValue(source, env)
    if (Buffer.isBuffer(value) && value.length > LARGEST_SECRET) {
      problems.push({
        input: source.input,
        problem: `the secret "${source.id}" has ${value.length} bytes, and BuildKit takes ${LARGEST_SECRET} at most`,
        fix: 'Hand over something smaller, for example a token that fetches the rest.'
      })
    } else if (Buffer.isBuffer(value) && value.length > 0) {
      secrets.push({ id: source.id, value })
    } else {
      const seen = Buffer.isBuffer(value) ? `the secret "${source.id}" is empty` : value
      if (trusted) problems.push({ input: source.input, problem: seen, fix: fixFor(source) })
      else notes.push(`${seen}: this run is not trusted, so the build goes on without it.`)
    }
  }
  return { secrets, problems, notes }
}

/**
 * Hands the secrets over for the build: the very bytes that were read, masked and are searched for. A file of the workflow may be another
 * by the time that the build opens it. Dispose when the last build has ended.
 * @param onFolder told the private folder for values that the environment cannot hold, before anything is written there,
 *   so that `post` can remove it if we cannot
 */
export async function handOverSecrets(
  secrets: readonly Secret[],
  temporaryFolder: string,
  onFolder: (folder: string) => void
): Promise<SecretHandover> {
  const flags: string[] = []
  const env: Record<string, string> = {}
  let folder: string | undefined
  let room = LARGEST_ENVIRONMENT
  // Where one cannot be written, those before it go at once.
  await using written = new AsyncDisposableStack()

  for (const [index, { id, value }] of secrets.entries()) {
    const variable = `STAGEGATE_SECRET_${index}`
    if (fitsEnvironment(value) && value.length <= room) {
      env[variable] = value.toString()
      room -= value.length
      flags.push(`id=${id},env=${variable}`)
    } else {
      if (folder === undefined) {
        const made = await mkdtemp(path.join(temporaryFolder, 'stagegate-secrets-')) // mkdtemp makes it 0700
        written.defer(() => rm(made, { recursive: true, force: true }))
        onFolder(made)
        folder = made
      }
      const target = path.join(folder, String(index))
      await writeFile(target, value, { mode: 0o600 })
      flags.push(`id=${id},${writeField(`src=${target}`)}`)
    }
  }
  const kept = written.move()
  return { flags, env, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/**
 * What to mask in the log for a value: its lines and the secrets inside it. Bytes that are no text are shown as U+FFFD, so of them
 * the lines are masked that have enough else.
 */
export function planMasks(value: Buffer | string): readonly string[] {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  const text = textOf(bytes)
  const shown = bytes.toString('utf8')
  const lines = [
    ...maskedLines(text ?? ''),
    ...secretForms(bytes).pieces.flatMap((piece) => maskedLines(textOf(piece.bytes) ?? '')),
    ...maskedLines(shown).filter((line) => line.replaceAll('\ufffd', '').length >= SHORTEST_SECRET)
  ]
  return [...new Set(lines)]
}

function fitsEnvironment(value: Buffer): boolean {
  if (value.length > LARGEST_VARIABLE || value.includes(0)) return false
  return Buffer.from(value.toString()).equals(value) // the environment is text to Node: other bytes need a file
}

async function readValue(
  source: SecretSource,
  env: Readonly<Record<string, string | undefined>>
): Promise<Buffer | string> {
  switch (source.input) {
    case 'secrets':
      return Buffer.from(source.value)
    case 'secret-envs': {
      const value = env[source.variable]
      return value === undefined
        ? `the secret "${source.id}" names the environment variable ${source.variable}, which is not set`
        : Buffer.from(value)
    }
    case 'secret-files':
      try {
        return await readFile(source.path)
      } catch {
        return `the secret "${source.id}" names the file "${source.path}", which cannot be read`
      }
  }
}

function fixFor(source: SecretSource): string {
  switch (source.input) {
    case 'secrets':
      return 'Check that the repository, organisation or environment secret behind it exists and that this job may read it.'
    case 'secret-envs':
      return `Set it on this step: env: { ${source.variable}: "\${{ secrets.NAME }}" }, and check that this secret exists.`
    case 'secret-files':
      return 'Write the file in an earlier step; the path is relative to the working directory.'
  }
}
