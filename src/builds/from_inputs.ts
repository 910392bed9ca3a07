/** The build that a workflow's inputs ask for. */
import type { Inputs } from '../inputs/inputs.js'
import { isGateOnly } from '../inputs/inputs.js'
import { argumentsOf, withArguments, type LinkedTarget } from '../core/linked.js'
import { parseReference } from '../core/reference.js'
import { isSourceDateEpoch } from '../core/source_date_epoch.js'
import type { Occasion } from '../occasion/occasion.js'
import type { Build } from './build.js'

/**
 * Makes the build.
 * @param name its identity among the builds of the run
 * @param environment values for build arguments that are given by name alone, as far as the build may have them
 */
export function buildFromInputs(
  inputs: Inputs,
  name: string,
  environment: Readonly<Record<string, string | undefined>>
): Build {
  const { links, bake } = inputs
  const buildArgs = inputs.buildArgs.flatMap((argument) => fromEnvironment(argument, environment))
  return {
    name,
    source: {
      ...{ context: inputs.context, file: inputs.file },
      ...(bake?.isInline === true ? { inlineIn: bake.target } : {})
    },
    target: inputs.target,
    tests: inputs.testTargets,
    testReport: inputs.testReportTarget,
    gateOnly: isGateOnly(inputs),
    shape: {
      buildArgs,
      buildContexts: [...inputs.buildContexts, ...links.contexts],
      platforms: inputs.platforms,
      network: inputs.network,
      addHosts: inputs.addHosts,
      allow: inputs.allow,
      shmSize: inputs.shmSize,
      ulimit: inputs.ulimit
    },
    linked: links.targets.map((target) => atTheSameTime(target, buildArgs)),
    image: {
      labels: inputs.labels,
      annotations: inputs.annotations,
      provenance: inputs.provenance,
      sbom: inputs.sbom,
      attests: inputs.attests,
      rewriteTimestamps: inputs.reproducible
    },
    fresh: {
      pull: inputs.pull,
      noCache: inputs.noCache,
      noCacheFilters: inputs.noCacheFilters,
      rerunTests: inputs.testCache === 'rerun'
    },
    cache: {
      image: inputs.cacheImage,
      mode: inputs.cacheMode,
      from: inputs.cacheFrom,
      to: inputs.cacheTo,
      mounts: inputs.cacheMounts,
      variant: inputs.reportName
    }
  }
}

/** What is written into the image has one time, whichever target writes it. */
function atTheSameTime(target: LinkedTarget, buildArgs: readonly string[]): LinkedTarget {
  const [own, time] = [argumentsOf(target), buildArgs.filter(isSourceDateEpoch)]
  return time.length === 0 || own.some(isSourceDateEpoch) ? target : withArguments(target, [...own, ...time])
}

/** The image's name in headings: what the user said, else the last part of what is published, else the repository's. */
export function buildName(inputs: Inputs | undefined, occasion: Pick<Occasion, 'repository'>): string {
  if (inputs !== undefined && inputs.reportName !== '') return inputs.reportName
  const reading = parseReference(inputs?.tags[0] ?? '')
  return lastPart(reading.ok ? reading.reference.path : occasion.repository)
}

/** What several images of a run go by together. */
export function groupName(
  { reportName }: Pick<Inputs, 'reportName'>,
  { repository }: Pick<Occasion, 'repository'>
): string {
  return reportName === '' ? lastPart(repository) : reportName
}

function lastPart(path: string): string {
  const name = path.split('/').at(-1) ?? ''
  return name === '' ? 'image' : name
}

/** `docker buildx build` reads them so; a bake file cannot, and one that is not set counts as not given. */
function fromEnvironment(
  argument: string,
  environment: Readonly<Record<string, string | undefined>>
): readonly string[] {
  if (argument.includes('=')) return [argument]
  const value = environment[argument]
  return value === undefined ? [] : [`${argument}=${value}`]
}
