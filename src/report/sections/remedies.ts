/**
 * What to do about a failure. One list per kind, the most likely first, written for the person whose build is red at
 * 18:00: each sentence is something to do or to look at, and workflow lines are given ready to paste.
 */
import { readLinkedStage } from '../../core/linked.js'
import type { Failure } from '../../failure/failure.js'
import { sameStage, type Step } from '../../core/step.js'
import {
  credentialRemedies,
  KEY_REFUSED,
  keyRefusedRemedy,
  lackingRemedies,
  LOGIN_REFUSED,
  loginRefusedRemedy
} from './credentials.js'
import { leakRemedies } from './leaks.js'
import { lineEndRemedy, notFoundRemedy } from './not_found.js'
import { registryRemedies } from './registry_remedies.js'
import { inline } from '../format/markdown.js'
import type { Remedy } from './remedy.js'
import { twiceRemedies } from './twice.js'
import type { BuildView } from '../model.js'

/** What to do about a failure, most likely first. */
export function remediesFor(report: BuildView, failure: Failure): readonly Remedy[] {
  switch (failure.kind) {
    case 'test':
      return [
        ...stepRemedies(report, failure),
        failure.reported === true ? exportItYourself(report) : runItYourself(report, failure.step.stage)
      ]
    case 'build':
      return buildRemedies(report, failure)
    case 'dockerfile':
      return failure.fix === undefined
        ? [
            {
              sentence:
                failure.line === undefined
                  ? 'Correct the Dockerfile. Nothing was published.'
                  : 'Correct the Dockerfile at the line above. Nothing was published.'
            }
          ]
        : [{ sentence: failure.fix }]
    case 'registry':
      return registryRemedies(report, failure)
    case 'engine':
      return engineRemedies(failure)
    case 'unrecognised':
      return [
        {
          sentence: `These are the words of ${failure.speaker}, and Stagegate does not know them: it cannot say whether the workflow, the Dockerfile or the builder has to change.`
        },
        { sentence: 'What the build did just before it ended is at the end of its log.' }
      ]
    case 'mismatch':
      return [
        {
          sentence:
            failure.fix ??
            'Something that the build reads changed while it ran, or gives another result each time: a file of the workspace, a branch, a tag, an address. Run the job again.'
        }
      ]
    case 'credential':
      return credentialRemedies(report, failure)
    case 'untested':
      return untestedRemedies
    case 'cancelled':
      return [{ sentence: 'Nothing is wrong with the code. Run the job again when you want the result.' }]
    case 'internal':
      return [
        { sentence: 'This is a defect of Stagegate, not of your build. Please report it with the message above.' },
        { sentence: 'Run the job again with debug logging switched on: the log then holds what we need.' }
      ]
    case 'irreproducible':
      return twiceRemedies(failure)
    case 'leak':
      return leakRemedies(report)
    case 'budget':
    case 'smoke':
    case 'verify':
    case 'input':
      return []
  }
}

function buildRemedies(report: BuildView, failure: Extract<Failure, { kind: 'build' }>): readonly Remedy[] {
  if (failure.exitCode === undefined && /: not found$|\bl?stat(?:at)? \S+: no such file/.test(failure.message)) {
    return missingFile(report, failure)
  }
  return [...stepRemedies(report, failure), runItYourself(report, failure.step?.stage)]
}

/** What a step's own words mean, and what it was not given: whichever they speak of first. */
function stepRemedies(report: BuildView, failure: Extract<Failure, { kind: 'test' | 'build' }>): readonly Remedy[] {
  const { step, exitCode, lacking = [] } = failure
  const instruction = step?.instruction ?? ''
  const words = wordsOf(step, 'message' in failure ? failure.message : '')
  return lackingRemedies(report, { instruction, words, lacking }, hintsFor(report, instruction, { exitCode, words }))
}

/** The end of a step's log, and the error. */
function wordsOf(step: Step | undefined, message: string): string {
  return [...(step?.logTail ?? []).slice(-60), message].join('\n')
}

