/**
 * A bake file as the inputs it stands for: what a target says is read by the same grammars, and checked by the same rules, as
 * what a step says. The definition is bake's own resolved one (`docker buildx bake --print`), so inheritance, variables,
 * functions, matrices and compose files are bake's to understand.
 * https://docs.docker.com/build/bake/reference/
 */
import { asArray, without } from '../core/json.js'
import type { Links } from '../core/linked.js'
import { onceEach, type InputProblem } from '../core/problem.js'
import {
  askedTargets,
  attributesOf,
  credentialTexts,
  inlineOf,
  places,
  records,
  same,
  sourceOf,
  text,
  textsOf,
  unreadIn,
  words,
  type BakeDefinition,
  type Target,
  type Texts
} from './bake_definition.js'
import { linksOf, withLinked } from './bake_links.js'

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
  readonly links: Links
  /** Its Dockerfile's text, where that is written in the bake file. */
  readonly inline?: string
}

/** The images, or what is wrong with what is said of them. */
export type BakeReading = { readonly images: readonly BakeImage[]; readonly problems: readonly InputProblem[] }

/** Each is built and inspected on its own, and nothing leaves before the last has passed. */
const MOST_IMAGES = 20

/** Attributes that a test shares with the image: both are stages of one Dockerfile, built once for both. */
const shared = ['context', 'dockerfile', 'dockerfile-inline', 'args', 'contexts'] as const

/** Inputs of which the step's own value counts, whatever the file says: bake has flags for them. */
const switches = ['pull', 'no-cache', 'provenance', 'sbom']

/** What action.yml gives where the step gives nothing. */
const defaults: Texts = { context: '.', pull: 'false', 'no-cache': 'false' }

/** Inputs whose entries add up. */
const sums = ['secret-envs', 'secret-files', 'ssh']

/** Outputs that have no image in them. */
const fileTypes = ['local', 'tar', 'cacheonly']

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
    : { images: readings.map((reading) => without(reading, 'problems')), problems }
}

