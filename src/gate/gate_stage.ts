/**
 * The gate Dockerfile: the user's text with one stage appended that copies nothing from the test targets and from the
 * target, so that it stands for all of them. The gate itself is one bake call with the user's own stages (targets.ts). The
 * stage is for what takes one target: the outline tells what any of them mounts, and a layer cache that is exported from it
 * holds every chain in one reference.
 *
 * A wildcard COPY that matches no file is legal and needs no shell in the stages. What it copies nothing by is marked for the
 * build: of two solves at the same time BuildKit takes steps of the same content, such as nothing, for one and the same, and
 * would write the layers of both into the cache of each. The user's bytes stay as they are and
 * come first, so every line keeps its number.
 */
import { linesOf, readDirectives } from '../dockerfile/index.js'

/** The generated text and the name of the stage to build, or why this Dockerfile cannot take a stage at its end. */
export type GateDockerfile =
  | { readonly ok: true; readonly text: Buffer; readonly stage: string; readonly firstLine: number }
  | { readonly ok: false; readonly reason: string }

/** Stages to append: the lines of each, but for its FROM's name. */
export type Appendix = {
  /** How the appended stages are called: a number follows where there are several, or the name is taken. */
  readonly name: string
  /** Letters and digits: the same in each run of a build, another of another build. */
  readonly mark: string
  readonly stages: readonly AppendedStage[]
}

export type AppendedStage = {
  /** What its FROM has: an image, with a platform where one is set. */
  readonly from: string
  /** Stages from which nothing is copied: names, or indices of unnamed stages. */
  readonly copies: readonly string[]
}

/** The text with the stages behind it and their names, or why this Dockerfile cannot take any. */
export type AppendedDockerfile =
  | { readonly ok: true; readonly text: Buffer; readonly stages: readonly string[]; readonly firstLine: number }
  | { readonly ok: false; readonly reason: string }

/**
 * Appends the gate stage.
 * @param dockerfile the user's bytes
 * @param stages what the gate depends on: names, or indices of unnamed stages
 * @param mark as in `Appendix`
 */
export function planGateDockerfile(dockerfile: Buffer, stages: readonly string[], mark: string): GateDockerfile {
  const planned = appendStages(dockerfile, {
    ...{ name: 'stagegate-gate', mark },
    stages: [{ from: 'scratch', copies: stages }]
  })
  if (!planned.ok) return planned
  const { text, firstLine } = planned
  return { ok: true, text, firstLine, stage: planned.stages[0] ?? '' }
}

/** Appends stages of ours to the user's bytes, which stay as they are. */
export function appendStages(dockerfile: Buffer, appendix: Appendix): AppendedDockerfile {
  const text = dockerfile.toString('latin1') // one character a byte: nothing is lost on the way back
  const { syntax, escape } = readDirectives(linesOf(text))
  if (syntax !== undefined && !/dockerfile/i.test(syntax)) {
    return { ok: false, reason: `its "# syntax=${syntax}" is not a Dockerfile frontend` } // it may parse anything, even YAML
  }
  if (endsInContinuation(text, escape)) return { ok: false, reason: 'its last line ends in a line continuation' }

  const free = freeName(text.toLowerCase(), appendix.name)
  const names = appendix.stages.map((_, index) => (appendix.stages.length === 1 ? free : `${free}-at-${index}`))
  const cased = usesLowerCase(text) ? (word: string) => word.toLowerCase() : (word: string) => word
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const own = appendix.stages.flatMap(({ from, copies }, at) => [
    `${cased('FROM')} ${from} ${cased('AS')} ${names[at] ?? ''}`,
    ...copies.map(
      (name, index) => `${cased('COPY')} --from=${name} /${free}-${appendix.mark}-no-such-file-* /${index}/`
    )
  ])
  const complete = text === '' || text.endsWith('\n')
  const appended = (complete ? '' : newline) + own.join(newline) + newline
  const linesBefore = text.split('\n').length - (complete ? 1 : 0)
  return {
    ok: true,
    text: Buffer.concat([dockerfile, Buffer.from(appended, 'latin1')]),
    stages: names,
    firstLine: linesBefore + 1
  }
}

/** A stage name that occurs nowhere in the text, the same for the same text. */
function freeName(lowerCaseText: string, wanted: string): string {
  if (!lowerCaseText.includes(wanted)) return wanted
  // Where 12 follows, 1 occurs as well. No text is so long that it has all numbers of eight digits.
  const taken = new Set(
    lowerCaseText
      .split(`${wanted}-`)
      .slice(1)
      .flatMap((after) => {
        const [digits = ''] = /^[0-9]{1,8}/.exec(after) ?? []
        return Array.from(digits, (_, at) => digits.slice(0, at + 1))
      })
  )
  let attempt = 1
  while (taken.has(String(attempt))) attempt += 1
  return `${wanted}-${attempt}`
}

/** BuildKit joins the next line to one that ends in the escape character, so an appended FROM would be swallowed. */
function endsInContinuation(text: string, escape: string): boolean {
  const meaningful = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s*#/.test(line))
  return meaningful.at(-1)?.endsWith(escape) ?? false
}

/** BuildKit's check ConsistentInstructionCasing goes with the majority; a generated line must not be the odd one out. */
function usesLowerCase(text: string): boolean {
  const words = [...text.matchAll(/^[^\S\r\n]*([A-Za-z]+)[ \t]/gm)].map((match) => match[1] ?? '')
  const instructions = words.filter((word) => instructionNames.has(word.toUpperCase()))
  const lower = instructions.filter((word) => word === word.toLowerCase()).length
  return lower > instructions.length - lower
}

const instructionNames = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' '
  )
)
