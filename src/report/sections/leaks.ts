/**
 * Secrets and keys that were found in the image: what, where, how it is written, and what to do about it. A finding
 * names ids, places and encodings; there is no value in it, and none can be shown.
 */
import type { AnnotationPlace, LeakFinding, LeakIdentity, LeakPlace } from '../../image/index.js'
import { briefInstruction, historyInstruction } from '../format/instruction.js'
import { capped, type Detail } from '../format/ladder.js'
import { place as dockerfilePlace, placeLink } from '../format/links.js'
import { alert, code, inline, sections, shortened, table, type Column } from '../format/markdown.js'
import { renderRemedies, type Remedy } from './remedy.js'
import { reachOf, type LayerReport, type BuildView } from '../model.js'
import { reachWords } from './published.js'
import { count, enumerated } from '../../core/units.js'

/** One place and everything that was found there. */
export type LeakRow = {
  readonly place: LeakPlace
  readonly found: readonly LeakIdentity[]
  /** The layer it is in, joined with the Dockerfile. */
  readonly layer?: LayerReport
  /** Where not every platform has it. */
  readonly platforms: readonly string[]
}

/** How a foreign string is marked in a sentence: as a code span, or in quotes. */
type Quote = (value: string) => string

const quoted: Quote = (value) => `"${shortened(inline(value), 200)}"`
const spanned: Quote = (value) => code(value, 160)

/** How a value was written. Its length is the number of encodings that are searched for. */
const WRITTEN: Readonly<Record<LeakIdentity['encoding'], string>> = {
  raw: '',
  base64: 'in base64',
  base64url: 'in base64url',
  url: 'URL-encoded',
  json: 'escaped as in JSON',
  xml: 'escaped as in XML',
  quoted: 'escaped between quotes',
  utf16: 'in UTF-16',
  hex: 'in hex'
}

/** How many ways of writing a value are searched for. */
export const ENCODINGS = Object.keys(WRITTEN).length

/** All findings of a report by place, those of several platforms together. */
export function leakRows(report: BuildView): readonly LeakRow[] {
  const { outcome, images } = report
  const perImage = images.flatMap((image) => image.figures.leaks.map((finding) => ({ finding, image })))
  const orphans = outcome.kind === 'red' && outcome.failure.kind === 'leak' ? outcome.failure.findings : []
  const findings: readonly { finding: LeakFinding; image?: BuildView['images'][number] }[] =
    perImage.length > 0 ? perImage : orphans.map((finding) => ({ finding }))
  const rows = new Map<string, { place: LeakPlace; found: LeakIdentity[]; layer?: LayerReport; platforms: string[] }>()
  for (const { finding, image } of findings) {
    const { place } = finding
    const layer = 'layer' in place ? image?.layers[place.layer.index] : undefined
    const key = JSON.stringify(
      'layer' in place
        ? [place.in, place.path, place.live, layer?.line ?? layer?.instruction ?? place.layer.createdBy]
        : place.in === 'attestation'
          ? [place.in, place.predicateType]
          : place
    )
    const row = rows.get(key) ?? { place, found: [], platforms: [], ...(layer === undefined ? {} : { layer }) }
    rows.set(key, row)
    if (!row.found.some((before) => nameOf(before, quoted) === nameOf(finding, quoted))) row.found.push(finding)
    if (image !== undefined && !row.platforms.includes(image.platform)) row.platforms.push(image.platform)
  }
  return [...rows.values()].map((row) => ({
    ...row,
    platforms: row.platforms.length === images.length ? [] : row.platforms
  }))
}

/** `secret "pip_token", in base64`. */
function nameOf(identity: LeakIdentity, quote: Quote): string {
  const written = WRITTEN[identity.encoding]
  const how = written === '' ? '' : `, ${written}`
  if (identity.kind === 'private-key') {
    const format = FORMATS[identity.format] ?? quote(identity.format)
    return `a private key (${format}${identity.encrypted ? ', encrypted' : ''})${how}`
  }
  const owner = `${ownName(identity.secretId)} ${quote(identity.secretId)}`
  if (identity.extent === 'whole') return `the ${owner}${how}`
  return `a part of the ${owner}${identity.part === undefined ? '' : partOf(identity.part, quote)}${how}`
}

