/**
 * A bake file as the inputs it stands for: what a target says is read by the same grammars, and checked by the same rules, as
 * what a step says. The definition is bake's own resolved one (`docker buildx bake --print`), so inheritance, variables,
 * functions, matrices and compose files are bake's to understand.
 * https://docs.docker.com/build/bake/reference/
 */
import path from 'node:path'
import { attributeKey, readFields, writeField } from '../core/csv.js'
import { asArray, asObject, parseJSON } from '../core/json.js'
import { onceEach, type InputProblem } from '../core/problem.js'
import { localPlace } from '../core/source.js'

/** A target of the definition, attribute by attribute. */
export type BakeDefinition = {
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly targets: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export type BakeQuestion = {
  /** Names in `test-target`: of targets or, where the file has none of that name, of stages. */
  readonly tests: readonly string[]
  /** Whether the Dockerfile of a target has a stage; `undefined` where it is not known. Asked of several images only. */
  readonly hasStage: (target: string, stage: string) => boolean | undefined
  /** The one in `test-report-target`; empty for none. */
  readonly testReport: string
  /** What the step says itself of an input; empty if it says nothing. */
  readonly given: (input: string) => string
  /** Whether a variable is set, for secrets that name neither a variable nor a file. */
  readonly hasVariable: (name: string) => boolean
  /** Whether a path may be read and written; a stranger's file keeps to the checkout. */
  readonly mayUse: (place: string) => boolean
}

/** An image that the file asks for. */
export type BakeImage = {
  /** Of the target. */
  readonly name: string
  /** Texts of inputs, in place of those of the step. */
  readonly texts: Readonly<Record<string, string>>
}

/** The images, or what is wrong with what is said of them. */
export type BakeReading = { readonly images: readonly BakeImage[]; readonly problems: readonly InputProblem[] }

/** Each is built and inspected on its own, and nothing leaves before the last has passed. */
export const MOST_IMAGES = 20

/** Parses what `--print` writes. Anything that is no definition has no targets. */
export function parseDefinition(text: string): BakeDefinition {
  const { group, target } = asObject(parseJSON(text)) ?? {}
  const members = (value: unknown): readonly (readonly [string, unknown])[] => Object.entries(asObject(value) ?? {})
  return {
    groups: Object.fromEntries(members(group).map(([name, value]) => [name, words(asObject(value)?.targets)])),
    targets: Object.fromEntries(members(target).map(([name, value]) => [name, asObject(value) ?? {}]))
  }
}

/** The targets that were asked for, groups resolved. */
export function askedTargets({ groups, targets }: BakeDefinition): readonly string[] {
  const resolve = (name: string, above: readonly string[]): readonly string[] => {
    if (targets[name] !== undefined) return [name]
    return above.includes(name) ? [] : (groups[name] ?? []).flatMap((member) => resolve(member, [...above, name]))
  }
  return [...new Set(resolve('default', []))]
}

/** Attributes that a test shares with the image: both are stages of one Dockerfile, built once for both. */
const shared = ['context', 'dockerfile', 'args', 'contexts'] as const

/** What decides nothing of a build. */
const silent = ['description', 'name', 'inherits', 'matrix']

/** Inputs of which the step's own value counts, whatever the file says: bake has flags for them. */
const switches = ['pull', 'no-cache', 'provenance', 'sbom']

/** What action.yml gives where the step gives nothing. */
const defaults: Texts = { context: '.', pull: 'false', 'no-cache': 'false' }

/** Inputs whose entries add up. */
const sums = ['secret-envs', 'secret-files', 'ssh']

/** What asks for an image, and stands in the step for all of them: a build of tests alone has none of it. */
const ofImages = [
  ...['push', 'load', 'smoke', 'verify', 'verify-reproducible'],
  ...['max-size', 'max-increase', 'max-layers', 'max-reclaimable']
]

/**
 * Reads the images that the definition is of, each with the test targets that belong to it. A target that is asked for and
 * writes nothing (`type=cacheonly`) is a test, whether it is called one or not.
 */
export function readDefinition(definition: BakeDefinition, question: BakeQuestion): BakeReading {
  const { targets } = definition
  const named = [...question.tests, ...(question.testReport === '' ? [] : [question.testReport])]
  const asked = askedTargets(definition).filter((name) => !named.includes(name))
  const checks = asked.filter((name) => isCheck(targets[name]))
  const images = asked.filter((name) => !checks.includes(name))
  const given = [...new Set(named)].filter((name) => targets[name] !== undefined)
  // Tests that are of no image are a build by themselves. Those that are called tests are of one, if there is any.
  const gates: string[] = []
  for (const test of images.length > 0 ? checks : [...given, ...checks]) {
    const isOf = (name: string): boolean => differences(targets[test], targets[name]).length === 0
    if (![...images, ...gates].some(isOf)) gates.push(test)
  }
  const names = [...images, ...gates]
  if (names.length === 0) {
    const fix = 'Name a target in bake-targets.'
    return { images: [], problems: [{ input: 'bake-files', problem: 'no target was found', fix }] }
  }
  if (names.length > MOST_IMAGES) {
    const problem = `${names.length} images are asked for, and a step takes up to ${MOST_IMAGES}`
    return { images: [], problems: [{ input: 'bake-targets', problem, fix: 'Name some of them in bake-targets.' }] }
  }
  const about: ImageQuestion = { ...question, targets, names, gates, checks, targetTests: [...given, ...checks] }
  const readings = names.map((name) => readImage(name, about))
  const problems = [
    ...findStrayTests(about),
    ...findClashingSecrets(about),
    ...readings.flatMap((reading) => reading.problems)
  ]
  return problems.length > 0
    ? { images: [], problems: onceEach(problems) }
    : { images: readings.map(({ name, texts }) => ({ name, texts })), problems }
}

/** Secrets that two targets take from different places under one id: all that a step builds has one set of them. */
function findClashingSecrets({ targets, names, targetTests }: ImageQuestion): readonly InputProblem[] {
  const uses = [...new Set([...names, ...targetTests])].flatMap((target) =>
    attributesOf(asArray(targets[target]?.secret)).map(({ id = '', env, src }) => ({
      ...{ target, id },
      source: env === undefined ? `src ${src ?? id}` : `env ${env}`
    }))
  )
  return [...Map.groupBy(uses, ({ id }) => id)].flatMap(([id, of]) => {
    const [first, ...others] = of
    const other = others.find(({ source, target }) => source !== first?.source && target !== first?.target)
    if (first === undefined || other === undefined) return []
    const problem = `the targets "${first.target}" and "${other.target}" take the secret "${id}" from different places`
    return [{ input: 'bake-files', problem, fix: 'All of a step have one set of secrets: give each an id of its own.' }]
  })
}

/** Whether a target builds a stage of its Dockerfile, and writes nothing. */
function isCheck(target: Target = {}): boolean {
  const outputs = records(target.output).split('\n')
  return text(target.target) !== '' && outputs.every((output) => output === 'type=cacheonly')
}

/** What the reading of one image takes. */
type ImageQuestion = BakeQuestion & {
  readonly targets: BakeDefinition['targets']
  /** All images, and the first of the tests that are a build by themselves. */
  readonly names: readonly string[]
  readonly gates: readonly string[]
  /** Tests that are not called so. */
  readonly checks: readonly string[]
  /** Tests that are targets of the file. */
  readonly targetTests: readonly string[]
}

function readImage(name: string, question: ImageQuestion): BakeImage & { readonly problems: readonly InputProblem[] } {
  const { targets, names, gates, given, mayUse, testReport, targetTests } = question
  const target = targets[name] ?? {}
  const problems: InputProblem[] = []
  const report = (input: string, problem: string, fix: string): void => {
    problems.push({ input, problem, fix })
  }
  for (const test of names.length > 1 ? [] : targetTests) {
    for (const attribute of differences(targets[test], target)) {
      report(
        inputOf(test, question),
        `the targets "${test}" and "${name}" have different ${attribute}`,
        'Tests and image are stages of one Dockerfile, built together: let one target inherit from the other.'
      )
    }
  }
  for (const test of targetTests) {
    if (text(targets[test]?.target) !== '') continue
    report(inputOf(test, question), `the target "${test}" names no stage`, 'Give it target = "STAGE".')
  }
  const unread = Object.keys(target).filter((key) => !silent.includes(key) && rows[key] === undefined)
  for (const attribute of unread) {
    report(
      'bake-files',
      `the target "${name}" has ${attribute}, which this action does not read`,
      `Remove it, or reset it with bake-set.`
    )
  }

  const own = Object.assign({}, ...Object.entries(rows).map(([key, row]) => read(row, target[key], target))) as Texts
  // The step has one agent and one set of secrets, for all that it builds.
  const supplied = [...names, ...targetTests].map((each) => targets[each] ?? {})
  const texts: Record<string, string> = { ...own, ...credentialTexts(supplied, question.hasVariable) }
  if (gates.includes(name)) {
    for (const input of ['target', 'tags', 'outputs']) delete texts[input]
    if (gates.length < names.length) for (const input of ofImages) texts[input] = ''
  }

  for (const [alias, place] of Object.entries(object(target.contexts))) {
    if (!place.startsWith('target:')) continue
    report(
      'bake-files',
      `the context "${alias}" of "${name}" is another target of the file`,
      'Make it a stage of the same Dockerfile, or publish it first and write docker-image://.'
    )
  }
  const allowed = given('allow').split(/[\s,"]+/)
  for (const entitlement of words(target.entitlements)) {
    if (allowed.includes(entitlement)) continue
    report('allow', `the target "${name}" asks for ${entitlement}`, `Write allow: ${entitlement}, if it may have it.`)
  }
  for (const place of places(target, texts)) {
    if (mayUse(place)) continue
    report(
      'bake-files',
      `"${place}" is outside of the checkout`,
      'In an untrusted run, a bake file may use paths in the checkout only.'
    )
  }
  for (const [input, value] of Object.entries(texts)) {
    const ours = given(input).trim()
    if (value === '' || ours === '' || ours === defaults[input]) continue
    if (sums.includes(input)) texts[input] = `${ours}\n${value}`
    else if (switches.includes(input)) texts[input] = ours
    else report(input, 'the bake file sets it too', `Remove it, or set it with bake-set: ${name}.….`)
  }
  const stages = [...question.tests, ...question.checks]
    .filter((test) => belongs(test, name, question))
    .map((test) => stageOf(test, question))
  if (names.length > 1 || stages.length > 0) texts['test-target'] = [...new Set(stages)].join('\n')
  if (testReport !== '') {
    texts['test-report-target'] = belongs(testReport, name, question) ? stageOf(testReport, question) : ''
  }
  return { name, texts, problems }
}

function inputOf(test: string, { tests }: Pick<ImageQuestion, 'tests'>): string {
  return tests.includes(test) ? 'test-target' : 'test-report-target'
}

function stageOf(test: string, { targets }: Pick<ImageQuestion, 'targets'>): string {
  return targets[test] === undefined ? test : text(targets[test].target)
}

/** Attributes in which a test differs from an image whose Dockerfile it would have to share. */
function differences(test: Target = {}, image: Target = {}): readonly string[] {
  return shared.filter((attribute) => !same(test[attribute], image[attribute]))
}

/**
 * Whether a test is one of an image: a target that is built from the same Dockerfile or, where the name is a stage's, a stage of
 * it. What nobody has, and what cannot be known here, is looked for before the build.
 */
function belongs(test: string, image: string, question: ImageQuestion): boolean {
  const { targets, names, hasStage } = question
  if (names.length === 1) return true
  if (targets[test] !== undefined) return differences(targets[test], targets[image]).length === 0
  const isNowhere = names.every((name) => hasStage(name, test) === false)
  return isNowhere ? image === names[0] : hasStage(image, test) !== false
}

/** Tests of the file that are built from the Dockerfile of none of several images. */
function findStrayTests(question: ImageQuestion): readonly InputProblem[] {
  const { targets, names, targetTests } = question
  if (names.length === 1) return []
  return targetTests.flatMap((test) => {
    if (names.some((name) => belongs(test, name, question))) return []
    const nearest = names.map(
      (name) => `"${name}" has another ${differences(targets[test], targets[name]).join(' and ')}`
    )
    const problem = `the target "${test}" belongs to none of the images: ${nearest.join(', ')}`
    const fix =
      'Tests and image are stages of one Dockerfile, built together: let the test inherit from the image that it is of.'
    return [{ input: inputOf(test, question), problem, fix }]
  })
}

type Texts = Readonly<Record<string, string>>
type Target = Readonly<Record<string, unknown>>
type Row = (value: unknown, target: Target) => Texts

/** One row for each attribute: the inputs that it stands for. */
const rows: Readonly<Record<string, Row>> = {
  context: (value) => ({ context: local(text(value)) || '.' }),
  dockerfile: (value, { context }) => ({ file: besideContext(local(text(context)), text(value)) }),
  target: (value) => ({ target: text(value) }),
  args: (value) => ({ 'build-args': lines(pairs(value, '=')) }),
  contexts: (value) => ({ 'build-contexts': lines(pairs(value, '=')) }),
  labels: (value) => ({ labels: lines(pairs(value, '=')) }),
  annotations: (value) => ({ annotations: lines(words(value)) }),
  tags: (value) => ({ tags: words(value).join('\n') }),
  platforms: (value) => ({ platforms: words(value).join('\n') }),
  output: (value) => ({ outputs: records(value) }),
  'cache-from': (value) => ({ 'cache-from': records(value) }),
  'cache-to': (value) => ({ 'cache-to': records(value) }),
  pull: (value) => ({ pull: value === true ? 'true' : '' }),
  'no-cache': (value) => ({ 'no-cache': value === true ? 'true' : '' }),
  'no-cache-filter': (value) => ({ 'no-cache-filters': words(value).join('\n') }),
  network: (value) => ({ network: text(value) }),
  'shm-size': (value) => ({ 'shm-size': text(value) }),
  ulimits: (value) => ({ ulimit: lines(words(value)) }),
  // All in one line that has an end of its own: an entry alone in its line is split at its commas, quotes or not.
  'extra-hosts': (value) => ({ 'add-hosts': [...pairs(value, ':').map(quoted), ''].join(',') }),
  attest: attestations,
  // Checked and read elsewhere.
  entitlements: () => ({}),
  secret: () => ({}),
  ssh: () => ({})
}

function read(row: Row, value: unknown, target: Target): Texts {
  return value === undefined || value === null ? {} : row(value, target)
}

/** Those of the tests, too: they are built from the same call. */
function credentialTexts(targets: readonly Target[], hasVariable: BakeQuestion['hasVariable']): Texts {
  const secrets = attributesOf(targets.flatMap(({ secret }) => asArray(secret)))
  const agents = attributesOf(targets.flatMap(({ ssh }) => asArray(ssh)))
  const variables = secrets.flatMap(({ id = '', env, src }) => {
    if (env !== undefined) return [`${id}=${env}`]
    return src === undefined && hasVariable(id) ? [`${id}=${id}`] : []
  })
  const files = secrets.flatMap(({ id = '', env, src }) => {
    if (env !== undefined || (src === undefined && hasVariable(id))) return []
    return [`${id}=${src ?? id}`]
  })
  const sockets = agents.map(({ id = 'default', paths }) => (paths === undefined ? id : `${id}=${paths}`))
  return {
    'secret-envs': unique(variables).join('\n'),
    'secret-files': lines(unique(files)),
    ssh: lines(unique(sockets))
  }
}

function attestations(value: unknown): Texts {
  const texts: Record<string, string> = {}
  const others: string[] = []
  for (const { type = '', disabled, ...rest } of attributesOf(asArray(value))) {
    const given = Object.entries(rest).map(([key, one]) => writeField(`${key}=${one}`))
    if (type !== 'provenance' && type !== 'sbom') others.push([`type=${type}`, ...given].join(','))
    else texts[type] = disabled === 'true' ? 'false' : given.join(',') || 'true'
  }
  return { ...texts, attests: others.join('\n') }
}

/** Where the Dockerfile of a target lies; `undefined` where it is not on the runner. */
export function dockerfileOf({ context, dockerfile }: Readonly<Record<string, unknown>>): string | undefined {
  const folder = local(text(context)) || '.'
  if (isRemote(folder)) return undefined
  return besideContext(folder, text(dockerfile)) || path.join(folder, 'Dockerfile')
}

/** Files, and not folders, that the outputs of a definition are written to. */
export function outputFiles({ targets }: BakeDefinition): readonly string[] {
  return Object.values(targets).flatMap(({ output }) =>
    attributesOf(asArray(output)).flatMap(({ type = '', dest }) =>
      dest !== undefined && ['oci', 'docker', 'tar'].includes(type) ? [dest] : []
    )
  )
}

/** Paths that the target reads from or writes to. */
function places(target: Target, texts: Texts): readonly string[] {
  const found = [
    texts.context ?? '.',
    texts.file ?? '',
    ...Object.values(object(target.contexts)).map(localPlace),
    ...attributesOf([
      ...asArray(target.output),
      ...asArray(target['cache-to']),
      ...asArray(target['cache-from'])
    ]).flatMap((attributes) =>
      Object.entries(attributes).flatMap(([key, one]) => (['dest', 'src'].includes(attributeKey(key)) ? [one] : []))
    ),
    ...asArray(target.output).flatMap((output) =>
      typeof output === 'string' && !output.includes('=') && output !== '-' ? [output] : []
    )
  ]
  return found.filter((place) => place !== '' && !isRemote(place))
}

/** A Dockerfile is named from its context, other than in `docker buildx build`. */
function besideContext(context: string, file: string): string {
  if (isRemote(context)) return file === 'Dockerfile' ? '' : file
  if (local(file) !== file) return local(file)
  return file === '' || path.isAbsolute(file) ? file : path.join(context, file)
}

function isRemote(place: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|target:)/i.test(place)
}

/** `cwd://` is the folder that bake is run in. */
function local(place: string): string {
  return place.replace(/^cwd:\/\//, '')
}

/** Lists of buildx up to 0.19 hold CSV, later ones objects. */
function attributesOf(values: readonly unknown[]): readonly Readonly<Record<string, string>>[] {
  return values.map((value) => {
    if (typeof value !== 'string') return object(value)
    if (!value.includes('=')) return { id: value }
    const fields = readFields(value).map((field) => {
      const at = field.indexOf('=')
      return [field.slice(0, Math.max(at, 0)), field.slice(at + 1)] as const
    })
    return Object.fromEntries(fields)
  })
}

/** A list as an input has it whose entries have a type. */
function records(value: unknown): string {
  return asArray(value)
    .map((item) => {
      if (typeof item === 'string') return item
      const { type, ...rest } = object(item)
      const fields = Object.entries({ ...(type === undefined ? {} : { type }), ...rest })
      return fields.map(([key, one]) => writeField(`${key}=${one}`)).join(',')
    })
    .join('\n')
}

/** Entries, each in quotes. */
function lines(entries: readonly string[]): string {
  return entries.map(quoted).join('\n')
}

function quoted(entry: string): string {
  return `"${entry.replaceAll('"', '""')}"`
}

function pairs(value: unknown, separator: string): readonly string[] {
  return Object.entries(object(value)).map(([key, one]) => `${key}${separator}${one}`)
}

function object(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(asObject(value) ?? {}).filter(([, one]) => one !== null && one !== undefined)
  return Object.fromEntries(
    entries.map(([key, one]) => [key, Array.isArray(one) ? one.map(text).join(',') : text(one)])
  )
}

function words(value: unknown): readonly string[] {
  return asArray(value).map(text)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? `${value}` : ''
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)]
}

function same(one: unknown, other: unknown): boolean {
  const sorted = (value: unknown): string =>
    JSON.stringify(Object.entries(asObject(value) ?? { value }).sort(([a], [b]) => (a < b ? -1 : 1)))
  return sorted(one) === sorted(other)
}
