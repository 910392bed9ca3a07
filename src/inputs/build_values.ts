/** Inputs that go to buildx as they are, and what it would refuse about them only after the tests. */
import { linkedName } from '../core/linked.js'
import { splitPair } from '../core/pair.js'
import { familiarName, parseReference } from '../core/reference.js'
import { annotationLevels } from './annotations.js'
import { askedAttestations, isEnabled, isProvenance } from './attestations.js'
import { namesBake } from './bake.js'
import { didYouMean, type Grammar } from './grammar.js'
import type { Look } from '../ports.js'

/** `NAME=VALUE`, or `NAME` for the value of the environment variable of that name. */
export function parseBuildArgs({ lines, report }: Grammar): readonly string[] {
  let above = ''
  let isRest = false
  return lines('build-args').filter((entry, index) => {
    const { name, value } = splitPair(entry)
    const refuse = (problem: string, fix: string): boolean => {
      report('build-args', problem, fix)
      return false
    }
    if (name === '') {
      return refuse('the name before "=" is empty', 'Write each build argument on a line of its own, as NAME=VALUE.')
    }
    if (/\s--build-arg\b/.test(value ?? '')) {
      return refuse(
        `entry ${index + 1} has "--build-arg" in it`,
        'Write each build argument on a line of its own, without the option.'
      )
    }
    // BuildKit takes any name. One alone, with a hyphen, is rather the rest of a value that lost its quotes.
    if ((value !== undefined ? /^\w[\w.-]*$/ : /^[A-Za-z_]\w*$/).test(name)) {
      above = name
      return true
    }
    // What stands for an expression may be JSON, of which one line is told.
    if (isRest) return false
    isRest = above !== '' && /^["{}[\]]/.test(entry)
    if (isRest) {
      return refuse(
        `entry ${index + 1} has no name, as a line of JSON has none`,
        `If it belongs to the value of "${above}", write "${above}" alone, and give the value in the env: of this step.`
      )
    }
    const [, listed] = /^(?:-\s+|--build-arg[ =])\s*(.*)$/.exec(entry) ?? []
    const [, mapped] = /^([A-Za-z_][A-Za-z0-9_]*):(?:\s|$)/.exec(entry) ?? []
    const shown = listed === undefined ? (mapped ?? 'NAME') : splitPair(listed).name
    return refuse(
      `"${name.slice(0, 80)}" is not the name of a build argument`,
      listed === undefined && mapped === undefined
        ? 'A name has letters, digits, "_", "-" and ".". Write each build argument on a line of its own, as NAME=VALUE.'
        : `The input is text, not a YAML list: write "${shown}=VALUE".`
    )
  })
}

const entitlements = ['network.host', 'security.insecure', 'device']

/** Entitlements of the build. What bake asks for itself (`fs.read=…`) is not asked here, and left out. */
export function parseAllow(grammar: Grammar): readonly string[] {
  const { list, report } = grammar
  const isBake = namesBake(grammar)
  const entries = list('allow').filter((entry) => !isBake || !/^(?:fs(?:\.read|\.write)?|ssh)(?:=|$)/.test(entry))
  return entries.filter((entry) => {
    if (entitlements.includes(splitPair(entry).name)) return true
    report(
      'allow',
      `"${entry}" is not an entitlement`,
      `Use ${entitlements.join(', ')}.${didYouMean(entry, entitlements)}`
    )
    return false
  })
}

/** Entries of `--attest`. They can name registries and tokens, so a problem shows the type alone. */
export function parseAttests({ typed, report }: Grammar): readonly string[] {
  return typed('attests', 'type=sbom,generator=docker/scout-sbom-indexer').filter((entry) => {
    const type = /(?:^|,)\s*"?type=([^",]*)/.exec(entry)?.[1] ?? ''
    if (type === 'sbom' || type === 'provenance') return true
    report(
      'attests',
      `"${type}" is not a type of attestation`,
      `Use sbom or provenance.${didYouMean(type, ['sbom', 'provenance'])}`
    )
    return false
  })
}

