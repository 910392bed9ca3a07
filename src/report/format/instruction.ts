/** How an instruction is written for the place it stands in. */

/** The words of an image's history without what BuildKit and the classic builder put around them. */
export function historyInstruction(createdBy: string): string {
  const plain = createdBy
    .replace(/(?<!\s)\s*# buildkit\s*$/, '')
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^RUN \|\d+ (?:\S[^\s=]*=\S* )*/, 'RUN ')
    .replace(/^(?:RUN )?\/bin\/sh -c /, 'RUN ')
    .replace(/\b(file|dir|multi):([0-9a-f]{8})[0-9a-f]{8,}/g, '$1:$2…')
  return plain.trim() === '' ? createdBy : plain
}

/** For tables: what the step does, without where it mounts from. The line's link has the whole. */
export function briefInstruction(instruction: string): string {
  return instruction.replace(/^(RUN )\s*(?:--mount=\S+\s+)+(?=\S)/i, '$1')
}

/** For a block of its own. BuildKit joins a multi-line instruction with blanks; a chain reads better with a line each. */
export function instructionLines(instruction: string, most = 20): readonly string[] {
  if (instruction.includes('\n')) return instruction.split('\n').slice(0, most)
  const folded = instruction.replace(/\s+/g, ' ').trim()
  if (folded.length <= 90) return [folded]
  const parts = folded.split(/ (?=&& |\|\| )/).slice(0, most)
  return parts.map((part, index) => `${index === 0 ? '' : '    '}${part}${index < parts.length - 1 ? ' \\' : ''}`)
}
