/** Inputs that are right each by itself, and wrong together. */
import type { InputProblem } from '../core/problem.js'
import { canonicalName, canonicalRepository, parseReference } from '../core/reference.js'
import { SOURCE_DATE_EPOCH } from '../core/source_date_epoch.js'
import { readArguments } from '../dockerfile/index.js'
import { cacheReference, isRegistryCache } from './cache_value.js'
import type { Grammar } from './grammar.js'
import { isGateOnly, type Inputs } from './inputs.js'
import { namesToLeave, type LeavingName } from './outputs.js'

/** What is wrong with inputs together, if it is. */
type Contradiction = (inputs: Inputs) => InputProblem | undefined

const contradictions: readonly Contradiction[] = [
  timesKept,
  nothingToBuildTwice,
  timesInImage,
  agesUnknown,
  cgroupUnsettable,
  severalReportStages,
  nothingToRerun,
  testAsTarget,
  twoCachePlans,
  cacheAmongImages,
  noBaseline,
  cacheOverImage,
  passphraseWithoutKey
]

/** Reports what contradicts each other, or would undo each other. */
export function checkCombinations(inputs: Inputs, report: Grammar['report']): void {
  for (const contradiction of contradictions) {
    const found = contradiction(inputs)
    if (found !== undefined) report(found.input, found.problem, found.fix)
  }
}

function timesKept({ reproducible, outputs }: Inputs): InputProblem | undefined {
  const kept = outputs.find(({ attributes }) => (attributes.get('rewrite-timestamp') ?? 'true') !== 'true')
  if (!reproducible || kept === undefined) return undefined
  return {
    input: 'reproducible',
    problem: `the output "${kept.text}" keeps the times of the build`,
    fix: 'Remove its rewrite-timestamp, or reproducible.'
  }
}

function nothingToBuildTwice(inputs: Inputs): InputProblem | undefined {
  if (!inputs.verifyReproducible || !isGateOnly(inputs)) return undefined
  return {
    input: 'verify-reproducible',
    problem: 'only the tests are built: there is no image to build twice',
    fix: 'Name the stage of the image in target, or remove verify-reproducible.'
  }
}

function timesInImage({ verifyReproducible, cacheTo }: Inputs): InputProblem | undefined {
  if (!verifyReproducible || !cacheTo.some((entry) => /(?:^|,)\s*type=inline/.test(entry))) return undefined
  return {
    input: 'verify-reproducible',
    problem: 'cache-to has type=inline, which writes the time of each step into the image',
    fix: 'Use another type of cache, such as cache-image, or remove verify-reproducible.'
  }
}

/** The times of the layers are then no times of a build. */
function agesUnknown({ refreshAfter, reproducible, buildArgs }: Inputs): InputProblem | undefined {
  const timed = reproducible
    ? 'reproducible: true'
    : readArguments(buildArgs).has(SOURCE_DATE_EPOCH)
      ? `${SOURCE_DATE_EPOCH} in build-args`
      : undefined
  if (refreshAfter === undefined || timed === undefined) return undefined
  return {
    input: 'refresh-after',
    problem: `${timed} sets the times in the image, so that nothing tells how old a cached layer is`,
    fix: 'Remove it, and build with no-cache or no-cache-filters on a schedule of your own.'
  }
}

function cgroupUnsettable({ cgroupParent }: Inputs): InputProblem | undefined {
  if (cgroupParent === '') return undefined
  return {
    input: 'cgroup-parent',
    problem: 'tests and image are built in one bake call, which cannot set it',
    fix: 'Set it on the builder: docker/setup-buildx-action with driver-opts "cgroup-parent=…".'
  }
}

function severalReportStages({ testReportTarget }: Inputs): InputProblem | undefined {
  if (!/[\s,]/.test(testReportTarget)) return undefined
  return {
    input: 'test-report-target',
    problem: `"${testReportTarget.replace(/\s+/g, ' ')}" is more than one stage`,
    fix: 'Name one stage, and let it collect the files of the others with COPY --from.'
  }
}

function nothingToRerun({ testCache, testTargets }: Inputs): InputProblem | undefined {
  if (testCache !== 'rerun' || testTargets.length > 0) return undefined
  return { input: 'test-cache', problem: 'rerun has no test to run again', fix: 'Name the test stage in test-target.' }
}

function testAsTarget({ target, testTargets }: Inputs): InputProblem | undefined {
  if (!testTargets.some((test) => test.toLowerCase() === target.toLowerCase())) return undefined
  return {
    input: 'target',
    problem: `"${target}" is also a test target`,
    fix: 'The target is the stage to ship, test-target the stage to pass.'
  }
}

function twoCachePlans({ cacheImage, cacheTo }: Inputs): InputProblem | undefined {
  if (cacheImage === '' || cacheTo.length === 0) return undefined
  return {
    input: 'cache-to',
    problem: 'cache-image already plans where the cache is written',
    fix: 'Remove either cache-to or cache-image.'
  }
}

function cacheAmongImages(inputs: Inputs): InputProblem | undefined {
  const repository = repositoryOf(inputs.cacheImage)
  if (repository === undefined) return undefined
  const published = publishedNames(inputs).find(({ name }) => repositoryOf(name) === repository)
  if (published === undefined) return undefined
  return {
    input: 'cache-image',
    problem: `it is the repository that "${published.name}" is published to`,
    fix: `Use a repository of its own, for example "${inputs.cacheImage}-cache": cache and image tags must not collide.`
  }
}

function repositoryOf(text: string): string | undefined {
  const reading = parseReference(text)
  return reading.ok ? canonicalRepository(reading.reference) : undefined
}

function noBaseline({ budget, compareTo }: Inputs): InputProblem | undefined {
  if (budget.maxIncrease === undefined || compareTo.kind !== 'none') return undefined
  return {
    input: 'max-increase',
    problem: 'compare-to is none, so there is no baseline to grow from',
    fix: 'Remove compare-to, or limit the image itself with max-size.'
  }
}

/** A registry holds one thing under a reference: whichever is written last, an image or its cache. */
function cacheOverImage(inputs: Inputs): InputProblem | undefined {
  const written = inputs.cacheTo.filter(isRegistryCache).map((value) => canonicalName(cacheReference(value)))
  const clash = publishedNames(inputs).find(
    ({ name, entry }) => entry?.pushByDigest !== true && written.includes(canonicalName(name))
  )
  if (clash === undefined) return undefined
  return {
    input: 'cache-to',
    problem: `it writes the cache to "${clash.name}", which is also published`,
    fix: 'Give the cache a tag or a repository of its own: one would overwrite the other.'
  }
}

/** The names that a registry is to have the image under, or the repository alone where it is pushed by digest. */
function publishedNames(inputs: Pick<Inputs, 'tags' | 'outputs' | 'push'>): readonly LeavingName[] {
  return namesToLeave(inputs).filter(
    ({ entry }) => entry === undefined || (entry.type === 'image' && (entry.push || inputs.push))
  )
}

function passphraseWithoutKey({ sshPassphrase, sshPrivateKey }: Inputs): InputProblem | undefined {
  if (sshPassphrase.trim() === '' || sshPrivateKey.trim() !== '') return undefined
  return {
    input: 'ssh-passphrase',
    problem: 'there is no ssh-private-key to open with it',
    fix: 'Remove it or add ssh-private-key.'
  }
}
