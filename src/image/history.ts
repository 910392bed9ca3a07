import type { HistoryEntry } from './documents.js'

/**
 * The instruction of each layer, bottom up: history lines that made a layer, in order. History is optional and may be shorter or wrong
 * (squashed, imported, Bazel, buildpacks); then nothing is guessed.
 * https://github.com/opencontainers/image-spec/blob/main/config.md#properties
 */
export function layerInstructions(history: readonly HistoryEntry[], layers: number): readonly (string | undefined)[] {
  const lines = history.filter(({ emptyLayer }) => !emptyLayer)
  return Array.from({ length: layers }, (_, at) => (lines.length === layers ? madeBy(lines[at]) : undefined))
}

/** An imported image (`docker import`) says where it is from in the comment alone. */
function madeBy(line: HistoryEntry | undefined): string | undefined {
  if (line?.createdBy !== undefined && line.createdBy !== '') return line.createdBy
  return line?.comment
}
