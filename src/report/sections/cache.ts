/** What the run did with the layer cache. Trouble is told openly and never fails a build. */
import type { Detail } from '../format/ladder.js'
import { alert, code, table, text, unbroken, type Column } from '../format/markdown.js'
import type { CacheTransfer, BuildView } from '../model.js'
import { bytes, duration } from '../../core/units.js'

/** How many references are named; the others are counted. */
const NAMED = 3

/** One line of facts: where the cache was read from and written to; `undefined` when nothing of it worked. */
export function renderCacheLine(report: BuildView): string | undefined {
  const { imports, exports, downloads, broken } = report.cache
  // A cache that broke the build was of no use, however well its manifest could be read.
  const read = broken === undefined ? imports : imports.filter(({ result }) => result === 'missing')
  const names = [...new Set([...read, ...exports].map((transfer) => transfer.reference))]
  const lines = names.flatMap((name) => {
    const did = [...doneWith(read, name, 'read'), ...doneWith(exports, name, 'written')]
    return did.length === 0 ? [] : [`${code(name, 300)} ${did.join(', ')}`]
  })
  if (lines.length === 0) return undefined
  const more = lines.length - NAMED
  const moved =
    downloads === undefined
      ? ''
      : ` · ${unbroken(bytes(downloads.bytes))} downloaded in ${unbroken(duration(downloads.seconds))}`
  return `**Layer cache:** ${lines.slice(0, NAMED).join(' · ')}${more > 0 ? ` · and ${more} more` : ''}${moved}`
}

function doneWith(transfers: readonly CacheTransfer[], reference: string, verb: string): readonly string[] {
  const transfer = transfers.find((each) => each.reference === reference)
  if (transfer?.result === 'missing') return ['was empty before this run']
  if (transfer?.result === 'unchanged') {
    const { heldBy } = transfer
    return [
      heldBy === undefined || heldBy === reference
        ? 'holds everything already'
        : `not needed, ${code(heldBy, 300)} holds everything`
    ]
  }
  if (transfer?.result !== 'ok') return []
  const size = transfer.bytes === undefined ? '' : ` (${unbroken(`${bytes(transfer.bytes)} new`)})`
  return [`${transfer.seconds === undefined ? verb : `${verb} in ${unbroken(duration(transfer.seconds))}`}${size}`]
}

/** One line of facts: which cache mounts came from an earlier run and which are kept for a later one. */
export function renderMountsLine(report: BuildView): string | undefined {
  const mounts = report.cacheMounts ?? []
  const words = (['restored', 'kept', 'saved', 'unchanged'] as const).flatMap((state) => {
    const those = mounts.filter(({ before, after }) => before === state || after === state)
    if (those.length === 0) return []
    const size = those.reduce((sum, mount) => sum + (mount.size ?? 0), 0)
    const amount = size === 0 ? '' : ` (${unbroken(bytes(size))})`
    return [`${unbroken(`${those.length} ${state}`)}${state === 'kept' ? ' by the builder' : ''}${amount}`]
  })
  return words.length === 0 ? undefined : `**Cache mounts:** ${words.join(', ')}`
}

/** A warning box with each transfer that failed, in the registry's own words; `undefined` when all is well. */
export function renderCacheTrouble(report: BuildView): string | undefined {
  const { imports, exports, broken } = report.cache
  const failures = [
    ...imports.map((transfer) => ({ transfer, verb: 'read' })),
    ...exports.map((transfer) => ({ transfer, verb: 'written' }))
  ].filter(({ transfer }) => transfer.result === 'failed')
  if (failures.length === 0 && broken === undefined) return undefined
  const lines = failures.slice(0, NAMED).map(({ transfer, verb }) => {
    const reason = transfer.message === undefined ? '' : `: ${text(transfer.message, 300)}`
    return `- ${code(transfer.reference, 300)} could not be ${verb}${reason}`
  })
  const more = failures.length - lines.length
  const rest = more > 0 ? [`- and ${more} more`] : []
  const again =
    broken === undefined
      ? []
      : [
          `- A part of it could not be read: ${text(broken.message, 300)}. The build was started again without it, after ${unbroken(duration(broken.seconds))}.`
        ]
  const messages = [...failures.map(({ transfer }) => transfer.message ?? ''), broken?.message ?? '']
  return alert('WARNING', [
    '**The layer cache did not work.**',
    [...again, ...lines, ...rest].join('\n'),
    adviceFor(
      messages,
      failures.map(({ transfer }) => transfer.reference),
      broken !== undefined
    )
  ])
}

function adviceFor(messages: readonly string[], references: readonly string[], isBroken: boolean): string {
  const effect = isBroken
    ? 'The result is the same; it only took longer.'
    : 'This build is not affected; the next one will be slower.'
  const says = (pattern: RegExp): boolean => messages.some((message) => pattern.test(message))
  if (says(/\b40[13]\b|unauthori[sz]ed|denied|forbidden/i)) {
    const ghcr = references.some((reference) => reference.startsWith('ghcr.io/'))
      ? ' On ghcr.io the job needs `packages: write`, and the package must let this repository write (its settings, *Manage Actions access*).'
      : ''
    return `${effect} Log in to the registry before this step (\`docker/login-action\`), as somebody who may write there.${ghcr}`
  }
  if (says(/\b429\b|toomanyrequests|too many requests/i)) {
    return `${effect} The registry limits how often it is asked. Log in to it, or use one without that limit.`
  }
  if (says(/\b507\b|quota|insufficient storage|no space left/i)) {
    return `${effect} The registry is full: remove references that nobody needs (examples/workflows/cache-cleanup.yml).`
  }
  return effect
}

/** The plan as a table: what is read, what is written, why. */
export function renderCachePlan(report: BuildView, detail: Detail): string | undefined {
  const { plan } = report.cache
  if (plan === undefined) return undefined
  const columns: readonly Column[] = [
    { title: 'Reference', align: 'left' },
    { title: '', align: 'left' },
    { title: 'Why', align: 'left' }
  ]
  return table(
    columns,
    plan
      .slice(0, detail.rows)
      .map(({ reference, action, why }) => [
        reference === '' ? '–' : code(reference, 300),
        action === 'none' ? '' : action,
        text(why, 300)
      ])
  )
}
