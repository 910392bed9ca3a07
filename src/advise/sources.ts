/** Advice on what a build is made from: images, the build context, what `ADD` fetches. */
import { findStage, readArguments, stageNeeds, valueOfText, wordsOf } from '../dockerfile/index.js'
import { splitPair } from '../core/pair.js'
import { canonicalName, familiarName } from '../core/reference.js'
import type { Step } from '../core/step.js'
import type { OnBuild } from './rule.js'

/** Images named without a digest, by `FROM` and by `COPY --from`, in the stages that were built. */
export const unpinned: OnBuild = ({ subject, dockerfile }) => {
  const { buildContexts, target, testTargets } = subject
  const given = readArguments(subject.buildArgs)
  const stages = stageNeeds(dockerfile, [...testTargets, target], given)
  const contexts = new Set(buildContexts.map((entry) => splitPair(entry).name))
  const uses = [
    ...stages.map(({ from, line, index }) => ({ reference: from, line, before: index })),
    ...dockerfile.instructions
      .filter(
        ({ keyword, stage }) => (keyword === 'COPY' || keyword === 'ADD') && stages.some(({ index }) => index === stage)
      )
      .flatMap(({ flags, line, stage }) =>
        flags.flatMap((flag) =>
          flag.startsWith('--from=') ? [{ reference: flag.slice(7), line, before: stage + 1 }] : []
        )
      )
  ]
  return uses.flatMap(({ reference: written, line, before }) => {
    const reference = valueOfText(written, dockerfile, given) ?? ''
    // A "$" that begins no variable is in no name of an image.
    if (/^(?:scratch)?$|\$|@sha(?:256|512):/.test(reference)) return []
    const known = { ...dockerfile, stages: dockerfile.stages.slice(0, before) }
    if (findStage(known, reference) !== undefined || contexts.has(familiarName(reference))) return []
    const { isLocal, digest } = resolved(subject.steps, reference)
    // Nobody else has it: there is no digest that would find it.
    if (isLocal) return []
    return [
      {
        rule: 'BaseNotPinned',
        subject: reference,
        message: `\`${reference}\` has no digest: two builds of one commit can differ`,
        fix:
          digest === undefined
            ? `Pin it as \`${reference}@sha256:…\`; \`docker buildx imagetools inspect ${reference}\` shows the digest.`
            : `Pin what this build used: \`${reference}@${digest}\`.`,
        line
      }
    ]
  })
}

/** The digest that the builder resolved a reference to: `FROM docker.io/library/python:3.12@sha256:…`. */
function resolved(steps: readonly Step[], reference: string): { readonly isLocal: boolean; readonly digest?: string } {
  const full = canonicalName(reference)
  // An image that is only copied from is no step: it is named among what the copying step is built from.
  const uses = steps.flatMap(({ name, instruction, inputs = [] }) =>
    [instruction, name, ...inputs].flatMap((each) => {
      const [, used, digest] =
        /^(?:\[[^\]]*\] )?(?:FROM\s+|docker-image:\/\/)(?:--\S+ )*([^\s@]+)(?:@(sha256:[0-9a-f]{64}))?$/.exec(each) ??
        []
      return used === full ? [digest] : []
    })
  )
  const digest = uses.find((each) => each !== undefined)
  return { isLocal: uses.length > 0 && digest === undefined, ...(digest === undefined ? {} : { digest }) }
}

/** A build context from this size on deserves a .dockerignore. */
const BIG_CONTEXT_BYTES = 10_000_000

/** A big build context, of which nothing is left out. */
export const contextNotIgnored: OnBuild = ({ subject: { context } }) => {
  if (context === undefined || context.hasIgnoreFile || context.bytes < BIG_CONTEXT_BYTES) return []
  return [
    {
      rule: 'ContextNotIgnored',
      subject: '',
      message: `${Math.round(context.bytes / 1e6)} MB of files were sent to the builder, and no \`.dockerignore\` leaves anything out`,
      fix: 'Add a `.dockerignore` with `.git`, `node_modules`, `.venv` and whatever else the build does not read.'
    }
  ]
}

/** What `ADD` does beyond `COPY`: it fetches addresses and repositories, and unpacks archives. */
const ADD_NEEDED = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|<<)|\$|[*?[]|\.(?:tar|tgz|tbz2?|txz|tlz|tzst|tar\.\w+|tb2)$/i

/** `ADD` of what `COPY` copies as well. */
export const addInsteadOfCopy: OnBuild = ({ subject, dockerfile }) => {
  const stages = stageNeeds(dockerfile, [...subject.testTargets, subject.target])
  return dockerfile.instructions.flatMap(({ keyword, flags, rest, line, stage }) => {
    const sources = wordsOf(rest).slice(0, -1)
    const own = flags.some((flag) => /^--(?:checksum|keep-git-dir|unpack)/.test(flag))
    if (keyword !== 'ADD' || own || sources.length === 0 || !stages.some(({ index }) => index === stage)) return []
    if (sources.some((source) => ADD_NEEDED.test(source))) return []
    return [
      {
        rule: 'AddInsteadOfCopy',
        subject: String(line),
        message: '`ADD` unpacks what happens to be an archive; `COPY` never does',
        fix: `Unless it is an archive to unpack, write \`${['COPY', ...flags, rest].join(' ')}\`.`,
        line
      }
    ]
  })
}
