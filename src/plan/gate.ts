/**
 * The gate Dockerfile: the user's text with one stage appended that copies nothing from the test targets and from the
 * target. Building that stage makes all of them inputs of ONE solve, so they run side by side, shared stages run once,
 * one cache reference holds every chain, and a red test cancels the rest.
 *
 * A wildcard COPY that matches no file is legal and needs no shell in the stages. The user's bytes stay as they are and
 * come first, so every line keeps its number.
 */

/** The generated text and the name of the stage to build, or why this Dockerfile cannot take a stage at its end. */
export type GateDockerfile =
  | { readonly ok: true; readonly text: Buffer; readonly stage: string; readonly firstLine: number }
  | { readonly ok: false; readonly reason: string }

/**
 * Appends the gate stage.
 * @param dockerfile the user's bytes
 * @param stages what the gate depends on: names, or indices of unnamed stages
 */
export function planGateDockerfile(dockerfile: Buffer, stages: readonly string[]): GateDockerfile {
  const text = dockerfile.toString('latin1') // one character a byte: nothing is lost on the way back
  const frontend = foreignFrontend(text)
  if (frontend !== undefined) return { ok: false, reason: `its "# syntax=${frontend}" is not a Dockerfile frontend` }
  if (endsInContinuation(text)) return { ok: false, reason: 'its last line ends in a line continuation' }

  const stage = freeName(text.toLowerCase())
  const cased = usesLowerCase(text) ? (word: string) => word.toLowerCase() : (word: string) => word
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const own = [
    `${cased('FROM')} scratch ${cased('AS')} ${stage}`,
    ...stages.map((name, index) => `${cased('COPY')} --from=${name} /${stage}-no-such-file-* /${index}/`)
  ]
  const complete = text === '' || text.endsWith('\n')
  const appended = (complete ? '' : newline) + own.join(newline) + newline
  const linesBefore = text.split('\n').length - (complete ? 1 : 0)
  return { ok: true, text: Buffer.concat([dockerfile, Buffer.from(appended, 'latin1')]), stage, firstLine: linesBefore + 1 }
}

/** A stage name that occurs nowhere in the text, the same for the same text. */
function freeName(lowerCaseText: string): string {
  for (let attempt = 0; ; attempt += 1) {
    const name = attempt === 0 ? 'stagegate-gate' : `stagegate-gate-${attempt}`
    if (!lowerCaseText.includes(name)) return name
  }
}

/** The image of a `# syntax=` line whose name is not a Dockerfile frontend's: it may parse anything, even YAML. */
function foreignFrontend(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const directive = /^\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(\S+)/.exec(line.replace(/^\u00ef\u00bb\u00bf/, ''))
    if (directive === null) return undefined // directives stand at the very top
    if (directive[1]?.toLowerCase() === 'syntax') {
      const image = directive[2] ?? ''
      return /dockerfile/i.test(image) ? undefined : image
    }
  }
  return undefined
}

/** BuildKit joins the next line to one that ends in the escape character, so an appended FROM would be swallowed. */
function endsInContinuation(text: string): boolean {
  const escape = /^\s*#\s*escape\s*=\s*`/im.test(text) ? '`' : '\\'
  const meaningful = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s*#/.test(line))
  return meaningful.at(-1)?.endsWith(escape) ?? false
}

/** BuildKit's check ConsistentInstructionCasing goes with the majority; a generated line must not be the odd one out. */
function usesLowerCase(text: string): boolean {
  const words = [...text.matchAll(/^\s*([A-Za-z]+)[ \t]/gm)].map((match) => match[1] ?? '')
  const instructions = words.filter((word) => instructionNames.has(word.toUpperCase()))
  const lower = instructions.filter((word) => word === word.toLowerCase()).length
  return lower > instructions.length - lower
}

const instructionNames = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' '
  )
)