/** ` (the value after "_authToken=")`: the name is the file's, the words are ours. */
function partOf(part: string, quote: Quote): string {
  const [, words, name] = /^([a-z ]{1,40}?)(?: `([^`]+)`)?$/.exec(part) ?? []
  if (words === undefined) return ''
  return ` (${words}${name === undefined ? '' : ` ${quote(name)}`})`
}

const FORMATS: Readonly<Record<string, string>> = {
  OPENSSH: 'OpenSSH',
  RSA: 'RSA',
  EC: 'EC',
  DSA: 'DSA',
  PKCS8: 'PKCS#8',
  ENCRYPTED: 'PKCS#8',
  PGP: 'PGP',
  PuTTY: 'PuTTY'
}

/** Inputs whose values are searched for under the input's own name. */
function ownName(secretID: string): string {
  switch (secretID) {
    case 'ssh-private-key':
      return 'SSH key'
    case 'ssh-passphrase':
      return 'passphrase'
    case 'github-token':
      return 'token'
    default:
      return 'secret'
  }
}

/** Where it was found, without the layer. */
function whereOf(place: LeakPlace, quote: Quote): string {
  switch (place.in) {
    case 'file':
      return `${quote(place.path)}${place.live ? '' : ', which a later layer deletes or replaces: it is in the image all the same'}`
    case 'name':
      return `the name of ${quote(place.path)}${place.live ? '' : ', which a later layer deletes or replaces'}`
    case 'outside':
      return 'bytes of the layer that belong to no file'
    case 'env':
      return `the variable ${quote(place.name)} in the image’s config`
    case 'label':
      return `the label ${quote(place.name)}`
    case 'history':
      return `line ${place.line + 1} of the image’s history`
    case 'config':
      return place.member === 'other' ? 'the image’s config' : `the image’s config (${quote(place.member)})`
    case 'annotation':
      return `the annotation ${quote(place.name)}${ANNOTATED[place.on]}`
    case 'manifest':
      return 'a manifest that is published with the image'
    case 'attestation':
      return attestationOf(place.predicateType, quote)
  }
}

/** The manifest's are the ones people mean. */
const ANNOTATED: Readonly<Record<AnnotationPlace, string>> = {
  manifest: '',
  index: ' of the index',
  descriptor: ' of a descriptor in the index',
  layer: ' of a layer'
}

function attestationOf(predicateType: string, quote: Quote): string {
  if (predicateType.startsWith('https://slsa.dev/provenance/')) return 'the provenance attestation'
  return predicateType.startsWith('https://spdx.dev/')
    ? 'the SBOM attestation'
    : `the attestation ${quote(predicateType)}`
}

/** Found, and published all the same: the first thing a reader sees. */
export function renderLeakWarning(report: BuildView, detail: Detail): string | undefined {
  const warning = leakWarning(report)
  if (warning === undefined) return undefined
  return sections([warning, renderLeaks(report, detail), '**What to do**', renderRemedies(leakRemedies(report))])
}

/** Secrets in an image that was published all the same (`leak-check: warn`). */
function leakWarning(report: BuildView): string | undefined {
  const places = leakRows(report).length
  if (places === 0) return undefined
  const reach = reachOf(report.publish)
  const went = reach === 'nowhere' ? 'It would be published all the same' : `It was ${reachWords[reach]} all the same`
  return alert('WARNING', [
    `**${capital(count(places, 'place'))} of this image ${places === 1 ? 'holds' : 'hold'} a secret or a private key.** ${went}, because \`leak-check\` is \`warn\`.`
  ])
}

/** The findings as a table: what, where, and what put it there. */
export function renderLeaks(report: BuildView, detail: Detail): string {
  const { shown, more } = capped(leakRows(report), Math.min(detail.rows, 50))
  const columns: readonly Column[] = [
    { title: 'Found', align: 'left' },
    { title: 'In', align: 'left' },
    { title: 'Put there by', align: 'left' },
    ...(shown.some(({ platforms }) => platforms.length > 0) ? [{ title: 'Platform', align: 'left' } as const] : [])
  ]
  const rows = shown.map((row) => [
    capital(enumerated(row.found.map((identity) => nameOf(identity, spanned)))),
    whereOf(row.place, spanned),
    putThereBy(report, row),
    row.platforms.length === 0 ? '' : row.platforms.map((platform) => code(platform, 60)).join(', ')
  ])
  return sections([table(columns, rows), more === 0 ? undefined : `And ${count(more, 'more place')}.`])
}

