/**
 * BuildKit's progress stream (`--progress=rawjson` on standard error): one JSON status a line, then plain text when the
 * build failed. A reader folds it into steps while it runs and tells a listener what a person would want to see.
 * https://pkg.go.dev/github.com/moby/buildkit/client#SolveStatus
 */
import { StringDecoder } from 'node:string_decoder'
import { asArray, asNumber, asObject, asString, dig, parseJSON, type JSONObject } from '../core/json.js'
import type { LintFinding } from '../core/lint.js'
import { linkedStage } from '../core/linked.js'
import type { Downloads, Internal, Load, Progress } from '../core/progress.js'
import { isWork, type Step } from '../core/step.js'

/** Told about each event as it happens, in the order of the stream. */
export type ProgressListener = {
  readonly onStep?: (step: Step, event: 'started' | 'finished') => void
  readonly onInternal?: (internal: Internal, event: 'started' | 'finished') => void
  readonly onLog?: (step: Step, line: string) => void
}

export type ProgressReader = {
  readonly feed: (chunk: Buffer) => void
  readonly end: () => Progress
  /** How far the downloads for cached steps are, and whether one is under way. */
  readonly downloading: () => { readonly bytes: number; readonly open: boolean }
}

/** A target of a bake call, as far as its steps are named for it. */
export type ToldTarget = {
  /** Set where the call has several. */
  readonly platform?: string
  /**
   * Set for a linked target, with the user's name of it. Its steps are its own, whatever is built upon them: a step that is told
   * of several belongs to the one of the lowest rank.
   */
  readonly linked?: { readonly name: string; readonly rank: number }
}

/** Lines of a step's log that are kept for the report. */
const LOG_TAIL_LINES = 200

type Vertex = {
  readonly digest: string
  name: string
  /** Of the linked target that it is named for. */
  rank: number
  linked?: string
  /** What each target of the call was told of it; one without a name stands for a call with one target. */
  readonly told: Map<string, { cached: boolean; completed: boolean }>
  error?: string
  /** Completed intervals by their start, in milliseconds: a vertex may run several times. */
  readonly intervals: Map<number, number>
  firstStart?: number
  inputs: readonly string[]
  announced: 'no' | 'started' | 'finished'
  readonly logTail: string[]
  readonly layers: Set<string>
  readonly pending: Map<number, { decoder: StringDecoder; text: string }>
  /** Chunks of its log that were read: each target of a call is sent them all. */
  readonly heard: Set<string>
}

/**
 * Makes a reader of one build's stream.
 * @param isHidden names of stages whose steps are ours, not the user's
 * @param targets of a bake call: buildx writes their names before those of vertices
 */
