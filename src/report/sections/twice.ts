/** What a second build made of the image: the same, or where the two differ and what is usually to blame. */
import type { FileMismatch, ImageMismatch, MismatchedLayer } from '../../compare/twice.js'
import { copiedFrom, sameStage } from '../../core/step.js'
import { count, enumerated } from '../../core/units.js'
import type { Failure } from '../../failure/failure.js'
import { briefInstruction, instructionLines } from '../format/instruction.js'
import { capped, type Detail } from '../format/ladder.js'
import { lineLink, place, placeLink } from '../format/links.js'
import { block, code, inline, pathCode, sections, shortened, table } from '../format/markdown.js'
import type { BuildView } from '../model.js'
import type { Remedy } from './remedy.js'

type Irreproducible = Extract<Failure, { kind: 'irreproducible' }>

/** For the line of facts. */
export function twiceFact({ builtTwice }: BuildView): string | undefined {
  return builtTwice === undefined ? undefined : '**reproducible**: built twice, same digest'
}

/** For the heading. */
export function twiceHeadline({ differences }: Irreproducible, all: number): string {
  const platforms = all > 1 ? ` (${differences.map(({ platform }) => platform).join(', ')})` : ''
  return `a second build made a different image${platforms}`
}

/** Platform by platform, what differs first: what lies above may only follow from it. */
export function twiceStory(report: BuildView, { differences }: Irreproducible, detail: Detail): string {
  return sections(
    differences.map(({ platform, first, second, layer, config }) =>
      sections([
        `${code(platform, 60)} was ${code(first.slice(0, 19))} first, and ${code(second.slice(0, 19))} when it was built again.`,
        ...(layer === undefined ? [configWords(config)] : layerStory(report, layer, detail))
      ])
    )
  )
}

function configWords(config: readonly string[]): string {
  if (config.length === 0) return 'All layers and the config are the same: the manifests differ.'
  return `All layers are the same. The config differs in ${enumerated(config.slice(0, 10).map((name) => code(name, 60)))}.`
}

function layerStory(report: BuildView, layer: MismatchedLayer, detail: Detail): readonly (string | undefined)[] {
  const { instruction, line, stage, base, files } = layer
  const parts = [
    stage === undefined ? undefined : `**${code(stage, 100)}**`,
    line === undefined ? undefined : `**${placeLink(report.source, line)}**`
  ].filter((part) => part !== undefined)
  const whose = parts.length === 0 ? `number ${layer.index + 1} from the bottom` : parts.join(' · ')
  const { shown } = capped(files, detail.rows)
  const more = layer.count - shown.length
  return [
    base ? 'The first layer that differs is the base image’s.' : `The first layer that differs: ${whose}`,
    instruction === '' ? undefined : block(instructionLines(instruction), 'dockerfile', 400),
    copiedWords(report, layer),
    files.length === 0
      ? `${unlistedWords(layer)}.`
      : table(
          [
            { title: 'File', align: 'left' },
            { title: 'What differs', align: 'left' }
          ],
          shown.map(({ path, differs }) => [pathCode(path), WORDS[differs]])
        ),
    more > 0 && files.length > 0 ? `And ${count(more, 'more file')}.` : undefined,
    layer.madeBefore ? MADE_BEFORE : undefined
  ]
}

const MADE_BEFORE =
  'The first build took this step from a cache. It was made before the time that the image has: BuildKit lowers newer times to that, and leaves older ones.'

const WORDS: Readonly<Record<FileMismatch['differs'], string>> = {
  content: 'content',
  presence: 'only one of the builds has it',
  attributes: 'mode, owner or extended attributes',
  time: 'only its time'
}

function unlistedWords({ reordered }: MismatchedLayer): string {
  return reordered ? 'Its files are the same, in another order' : 'Its files are the same, packed in another way'
}

/** Commands of a stage that are named. */
const COMMANDS = 5

/** What is copied from a stage is another because one of its commands made it so, or what the stage starts from. */
function copiedWords({ steps, source }: BuildView, layer: MismatchedLayer): string | undefined {
  const from = copiedFrom(layer)
  if (from === undefined) return undefined
  const commands = steps.filter((step) => sameStage(step.stage, from) && /^RUN\b/i.test(step.instruction))
  if (commands.length === 0) return `It copies from ${code(from, 100)}: look there first.`
  const { shown, more } = capped(commands, COMMANDS)
  return sections([
    `It copies from the stage ${code(from, 100)}. Look at its commands first:`,
    [
      ...shown.map((step) =>
        ['-', lineLink(source, step.line), code(briefInstruction(step.instruction), 100)]
          .filter((part) => part !== '')
          .join(' ')
      ),
      ...(more === 0 ? [] : [`- and ${count(more, 'more command')}`])
    ].join('\n')
  ])
}

/** For an annotation, in plain text. */
export function twiceWords(report: BuildView, { differences }: Irreproducible): string {
  return differences.map((difference) => `${difference.platform}: ${mismatchWords(report, difference)}`).join('\n')
}