/** Named contexts, `NAME=SOURCE`, under the names that BuildKit looks for. A source on the disk has to be there. */
export function parseBuildContexts(grammar: Grammar, look: Look): readonly string[] {
  const { pairs, report } = grammar
  // bake hands on any name, also one that nothing finds: that of a file is told in a note.
  const isBake = namesBake(grammar)
  const entries = pairs('build-contexts', 'named context').flatMap((entry) => {
    const { name, value = '' } = splitPair(entry)
    const known = isBake ? name : contextName(name, report)
    return known === undefined ? [] : [`${known}=${value}`]
  })
  return entries.filter((entry) => {
    const { name, value: source = '' } = splitPair(entry)
    const [, layout] = /^oci-layout:\/\/(.*?)(?:@sha256:[0-9a-f]+)?$/.exec(source) ?? []
    const isElsewhere = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@)/i.test(source)
    if (layout === undefined && isElsewhere) return true
    const linked = linkedName(source)
    if (linked !== undefined) {
      report(
        'build-contexts',
        `"${name}": there is no target "${linked}" without a bake file`,
        'Name the file in bake-files, and the target to build in bake-targets; its contexts may be other targets.'
      )
      return false
    }
    const place = layout === undefined ? source : layoutFolder(layout, look)
    if (place !== '' && look(place) === 'folder') return true
    const what = layout === undefined ? 'folder' : 'OCI layout'
    report(
      'build-contexts',
      place === '' ? `nothing follows "${name}="` : `"${name}": there is no ${what} at "${place}"`,
      'Make it in an earlier step, or write a URL such as docker-image://NAME:TAG. A path is relative to the working directory.'
    )
    return false
  })
}

/** As `docker buildx build` reads it. What follows `::` is the platform that the context is for, and bake's alone. */
function contextName(text: string, report: Grammar['report']): string | undefined {
  const [name = '', ...platform] = text.split('::')
  const reading = parseReference(name)
  if (reading.ok) return [familiarName(name), ...platform].join('::')
  report('build-contexts', `"${text}" cannot be the name of a context: ${reading.problem}`, reading.fix)
  return undefined
}

/** `path`, or `path:tag`. */
function layoutFolder(text: string, look: Look): string {
  return look(text) === 'folder' ? text : text.replace(/:[^:/]*$/, '')
}

/** A context that buildx would read as a folder or refuse, although a repository is meant. */
export function checkContext(text: string, report: Grammar['report']): void {
  const [isDefault, folder = ''] = /^\{\{\s*defaultContext\s*\}\}:?(.*)$/.exec(text) ?? []
  if (isDefault !== undefined) {
    const place = folder.replace(/^\.?\//, '')
    const fix = place === '' ? 'Leave context out' : `Write "./${place}"`
    return report('context', `"${text}" is not expanded here`, `${fix}, and run actions/checkout before this step.`)
  }
  const [, repository = ''] = /^github\.com\/([^#?]+)/.exec(text) ?? []
  if (repository === '') return
  report(
    'context',
    `"${text}" has no scheme`,
    `Write "https://${text.replace(/^(github\.com\/[^#?/]+\/[^#?/]+?)(?:\.git)?(?=[#?/]|$)/, '$1.git')}".`
  )
}

/** Annotations of an index need one, and one platform without attestations has none. */
export function checkAnnotations(
  inputs: {
    readonly annotations: readonly string[]
    readonly platforms: readonly string[]
    readonly provenance: string
    readonly sbom: string
    readonly attests: readonly string[]
  },
  report: Grammar['report']
): void {
  const asked = askedAttestations(inputs)
  // Where nothing is said of a provenance there may be one.
  const isSingle = inputs.platforms.length <= 1 && asked.some(isProvenance) && !asked.some(isEnabled)
  const onIndex = inputs.annotations.find((entry) => annotationLevels(entry).some((level) => level !== 'manifest'))
  if (!isSingle || onIndex === undefined) return
  report(
    'annotations',
    `"${splitPair(onIndex).name}" is for an index, and one platform with provenance: false has none`,
    'Write "manifest:" for the level, or remove provenance: false.'
  )
}