export function readProgress(
  listener: ProgressListener = {},
  isHidden: (stage: string) => boolean = () => false,
  targets: ReadonlyMap<string, ToldTarget> = new Map()
): ProgressReader {
  const vertices = new Map<string, Vertex>()
  const plain: string[] = []
  const decoder = new StringDecoder('utf8')
  const spread: string[] = []
  /** Pieces of a line that has not ended: a status with hundreds of findings has the Dockerfile in each. */
  let rest: string[] = []
  /** By what they say: each target of a call tells of the same. */
  const findings = new Map<string, LintFinding>()
  let contextBytes = 0
  const layers = new Map<string, Download>()

  /** A download hangs on the step it is for; the layers of a base image hang on its FROM. */
  const stepDownloads = (): readonly Download[] =>
    [...layers.values()].filter(({ vertex }) => {
      const step = parseName(vertexOf(vertex).name)
      return step !== undefined && isWork(step)
    })

  const readDownload = (json: JSONObject, digest: string): void => {
    const known = layers.get(digest)
    const started = milliseconds(json.started) ?? known?.started
    const ended = milliseconds(json.completed) ?? known?.ended
    layers.set(digest, {
      vertex: asString(json.vertex) ?? '',
      bytes: Math.max(known?.bytes ?? 0, asNumber(json.current) ?? 0),
      latest: milliseconds(json.timestamp) ?? 0,
      ...(started === undefined ? {} : { started }),
      ...(ended === undefined ? {} : { ended })
    })
  }

  const vertexOf = (digest: string): Vertex => {
    const known = vertices.get(digest)
    if (known !== undefined) return known
    const made: Vertex = {
      digest,
      name: '',
      rank: Infinity,
      told: new Map(),
      inputs: [],
      intervals: new Map(),
      announced: 'no',
      logTail: [],
      layers: new Set(),
      pending: new Map(),
      heard: new Set()
    }
    vertices.set(digest, made)
    return made
  }

  /** An image that a hidden stage starts from is the user's all the same: it goes without a stage. */
  const withoutHidden = (name: string): string => {
    const { stage, instruction } = parseName(name) ?? { instruction: '' }
    return stage !== undefined && isHidden(stage) && !isWork({ instruction }) ? instruction : name
  }

  const isLinked = (target: string): boolean => targets.get(target)?.linked !== undefined

  /** Whether something is told of linked targets alone, whose Dockerfiles are not the build's own. */
  const isTheirs = ({ told }: Vertex): boolean => told.size > 0 && [...told.keys()].every(isLinked)

  const readVertex = (json: JSONObject): void => {
    const vertex = vertexOf(asString(json.digest) ?? '')
    const { target, name: given } = withoutTarget(asString(json.name) ?? vertex.name, targets)
    const name = withoutHidden(given)
    // What two targets share goes by the name that it was first given.
    const linked = targets.get(target)?.linked
    const rank = linked?.rank ?? Infinity
    if (vertex.name === '' || target === '' || rank < vertex.rank) vertex.name = name
    if (linked !== undefined && rank < vertex.rank) vertex.linked = linked.name
    vertex.rank = Math.min(vertex.rank, rank)
    const told = vertex.told.get(target) ?? { cached: false, completed: false }
    vertex.told.set(target, told)
    if (json.cached === true) told.cached = true
    if (Array.isArray(json.inputs)) vertex.inputs = json.inputs.filter((input) => typeof input === 'string')
    const error = asString(json.error)
    // Of several nodes that run it one fails, which cancels it on the others.
    if (error !== undefined && error !== '' && !hasFailed(vertex)) vertex.error = error
    const started = milliseconds(json.started)
    const completed = milliseconds(json.completed)
    if (started !== undefined) {
      vertex.firstStart ??= started
      if (completed !== undefined) vertex.intervals.set(started, completed)
    }
    if (completed !== undefined) {
      told.completed = true
      flushLog(vertex)
    }
    announce(vertex, started !== undefined, completed !== undefined)
  }

  const announce = (vertex: Vertex, started: boolean, completed: boolean): void => {
    const step = parseName(vertex.name)
    if (step?.stage !== undefined && isHidden(step.stage)) return
    const tell = (event: 'started' | 'finished'): void => {
      vertex.announced = event
      if (step === undefined) listener.onInternal?.(toInternal(vertex), event)
      else listener.onStep?.(toStep(vertex), event)
    }
    if (started && vertex.announced === 'no') tell('started')
    // A step that never began has nothing to tell; the builder's own work can have failed before it began.
    if (completed && (vertex.announced === 'started' || (step === undefined && vertex.announced === 'no')))
      tell('finished')
  }

  const readLog = (json: JSONObject): void => {
    const vertex = vertexOf(asString(json.vertex) ?? '')
    const stream = asNumber(json.stream) ?? 1
    const data = asString(json.data) ?? ''
    if (targets.size > 1) {
      const chunk = `${stream} ${asString(json.timestamp) ?? ''} ${data.length}`
      if (vertex.heard.has(chunk)) return
      vertex.heard.add(chunk)
    }
    const pending = vertex.pending.get(stream) ?? { decoder: new StringDecoder('utf8'), text: '' }
    vertex.pending.set(stream, pending)
    pending.text += pending.decoder.write(Buffer.from(data, 'base64'))
    const lines = pending.text.split('\n')
    pending.text = lines.pop() ?? ''
    for (const line of lines) keepLog(vertex, line)
  }

  const keepLog = (vertex: Vertex, line: string): void => {
    const clean = lastRedraw(line)
    vertex.logTail.push(clean)
    if (vertex.logTail.length > LOG_TAIL_LINES) vertex.logTail.shift()
    if (listener.onLog !== undefined) listener.onLog(toStep(vertex), clean)
  }

  /** A last line without its newline is complete when the step is. */
  const flushLog = (vertex: Vertex): void => {
    for (const pending of vertex.pending.values()) if (pending.text !== '') keepLog(vertex, pending.text)
    vertex.pending.clear()
  }

  const readLine = (line: string): void => {
    // buildx 0.13 spreads a status over several lines, from a lone "{" to a lone "}".
    if (spread.length === 0 && line !== '{') return readText(line)
    spread.push(line)
    if (line === '}') readText(spread.splice(0).join('\n'))
  }

  const readText = (text: string): void => {
    const status = text.startsWith('{') ? asObject(parseJSON(text)) : undefined
    if (status === undefined) {
      plain.push(...text.split('\n').filter((line) => line.trim() !== ''))
      return
    }
    for (const json of asArray(status.vertexes)) readVertex(asObject(json) ?? {})
    for (const json of asArray(status.logs)) readLog(asObject(json) ?? {})
    for (const json of asArray(status.warnings)) {
      const warning = asObject(json) ?? {}
      const finding = isTheirs(vertexOf(asString(warning.vertex) ?? '')) ? undefined : readFinding(warning)
      if (finding !== undefined) findings.set(JSON.stringify(finding), finding)
    }
    for (const json of asArray(status.statuses)) {
      const transfer = asObject(json) ?? {}
      if (transfer.id === 'transferring context:') {
        contextBytes = Math.max(contextBytes, asNumber(transfer.current) ?? 0)
      }
      const id = asString(transfer.id) ?? ''
      if (/^sha256:[0-9a-f]{64}$/.test(id)) readDownload(transfer, id)
      const written = /^writing layer (sha256:[0-9a-f]{64})$/.exec(id)?.[1]
      if (written !== undefined) vertexOf(asString(transfer.vertex) ?? '').layers.add(written)
    }
  }

  return {
    feed(chunk) {
      const [first = '', ...others] = decoder.write(chunk).split('\n')
      rest.push(first)
      for (const line of others) {
        readLine(rest.join(''))
        rest = [line]
      }
    },
    end() {
      if (rest.some((piece) => piece !== '')) readLine(rest.join(''))
      rest = []
      if (spread.length > 0) readText(spread.splice(0).join('\n'))
      for (const vertex of vertices.values()) flushLog(vertex)
      const named = [...vertices.values()].filter((vertex) => vertex.name !== '')
      const fetches = findFetches(named, vertices)
      const isStep = (vertex: Vertex): boolean => parseName(vertex.name) !== undefined && !fetches.has(vertex)
      const visible = ({ stage }: Pick<Step, 'stage'>): boolean => stage === undefined || !isHidden(stage)
      return {
        steps: named
          .filter(isStep)
          .map((vertex) => withFetches(vertex, { ...toStep(vertex), inputs: inputsOf(vertex, vertices) }, fetches))
          .filter(visible),
        internals: named.filter((vertex) => !isStep(vertex)).map(toInternal),
        plain,
        contextBytes,
        findings: [...findings.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
        downloads: sumDownloads(stepDownloads()),
        loads: named.flatMap((vertex) => loadOf(vertex, named)),
        builtFor: new Map(named.map(({ digest, told }) => [digest, [...told.keys()].filter((name) => name !== '')])),
        graph: new Map(
          named.flatMap(({ digest, name, inputs }) => (visible(parseName(name) ?? {}) ? [[digest, inputs]] : []))
        )
      }
    },
    downloading() {
      const downloads = stepDownloads()
      return {
        bytes: downloads.reduce((sum, { bytes }) => sum + bytes, 0),
        open: downloads.some(({ ended }) => ended === undefined)
      }
    }
  }
}

/**
 * What `--call=check` would have said: a build is checked, too, and says so in warnings, `RULE: message (line N)`.
 * https://github.com/moby/buildkit/blob/master/frontend/dockerfile/linter/linter.go
 */
function readFinding(warning: JSONObject): LintFinding | undefined {
  const said = Buffer.from(asString(warning.short) ?? '', 'base64').toString()
  const [, rule, text = ''] = /^([A-Z][A-Za-z]+): ([^]+)$/.exec(said) ?? []
  const url = asString(warning.url)
  if (rule === undefined || url?.includes('/dockerfile/rule/') !== true) return undefined
  const line = asNumber(dig(asArray(warning.range)[0], 'start', 'line'))
  const end = ` (line ${line ?? 0})`
  const message = text.endsWith(end) ? text.slice(0, -end.length) : text
  return { rule, message, url, ...(line === undefined ? {} : { line }) }
}

/** The reading that a vertex is; https://github.com/moby/buildkit/tree/master/frontend/dockerui has their names. */
function loadOf({ digest, name, linked }: Vertex, all: readonly Vertex[]): readonly Load[] {
  const [isLoad, context] =
    /^\[(?:\S+ )?(?:internal\] load build context|context (\S+)\] load from client)$/.exec(name) ?? []
  if (isLoad === undefined) return []
  return [
    {
      vertex: digest,
      readers: all.filter(({ inputs }) => inputs.includes(digest)).map((reader) => reader.digest),
      ...(context === undefined ? {} : { context }),
      ...(linked === undefined ? {} : { linked })
    }
  ]
}

