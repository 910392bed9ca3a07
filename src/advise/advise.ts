/**
 * Advice on a Dockerfile and its image: what BuildKit's own checks cannot know, because it takes the image, or have no
 * rule for. Pure. It never fails a run; docs/advice.md explains each rule and how to ignore it.
 *
 * BuildKit's own rules are not told twice: SecretsUsedInArgOrEnv, JSONArgsRecommended (shell-form CMD) and
 * WorkdirRelativePath are its to find. https://docs.docker.com/reference/build-checks/
 */
import { ignoredRules, parseDockerfile, readArguments } from '../dockerfile/index.js'
import { clients, credentialInEnv, runsAsRoot } from './configuration.js'
import { hiddenFailures } from './hidden_failures.js'
import { copies, modes, packageCaches, testStageInImage } from './layers.js'
import {
  LEAST_BYTES,
  RULES,
  type AdviceItem,
  type Examined,
  type Found,
  type OnBuild,
  type OnImage,
  type Subject
} from './rule.js'
import { addInsteadOfCopy, contextNotIgnored, unpinned } from './sources.js'

const onImages: readonly OnImage[] = [credentialInEnv, runsAsRoot, testStageInImage]

/** What the base may have brought is nobody's to mend: these have to know which layers are the image's own. */
const onOwnLayers: readonly OnImage[] = [packageCaches, copies, modes, clients]

const onBuilds: readonly OnBuild[] = [unpinned, hiddenFailures, contextNotIgnored, addInsteadOfCopy]

/** All advice, the most costly first. */
export function advise(subject: Subject): readonly AdviceItem[] {
  const examined: Examined = { subject, dockerfile: parseDockerfile(subject.dockerfile ?? '') }
  const ignored = ignoredRules(checkOf(examined))
  if (ignored.has('all')) return []
  const found = [
    ...subject.images.flatMap((image) => {
      const rules = image.report.baseUnknown === undefined ? [...onImages, ...onOwnLayers] : onImages
      return rules.flatMap((rule) => rule(image, examined))
    }),
    ...onBuilds.flatMap((rule) => rule(examined))
  ]
  return distinct(found.filter(({ rule }) => !ignored.has(rule)))
    .toSorted((a, b) => costOf(b) - costOf(a) || RULES.indexOf(a.rule) - RULES.indexOf(b.rule))
    .map(({ rule, message, fix, line, bytes }) => ({
      rule,
      message,
      fix,
      ...(line === undefined ? {} : { line }),
      ...(bytes === undefined ? {} : { bytes })
    }))
}

/** A few bytes are no reason to stand at the top. */
function costOf({ bytes = 0 }: AdviceItem): number {
  return bytes < LEAST_BYTES ? 0 : bytes
}

/** As BuildKit does, the build argument counts instead of the directive. */
function checkOf({ subject, dockerfile }: Examined): string {
  return readArguments(subject.buildArgs).get('BUILDKIT_DOCKERFILE_CHECK') ?? dockerfile.check
}

/** One of each subject: the platform where it costs most speaks for all. */
function distinct(found: readonly Found[]): readonly Found[] {
  const kept = new Map<string, Found>()
  for (const each of found) {
    const key = `${each.rule} ${each.subject}`
    const before = kept.get(key)
    if (before === undefined || (each.bytes ?? 0) > (before.bytes ?? 0)) kept.set(key, each)
  }
  return [...kept.values()]
}
