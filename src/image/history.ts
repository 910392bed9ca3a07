import type { HistoryEntry } from './documents.js'

/**
 * The instruction of each layer, bottom up: history lines that made a layer, in order. History is optional and may be shorter or wrong
 * (squashed, imported, Bazel, buildpacks); then nothing is guessed.
 * https://github.com/opencontainers/image-spec/blob/main/config.md#properties
 */
export function layerInstructions(history: readonly HistoryEntry[], layers: number): readonly (string | undefined)[] {
  return layerLines(history, layers).map((line) => (line === undefined ? undefined : madeBy(line)))
}

/** When each layer was made, in milliseconds since the epoch, bottom up; by the same lines. */
export function layerTimes(history: readonly HistoryEntry[], layers: number): readonly (number | undefined)[] {
  return layerLines(history, layers).map((line) => {
    const time = Date.parse(line?.created ?? '')
    return Number.isNaN(time) ? undefined : time
  })
}

function layerLines(history: readonly HistoryEntry[], layers: number): readonly (HistoryEntry | undefined)[] {
  const lines = history.filter(({ emptyLayer }) => !emptyLayer)
  const own = lines.filter((line) => !isFiller(line))
  // A filler stands for a layer of the base that has no line. BuildKit puts them at the end, so the lines that are
  // there belong to the uppermost layers; with too few of them even for those, to none that can be told.
  const missing = layers - own.length
  if (missing < 0 || (own.length === lines.length && missing > 0))
    return Array.from({ length: layers }, () => undefined)
  return Array.from({ length: layers }, (_, at) => (at < missing ? undefined : own[at - missing]))
}

/** An imported image (`docker import`) says where it is from in the comment alone. */
function madeBy(line: HistoryEntry): string | undefined {
  if (line.createdBy !== undefined && line.createdBy !== '') return withoutArguments(line.createdBy)
  return line.comment
}

/**
 * `RUN |2 A=one B=two words /bin/sh -c make`: the builder writes the values of build arguments before the command, unquoted, so that only
 * a shell tells where they end. They may be meant for nobody, and nothing is told of them.
 */
function withoutArguments(createdBy: string): string {
  const [, head = '', rest] = /^((?:RUN )?)\|\d+ (.*)$/s.exec(createdBy) ?? []
  if (rest === undefined) return createdBy
  const shell = / (\/\S*sh(?: -\S+| pipefail)* -\w*c .*)$/s.exec(rest)?.[1]
  return `${head}${shell ?? '…'}`
}

/**
 * A line that BuildKit adds where a base image has fewer lines than layers.
 * https://github.com/moby/buildkit/blob/master/exporter/containerimage/writer.go (`normalizeLayersAndHistory`)
 */
function isFiller({ comment }: HistoryEntry): boolean {
  return comment === 'buildkit.exporter.image.v0'
}