/** Times are milliseconds since the epoch. */
type Download = {
  readonly vertex: string
  readonly bytes: number
  readonly started?: number
  readonly ended?: number
  readonly latest: number
}

function sumDownloads(downloads: readonly Download[]): Downloads {
  const spans = downloads.flatMap(({ started, ended, latest }) =>
    started === undefined ? [] : [{ start: started, end: ended ?? latest }]
  )
  return { bytes: downloads.reduce((sum, { bytes }) => sum + bytes, 0), seconds: totalOf(spans) / 1000 }
}

/** Milliseconds that are in at least one of the spans: two targets of a call may tell of the same work. */
function totalOf(spans: readonly { readonly start: number; readonly end: number }[]): number {
  let total = 0
  let until = -Infinity
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    total += Math.max(0, end - Math.max(start, until))
    until = Math.max(until, end)
  }
  return total
}

/** A step's name taken apart: `[linux/arm64 test 3/5] RUN pytest`. */
export type StepName = {
  readonly platform?: string
  readonly stage?: string
  readonly position: string
  readonly instruction: string
}

/**
 * Takes a vertex name apart; `undefined` for internal work such as `[internal] load build context`. From ten steps on
 * the numbers are aligned: `[ 2/12] RUN`.
 */
export function parseName(name: string): StepName | undefined {
  const match = /^\[(?:([^\s\]/]*\/[^\s\]]*) )?(?:([^\s/\]]+) )? *(\d+\/\d+)\] ([^]*)$/.exec(name)
  if (match === null) return undefined
  const [, platform, stage, position = '', instruction = ''] = match
  return {
    position,
    instruction,
    ...(platform === undefined ? {} : { platform }),
    ...(stage === undefined ? {} : { stage })
  }
}

