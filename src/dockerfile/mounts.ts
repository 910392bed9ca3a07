/** `RUN --mount=…`: https://docs.docker.com/reference/dockerfile/#run---mount */
import { readFields } from '../core/csv.js'
import type { Instruction } from './parse.js'

/** One `--mount` of a RUN. What is written with a variable is kept as written. */
export type Mount = {
  /** `bind` where none is given. */
  readonly type: string
  /** Keys in lower case, with every key's own name: `src`, `source`, `from`, `id`, `target`, … */
  readonly options: ReadonlyMap<string, string>
}

/** The mounts of a RUN, also of one below `ONBUILD`. */
export function mountsOf({ flags }: Pick<Instruction, 'flags'>): readonly Mount[] {
  return flags.flatMap((flag) => {
    const value = /^--mount=(.*)$/s.exec(flag)?.[1]
    if (value === undefined) return []
    const options = new Map(
      readFields(value).map((field): [string, string] => {
        const [, key = field, text = ''] = /^([^=]*)=(.*)$/s.exec(field) ?? []
        return [key.trim().toLowerCase(), text]
      })
    )
    return [{ type: options.get('type')?.toLowerCase() ?? 'bind', options }]
  })
}
