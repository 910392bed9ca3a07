/** What a Dockerfile says about the inputs: mistakes that would let tests be skipped, and names that nothing uses. Pure. */
import { splitPair } from '../core/pair.js'
import { familiarName } from '../core/reference.js'
import type { InputProblem } from '../core/problem.js'
import { sameStage } from '../core/step.js'
import {
  declaredArguments,
  findStage,
  hasCommand,
  readArguments,
  readStages,
  sourcesOf,
  stageNeeds,
  stepsOf,
  targetStage,
  wordsOf,
  type BuildArguments,
  type Dockerfile,
  type Stage
} from '../dockerfile/index.js'
import { didYouMean } from './grammar.js'

/** The part of a build that is held against its Dockerfile. */
export type Roles = {
  /** Test targets, by name or index. */
  readonly tests: readonly string[]
  /** The one of them that `test-report-target` names. */
  readonly testReport?: string
  /** Empty for the last stage. */
  readonly target: string
  /** No image is built. */
  readonly gateOnly: boolean
  readonly shape: { readonly buildArgs: readonly string[]; readonly buildContexts: readonly string[] }
}

/** Looks at a Dockerfile. One that another frontend reads is not judged. */
export function checkStages(
  dockerfile: Dockerfile,
  roles: Roles
): { readonly problems: readonly InputProblem[]; readonly notes: readonly string[] } {
  if (dockerfile.syntax !== undefined && !/dockerfile/i.test(dockerfile.syntax)) return { problems: [], notes: [] }
  const given = readArguments(roles.shape.buildArgs)
  const names = dockerfile.stages.map(({ name }) => name)
  return {
    problems: [
      ...findReplaced(names, roles),
      ...roles.tests.flatMap((test) => isTheTarget(test, dockerfile, roles)),
      ...roles.tests.flatMap((test) => runsNothing(test, dockerfile, roles, given))
    ],
    notes: [...unusedContexts(contextNames(roles), dockerfile), ...unusedArguments(roles.shape.buildArgs, dockerfile)]
  }
}

/**
 * Stages that a named context would replace: BuildKit takes it before a stage of that name, and its steps, tests among them,
 * would not run.
 * @param stages names by index, which are all that is known of a Dockerfile elsewhere
 */
export function findReplaced(stages: readonly (string | undefined)[], roles: Roles): readonly InputProblem[] {
  return contextNames(roles).flatMap((name) => replaced(name, stages, roles))
}

function contextNames({ shape }: Roles): readonly string[] {
  return shape.buildContexts.map((entry) => splitPair(entry).name)
}

function replaced(name: string, stages: readonly (string | undefined)[], { tests }: Roles): readonly InputProblem[] {
  const input = 'build-contexts'
  const fix = 'Give the context a name that is no stage; to replace a base image, name it as FROM does.'
  if (/^stagegate-gate/i.test(familiar(name))) {
    return [{ input, problem: `"${name}" is a name that Stagegate uses for a stage of its own`, fix }]
  }
  const index = stages.findIndex((stage) => stage?.toLowerCase() === familiar(name))
  if (index < 0) return []
  const isTest = tests.some((test) => sameStage(stages[index], test) || test === String(index))
  const what = isTest
    ? 'a test target and also a named context: no test would run'
    : 'a stage and also a named context, which would take its place'
  return [{ input, problem: `"${name}" is ${what}`, fix }]
}

/** By which input a test is named. */
function inputOf(test: string, { testReport }: Pick<Roles, 'testReport'>): string {
  return test === testReport ? 'test-report-target' : 'test-target'
}

function isTheTarget(test: string, dockerfile: Dockerfile, roles: Roles): readonly InputProblem[] {
  const { target, gateOnly } = roles
  const stage = findStage(dockerfile, test)
  if (gateOnly || stage === undefined || stage !== targetStage(dockerfile, target)) return []
  if (test.toLowerCase() === target.toLowerCase()) return [] // said of the inputs alone
  const what = target === '' ? 'the last stage, which is the image' : `the stage that the target "${target}" means`
  return [
    {
      input: inputOf(test, roles),
      problem: `"${test}" is ${what}`,
      fix: 'Name the stage to ship in target, and the stage that tests it in test-target.'
    }
  ]
}

/**
 * A test stage tests something if it has a RUN with a command, or if it needs a stage with one that the image does without, as a stage
 * does that only collects (`COPY --from=lint`).
 */
