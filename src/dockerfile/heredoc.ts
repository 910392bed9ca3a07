/** Heredocs of RUN, COPY and ADD: https://docs.docker.com/reference/dockerfile/#here-documents */
import { isExecForm, splitFlags, splitRaw, unquote } from './words.js'

export type Heredoc = {
  /** The word that ends it, and the name of the file where it is copied. */
  readonly name: string
  /** Whether tabs at the start of its lines are taken off (`<<-`). */
  readonly chomp: boolean
  /** Whether variables in it are replaced: its word has no quotes. */
  readonly expand: boolean
  /** 1-based line of its first line, or of its end word where it is empty. */
  readonly line: number
  /** Its lines as written, without the end word. */
  readonly content: string
}

/** The heredocs that an instruction announces, in their order: `RUN <<EOF`, `COPY <<"A" <<-B /x/`, `ONBUILD RUN <<EOF`. */
export function heredocsOf(text: string): readonly Omit<Heredoc, 'line' | 'content'>[] {
  const [, arguments_] = /^\s*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s+([^]*)$/i.exec(text) ?? []
  if (arguments_ === undefined || !text.includes('<<') || isExecForm(splitFlags(arguments_).rest)) return []
  return splitRaw(arguments_).flatMap((word) => {
    const [, dash, quoted = ''] = /^\d*<<(-?)([^<]+)$/.exec(word) ?? []
    if (dash === undefined) return []
    const name = unquote(quoted)
    return [{ name, chomp: dash === '-', expand: name === quoted }]
  })
}

/**
 * Whether a RUN has a command. BuildKit runs one that has only mounts, a comment or an empty heredoc, and a shell that is given
 * nothing, or `:`, ends well.
 */
export function hasCommand({
  rest,
  heredocs
}: {
  readonly rest: string
  readonly heredocs: readonly Pick<Heredoc, 'content'>[]
}): boolean {
  if (isExecForm(rest)) return true
  const isScript =
    heredocs.length > 0 &&
    rest
      .trim()
      .split(/\s+/)
      .every((word) => /^\d*<<[^]/.test(word))
  const lines = isScript ? heredocs.flatMap(({ content }) => content.split('\n')) : [rest]
  return lines.some((line) => !/^\s*(?:#.*|:\s*)?$/.test(line))
}
