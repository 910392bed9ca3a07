/** The secrets and ssh agents that a build mounts, as far as its Dockerfile says so by itself. */
import { posix } from 'node:path'
import { mountsOf, type Mount } from './mounts.js'
import type { Dockerfile } from './parse.js'
import { readStages, stageNeeds, stepsOf } from './stages.js'
import { valueOfText, type BuildArguments } from './variables.js'

/** Ids, each once. */
export type MountedCredentials = { readonly secrets: ReadonlySet<string>; readonly ssh: ReadonlySet<string> }

/**
 * What some stages and all that they need mount. `undefined` where BuildKit alone can tell: a mount with a variable, a type
 * that is not known, a stage that hangs on a value that the builder has. What a base image holds for those who start from it
 * (ONBUILD) is not seen.
 * https://docs.docker.com/reference/dockerfile/#run---mounttypesecret
 */
export function mountedCredentials(
  dockerfile: Dockerfile,
  targets: readonly string[],
  given: BuildArguments = new Map()
): MountedCredentials | undefined {
  const secrets = new Set<string>()
  const ssh = new Set<string>()
  for (const stage of stageNeeds(dockerfile, targets, given)) {
    for (const { source, stages } of readStages(dockerfile, stage, given)) {
      if (!source.reference.includes('$')) continue
      if (
        source.way !== 'from' ||
        (stages.length > 0 && valueOfText(source.reference, dockerfile, given) === undefined)
      )
        return undefined
    }
    for (const mount of stepsOf(dockerfile, stage, given).flatMap(mountsOf)) {
      const id = credentialOf(mount)
      if (id === undefined) return undefined
      if (mount.type === 'secret') secrets.add(id)
      if (mount.type === 'ssh') ssh.add(id)
    }
  }
  return { secrets, ssh }
}

/** The id of the secret or the ssh agent that a mount is of: empty for any other, `undefined` where it has a form that is not read here. */
export function credentialOf({ type, options }: Mount): string | undefined {
  if (['bind', 'cache', 'tmpfs'].includes(type)) return ''
  if ([...options.values()].some((value) => !/^[\x20-\x7e]*$/.test(value) || /[$\\]/.test(value))) return undefined
  const [id = '', source = '', target = ''] = ['id', 'source', 'target'].map((key) => options.get(key))
  if (type === 'ssh') return source === '' ? id || 'default' : undefined
  if (type !== 'secret') return undefined
  if (id !== '' && source !== '') return undefined
  return id || source || posix.basename(target) || undefined
}
