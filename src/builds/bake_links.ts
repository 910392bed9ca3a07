/**
 * Targets of a bake file that others are built upon: what they are to bake, which is given them back as it has resolved them.
 * https://docs.docker.com/build/bake/contexts/#use-another-target-as-base
 */
import path from 'node:path'
import { linkedName, type LinkedTarget, type Links } from '../core/linked.js'
import type { InputProblem } from '../core/problem.js'
import { dockerfilePath, dockerfilePlaces } from '../core/source.js'
import type { Look } from '../ports.js'
import {
  inlineOf,
  isRemote,
  local,
  object,
  silent,
  sourceOf,
  type BakeDefinition,
  type Target
} from './bake_definition.js'

type Targets = BakeDefinition['targets']

/** Some targets, and all that they are linked to, directly or not: each once, and behind all that it needs itself. */
export function withLinked(names: readonly string[], targets: Targets): readonly string[] {
  const found = new Set<string>()
  const seen = new Set<string>()
  const open = names.toReversed().map((name) => ({ name, isDone: false }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { name, isDone } = next
    if (isDone) found.add(name)
    if (seen.has(name)) continue
    seen.add(name)
    const linked = Object.values(object(targets[name]?.contexts)).map(linkedName)
    const there = linked.filter((each) => each !== undefined && targets[each] !== undefined)
    open.push({ name, isDone: true }, ...there.map((each = '') => ({ name: each, isDone: false })))
  }
  return [...found]
}

/** What links a target to others. */
export function linksOf(name: string, targets: Targets): Links {
  const [, ...linked] = withLinked([name], targets).toReversed()
  return {
    contexts: Object.entries(object(targets[name]?.contexts)).flatMap(([alias, place]) =>
      linkedName(place) === undefined ? [] : [`${alias}=${place}`]
    ),
    targets: linked.toReversed().map((each): LinkedTarget => {
      const target = targets[each] ?? {}
      return { name: each, source: sourceOf(target), attributes: linkedAttributes(target) }
    })
  }
}

/** What decides nothing of a target that only others are built upon, or is not its own to decide. */
const notLinked = [
  ...['output', 'tags', 'annotations', 'attest', 'cache-from', 'cache-to', 'secret', 'ssh', 'platforms', 'call'],
  ...silent
]

/** A target as bake takes it for one that others are built upon: by itself it writes nothing. Paths are absolute. */
function linkedAttributes(target: Target): Target {
  const { context } = sourceOf(target)
  const kept = Object.entries(target).filter(([key]) => !notLinked.includes(key))
  const contexts = Object.entries(object(target.contexts)).map(([name, place]) => [name, absolute(place)])
  return {
    ...Object.fromEntries(kept),
    ...(context.kind === 'local' ? { context: path.resolve(context.path) } : {}),
    ...(contexts.length === 0 ? {} : { contexts: Object.fromEntries(contexts) as Target })
  }
}

function absolute(place: string): string {
  const layout = /^oci-layout:\/\/(?!\/)(.*)$/s.exec(place)?.[1]
  if (layout !== undefined) return `oci-layout://${path.resolve(layout)}`
  return isRemote(place) ? place : path.resolve(local(place))
}

/** Folders and Dockerfiles of linked targets that are not there. What the image itself is built from is looked for as an input. */
export function findMissing({ targets }: Links, look: Look): readonly InputProblem[] {
  return targets.flatMap(({ name, source, attributes }): readonly InputProblem[] => {
    const { context } = source
    if (context.kind === 'remote') return []
    const input = 'bake-files'
    if (look(context.path) !== 'folder') {
      const seen = look(context.path) === 'file' ? 'is a file' : 'does not exist'
      const problem = `"${context.path}", the context of the target "${name}", ${seen}`
      return [{ input, problem, fix: 'Give the folder that holds its sources, relative to the working directory.' }]
    }
    if (inlineOf(attributes) !== undefined || dockerfilePlaces(source).some((place) => look(place) === 'file'))
      return []
    const problem = `there is no Dockerfile at "${dockerfilePath(source)}", for the target "${name}"`
    return [{ input, problem, fix: 'In a bake file its path is relative to the context.' }]
  })
}