function mismatchWords(report: BuildView, { layer, config }: ImageMismatch): string {
  if (layer === undefined) return `the layers are the same, and the config is not (${config.map(inline).join(', ')}).`
  const where = layer.line === undefined ? '' : ` (${place(report.source, layer.line)})`
  const named = layer.files.slice(0, 5).map(({ path, differs }) => `${inline(path)} (${WORDS[differs]})`)
  const what = named.length === 0 ? unlistedWords(layer) : named.join(', ')
  const why = layer.madeBefore ? ` ${MADE_BEFORE}` : ''
  return `the layer of ${shortened(inline(layer.instruction), 300)}${where} differs: ${what}.${why}`
}

/** Files that are known to differ, and what helps: https://reproducible-builds.org/docs/ */
const CULPRITS: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [
    /^\/var\/log\/(?:apt\/|dpkg|alternatives|bootstrap)/,
    'The logs of apt and dpkg tell when they ran. End the RUN with `rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log`.'
  ],
  [
    /^\/var\/cache\/ldconfig\/aux-cache/,
    'ldconfig keeps times and inodes in a cache of its own. End the RUN with `rm -f /var/cache/ldconfig/aux-cache`.'
  ],
  [
    /\.pyc$/,
    'Python writes the time of the source into a `.pyc`. Set `ENV PYTHONDONTWRITEBYTECODE=1`, and install with `pip install --no-compile`.'
  ],
  [/\/machine-id$/, 'The machine id is random. End the RUN with `truncate -s 0 /etc/machine-id`.'],
  [
    /^\/etc\/shadow-?$/,
    '`/etc/shadow` has the day on which a user was added. Declare `ARG SOURCE_DATE_EPOCH` in the stage: `useradd` takes the day from it.'
  ],
  [/\/\.wget-hsts$/, 'wget notes when it saw a server. Call it with `--no-hsts`.'],
  [
    /^\/(?:usr\/)?lib\/apk\/db\//,
    'apk writes the time into the version of a virtual package, and its database lists the versions of the day. `apk del` the virtual package in the RUN that adds it, and pin versions.'
  ],
  [
    /^\/var\/lib\/(?:dpkg|rpm|apt)\//,
    'The packages are those of the day of the build. Pin their versions, or install from a snapshot of the distribution.'
  ]
]

/** What to do about it, most likely first. */
export function twiceRemedies({ differences, timed }: Irreproducible): readonly Remedy[] {
  const layers = differences.flatMap(({ layer }) => layer ?? [])
  const files = layers.filter(({ base }) => !base).flatMap((layer) => layer.files)
  const isKnown = ({ path }: FileMismatch): boolean => CULPRITS.some(([pattern]) => pattern.test(path))
  const culprits = CULPRITS.filter(([pattern]) => files.some(({ path }) => pattern.test(path)))
  const before = layers.find(({ base, madeBefore }) => madeBefore && !base)
  const config = differences.flatMap((difference) => difference.config)
  const found: readonly Remedy[] = [
    ...(timed ? [] : [TIMES]),
    ...(layers.some(({ base }) => base) ? [{ sentence: 'Pin the base image: `FROM name:tag@sha256:…`.' }] : []),
    ...culprits.map(([, sentence]) => ({ sentence })),
    ...(before === undefined ? [] : madeBeforeRemedies(before)),
    ...(config.some((name) => name !== 'created' && name !== 'history') ? [CONFIG] : [])
  ]
  const isOpen = files.some((file) => file.differs !== 'time' && !isKnown(file))
  return isOpen || found.length === 0 ? [...found, CHANCE] : found
}

/** The step is made anew with each commit, or its time is older than any that a cache has. */
function madeBeforeRemedies(layer: MismatchedLayer): readonly Remedy[] {
  const from = copiedFrom(layer)
  const stage = from === undefined ? 'its stage' : `the stage ${code(from, 100)}`
  const anew = 'each commit then makes that, and what comes after it in the stage, anew'
  const isOfContext = /^(?:COPY|ADD)\b/i.test(layer.instruction) && from === undefined
  return [
    // An argument is part of a command, and of no COPY. The folder that WORKDIR makes has the time of the image.
    isOfContext
      ? { sentence: `Put a \`WORKDIR\` above it in its stage: ${anew}.` }
      : { sentence: `Declare \`ARG SOURCE_DATE_EPOCH\` in ${stage}, above the \`RUN\`: ${anew}.` },
    FIXED
  ]
}

const FIXED: Remedy = {
  sentence:
    'Or keep what is cached, and give the image a time that is older than every build. Steps from a cache and new ones then have the same times:',
  lines: { language: 'yaml', text: ['env:', '  SOURCE_DATE_EPOCH: 0'] }
}

const TIMES: Remedy = {
  sentence: 'The image has the times of its build. Give it those of the commit:',
  lines: { language: 'yaml', text: ['with:', '  reproducible: true'] }
}

const CONFIG: Remedy = {
  sentence:
    'Look for a build argument, a label or an `ENV` that has another value each time, such as the time or a number.'
}

const CHANCE: Remedy = {
  sentence:
    'What a command writes may depend on the clock, on chance, on the network or on the order of files. Many tools take the clock from `SOURCE_DATE_EPOCH`, if the stage declares `ARG SOURCE_DATE_EPOCH`.'
}
