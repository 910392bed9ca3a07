/**
 * Advice on a Dockerfile and its image: what BuildKit's own checks cannot know, because it takes the image, or have no
 * rule for. Pure. It never fails a run; docs/advice.md explains each rule and how to ignore it.
 *
 * BuildKit's own rules are not told twice: SecretsUsedInArgOrEnv, JSONArgsRecommended (shell-form CMD) and
 * WorkdirRelativePath are its to find. https://docs.docker.com/reference/build-checks/
 */
import {
  chainOf,
  findStage,
  ignoredRules,
  parseDockerfile,
  readArguments,
  stageNeeds,
  valueOfText,
  wordsOf,
  type Dockerfile,
  type Instruction
} from '../dockerfile/index.js'
import { splitPair } from '../core/pair.js'
import { canonicalName } from '../core/reference.js'
import { copiedFrom, type Step } from '../core/step.js'
import type { ImageConfig, ModeFact } from '../image/index.js'
import type { LintFinding } from '../core/lint.js'
import type { ImageReport, LayerReport } from '../inspect/model.js'

/** Advice on the Dockerfile or the image. Never fails a run. */
export type AdviceItem = {
  /** Name to ignore it by: `# check=skip=NAME` in the Dockerfile. */
  readonly rule: string
  readonly message: string
  /** One line that mends it. */
  readonly fix: string
  /** 1-based line of the user's Dockerfile. */
  readonly line?: number
  /** Bytes it costs, where it costs bytes. */
  readonly bytes?: number
}

/** What advice is given on. */
export type Subject = {
  readonly images: readonly {
    readonly report: ImageReport
    readonly config: Pick<ImageConfig, 'user' | 'env'> & Partial<Commands>
  }[]
  /** The Dockerfile's text; absent where it is not on this machine. */
  readonly dockerfile?: string
  /** Stage that became the image; empty for the last one. */
  readonly target: string
  readonly testTargets: readonly string[]
  /** Steps that ran or were cached: the builder writes the digest of a base image into its `FROM`. */
  readonly steps: readonly Step[]
  /** What BuildKit's checks found. */
  readonly lint: readonly LintFinding[]
  /** `NAME=VALUE`, and names of further contexts as `NAME=SOURCE`. */
  readonly buildArgs: readonly string[]
  readonly buildContexts: readonly string[]
  /** The build context: bytes sent to the builder, and whether there is a .dockerignore. Absent for a remote one. */
  readonly context?: { readonly bytes: number; readonly hasIgnoreFile: boolean }
}

/** What a container runs of its image. */
type Commands = Pick<ImageConfig, 'entrypoint' | 'cmd' | 'healthcheck'>

/** Every rule, what matters most first: the order of advice that costs no bytes. */
export const RULES = [
  'CredentialInEnv',
  'RunsAsRoot',
  'TestStageInImage',
  'PipeHidesFailure',
  'HeredocWithoutErrexit',
  'PackageCacheInLayer',
  'AptListsInLayer',
  'FilesCopiedByChown',
  'FilesCopiedByChmod',
  'FilesCopiedBySetcap',
  'SetuidFiles',
  'WorldWritableFiles',
  'NetworkClientInImage',
  'BaseNotPinned',
  'ContextNotIgnored',
  'AddInsteadOfCopy'
] as const

export type RuleName = (typeof RULES)[number]

/** Less than this is not worth a line of advice. */
const LEAST_BYTES = 100_000

/** A build context from this size on deserves a .dockerignore. */
const BIG_CONTEXT_BYTES = 10_000_000

/** Advice of one rule; the same `subject` on several platforms is one piece of advice. */
type Found = AdviceItem & { readonly rule: RuleName; readonly subject: string }