/**
 * Takes a target's name off: `[app base 2/3] RUN`, `[app linux/arm64 base 2/3] RUN`, `[app] exporting …`. A step of a
 * target that has a platform is named for it, as BuildKit does in a solve of several platforms; one of a linked target is named
 * for that, as it may have stages of the same names.
 */
function withoutTarget(
  name: string,
  targets: ReadonlyMap<string, ToldTarget>
): { readonly target: string; readonly name: string } {
  const [, first = '', end = '', rest = ''] = /^\[([A-Za-z0-9_-]+)([ \]])([^]*)$/.exec(name) ?? []
  const isNamed = targets.has(first)
  // Of a call with one target buildx names none.
  const [only = ''] = targets.size === 1 ? targets.keys() : []
  const target = isNamed ? first : only
  const plain = isNamed ? (end === ']' ? rest.trimStart() : `[${rest}`) : name
  const { platform, linked } = targets.get(target) ?? {}
  const step = parseName(plain)
  if (step === undefined || (platform === undefined && linked === undefined)) return { target, name: plain }
  if (linked === undefined) {
    return { target, name: step.platform !== undefined ? plain : `[${platform ?? ''} ${plain.slice(1)}` }
  }
  const place = [step.platform ?? platform, linkedStage(linked.name, step.stage), step.position]
  return { target, name: `[${place.filter((part) => part !== undefined).join(' ')}] ${step.instruction}` }
}