/** A file that COPY or a bind mount did not find: in the context, or in what `from` names. */
function missingFile(report: BuildView, failure: Extract<Failure, { kind: 'build' }>): readonly Remedy[] {
  const instruction = failure.step?.instruction ?? ''
  const from = /\bfrom=([^\s,]+)/i.exec(instruction)?.[1]
  if (from === undefined) {
    return [
      {
        sentence: 'The file is not in the build context. Check its spelling, the `context` input and `.dockerignore`.'
      },
      { sentence: 'If an earlier step should have made it, copy it from that stage: `COPY --from=…`.' }
    ]
  }
  const file = /"([^"]+)": not found|l?stat(?:at)? (\S+?): no such file/.exec(failure.message)
  const name = inline(file?.[1] ?? file?.[2] ?? 'The file')
  const source = inline(from)
  if (/^\d+$/.test(from) || report.steps.some(({ stage }) => sameStage(stage, from))) {
    return [
      {
        sentence: `\`${name}\` is not in the stage \`${source}\`. Check the path, and that the step which makes it ran and wrote it there.`
      }
    ]
  }
  return [
    {
      sentence: `\`${name}\` is not in \`${source}\`. Check the path there; a \`from=\` that names no stage is taken for an image or a build context.`
    }
  ]
}

/** What a step's last words usually mean. The first column is looked for in the log and the error text. */
const HINTS: readonly (readonly [pattern: RegExp, remedy: Remedy | ((instruction: string) => Remedy)])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    {
      sentence:
        'The host shows another key than the known one. If its key was really changed, put the new line into `ssh-known-hosts`; if not, somebody may have come between.'
    }
  ],
  [
    /Host key verification failed/i,
    {
      sentence: 'SSH does not know the host. Offer the known hosts that Stagegate supplies to this step:',
      lines: {
        language: 'dockerfile',
        text: [
          'RUN --mount=type=ssh \\',
          '    --mount=type=secret,id=known_hosts,target=/etc/ssh/ssh_known_hosts,mode=0444 \\',
          '    …'
        ]
      }
    }
  ],
  [
    /No space left on device|ENOSPC/i,
    { sentence: 'The runner has no disk space left. Free some before this step, or use a larger runner.' }
  ],
  [
    /Could not resolve host|Temporary failure in name resolution|getaddrinfo (?:EAI_AGAIN|ENOTFOUND)/i,
    {
      sentence:
        'The step could not resolve a host name. Run the job again; if it persists, look at the `network` input.'
    }
  ],
  [KEY_REFUSED, keyRefusedRemedy],
  [LOGIN_REFUSED, loginRefusedRemedy],
  [
    /exec format error/i,
    {
      sentence:
        'The program is made for another platform than the builder’s. Run docker/setup-qemu-action before this step, or give the builder a node of this platform.'
    }
  ],
  [
    /unable to find (?:user|group) |no matching entries in (?:passwd|group) file|invalid user index/i,
    {
      sentence:
        '`USER` or `--chown` names a user or group that this stage does not have. Make it in an earlier step (`useradd`, `adduser`), or give its number.'
    }
  ],
  [
    /executable file not found/i,
    { sentence: 'A command was not found. Is it installed in this stage, and on `PATH`?' }
  ],
  [
    /cannot (?:copy to non-directory|replace to directory)/i,
    {
      sentence:
        'One of the two is a folder and the other a file or a link. Put what lies in the way into .dockerignore, or remove it in an earlier step.'
    }
  ],
  [/cannot allocate memory|out of memory|ENOMEM|heap out of memory/i, { sentence: 'The step ran out of memory.' }]
]

const PYTEST_NO_TESTS = 5

