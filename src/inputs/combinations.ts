/** Inputs that are right each by itself, and wrong together. */
import { canonicalName, canonicalRepository, parseReference } from '../core/reference.js'
import { readArguments } from '../dockerfile/index.js'
import { cacheReference, isRegistryCache } from './cache_value.js'
import type { Grammar } from './grammar.js'
import { isGateOnly, type Inputs } from './inputs.js'
import { namesToLeave, type LeavingName } from './outputs.js'

/** Reports what contradicts each other, or would undo each other. */
export function checkCombinations(inputs: Inputs, { report, text }: Grammar): void {
  const kept = inputs.outputs.find(({ attributes }) => (attributes.get('rewrite-timestamp') ?? 'true') !== 'true')
  if (inputs.reproducible && kept !== undefined) {
    report(
      'reproducible',
      `the output "${kept.text}" keeps the times of the build`,
      'Remove its rewrite-timestamp, or reproducible.'
    )
  }
  if (inputs.verifyReproducible && isGateOnly(inputs)) {
    const problem = 'only the tests are built: there is no image to build twice'
    report('verify-reproducible', problem, 'Name the stage of the image in target, or remove verify-reproducible.')
  }
  if (inputs.verifyReproducible && inputs.cacheTo.some((entry) => /(?:^|,)\s*type=inline/.test(entry))) {
    const problem = 'cache-to has type=inline, which writes the time of each step into the image'
    report(
      'verify-reproducible',
      problem,
      'Use another type of cache, such as cache-image, or remove verify-reproducible.'
    )
  }
  // The times of the layers are then no times of a build.
  const timed = inputs.reproducible
    ? 'reproducible: true'
    : readArguments(inputs.buildArgs).has('SOURCE_DATE_EPOCH')
      ? 'SOURCE_DATE_EPOCH in build-args'
      : undefined
  if (inputs.refreshAfter !== undefined && timed !== undefined) {
    report(
      'refresh-after',
      `${timed} sets the times in the image, so that nothing tells how old a cached layer is`,
      'Remove it, and build with no-cache or no-cache-filters on a schedule of your own.'
    )
  }
  if (inputs.cgroupParent !== '') {
    report(
      'cgroup-parent',
      'tests and image are built in one bake call, which cannot set it',
      'Set it on the builder: docker/setup-buildx-action with driver-opts "cgroup-parent=…".'
    )
  }
  if (/[\s,]/.test(inputs.testReportTarget)) {
    const problem = `"${inputs.testReportTarget.replace(/\s+/g, ' ')}" is more than one stage`
    report(
      'test-report-target',
      problem,
      'Name one stage, and let it collect the files of the others with COPY --from.'
    )
  }
  if (inputs.testCache === 'rerun' && inputs.testTargets.length === 0) {
    report('test-cache', 'rerun has no test to run again', 'Name the test stage in test-target.')
  }
  if (inputs.testTargets.some((test) => test.toLowerCase() === inputs.target.toLowerCase())) {
    report(
      'target',
      `"${inputs.target}" is also a test target`,
      'The target is the stage to ship, test-target the stage to pass.'
    )
  }
  if (inputs.cacheImage !== '' && inputs.cacheTo.length > 0) {
    report('cache-to', 'cache-image already plans where the cache is written', 'Remove either cache-to or cache-image.')
  }
  const canonical = (text: string): string | undefined => {
    const reading = parseReference(text)
    return reading.ok ? canonicalRepository(reading.reference) : undefined
  }
  const names = publishedNames(inputs)
  const cacheRepository = canonical(inputs.cacheImage)
  const published =
    cacheRepository === undefined ? undefined : names.find(({ name }) => canonical(name) === cacheRepository)
  if (published !== undefined) {
    report(
      'cache-image',
      `it is the repository that "${published.name}" is published to`,
      `Use a repository of its own, for example "${inputs.cacheImage}-cache": cache and image tags must not collide.`
    )
  }
  if (inputs.budget.maxIncrease !== undefined && inputs.compareTo.kind === 'none') {
    report(
      'max-increase',
      'compare-to is none, so there is no baseline to grow from',
      'Remove compare-to, or limit the image itself with max-size.'
    )
  }
  // A registry holds one thing under a reference: whichever is written last, an image or its cache.
  const written = inputs.cacheTo.filter(isRegistryCache)
  const clash = names.find(
    ({ name, entry }) =>
      entry?.pushByDigest !== true &&
      written.some((value) => canonicalName(cacheReference(value)) === canonicalName(name))
  )
  if (clash !== undefined) {
    report(
      'cache-to',
      `it writes the cache to "${clash.name}", which is also published`,
      'Give the cache a tag or a repository of its own: one would overwrite the other.'
    )
  }
  if (text('ssh-passphrase') !== '' && text('ssh-private-key') === '') {
    report('ssh-passphrase', 'there is no ssh-private-key to open with it', 'Remove it or add ssh-private-key.')
  }
}

/** The names that a registry is to have the image under, or the repository alone where it is pushed by digest. */
function publishedNames(inputs: Pick<Inputs, 'tags' | 'outputs' | 'push'>): readonly LeavingName[] {
  return namesToLeave(inputs).filter(
    ({ entry }) => entry === undefined || (entry.type === 'image' && (entry.push || inputs.push))
  )
}
