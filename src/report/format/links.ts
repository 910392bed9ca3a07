/** Links to the Dockerfile's lines at the commit that was built, and to the run. */
import { isLinkedStep } from '../../core/linked.js'
import { inline, link, text } from './markdown.js'
import type { BuildView, SourceReport } from '../model.js'

/** The same address stands in many rows: a path without end would leave room for nothing else. */
const LONGEST_ADDRESS = 600

/** The address of a Dockerfile line on GitHub; `undefined` outside a checkout. */
function lineAddress(source: SourceReport, line: number | undefined): string | undefined {
  const { dockerfileInRepository: path } = source
  return path === undefined ? undefined : fileAddress(source, path, line)
}

/** The address of a file of the repository, at the commit that was built. */
export function fileAddress(source: SourceReport, path: string, line: number | undefined): string | undefined {
  const { serverUrl, repository, sha } = source
  if (serverUrl === undefined || repository === undefined || sha === undefined) return undefined
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^[0-9a-f]{7,64}$/i.test(sha)) return undefined
  const names = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  // A browser takes `..` out of an address, and would end up in somebody else's repository.
  if (names.includes('..')) return undefined
  const segments = names.map((segment) => encodeURIComponent(segment.toWellFormed()))
  const anchor = line === undefined ? '' : `#L${Math.max(1, Math.trunc(line))}`
  const address = `${serverUrl.replace(/\/+$/, '')}/${repository}/blob/${sha}/${segments.join('/')}${anchor}`
  return address.length > LONGEST_ADDRESS ? undefined : address
}

/** `Dockerfile:24` as plain text on one line. */
export function place(source: SourceReport, line: number | undefined): string {
  const dockerfile = inline(source.dockerfile)
  return line === undefined ? dockerfile : `${dockerfile}:${line}`
}

/** The same of a step or layer; the stage of one of a linked target, whose Dockerfile is another. */
export function placeOf(
  source: SourceReport,
  { stage, line }: { readonly stage?: string; readonly line?: number }
): string {
  return stage !== undefined && isLinkedStep({ stage }) ? inline(stage) : place(source, line)
}

/** `[Dockerfile:24](…)`. */
export function placeLink(source: SourceReport, line: number | undefined): string {
  return link(text(place(source, line), 200), lineAddress(source, line))
}

/** `[24](…)`, for tables where the file is known from the heading; empty without a line. */
export function lineLink(source: SourceReport, line: number | undefined): string {
  return line === undefined ? '' : link(String(line), lineAddress(source, line))
}

/** `[job log](…)`, or the words alone. */
export function logLink(report: BuildView, label = 'job log'): string {
  return link(label, report.source.runUrl)
}