function putThereBy(report: BuildView, row: LeakRow): string {
  const configured = configuredBy(row.place)
  if (configured !== undefined) return configured
  if (row.place.in === 'attestation') return `${code('build-args')}, most likely`
  const instruction = instructionOf(row)
  const line = row.layer?.line
  return [
    line === undefined ? '' : placeLink(report.source, line),
    instruction === undefined ? '' : code(instruction, 100)
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** Instructions that make no layer: nobody tells their line. */
function configuredBy(place: LeakPlace): string | undefined {
  switch (place.in) {
    case 'env':
      return code('ENV')
    case 'label':
      return `${code('LABEL')}, or the input ${code('labels')}`
    case 'history':
      return `${code('ARG')}, ${code('RUN')} or another instruction`
    case 'annotation':
      return `the input ${code('annotations')}`
    case 'config':
    case 'manifest':
      return ''
    case 'file':
    case 'name':
    case 'outside':
    case 'attestation':
      return undefined
  }
}

function instructionOf({ place, layer }: LeakRow): string | undefined {
  if (layer !== undefined) return briefInstruction(layer.instruction)
  return 'layer' in place && place.layer.createdBy !== undefined ? historyInstruction(place.layer.createdBy) : undefined
}

/** One finding as a plain sentence, for annotations. */
export function leakSentence(report: BuildView, row: LeakRow): string {
  const instruction = instructionOf(row)
  const by =
    instruction === undefined
      ? ''
      : `, put there by ${row.layer?.line === undefined ? '' : `${dockerfilePlace(report.source, row.layer.line)} `}${shortened(inline(instruction), 200)}`
  const on = row.platforms.length === 0 ? '' : ` (${row.platforms.map(inline).join(', ')})`
  return `${capital(enumerated(row.found.map((identity) => nameOf(identity, quoted))))}: in ${whereOf(row.place, quoted)}${by}${on}.`
}

/** `the secret "pip_token" is in the image`. Plain text. */
export function leakHeadline(findings: readonly LeakIdentity[]): string {
  const ids = [...new Set(findings.flatMap((each) => (each.kind === 'secret' ? [each.secretId] : [])))]
  const [first = ''] = ids
  if (ids.length === 0) return 'a private key is in the image'
  return ids.length === 1
    ? `the ${ownName(first)} "${first}" is in the image`
    : `${ids.length} secrets are in the image`
}

/** What to do, the most urgent first. */
export function leakRemedies(report: BuildView): readonly Remedy[] {
  const rows = leakRows(report)
  const ids = [
    ...new Set(rows.flatMap(({ found }) => found.flatMap((each) => (each.kind === 'secret' ? [each.secretId] : []))))
  ]
  const remedies = [
    rotate(report, ids),
    ...ids.flatMap((id) => mounts(report, id, rows)),
    ...(rows.some(({ found }) => found.every(({ kind }) => kind === 'private-key'))
      ? [keyFile(rows), ignoring(rows)]
      : []),
    ...(rows.some(({ place }) => 'live' in place && !place.live)
      ? [{ sentence: 'A later `rm` does not help: a layer, once made, is part of the image with all its files.' }]
      : [])
  ]
  return remedies.slice(0, 8)
}

/** Whether it got out, and so has to be changed, as far as this run can tell. */
function rotate(report: BuildView, ids: readonly string[]): Remedy {
  const names = enumerated(ids.slice(0, 6).map((id) => `\`${inline(id).replaceAll('`', "'")}\``))
  const what = names === '' ? 'Replace the key' : `Rotate ${names}${ids.length > 6 ? ' and the others' : ''}`
  const reach = reachOf(report.publish)
  const it = ids.length > 1 ? 'them' : 'it'
  if (reach === 'pushed' || reach === 'unknown') {
    const left = reach === 'pushed' ? 'was' : 'may have been'
    return { sentence: `${what} now: the image ${left} published with ${it}, and layers of it may have been pulled.` }
  }
  const cached = report.cache?.exports.find(({ result }) => result === 'ok')
  if (cached !== undefined) {
    return {
      sentence: `${what} now: this run wrote the layer cache ${code(cached.reference, 200)}, which may hold ${it}.`
    }
  }
  const stayed = reach === 'nowhere' ? 'published nothing' : `only ${reachWords[reach].replace(/^\w+/, '$& the image')}`
  return {
    sentence: `${what} if an earlier run published or cached these layers. This run ${stayed} and wrote no layer cache.`
  }
}

/** Why a secret got in, once for each way, and the mount that keeps it out. */
function mounts(report: BuildView, id: string, rows: readonly LeakRow[]): readonly Remedy[] {
  const own = rows.filter(({ found }) => found.some((each) => each.kind === 'secret' && each.secretId === id))
  const [first] = own
  if (first === undefined) return []
  const name = inline(id).replaceAll('`', "'")
  const causes = [...new Set(own.map((row) => causeOf(report, row)))]
    .slice(0, 4)
    .map((cause, index) => (index === 0 ? cause : capital(cause)))
    .join(' ')
  if (id === 'ssh-private-key') {
    return [
      {
        sentence: `\`${name}\`: ${causes} The build can use the key through the agent, and never sees the key itself:`,
        lines: { language: 'dockerfile', text: ['RUN --mount=type=ssh \\', '    git clone git@github.com:…'] }
      }
    ]
  }
  const ready = /^[\w.-]+$/.test(name) ? name : '…'
  const target = copiedTo(first) ?? `env=${variableName(name)}`
  const then = own.every(isMounted)
    ? 'As a variable it makes no file by itself:'
    : 'Mount it in the step that needs it:'
  return [
    {
      sentence: `\`${name}\`: ${causes} ${then}`,
      lines: { language: 'dockerfile', text: [`RUN --mount=type=secret,id=${ready},${target} \\`, '    …'] }
    }
  ]
}

/** The step had the mount, and yet. */
function isMounted({ layer }: LeakRow): boolean {
  return layer?.instruction.includes('--mount=type=secret') === true
}

function isCopied(row: LeakRow): boolean {
  return /^(?:COPY|ADD)\s/i.test(instructionOf(row) ?? '')
}

/** A file that was copied with the secret in it can be mounted at the same path instead. */
function copiedTo(row: LeakRow): string | undefined {
  const { place } = row
  if (!isCopied(row) || place.in !== 'file' || !/^\/[\w./@+-]+$/.test(place.path)) return undefined
  return `target=${place.path}`
}

function causeOf(report: BuildView, row: LeakRow): string {
  const { place, layer } = row
  const at = layer?.line === undefined ? 'the step' : `the step at \`${dockerfilePlace(report.source, layer.line)}\``
  if (place.in === 'attestation') return 'build arguments are written into the provenance, so none may be a secret.'
  if (['env', 'label', 'history', 'config'].includes(place.in))
    return '`ARG` and `ENV` stay in the image’s config and history, so none may be a secret.'
  if (place.in === 'annotation' || place.in === 'manifest')
    return 'annotations are published with the image, so none may hold a secret.'
  if (isCopied(row)) return `leave the file out of what ${at} copies, in \`.dockerignore\` or by copying less.`
  if (isMounted(row)) {
    return `${at} mounts a secret, and what it runs writes it into a file that stays. Let the tool read the mount, or delete the file in the same \`RUN\`.`
  }
  return `${at} writes it into a file that stays.`
}

function keyFile(rows: readonly LeakRow[]): Remedy {
  const copied = rows.some((row) => /^(?:COPY|ADD)\s/i.test(instructionOf(row) ?? ''))
  const leave = copied ? 'Leave the key out of what is copied (`.dockerignore`)' : 'Do not make the key in the image'
  return {
    sentence: `${leave}; a program that needs one gets it when the container starts. For \`git\` in the build there is \`RUN --mount=type=ssh\`.`
  }
}

/** A key that is meant to be there, a test's: what to write. */
function ignoring(rows: readonly LeakRow[]): Remedy {
  const entries = rows
    .filter(({ found }) => found.every(({ kind }) => kind === 'private-key'))
    .flatMap(({ place, found }) => {
      const prints = found.flatMap((each) => (each.kind === 'private-key' ? [each.fingerprint] : []))
      return place.in === 'file' && /^\/[\w./@+-]+$/.test(place.path)
        ? [place.path, ...prints.map((print) => `# or ${print}`)]
        : prints
    })
  const shown = [...new Set(entries)].slice(0, 8)
  return {
    sentence: 'A key that is no secret, a test’s say, may stay if the step names its path or its fingerprint:',
    lines: { language: 'yaml', text: ['leak-ignore: |', ...shown.map((entry) => `  ${entry}`)] }
  }
}

function variableName(id: string): string {
  return id
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .replace(/^(?=\d|$)/, 'SECRET_')
}

/** The sentences that open the story of a leak: what is at stake, and what has left the runner all the same. */
export function leakIntroduction(report: BuildView): string {
  const places = leakRows(report).length
  const left = 'Nothing left the runner, not even to the layer cache.'
  return `${count(places, 'place')} in the image ${places === 1 ? 'holds' : 'hold'} what must not be there. ${left}`
}

function capital(words: string): string {
  return words.replace(/^[a-z]/, (letter) => letter.toUpperCase())
}