function runsNothing(
  test: string,
  dockerfile: Dockerfile,
  roles: Roles,
  given: BuildArguments
): readonly InputProblem[] {
  const stage = findStage(dockerfile, test)
  if (stage === undefined || /onbuild/i.test(stage.from)) return []
  const image = roles.gateOnly && stage === dockerfile.stages.at(-1) ? [] : stageNeeds(dockerfile, roles.target, given)
  const own = stageNeeds(dockerfile, String(stage.index), given).filter((one) => !image.includes(one))
  const steps = [stage, ...own].flatMap((one) => stepsOf(dockerfile, one, given))
  const runs = steps.filter(({ keyword }) => keyword === 'RUN')
  if (runs.some(hasCommand)) return []
  const collected = collectedWithImage(stage, dockerfile, image, given)
  if (collected.length > 0) {
    const problem = `the stage "${test}" (line ${stage.line}) has no RUN, and the image needs all that it collects`
    return [
      { input: inputOf(test, roles), problem, fix: `Name the stages that run the tests: ${collected.join(', ')}.` }
    ]
  }
  const has = runs.length === 0 ? 'it has no RUN' : 'its RUN has no command'
  return [
    {
      input: inputOf(test, roles),
      problem: `the stage "${test}" (line ${stage.line}) runs nothing: ${has}, and a build does not run CMD`,
      fix: `Write the test as a step of that stage: "RUN ${commandOf(stage)}".`
    }
  ]
}

/** Stages with a command that a stage only collects from, and that the image needs as well. */
function collectedWithImage(
  stage: Stage,
  dockerfile: Dockerfile,
  image: readonly Stage[],
  given: BuildArguments
): readonly string[] {
  const { instructions } = stage
  if (instructions.some(({ keyword }) => keyword !== 'COPY' && keyword !== 'ADD')) return []
  const collected = readStages(dockerfile, stage, given).flatMap(({ source, stages }) =>
    source.way === 'from' ? [] : stages
  )
  const running = collected.filter(
    (one) =>
      image.includes(one) && stepsOf(dockerfile, one, given).some((step) => step.keyword === 'RUN' && hasCommand(step))
  )
  return [...new Set(running.flatMap(({ name }) => name ?? []))]
}

/** What the stage was meant to run, if it says so. */
function commandOf({ instructions }: Stage): string {
  const last = instructions.findLast(({ keyword }) => keyword === 'CMD' || keyword === 'ENTRYPOINT')
  const words = last === undefined ? [] : wordsOf(last.rest)
  return words.length === 0 ? 'COMMAND' : words.join(' ').slice(0, 120)
}

function unusedContexts(contexts: readonly string[], dockerfile: Dockerfile): readonly string[] {
  const sources = dockerfile.stages.flatMap((stage) => sourcesOf(dockerfile, stage).map(({ reference }) => reference))
  if (sources.some((reference) => reference.includes('$'))) return [] // it can mean any of them
  const used = new Set(sources.map(familiarName))
  return contexts
    .filter((name) => !/^stagegate-gate/i.test(familiar(name)) && findStage(dockerfile, familiar(name)) === undefined)
    .flatMap((name) => {
      const known = familiar(name)
      const nothing = `build-contexts: nothing in the Dockerfile uses the named context "${name}".`
      if (!used.has(known)) return [nothing + didYouMean(name, sources)]
      return name.replace(/::.*$/s, '') === known ? [] : [`${nothing} BuildKit looks for "${known}".`]
    })
}

/** The same for all ways of writing it. What follows `::` is the platform that a context is for. */
function familiar(name: string): string {
  return familiarName(name.replace(/::.*$/s, '').toLowerCase())
}

function unusedArguments(buildArgs: readonly string[], dockerfile: Dockerfile): readonly string[] {
  const declared = declaredArguments(dockerfile)
  const names = [...new Set(buildArgs.map((entry) => splitPair(entry).name))]
  return names
    .filter((name) => !declared.has(name) && !predefined.test(name) && !name.startsWith(GIVEN_TO_ALL))
    .map((name) => `build-args: no ARG of the Dockerfile takes "${name}".${didYouMean(name, [...declared])}`)
}

/** docker/metadata-action gives them to every target of its bake file. */
const GIVEN_TO_ALL = 'DOCKER_META_'

/** https://docs.docker.com/reference/dockerfile/#predefined-args and #buildkit-built-in-build-args */
const predefined =
  /^(?:(?:HTTP|HTTPS|FTP|NO|ALL)_PROXY|BUILDKIT_\w+|SOURCE_DATE_EPOCH|(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT|STAGE))$/i