/** All advice, the most costly first. */
export function advise(subject: Subject): readonly AdviceItem[] {
  const dockerfile = parseDockerfile(subject.dockerfile ?? '')
  const ignored = ignoredRules(checkOf(subject, dockerfile))
  if (ignored.has('all')) return []
  const found = [
    ...subject.images.flatMap((image) => [
      ...credentialInEnv(subject, dockerfile, image),
      ...runsAsRoot(subject, dockerfile, image),
      ...testStageInImage(subject, dockerfile, image.report),
      // What the base may have brought is nobody's to mend here.
      ...(image.report.baseUnknown === undefined
        ? [...packageCaches(image.report), ...copies(image.report), ...modes(image.report), ...clients(image)]
        : [])
    ]),
    ...unpinned(subject, dockerfile),
    ...hiddenFailures(subject, dockerfile),
    ...contextNotIgnored(subject),
    ...addInsteadOfCopy(subject, dockerfile)
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
function checkOf({ buildArgs }: Subject, { check }: Dockerfile): string {
  return readArguments(buildArgs).get('BUILDKIT_DOCKERFILE_CHECK') ?? check
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

function at(line: number | undefined): { readonly line?: number } {
  return line === undefined ? {} : { line }
}

/** Instructions of the target's own chain, the last one first. */
function ownInstructions(
  { target }: Subject,
  dockerfile: Dockerfile,
  keywords: readonly string[]
): readonly Instruction[] {
  const chain = new Set(chainOf(dockerfile, target).map(({ index }) => index))
  return dockerfile.instructions
    .filter(({ keyword, stage }) => keywords.includes(keyword) && chain.has(stage))
    .reverse()
}

/** A password in the address of a variable's value: BuildKit goes by the names of variables. */
function credentialInEnv(subject: Subject, dockerfile: Dockerfile, image: Subject['images'][number]): readonly Found[] {
  const told = new Set(subject.lint.filter(({ rule }) => rule === 'SecretsUsedInArgOrEnv').map(({ line }) => line))
  return image.config.env.flatMap((variable) => {
    const { name, value = '' } = splitPair(variable)
    // A value of asterisks is one that was replaced, or a placeholder.
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:(?!\*+@)[^\s/@$]+@/i.test(value)) return []
    const line = ownInstructions(subject, dockerfile, ['ENV']).find(({ rest }) =>
      new RegExp(`(?:^|\\s)${escaped(name)}(?:=|\\s)`).test(rest)
    )?.line
    if (line !== undefined && told.has(line)) return []
    return [
      {
        rule: 'CredentialInEnv',
        subject: name,
        message: `The variable \`${name}\` has a password in its address, for everyone who can pull the image`,
        fix: `Pass it when the container starts (\`docker run --env ${name}\`), or to one step with \`RUN --mount=type=secret,id=…,env=${name}\`.`,
        ...at(line)
      }
    ]
  })
}

function runsAsRoot(
  subject: Subject,
  dockerfile: Dockerfile,
  { config, report }: Subject['images'][number]
): readonly Found[] {
  const user = config.user ?? ''
  if (!/^(?:|root|0+)(?::.*)?$/.test(user)) return []
  const said = ownInstructions(subject, dockerfile, ['USER'])[0]
  const stage = chainOf(dockerfile, subject.target)[0]
  const isWindows = report.platform.startsWith('windows/')
  if (isWindows && user === '') return []
  // What starts as root may give its rights away: an entry point with gosu does.
  const message =
    said !== undefined
      ? `The image starts as root: its last \`USER\` is \`${said.rest}\``
      : user === ''
        ? 'The image starts as root: no `USER` is set'
        : `The image starts as root: its base image sets \`USER ${user}\``
  return [
    {
      rule: 'RunsAsRoot',
      subject: '',
      message,
      fix: isWindows
        ? 'End the stage with `USER ContainerUser`.'
        : 'End the stage with `USER 10001:10001`, or with a user that an earlier step made; it needs access to what the program reads and writes.',
      ...at(said?.line ?? stage?.line)
    }
  ]
}

/** A test target is there to be passed, not to be shipped. */
function testStageInImage(subject: Subject, dockerfile: Dockerfile, image: ImageReport): readonly Found[] {
  const final = chainOf(dockerfile, subject.target)[0]
  const tests = subject.testTargets.map((test) => ({ name: test.toLowerCase(), stage: findStage(dockerfile, test) }))
  // Where the tested stage is the image itself, it is meant to be in it.
  const shipped = tests.filter(
    ({ name, stage }) => name !== subject.target.toLowerCase() && (stage === undefined || stage !== final)
  )
  const isTest = (meant: string): boolean =>
    shipped.some(
      ({ name, stage }) =>
        name === meant.toLowerCase() || (stage !== undefined && stage === findStage(dockerfile, meant))
    )
  const grouped = new Map<string, { readonly layers: LayerReport[]; readonly copied: boolean; readonly name: string }>()
  for (const layer of image.layers.filter(({ base }) => !base)) {
    const from = copiedFrom(layer)
    const copied = from !== undefined && isTest(from)
    const name = copied ? from : (layer.stage ?? '')
    if (!copied && !isTest(name)) continue
    const key = copied ? `copy ${layer.line ?? layer.digest}` : name
    const group = grouped.get(key) ?? { layers: [], copied, name }
    grouped.set(key, group)
    group.layers.push(layer)
  }
  return [...grouped].map(([key, { layers, copied, name }]) => ({
    rule: 'TestStageInImage',
    subject: key,
    message: copied
      ? `Files of the test stage \`${name}\` are copied into the image`
      : `The image is built on the test stage \`${name}\`: what the tests need ships with it`,
    fix: copied
      ? `Make them in a stage that \`${name}\` starts from, and copy them from there: nothing of the tests then ships.`
      : `Start from the stage below \`${name}\`: the gate makes sure that the tests pass.`,
    bytes: layers.reduce((sum, { size }) => sum + size, 0),
    ...at(layers.find(({ line }) => line !== undefined)?.line)
  }))
}

/** How each package manager is told to keep its cache out; the others get a cache mount. */
const WITHOUT_CACHE: Readonly<Record<string, string>> = {
  apk: 'use `apk add --no-cache`',
  pip: 'use `pip install --no-cache-dir`',
  dnf: 'end the same `RUN` with `dnf clean all`',
  yum: 'end the same `RUN` with `yum clean all`',
  zypper: 'end the same `RUN` with `zypper clean --all`',
  conda: 'end the same `RUN` with `conda clean --all --yes`',
  apt: 'end the same `RUN` with `apt-get clean`',
  npm: 'end the same `RUN` with `npm cache clean --force`',
  yarn: 'end the same `RUN` with `yarn cache clean`'
}

/** What a program that is run from its sources still reads: `mvn exec:java`, `go run`, `dotnet watch`. */
const OF_BUILDS: ReadonlySet<string> = new Set(['maven', 'gradle', 'nuget', 'go', 'cargo'])

function packageCaches({ figures, layers }: ImageReport): readonly Found[] {
  return figures.packageCaches
    .filter(({ size }) => size >= LEAST_BYTES)
    .map(({ kind, path, size, layers: held }): Found => {
      const line = held.map((index) => layers[index]?.line).find((each) => each !== undefined)
      if (kind === 'apt-lists') {
        return {
          rule: 'AptListsInLayer',
          subject: path,
          message: `The package lists of apt (\`${path}\`) are in your layers`,
          fix: 'End the `RUN` that has `apt-get update` with `rm -rf /var/lib/apt/lists/*`.',
          bytes: size,
          ...at(line)
        }
      }
      const without = WITHOUT_CACHE[kind]
      const mount = `mount it instead: \`RUN --mount=type=cache,target=${path} …\``
      const fix = OF_BUILDS.has(kind)
        ? `Build in an earlier stage, and copy what it makes. If the container itself builds nothing, ${mount}.`
        : `${capital(mount)}${without === undefined ? '' : `, or ${without}`}.`
      return {
        rule: 'PackageCacheInLayer',
        subject: path,
        message: `The cache of ${kind} (\`${path}\`) is in your layers`,
        fix,
        bytes: size,
        ...at(line)
      }
    })
}

/** `chown -R` and `chmod -R` write every file again, into another layer. */
function copies({ layers }: ImageReport): readonly Found[] {
  return layers.flatMap((layer): readonly Found[] => {
    const { base, line, digest, instruction } = layer
    const { chown, chmod, attributes } = layer.copies
    if (base) return []
    const [copy] = /^(?:COPY|ADD)\b/i.exec(instruction) ?? []
    const copied = (rule: RuleName, command: string, sum: { files: number; size: number }): readonly Found[] =>
      sum.size < LEAST_BYTES
        ? []
        : [
            {
              rule,
              subject: String(line ?? digest),
              message: `\`${copy ?? command}\` ships ${files(sum.files)} of the layers below a second time`,
              fix:
                copy === undefined
                  ? `Write \`COPY --${command}=…\` where they come from, or ${command} them in the \`RUN\` that makes them.`
                  : `They differ in ${command === 'chown' ? 'owner' : 'mode'} alone: copy them once, with \`--${command}=…\`.`,
              bytes: sum.size,
              ...at(line)
            }
          ]
    if (attributes !== undefined && attributes.size > Math.max(chown.size, chmod.size)) {
      return attributes.size < LEAST_BYTES
        ? []
        : [
            {
              rule: 'FilesCopiedBySetcap',
              subject: String(line ?? digest),
              message: `Changed extended attributes (capabilities) ship ${files(attributes.files)} of the layers below a second time`,
              fix: 'Run `setcap` in the `RUN` that makes the file, or in the stage that it is copied from.',
              bytes: attributes.size,
              ...at(line)
            }
          ]
    }
    // A file whose owner and mode both changed is one copy.
    return chown.size >= chmod.size
      ? copied('FilesCopiedByChown', 'chown', chown)
      : copied('FilesCopiedByChmod', 'chmod', chmod)
  })
}

function modes({ figures, layers, platform }: ImageReport): readonly Found[] {
  if (platform.startsWith('windows/')) return [] // it has no such modes: they are the tar's
  const { worldWritable, setuid } = figures.modes
  const lineOf = (facts: readonly ModeFact[]): { readonly line?: number } =>
    at(facts.map(({ layer }) => layers[layer]?.line).find((line) => line !== undefined))
  return [
    ...(setuid.count === 0
      ? []
      : [
          {
            rule: 'SetuidFiles' as const,
            subject: '',
            message: `${capital(files(setuid.count))} of your layers ${setuid.count === 1 ? 'runs' : 'run'} with the rights of ${setuid.count === 1 ? 'its' : 'their'} owner or group: ${named(setuid.first, setuid.count)}`,
            fix: `If nothing in the container needs ${setuid.count === 1 ? 'this' : 'these'}, take the bits away in the \`RUN\` that installs ${setuid.count === 1 ? 'it' : 'them'}: \`chmod ug-s ${setuid.first[0]?.path ?? '…'}\`.`,
            ...lineOf(setuid.first)
          }
        ]),
    ...(worldWritable.count === 0
      ? []
      : [
          {
            rule: 'WorldWritableFiles' as const,
            subject: '',
            message: `Everyone may write to ${worldWritable.count === 1 ? 'one path' : `${worldWritable.count} paths`} of your layers: ${named(worldWritable.first, worldWritable.count)}`,
            fix: `Give ${worldWritable.count === 1 ? 'it' : 'them'} to the user that writes there (\`COPY --chown=…\`), and copy with \`--chmod=u=rwX,go=rX\` or run \`chmod o-w\` in the \`RUN\` that makes ${worldWritable.count === 1 ? 'it' : 'them'}.`,
            ...lineOf(worldWritable.first)
          }
        ])
  ]
}

function clients({ report: { figures, layers }, config }: Subject['images'][number]): readonly Found[] {
  const run = [...(config.entrypoint ?? []), ...(config.cmd ?? []), ...(config.healthcheck ?? [])]
  // What a script runs is not known.
  if (run.some((command) => /\.(?:ba|z)?sh\b|entry-?point/i.test(command))) return []
  const own = figures.clients.filter(({ base, name }) => !base && !runsProgram(run, name))
  const byLayer = Map.groupBy(own, ({ layer }) => layer)
  return [...byLayer].map(([index, programs]) => {
    const names = [...new Set(programs.map(({ name }) => name))]
    return {
      rule: 'NetworkClientInImage',
      subject: names.join(),
      message: `${names.map((name) => `\`${name}\``).join(', ')} ${names.length === 1 ? 'is' : 'are'} in the final image, at hand for whoever breaks in`,
      fix: `If your program runs without ${names.length === 1 ? 'it' : 'them'}, fetch in an earlier stage and copy the result, or use \`ADD --checksum=…\`.`,
      ...at(layers[index]?.line)
    }
  })
}

