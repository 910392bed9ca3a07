/**
 * A cache mount, `RUN --mount=type=cache`, as BuildKit tells it in the name of the step: with variables already
 * expanded and lines joined. A red build leaves no other trace of its mounts.
 * https://docs.docker.com/reference/dockerfile/#run---mounttypecache
 */
import path from 'node:path'
import { asNumber, asString, dig } from '../core/json.js'
import type { Step } from '../core/step.js'
import { mountOptions } from '../dockerfile/index.js'

/** What makes it one mount and not another for BuildKit: the id, and owner and mode if the instruction gives any. */
export type CacheMount = {
  readonly id: string
  readonly sharing: 'shared' | 'private' | 'locked'
  readonly uid?: number
  readonly gid?: number
  readonly mode?: number
}

/** The mounts of a build. */
export type FoundMounts = {
  readonly mounts: readonly FoundMount[]
  /** Ids of those that cannot be carried to another builder and were used, with the reason as a clause. */
  readonly unsupported: readonly { readonly id: string; readonly reason: string }[]
}

export type FoundMount = CacheMount & {
  /** A step that has it ran, so that its content may be another than before. */
  readonly used: boolean
}

type Flag = { readonly mount: CacheMount } | { readonly id: string; readonly reason: string }

/** Ids that stand in a generated Dockerfile without any quoting. */
const plainID = /^[\w./:@+=~-]{1,200}$/

/** The mounts of one step that can be looked into. */
export function mountsOfStep({ instruction }: Pick<Step, 'instruction'>): readonly CacheMount[] {
  return readMountFlags(instruction).flatMap((flag) => ('mount' in flag ? [flag.mount] : []))
}

/** The id that makes a cache mount the test reports' own. Stages and platforms may each have one: `test-reports-unit`. */
export function holdsReports({ id }: Pick<CacheMount, 'id'>): boolean {
  return /^test-reports(?:[-/.].+)?$/.test(id)
}

/** What the ids of such mounts can be in a Dockerfile. One that ends in `$` has a variable. */
export function reportIDs(text: string): readonly string[] {
  return [...new Set(text.match(/test-reports[\w./:@+~-]*\$?/g))]
}

/** Whether two Dockerfiles can have such a mount in common, as far as the ids in them tell. */
export function haveReportsInCommon(one: readonly string[], other: readonly string[]): boolean {
  return one.some((a) => other.some((b) => a === b || a.endsWith('$') || b.endsWith('$')))
}

/** Whether a step did anything in this run, however it ended. */
export function didRun({ state, seconds }: Pick<Step, 'state' | 'seconds'>): boolean {
  return state === 'ran' || state === 'failed' || (state === 'cancelled' && seconds > 0)
}

/** The mounts of all steps, each once. */
export function findMounts(steps: readonly Step[]): FoundMounts {
  const mounts = new Map<string, FoundMount>()
  const unsupported = new Map<string, string>()
  for (const step of steps) {
    const used = didRun(step)
    for (const flag of readMountFlags(step.instruction)) {
      if ('reason' in flag) {
        if (used) unsupported.set(flag.id, flag.reason)
      } else {
        const key = mountKey(flag.mount)
        mounts.set(key, { ...flag.mount, used: used || mounts.get(key)?.used === true })
      }
    }
  }
  return {
    mounts: [...mounts.values()],
    unsupported: [...unsupported].map(([id, reason]) => ({ id, reason }))
  }
}

/** Text that is the same for two mentions of one mount. `sharing` is no part of it: BuildKit knows the mount without. */
export function mountKey({ id, uid, gid, mode }: CacheMount): string {
  return JSON.stringify([id, uid ?? null, gid ?? null, mode ?? null])
}

/** The mount alone, in an order of its own, so that two records of it are the same text. */
export function plainMount({ id, sharing, uid, gid, mode }: CacheMount): CacheMount {
  return {
    id,
    sharing,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...(mode === undefined ? {} : { mode })
  }
}

/** Reads back what `JSON.stringify` made of a mount. Nothing that could not stand in a Dockerfile gets through. */
export function parseMount(value: unknown): CacheMount | undefined {
  const id = asString(dig(value, 'id'))
  const sharing = sharings.find((each) => each === dig(value, 'sharing'))
  if (id === undefined || !plainID.test(id) || sharing === undefined) return undefined
  const numbers: { uid?: number; gid?: number; mode?: number } = {}
  for (const name of ['uid', 'gid', 'mode'] as const) {
    const number = asNumber(dig(value, name))
    if (number === undefined) continue
    if (!Number.isSafeInteger(number) || number < 0) return undefined
    numbers[name] = number
  }
  return { id, sharing, ...numbers }
}

const sharings = ['shared', 'private', 'locked'] as const

/** The `--mount` flags of a RUN instruction: the words that begin with `--`, up to the first that does not. */
function readMountFlags(instruction: string): readonly Flag[] {
  const flags: Flag[] = []
  let rest = /^RUN(?=\s)/i.test(instruction) ? instruction.slice('RUN'.length) : ''
  for (;;) {
    const word = /^\s+--([a-z]+)(?:=((?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])*))?(?=\s)/.exec(rest)
    if (word === null) return flags
    rest = rest.slice(word[0].length)
    const flag = word[1] === 'mount' ? readMountFlag(unquoted(word[2] ?? '')) : undefined
    if (flag !== undefined) flags.push(flag)
  }
}

/** BuildKit takes quotes and backslashes out of a flag before it looks for commas. */
function unquoted(word: string): string {
  return word.replace(/"([^"]*)"|'([^']*)'|\\(.)/g, (_all, double?: string, single?: string, escaped?: string) =>
    [double, single, escaped].join('')
  )
}

function readMountFlag(text: string): Flag | undefined {
  const options = mountOptions(text.split(','))
  if (options.get('type') !== 'cache') return undefined
  const named = options.get('id') ?? ''
  const id = named === '' ? cleaned(options.get('target') ?? '') : named
  if (options.has('from')) return { id, reason: 'it starts from the files of a stage' }
  if (!plainID.test(id)) return { id, reason: 'its id holds unusual characters' }
  const sharing = options.get('sharing') ?? 'shared'
  const number = (name: string, pattern: RegExp, base: number): number | undefined => {
    const value = options.get(name) ?? ''
    return pattern.test(value) ? Number.parseInt(value, base) : undefined
  }
  const uid = number('uid', /^\d{1,10}$/, 10)
  const gid = number('gid', /^\d{1,10}$/, 10)
  const mode = number('mode', /^[0-7]{1,5}$/, 8)
  return {
    mount: plainMount({
      id,
      sharing: sharings.find((each) => each === sharing) ?? 'shared',
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      ...(mode === undefined ? {} : { mode })
    })
  }
}

/** Without an id it is the target's path, as written but cleaned; one relative to WORKDIR stays relative. */
function cleaned(target: string): string {
  const normal = path.posix.normalize(target)
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal
}
