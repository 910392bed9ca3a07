/** What the run did with the layer cache. Trouble is told openly and never fails a build. */
import { alert, code, text, unbroken } from './markdown.js'
import type { CacheTransfer, Report } from './report.js'
import { bytes, duration } from './units.js'

/** How many references are named; the others are counted. */
const NAMED = 3

/** One line of facts: where the cache was read from and written to; `undefined` when nothing of it worked. */
export function renderCacheLine(report: Report): string | undefined {
  const { imports, exports } = report.cache
  const names = [...new Set([...imports, ...exports].map((transfer) => transfer.reference))]
  const lines = names.flatMap((name) => {
    const did = [...doneWith(imports, name, 'read'), ...doneWith(exports, name, 'written')]
    return did.length === 0 ? [] : [`${code(name, 120)} ${did.join(', ')}`]
  })
  if (lines.length === 0) return undefined
  const more = lines.length - NAMED
  return `**Layer cache:** ${lines.slice(0, NAMED).join(' · ')}${more > 0 ? ` · and ${more} more` : ''}`
}

function doneWith(transfers: readonly CacheTransfer[], reference: string, verb: string): readonly string[] {
  const transfer = transfers.find((each) => each.reference === reference)
  if (transfer?.result === 'missing') return ['was empty before this run']
  if (transfer?.result !== 'ok') return []
  return [transfer.seconds === undefined ? verb : `${verb} in ${unbroken(duration(transfer.seconds))}`]
}

/** One line of facts: which cache mounts came from an earlier run and which are kept for a later one. */
export function renderMountsLine(report: Report): string | undefined {
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
export function renderCacheTrouble(report: Report): string | undefined {
  const failures = [
    ...report.cache.imports.map((transfer) => ({ transfer, verb: 'read' })),
    ...report.cache.exports.map((transfer) => ({ transfer, verb: 'written' }))
  ].filter(({ transfer }) => transfer.result === 'failed')
  if (failures.length === 0) return undefined
  const lines = failures.slice(0, NAMED).map(({ transfer, verb }) => {
    const reason = transfer.message === undefined ? '' : `: ${text(transfer.message, 300)}`
    return `- ${code(transfer.reference, 120)} could not be ${verb}${reason}`
  })
  const more = failures.length - lines.length
  const rest = more > 0 ? [`- and ${more} more`] : []
  const advice = failures.some(({ transfer }) =>
    /\b40[13]\b|unauthori[sz]ed|denied|forbidden/i.test(transfer.message ?? '')
  )
    ? 'The build is not affected, only slower next time. Log in to the registry before this step (`docker/login-action`), with the right to write.'
    : 'The build is not affected, only slower next time.'
  return alert('WARNING', ['**The layer cache did not work.**', [...lines, ...rest].join('\n'), advice])
}