/** Secrets that two targets take from different places under one id: all that a step builds has one set of them. */
function findClashingSecrets({ targets, names, targetTests }: ImageQuestion): readonly InputProblem[] {
  const uses = withLinked([...names, ...targetTests], targets).flatMap((target) =>
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
  const target = question.targets[name] ?? {}
  const links = linksOf(name, question.targets)
  const all = [name, ...links.targets.map((each) => each.name)]
  const { texts, problems } = besideStep(name, textsOfImage(all, question), question)
  const inline = inlineOf(target)
  return {
    ...{ name, links },
    texts: { ...texts, ...testTexts(name, question) },
    problems: [
      ...findUnfitTests(name, question),
      ...findUnread(all, question),
      ...findEntitlements(all, question),
      ...findOutside(all, question),
      ...problems,
      ...(inline === undefined ? [] : findInlineElsewhere(name, target))
    ],
    ...(inline === undefined ? {} : { inline })
  }
}

/** What the file says of an image, whose target comes first, and of what it is built upon. */
function textsOfImage(all: readonly string[], question: ImageQuestion): Texts {
  const { targets, names, gates, targetTests } = question
  const [name = ''] = all
  const target = targets[name] ?? {}
  // The step has one agent and one set of secrets, for all that it builds.
  const supplied = withLinked([...names, ...targetTests], targets).map((each) => targets[each] ?? {})
  const texts = {
    ...textsOf(target),
    ...flagTexts(target),
    ...cacheTexts(all.map((each) => targets[each] ?? {})),
    ...credentialTexts(supplied, question.hasVariable)
  }
  if (!gates.includes(name)) return texts
  const ofNone = gates.length < names.length ? Object.fromEntries(ofImages.map((input) => [input, ''])) : {}
  return { ...without(texts, 'target', 'tags', 'outputs'), ...ofNone }
}

/** What the file says, where the step says something, too. */
function besideStep(
  name: string,
  said: Texts,
  { given }: ImageQuestion
): { readonly texts: Texts; readonly problems: readonly InputProblem[] } {
  const texts: Record<string, string> = { ...said }
  const problems: InputProblem[] = []
  for (const [input, value] of Object.entries(said)) {
    const ours = given(input).trim()
    if (value === '' || ours === '' || ours === defaults[input]) continue
    if (sums.includes(input)) texts[input] = `${ours}\n${value}`
    else if (switches.includes(input)) texts[input] = ours
    else {
      const fix = `Remove it, or set it with bake-set: ${name}.….`
      problems.push({ input, problem: 'the bake file sets it too', fix })
    }
  }
  return { texts, problems }
}

/** The tests that are of an image, by their stages. */
function testTexts(name: string, question: ImageQuestion): Texts {
  const { names, tests, checks, testReport } = question
  const stages = [...tests, ...checks]
    .filter((test) => belongs(test, name, question))
    .map((test) => stageOf(test, question))
  const report = testReport !== '' && belongs(testReport, name, question) ? stageOf(testReport, question) : ''
  return {
    ...(names.length > 1 || stages.length > 0 ? { 'test-target': [...new Set(stages)].join('\n') } : {}),
    ...(testReport === '' ? {} : { 'test-report-target': report })
  }
}

/** Targets that are to be tests, and cannot be tests of this image. */
function findUnfitTests(name: string, question: ImageQuestion): readonly InputProblem[] {
  const { targets, names, targetTests } = question
  const others = (names.length > 1 ? [] : targetTests).flatMap((test) =>
    differences(targets[test], targets[name]).map((attribute) => ({
      input: inputOf(test, question),
      problem: `the targets "${test}" and "${name}" have different ${attribute}`,
      fix: 'Tests and image are stages of one Dockerfile, built together: let one target inherit from the other.'
    }))
  )
  const unnamed = targetTests
    .filter((test) => text(targets[test]?.target) === '')
    .map((test) => ({
      input: inputOf(test, question),
      problem: `the target "${test}" names no stage`,
      fix: 'Give it target = "STAGE".'
    }))
  return [...others, ...unnamed]
}

/** Attributes that have no input. A target that others are built upon is asked nothing. */
function findUnread(all: readonly string[], { targets }: ImageQuestion): readonly InputProblem[] {
  return all.flatMap((each, index) =>
    unreadIn(targets[each] ?? {})
      .filter((attribute) => attribute !== 'call' || index === 0)
      .map((attribute) => ({
        input: 'bake-files',
        problem: `the target "${each}" has ${attribute}, which this action does not read`,
        fix:
          attribute === 'call'
            ? 'Leave it out of bake-targets, and ask in a step of its own, with the input call.'
            : 'Remove it, or reset it with bake-set.'
      }))
  )
}

/** Entitlements that the step does not give. */
function findEntitlements(all: readonly string[], { targets, given }: ImageQuestion): readonly InputProblem[] {
  const allowed = given('allow').split(/[\s,"]+/)
  return all.flatMap((each) =>
    words(targets[each]?.entitlements)
      .filter((entitlement) => !allowed.includes(entitlement))
      .map((entitlement) => ({
        input: 'allow',
        problem: `the target "${each}" asks for ${entitlement}`,
        fix: `Write allow: ${entitlement}, if it may have it.`
      }))
  )
}

/** Places of the runner that this run may not use. */
function findOutside(all: readonly string[], { targets, mayUse }: ImageQuestion): readonly InputProblem[] {
  return all
    .flatMap((each) => places(targets[each] ?? {}))
    .filter((place) => !mayUse(place))
    .map((place) => ({
      input: 'bake-files',
      problem: `"${place}" is outside of the checkout`,
      fix: 'In an untrusted run, a bake file may use paths in the checkout only.'
    }))
}

/** A Dockerfile in the bake file is put beside a context that lies on the runner. */
function findInlineElsewhere(name: string, target: Target): readonly InputProblem[] {
  if (sourceOf(target).context.kind !== 'remote') return []
  const problem = `the target "${name}" has dockerfile-inline, and a context that is not on the runner`
  const fix = 'Write the Dockerfile to a file of that context, or check the context out.'
  return [{ input: 'bake-files', problem, fix }]
}

/** Bake's flags, and tags, make no image of what is written to files, or nowhere. */
function flagTexts({ output }: Target): Texts {
  const types = attributesOf(asArray(output)).map(({ type = '' }) => type)
  const areAll = (...wanted: readonly string[]): boolean =>
    types.length > 0 && types.every((type) => wanted.includes(type))
  return {
    ...(areAll(...fileTypes, 'oci') ? { push: '' } : {}),
    ...(types.some((type) => fileTypes.includes(type)) ? { load: '' } : {}),
    ...(areAll(...fileTypes) ? { tags: '' } : {})
  }
}

/** What linked targets read and write of the layer cache is a part of what the image does. */
function cacheTexts(all: readonly Target[]): Texts {
  const texts = ['cache-from', 'cache-to'].map((attribute) => {
    const entries = all.flatMap((target) => records(target[attribute]).split('\n')).filter((entry) => entry !== '')
    return [attribute, [...new Set(entries)].join('\n')] as const
  })
  return Object.fromEntries(texts.filter(([, entries]) => entries !== ''))
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