function toStep(vertex: Vertex): Step {
  const { platform, stage, instruction } = parseName(vertex.name) ?? { instruction: vertex.name }
  return {
    vertex: vertex.digest,
    name: vertex.name,
    instruction,
    state: stateOf(vertex),
    seconds: isCached(vertex) ? 0 : secondsOf(vertex),
    logTail: vertex.logTail,
    ...(stage === undefined ? {} : { stage }),
    ...(platform === undefined ? {} : { platform }),
    ...(vertex.firstStart === undefined ? {} : { startedAt: vertex.firstStart }),
    ...(vertex.error === undefined ? {} : { error: vertex.error })
  }
}

function stateOf(vertex: Vertex): Step['state'] {
  if (vertex.error !== undefined) return hasFailed(vertex) ? 'failed' : 'cancelled'
  if (isCached(vertex)) return 'cached'
  return vertex.intervals.size > 0 ? 'ran' : vertex.firstStart === undefined ? 'waiting' : 'cancelled'
}

function hasFailed({ error }: Pick<Vertex, 'error'>): boolean {
  return error !== undefined && !/context canceled/i.test(error)
}

/** A step that ran for one target is there already when another asks for it. */
function isCached({ told }: Vertex): boolean {
  const all = [...told.values()]
  return all.some(({ cached }) => cached) && !all.some(({ cached, completed }) => completed && !cached)
}

/**
 * What an `ADD` fetches goes by the name of its step and asks its server each time, cached or not: it is a part of the
 * step. One that failed speaks for the step, which never started.
 */
function findFetches(named: readonly Vertex[], vertices: ReadonlyMap<string, Vertex>): ReadonlyMap<Vertex, Vertex> {
  return new Map(
    named.flatMap((step) =>
      step.inputs.flatMap((digest) => {
        const input = vertices.get(digest)
        return input?.name === step.name && input.error === undefined ? [[input, step] as const] : []
      })
    )
  )
}

/** The step with the time of its fetches, if it ran. */
function withFetches(vertex: Vertex, step: Step, fetches: ReadonlyMap<Vertex, Vertex>): Step {
  if (step.state === 'cached') return step
  const own = [...fetches].flatMap(([fetch, user]) => (user === vertex ? [fetch] : []))
  return own.reduce((sum, fetch) => ({ ...sum, seconds: sum.seconds + secondsOf(fetch) }), step)
}

/** What a step is built from, by name. What stands between two steps, like an image's source, is walked through. */
function inputsOf(vertex: Vertex, vertices: ReadonlyMap<string, Vertex>): readonly string[] {
  const names = new Set<string>()
  const seen = new Set<string>([vertex.digest])
  const open = [...vertex.inputs]
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    const input = vertices.get(digest)
    if (input === undefined || seen.has(digest)) continue
    seen.add(digest)
    names.add(input.name)
    if (parseName(input.name) === undefined || input.name === vertex.name) open.push(...input.inputs)
  }
  names.delete('')
  names.delete(vertex.name)
  return [...names]
}

function toInternal(vertex: Vertex): Internal {
  const [target] = [...vertex.told.keys()].filter((name) => name !== '')
  return {
    name: vertex.name,
    ...(target === undefined ? {} : { target }),
    seconds: secondsOf(vertex),
    done: vertex.intervals.size > 0,
    ...(vertex.layers.size === 0 ? {} : { layers: [...vertex.layers] }),
    ...(vertex.error === undefined ? {} : { error: vertex.error })
  }
}

function secondsOf(vertex: Vertex): number {
  const intervals = [...vertex.intervals].map(([start, end]) => ({ start, end }))
  return totalOf(intervals) / 1000
}

function milliseconds(time: unknown): number | undefined {
  const parsed = typeof time === 'string' ? Date.parse(time) : NaN
  return Number.isNaN(parsed) ? undefined : parsed
}

/**
 * What a terminal would show of a line that redraws itself with carriage returns. One at the end of a name that a line quotes
 * (`sh\r: not found`) is the name's, and says why it was not found.
 */
function lastRedraw(line: string): string {
  const parts = line
    .replace(/(?<!\r)\r+$/, '')
    .replace(/(?<=\S)\r(?=['"’`]?: )/g, '\\r')
    .split('\r')
  return parts.at(-1) ?? ''
}