/** What the words of a step mean, or else its exit code: one remedy, if any. */
function hintsFor(
  report: BuildView,
  instruction: string,
  { exitCode, words }: { readonly exitCode: number | undefined; readonly words: string }
): readonly Remedy[] {
  const hint =
    lineEndRemedy(words) ??
    unknownHost(words, instruction) ??
    wordsMeaning(words, instruction) ??
    notFoundRemedy(report, exitCode, words) ??
    exitCodeMeaning(exitCode, instruction)
  return hint === undefined ? [] : [hint]
}

function wordsMeaning(words: string, instruction: string): Remedy | undefined {
  const remedy = HINTS.find(([pattern]) => pattern.test(words))?.[1]
  return typeof remedy === 'function' ? remedy(instruction) : remedy
}

/** A host whose key is not among the known hosts, though the step has them. */
function unknownHost(words: string, instruction: string): Remedy | undefined {
  if (!/Host key verification failed/i.test(words) || /IDENTIFICATION HAS CHANGED/i.test(words)) return undefined
  if (!/\bid=known_hosts\b/.test(instruction)) return undefined
  const seen = /host key is known for (\[[^\]\s]+\]:\d+|[\w.-]+)/i.exec(words)?.[1]
  const [, address, port] = /^\[([^\]]+)\]:(\d+)$/.exec(seen ?? '') ?? [undefined, seen, undefined]
  const scan = `ssh-keyscan${port === undefined ? '' : ` -p ${port}`} ${address ?? 'HOST'}`
  return {
    sentence: `${seen === undefined ? 'The host' : `\`${inline(seen)}\``} is not among the known hosts of this step. Add its line to \`ssh-known-hosts\` (GitHub, GitLab and Bitbucket are known already). This prints it; compare the fingerprint with the one that its administrators publish:`,
    lines: { language: 'shell', text: [scan] }
  }
}

/** What a shell's exit code says by itself. https://tldp.org/LDP/abs/html/exitcodes.html */
const EXIT_CODES: ReadonlyMap<number, string> = new Map([
  [
    126,
    'Exit code 126: the command was found but may not be executed. Check its mode (`chmod +x`) and its first line.'
  ],
  [127, 'Exit code 127: a command was not found. Is it installed in this stage, and on `PATH`?'],
  [
    137,
    'Exit code 137: the process was killed, nearly always because memory ran out. Use a larger runner or fewer parallel jobs.'
  ],
  [139, 'Exit code 139: the process crashed (segmentation fault).']
])

function exitCodeMeaning(exitCode: number | undefined, instruction: string): Remedy | undefined {
  if (exitCode === undefined) return undefined
  const sentence =
    exitCode === PYTEST_NO_TESTS && /\bpytest\b/.test(instruction)
      ? 'pytest collected no tests: are they copied into this stage?'
      : EXIT_CODES.get(exitCode)
  return sentence === undefined ? undefined : { sentence }
}

/** The same stage on one's own machine. */
function runItYourself(report: BuildView, stage: string | undefined): Remedy {
  const { buildArguments, bake } = report.source
  const hint =
    buildArguments === undefined && bake === undefined ? ' (add `--ssh` and `--secret` if the build uses them)' : ''
  return (
    withCommand(report, { stage }, `See it fail on your machine${hint}:`) ?? {
      sentence: 'Build the stage on your machine to see it fail there.'
    }
  )
}

/** The stage of `test-report-target` builds green however its tests end: what it exports has the verdict. */
function exportItYourself(report: BuildView): Remedy {
  const stage = report.gate.targets.find(({ result }) => result === 'failed')?.stage
  const sentence =
    'The stage builds green, also when its tests fail: the exit code is in its files. Export them on your machine'
  return (
    withCommand(report, { stage, output: 'type=local,dest=test-report' }, `${sentence}:`) ?? {
      sentence: `${sentence}.`
    }
  )
}

