/** The folders on the runner that a build reads from: its context and its named contexts, and those of linked targets. */
import path from 'node:path'
import type { Build } from '../builds/build.js'
import { asObject, asString } from '../core/json.js'
import { splitPairs } from '../core/pair.js'
import { familiarName } from '../core/reference.js'
import { localPlace, type Source } from '../core/source.js'
import type { FindContext, LocalContext } from './readings.js'

/** Loads what tells the paths of a folder that BuildKit passes over; the Dockerfile's own rules go before the folder's. */
export type LoadIgnored = (folder: string, dockerfile?: Source) => Promise<(relative: string) => boolean>

/** Finds the folder that a load is of. */
export function openContexts({ source, shape, linked }: Build, load: LoadIgnored | undefined): FindContext {
  const folderAt = (place: string, dockerfile?: Source): LocalContext => {
    let loading: ReturnType<LoadIgnored> | undefined
    const folder = path.resolve(place)
    if (load === undefined) return { folder }
    return { folder, loadIgnored: () => (loading ??= load(folder, dockerfile)) }
  }
  const contextsOf = (own: Source, named: readonly (readonly [string, string])[]): Contexts => ({
    own: own.context.kind === 'local' ? folderAt(own.context.path, own) : undefined,
    named: new Map(named.map(([name, place]) => [keyOf(name), folderAt(localPlace(place))]))
  })
  const build = contextsOf(source, splitPairs(shape.buildContexts))
  const targets = new Map(
    linked.map(({ name, source, attributes }) => {
      const named = Object.entries(asObject(attributes.contexts) ?? {})
      return [
        name,
        contextsOf(
          source,
          named.map(([name, place]) => [name, asString(place) ?? ''])
        )
      ]
    })
  )
  return ({ linked, context }) => {
    const contexts = linked === undefined ? build : targets.get(linked)
    if (context === undefined) return contexts?.own
    // One that is for all platforms is shown for each.
    return contexts?.named.get(keyOf(context)) ?? contexts?.named.get(keyOf(context.replace(/::.*$/s, '')))
  }
}

/** The name as BuildKit has it, and the platform that it is for. */
function keyOf(name: string): string {
  const [plain = '', ...platform] = name.split('::')
  return [familiarName(plain), ...platform].join('::')
}

type Contexts = {
  /** Absent for a remote one. */
  readonly own: LocalContext | undefined
  /** By `keyOf`. A place that is no folder is never asked for: BuildKit loads none of it from here. */
  readonly named: ReadonlyMap<string, LocalContext>
}
