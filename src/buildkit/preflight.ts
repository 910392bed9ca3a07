/**
 * Pre-flight: what can be said about a Dockerfile before anything is built. BuildKit itself answers (`--call`), so a
 * missing stage and a secret nobody supplied are known in a second, with their lines; and what its checks find, where
 * nothing is to be built.
 */
import { didYouMean } from '../inputs/grammar.js'
import type { Command, Exec, ExecResult } from '../ports.js'
import type { Failure } from '../failure/failure.js'
import type { LintFinding } from '../core/lint.js'
import { asArray, asNumber, asObject, asString, dig, parseJSON } from '../core/json.js'

/** A stage as `--call=targets` lists it; an unnamed stage has no name. */
export type StageInfo = {
  readonly index: number
  readonly name?: string
  readonly isDefault: boolean
}

/** A secret or ssh id that the Dockerfile mounts. */
export type MountInfo = { readonly id: string; readonly required: boolean; readonly line?: number }

export type Outline = { readonly secrets: readonly MountInfo[]; readonly ssh: readonly MountInfo[] }

/** Asks for the stages; `undefined` where the builder cannot say (the build itself will then tell why). */
export async function listStages(exec: Exec, command: Command): Promise<readonly StageInfo[] | undefined> {
  const json = answer(await exec(command, { timeoutSeconds: 120 }))
  const targets = dig(json, 'targets')
  if (!Array.isArray(targets)) return undefined
  return asArray(targets).map((target, index) => {
    const name = asString(dig(target, 'name'))
    return {
      index,
      isDefault: dig(target, 'default') === true,
      ...(name === undefined || name === '' ? {} : { name })
    }
  })
}

/** Asks which secrets and ssh ids a target mounts, in all stages it is built from. */
export async function readOutline(exec: Exec, command: Command): Promise<Outline | undefined> {
  const json = answer(await exec(command, { timeoutSeconds: 120 }))
  if (json === undefined || (dig(json, 'name') === undefined && dig(json, 'sources') === undefined)) return undefined
  return { secrets: mounts(dig(json, 'secrets')), ssh: mounts(dig(json, 'ssh')) }
}

/** Asks for the findings of BuildKit's checks. A build tells them itself (progress.ts). */
export async function lint(exec: Exec, command: Command): Promise<readonly LintFinding[]> {
  const json = answer(await exec(command, { timeoutSeconds: 120 }))
  return asArray(dig(json, 'warnings')).flatMap((warning) => {
    const rule = asString(dig(warning, 'ruleName')) ?? ''
    const url = asString(dig(warning, 'url'))
    const line = firstLineOf(dig(warning, 'location'))
    const detail = asString(dig(warning, 'detail')) ?? ''
    const message = detail === '' ? (asString(dig(warning, 'description')) ?? rule) : detail
    if (rule === '') return []
    return [{ rule, message, ...(url === undefined ? {} : { url }), ...(line === undefined ? {} : { line }) }]
  })
}

/**
 * Whether the Dockerfile's text names a stage literally, so that nobody needs to be asked. Misses are not proof: only
 * `listStages` can say that a stage is not there.
 */
export function namesStage(dockerfile: string, stage: string): boolean {
  return new RegExp(`^[ \\t]*FROM[ \\t].*[ \\t]AS[ \\t]+${RegExp.escape(stage)}[ \\t]*\\r?$`, 'im').test(dockerfile)
}

/** Whether the text can mount a secret or an ssh agent at all; if not, there is no outline to ask for. */
export function mountsCredentials(dockerfile: string): boolean {
  return (
    /type=(?:secret|ssh|\$)/i.test(dockerfile) ||
    (/^#\s*syntax\s*=/im.test(dockerfile) && dockerfile.includes('--mount='))
  )
}

/** The first stage that was asked for and is not there, as a failure that lists the ones that are. */
export function findMissingStage(
  stages: readonly StageInfo[],
  wanted: readonly { readonly input: string; readonly stage: string }[]
): Failure | undefined {
  const names = stages.flatMap(({ name }) => (name === undefined ? [] : [name]))
  const known = new Set([...names.map((name) => name.toLowerCase()), ...stages.map(({ index }) => String(index))])
  const areSeveral = (stage: string): boolean => stage.split(/\s+/).every((one) => known.has(one.toLowerCase()))
  const problems = wanted
    .filter(({ stage }) => !known.has(stage.toLowerCase()))
    .map(({ input, stage }) => ({
      input,
      problem: `the Dockerfile has no stage "${stage}"`,
      fix:
        names.length === 0
          ? 'No stage has a name: add "AS NAME" to its FROM line.'
          : areSeveral(stage)
            ? 'Put a comma between two stages, or each on a line of its own.'
            : `Its stages are ${names.join(', ')}.${didYouMean(stage, names)}`
    }))
  return problems.length === 0 ? undefined : { kind: 'input', problems }
}

/** The first mount that is required and that nobody supplies. */
export function findMissingCredential(
  outline: Outline,
  supplied: { readonly secrets: readonly string[]; readonly ssh: readonly string[] }
): Failure | undefined {
  for (const credential of ['secret', 'ssh'] as const) {
    const [needed, given] = credential === 'secret' ? [outline.secrets, supplied.secrets] : [outline.ssh, supplied.ssh]
    const missing = needed.find(({ id, required }) => required && !given.includes(id))
    if (missing !== undefined) {
      return {
        kind: 'credential',
        credential,
        id: missing.id,
        ...(missing.line === undefined ? {} : { line: missing.line })
      }
    }
  }
  return undefined
}

/** Ids that were supplied and that no stage mounts: a typing error, or left over. */
export function findUnusedSecrets(outline: Outline, supplied: readonly string[]): readonly string[] {
  return supplied.filter((id) => !outline.secrets.some((mount) => mount.id === id))
}

/** The answer of a `--call`; buildx prints it even when it exits with 1 because there are findings. */
function answer({ stdout }: ExecResult): unknown {
  return asObject(parseJSON(stdout))
}

function mounts(list: unknown): readonly MountInfo[] {
  return asArray(list).map((mount) => {
    const line = firstLineOf(dig(mount, 'location'))
    return {
      id: asString(dig(mount, 'name')) ?? '',
      required: dig(mount, 'required') === true,
      ...(line === undefined ? {} : { line })
    }
  })
}

function firstLineOf(location: unknown): number | undefined {
  return asNumber(dig(asArray(dig(location, 'ranges'))[0], 'start', 'line'))
}