/** Whether a command line, in either form, runs a program: `curl`, `/usr/bin/curl`, `sh -c \"curl -f … || exit 1\"`. */
function runsProgram(commands: readonly string[], program: string): boolean {
  const word = new RegExp(`(?:^|[\\s;&|(\`"'/=])${escaped(program)}(?=$|[\\s;&|)\`"'])`)
  return commands.some((command) => word.test(command))
}

/**
 * Test steps whose failure nobody sees. `sh` goes by the last command of a pipe and of a heredoc's lines, so the gate
 * passes although the tests failed. https://docs.docker.com/build/building/best-practices/#using-pipes
 */
function hiddenFailures({ testTargets }: Subject, dockerfile: Dockerfile): readonly Found[] {
  const stages = new Set(testTargets.flatMap((test) => chainOf(dockerfile, test).slice(0, 1)))
  return [...stages].flatMap(({ name, index, instructions }) => {
    const [, ...parents] = chainOf(dockerfile, name ?? String(index))
    const inherited = parents.flatMap(
      (parent) => parent.instructions.findLast(({ keyword }) => keyword === 'SHELL') ?? []
    )
    let shell = inherited[0] === undefined ? 'sh -c' : shellOf(inherited[0])
    return instructions.flatMap((instruction): readonly Found[] => {
      const { keyword, rest, heredocs, line } = instruction
      if (keyword === 'SHELL') shell = shellOf(instruction)
      // PowerShell and others have rules of their own.
      if (keyword !== 'RUN' || rest.startsWith('[') || !isShell(shell)) return []
      const [heredoc] = heredocs
      const script = heredoc === undefined ? rest : heredoc.content
      const first = script.trimStart().split('\n', 1)[0] ?? ''
      const options = /(?:^|[\s;])set\s+[^\n;&|]*/g
      const set = [shell, first.startsWith('#!') ? first : '', ...(script.match(options) ?? [])].join(' ')
      const found: Found[] = []
      if (
        heredoc !== undefined &&
        rest.startsWith('<<') &&
        !isOtherProgram(first) &&
        !/\s-\w*e|\berrexit\b/.test(set)
      ) {
        const commands = script
          .replace(/(\\|&&|\|\|?)[ \t]*\n/g, '$1 ')
          .split('\n')
          .filter((each) => !/^\s*(?:#|$)/.test(each))
        if (commands.slice(0, -1).some((each) => !/\|\|\s*(?:exit|return)\b/.test(each))) {
          found.push({
            rule: 'HeredocWithoutErrexit',
            subject: String(line),
            message: 'A command of this heredoc may fail and the test passes: only the last one counts',
            fix: 'Begin the heredoc with `set -e`.',
            line
          })
        }
      }
      // What a heredoc hands to another program is no command of the shell.
      const isHandedOn = heredoc !== undefined && !rest.startsWith('<<') && !isShell(rest)
      const piped = isHandedOn ? rest : isOtherProgram(first) ? '' : script
      if (hasPipe(piped) && !set.includes('pipefail')) {
        found.push({
          rule: 'PipeHidesFailure',
          subject: String(line),
          message: 'A test that ends in a pipe passes when the command before the pipe fails',
          fix: 'Set the option for this stage with `SHELL ["/bin/bash", "-eo", "pipefail", "-c"]`, or run the command without the pipe.',
          line
        })
      }
      return found
    })
  })
}

function shellOf({ rest }: Instruction): string {
  return wordsOf(rest).join(' ')
}

function isShell(shell: string): boolean {
  return /^(?:\S*\/)?(?:env\s+(?:\S*\/)?)?(?:ba|da|a|k|z|mk)?sh(?:\s|$)/.test(shell)
}

/** `#!/usr/bin/env python3`: not a shell. */
function isOtherProgram(first: string): boolean {
  return first.startsWith('#!') && !/\b(?:ba|da|a|k|z)?sh\b/.test(first)
}

/** A `|` between two commands, outside of quotes; `||` is none, and what only feeds a command hides nothing. */
function hasPipe(script: string): boolean {
  const plain = script
    .replace(/\\[^]/g, '')
    .replace(/'[^']*'|"[^"]*"/g, '')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    // The patterns of a `case`: `a|b)`. Without the bracket it is a pipe, which is passed over as a whole.
    .replace(/(^|[\s;])[\w*.?-]+(?:\s*\|\s*[\w*.?-]+)+(\s*\))?/g, (all, before: string, end?: string) =>
      end === undefined ? all : before
    )
  return plain
    .split(/\|\||&&|[;\n]/)
    .map((command) => command.replace(/^\s*(?:(?:if|elif|while|until|then|do|else|!)\s+)*/, ''))
    .some((command) => /\S\s*\|&?\s*\S/.test(command) && !/^(?:echo|printf|yes|cat)\b/.test(command))
}

/** Images named without a digest, by `FROM` and by `COPY --from`, in the stages that were built. */
function unpinned(subject: Subject, dockerfile: Dockerfile): readonly Found[] {
  const { buildContexts, target, testTargets } = subject
  const given = readArguments(subject.buildArgs)
  const stages = stageNeeds(dockerfile, [...testTargets, target], given)
  const contexts = new Set(buildContexts.map((entry) => splitPair(entry).name.toLowerCase()))
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
    if (findStage(known, reference) !== undefined || contexts.has(reference.toLowerCase())) return []
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

function contextNotIgnored({ context }: Subject): readonly Found[] {
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

function addInsteadOfCopy(subject: Subject, dockerfile: Dockerfile): readonly Found[] {
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

function files(count: number): string {
  return count === 1 ? 'one file' : `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} files`
}

/** The first few of a list, and how many more there are. */
function named(facts: readonly ModeFact[], count: number): string {
  const shown = facts.slice(0, 3).map(({ path }) => `\`${path}\``)
  const more = count - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function capital(words: string): string {
  return words.replace(/^[a-z]/, (letter) => letter.toUpperCase())
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
