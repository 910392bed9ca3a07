/** `RUN --mount=…`: https://docs.docker.com/reference/dockerfile/#run---mount */
import { readFields } from '../core/csv.js'
import { splitPair } from '../core/pair.js'
import type { Instruction } from './parse.js'
import { splitFlags } from './words.js'

/** One `--mount` of a RUN. What is written with a variable is kept as written. */
export type Mount = {
  /** `bind` where none is given. */
  readonly type: string
  /** As `mountOptions` reads them: `source`, `from`, `id`, `target`, … */
  readonly options: ReadonlyMap<string, string>
}

/** The mounts of a RUN, also of one below `ONBUILD`. */
export function mountsOf({ flags }: Pick<Instruction, 'flags'>): readonly Mount[] {
  return flags.flatMap((flag) => {
    const value = /^--mount=(.*)$/s.exec(flag)?.[1]
    if (value === undefined) return []
    const options = mountOptions(readFields(value))
    return [{ type: options.get('type')?.toLowerCase() ?? 'bind', options }]
  })
}

/** The mounts of a RUN, also of one below `ONBUILD`, as BuildKit shows it in the name of a step; none of another instruction. */
export function mountsIn(instruction: string): readonly Mount[] {
  const [, rest = ''] = /^(?:ONBUILD\s+)?RUN\s+([^]*)$/i.exec(instruction) ?? []
  return mountsOf(splitFlags(rest))
}

/** Other names of options. */
const aliases = new Map([
  ['src', 'source'],
  ['dst', 'target'],
  ['destination', 'target']
])

/** The fields of a mount by their keys, in lower case and by one name each. Of two the last counts, as it does for BuildKit. */
export function mountOptions(fields: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    fields.map((field): [string, string] => {
      const { name, value = '' } = splitPair(field)
      const key = name.trim().toLowerCase()
      return [aliases.get(key) ?? key, value]
    })
  )
}
