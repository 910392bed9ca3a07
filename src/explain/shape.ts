/**
 * What of a build's shape is part of its steps, as marks: enough to see that an input has another value. BuildKit leaves
 * out the addresses of hosts, and proxies: https://github.com/moby/buildkit/blob/master/solver/llbsolver/ops/exec.go
 */
import type { Build } from '../builds/build.js'
import { NAMESPACE_ARGUMENT, namespaceIn } from '../builds/mount_namespace.js'
import { asArray, asObject, asString } from '../core/json.js'
import { argumentsOf, readLinkedStage, type LinkedTarget } from '../core/linked.js'
import type { Step } from '../core/step.js'
import { mountsIn, splitFlags } from '../dockerfile/index.js'
import { shortMark, type ShapeMarks } from './record.js'

/** An input that is part of a step, or where its cache mounts are. */
export type ShapeName = 'network' | 'add-hosts' | 'shm-size' | 'ulimit' | 'platforms' | 'namespace'

/** Inputs that are part of every RUN. */
const OF_RUNS = ['network', 'add-hosts', 'shm-size', 'ulimit'] as const

type Values = {
  readonly [Name in Exclude<ShapeName, 'namespace'>]: Name extends 'network' | 'shm-size' ? string : readonly string[]
} & { readonly buildArgs: readonly string[] }

/** Takes the marks of a build and of the targets that it is linked to. */
export function markShape({ shape, linked }: Pick<Build, 'shape' | 'linked'>): ShapeMarks {
  const { network, addHosts, shmSize, ulimit, platforms, buildArgs } = shape
  const own = { network, 'add-hosts': addHosts, 'shm-size': shmSize, ulimit, platforms, buildArgs }
  return Object.fromEntries([
    ...marksOf('', own),
    ...linked.flatMap((target) => marksOf(target.name, valuesOf(target)))
  ])
}

/** Build arguments without the one that is no argument of any step. */
export function withoutNamespace(buildArgs: readonly string[]): readonly string[] {
  return buildArgs.filter((argument) => !argument.startsWith(`${NAMESPACE_ARGUMENT}=`))
}

/** What of the marks is part of a step, by the name of the input. Where cache mounts are is no part of it here. */
export function partsOf(step: Pick<Step, 'instruction' | 'stage'>, marks: ShapeMarks): readonly string[] {
  return inputsOf(step).flatMap((name) => {
    const mark = marks[keyOf(step, name)]
    return mark === undefined ? [] : [`${name} ${mark}`]
  })
}

/** The inputs that are part of a step and have another value than before. */
export function changedShape(
  step: Pick<Step, 'instruction' | 'stage'>,
  now: ShapeMarks,
  before: ShapeMarks
): readonly ShapeName[] {
  const differs = (name: ShapeName): boolean => now[keyOf(step, name)] !== before[keyOf(step, name)]
  const isKnown = (name: ShapeName): boolean =>
    now[keyOf(step, name)] !== undefined && before[keyOf(step, name)] !== undefined
  return [
    ...inputsOf(step).filter(differs),
    // Without one it is the builder's own, which is not known.
    ...(isKnown('platforms') && differs('platforms') ? (['platforms'] as const) : []),
    ...(hasCacheMount(step) && differs('namespace') ? (['namespace'] as const) : [])
  ]
}

function inputsOf({ instruction }: Pick<Step, 'instruction'>): readonly (typeof OF_RUNS)[number][] {
  if (!/^RUN\b/i.test(instruction)) return []
  const { flags } = splitFlags(instruction.replace(/^\w+\s+/, ''))
  const hasOwnNetwork = flags.some((flag) => /^--network=(?!default$)/.test(flag))
  return OF_RUNS.filter((name) => name !== 'network' || !hasOwnNetwork)
}

function hasCacheMount({ instruction }: Pick<Step, 'instruction'>): boolean {
  return /^RUN\b/i.test(instruction) && mountsIn(instruction).some(({ type }) => type === 'cache')
}

function keyOf({ stage = '' }: Pick<Step, 'stage'>, name: string): string {
  const target = readLinkedStage(stage)?.target ?? ''
  return target === '' ? name : `${target} ${name}`
}

function marksOf(target: string, values: Values): readonly (readonly [string, string])[] {
  const texts: Readonly<Record<ShapeName, string>> = {
    network: values.network === 'default' ? '' : values.network,
    'add-hosts': [...new Set(values['add-hosts'].map((host) => host.replace(/[=:].*$/s, '')))].sort().join(' '),
    'shm-size': bytesIn(values['shm-size']),
    ulimit: [...values.ulimit].sort().join(' '),
    // Of several each step has its own in its name.
    platforms: values.platforms.length === 1 ? values.platforms.join() : '',
    namespace: namespaceIn(values.buildArgs)
  }
  return Object.entries(texts).flatMap(([name, text]) =>
    text === '' ? [] : [[target === '' ? name : `${target} ${name}`, shortMark(text)] as const]
  )
}

/** The same for `64m` and `65536k`. */
function bytesIn(size: string): string {
  const [, number, unit = ''] = /^([\d.]+) ?([kmgtp]?)(?:i?b)?$/i.exec(size) ?? []
  const power = ['', 'k', 'm', 'g', 't', 'p'].indexOf(unit.toLowerCase())
  return number === undefined ? size : String(Number(number) * 1024 ** power)
}

/** As bake has them: https://docs.docker.com/build/bake/reference/ */
function valuesOf(target: LinkedTarget): Values {
  const { attributes } = target
  const text = (name: string): string => asString(attributes[name]) ?? ''
  const list = (name: string): readonly string[] => asArray(attributes[name]).flatMap((each) => asString(each) ?? [])
  return {
    ...{ network: text('network'), 'shm-size': text('shm-size') },
    ...{ ulimit: list('ulimits'), platforms: list('platforms') },
    'add-hosts': Object.keys(asObject(attributes['extra-hosts']) ?? {}),
    buildArgs: argumentsOf(target)
  }
}