/** A sentence, and the command that builds a stage as the run did; `undefined` where it cannot be typed in. */
function withCommand(
  report: BuildView,
  { stage, output }: { readonly stage: string | undefined; readonly output?: string },
  sentence: string
): Remedy | undefined {
  const { dockerfile, buildArguments, bake } = report.source
  const command = bake === undefined ? 'docker buildx build' : 'docker buildx bake'
  const target = nameableStage(report, stage)
  const words =
    bake === undefined
      ? [
          ...(dockerfile === 'Dockerfile' || dockerfile === './Dockerfile' ? [] : ['--file', dockerfile]),
          ...(target === undefined ? [] : ['--target', target]),
          ...(output === undefined ? [] : ['--output', output]),
          ...(buildArguments ?? ['.'])
        ]
      : bakeWords(bake, stage, output)
  // What cannot be typed in as it is would be pasted by somebody all the same.
  if (words.some((word) => /[^\x20-\x7e]/.test(word))) return undefined
  return { sentence, lines: { language: 'shell', text: commandLines([command, ...pairsOf(words)]) } }
}

/** BuildKit has a name for a stage without one, and does not take it: what is built from it brings it along. */
function nameableStage(report: BuildView, stage: string | undefined): string | undefined {
  const wanted = isUnnamed(stage) ? report.stages.find(({ role }) => role === 'target')?.name : stage
  return isUnnamed(wanted) ? undefined : wanted
}

function isUnnamed(stage: string | undefined): boolean {
  return stage !== undefined && /^stage-\d+$/.test(stage)
}

/** The stage of the image's target, or of the linked target that it belongs to. */
function bakeWords(
  { files, target: own, set }: NonNullable<BuildView['source']['bake']>,
  shown = '',
  output = 'type=cacheonly'
): readonly string[] {
  const { target, stage = '' } = readLinkedStage(shown) ?? { target: own, stage: shown }
  return [
    ...files.flatMap((file) => ['--file', file]),
    ...set.flatMap((entry) => ['--set', entry]), // what is set later goes before it
    ...(stage === '' || isUnnamed(stage) ? [] : ['--set', `${target}.target=${stage}`]),
    ...['--set', `${target}.output=${output}`, target]
  ]
}

/** Each option with its value, as the shell takes them. An option's value never begins with a hyphen. */
function pairsOf(words: readonly string[]): readonly string[] {
  const pairs: string[] = []
  for (const [at, word] of words.entries()) {
    const isValue = words[at - 1]?.startsWith('--') === true && !word.startsWith('--') && at < words.length - 1
    if (isValue) pairs[pairs.length - 1] += ` ${shellWord(word)}`
    else pairs.push(shellWord(word))
  }
  return pairs
}

/** One line where it is short, else a line for each option: nothing of it may be cut, since it is pasted. */
function commandLines(parts: readonly string[]): readonly string[] {
  const line = parts.join(' ')
  return line.length <= 90
    ? [line]
    : parts.map((part, at) => `${at === 0 ? '' : '  '}${part}${at < parts.length - 1 ? ' \\' : ''}`)
}

/** A word as a POSIX shell takes it. */
function shellWord(word: string): string {
  if (/^id=[\w.-]+,src=\$HOME\/[\w./-]+$/.test(word)) return `"${word}"`
  return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function engineRemedies(failure: Extract<Failure, { kind: 'engine' }>): readonly Remedy[] {
  if (failure.fix !== undefined) return [{ sentence: failure.fix }]
  if (/no space left/i.test(failure.message)) {
    return [{ sentence: 'The runner’s disk is full. Free some space before this step, or use a larger runner.' }]
  }
  return [{ sentence: '`docker info` as a step before this one shows whether the engine is up.' }]
}

const untestedRemedies: readonly Remedy[] = [
  {
    sentence:
      'A maintainer who has read the change can push its commits to a branch of this repository: there the tests run with all credentials.'
  },
  {
    sentence:
      'Or let the tests do without: move what needs the secret or key to a stage that they are not built from, or leave out `required=true` where the step can go on without it.'
  },
  {
    sentence: 'To let such runs pass untested, set:',
    lines: { language: 'yaml', text: ['with:', '  untested: pass'] }
  }
]
