/**
 * The sizes of an image's last releases, as its registry has them: its version tags, a manifest each. They are remembered
 * with the baseline, so that each is asked for once, since Docker Hub counts it as a pull, and a pull request shows them
 * without asking anybody.
 */
import { asArray, asSize, asString, dig } from '../core/json.js'
import type { Exec } from '../ports.js'
import { repositoryAt } from '../registry/address.js'
import { quickly } from '../registry/quickly.js'
import { listTags, readTransferSizes } from '../registry/sizes.js'

/** What a pull of a release transfers. */
export type Release = { readonly tag: string; readonly transferSize: number }

/** Releases of a repository before this run, lowest version first; one series a platform. */
export type ReleasesReport = {
  /** `ghcr.io/acme/app`. */
  readonly repository: string
  readonly series: readonly ReleaseSeries[]
}

type ReleaseSeries = { readonly platform: string; readonly releases: readonly Release[] }

export type ReleasesRequest = {
  /** Names that this run publishes the image under; the first one's repository is asked. */
  readonly references: readonly string[]
  readonly platforms: readonly string[]
  /** What an earlier run has learned. */
  readonly known: ReleasesReport | undefined
}

/** Releases of a platform that are asked for, kept and shown. */
export const MOST_RELEASES = 6

/** The image is pushed meanwhile, and does not wait for long. */
const SECONDS = 2

const MOST_PLATFORMS = 4

/** Asks the registry for what is not known yet; what is known where it does not answer. Never throws. */
export async function readReleases(
  exec: Exec,
  env: Readonly<Record<string, string | undefined>>,
  { references, platforms, known }: ReleasesRequest
): Promise<ReleasesReport | undefined> {
  const named = references.flatMap((reference) => repositoryAt(reference) ?? [])
  const [repository] = named
  if (repository === undefined) return undefined
  const before = known?.repository === repository.name ? known.series : []
  const own = named.filter(({ name }) => name === repository.name).map(({ tag }) => tag)
  const asked = platforms.slice(0, MOST_PLATFORMS)
  const read = await quickly({ exec }, env, SECONDS, async (client) => {
    const tags = await listTags(client, repository)
    if (tags === undefined) return undefined
    const isKnown = (tag: string): boolean => before.some(({ releases }) => releases.some((one) => one.tag === tag))
    const wanted = lastReleases(tags, own)
    const sizes = await Promise.all(
      wanted.map(async (tag) => ({
        tag,
        sizes: isKnown(tag) ? [] : await readTransferSizes(client, repository, tag, asked)
      }))
    )
    return asked.map((platform) => ({
      platform,
      releases: sizes.flatMap(({ tag, sizes }): readonly Release[] => {
        const remembered = before.find((one) => one.platform === platform)?.releases.find((one) => one.tag === tag)
        if (remembered !== undefined) return [remembered]
        const bytes = sizes.find((one) => one.platform === platform)?.bytes
        return bytes === undefined ? [] : [{ tag, transferSize: bytes }]
      })
    }))
  })
  const series = typeof read === 'object' ? read : before
  const some = series.filter(({ releases }) => releases.length > 0)
  return some.length === 0 ? undefined : { repository: repository.name, series: some }
}

/** A version, and what stands behind it: `1.8.0`, `v1.8.0-alpine`. */
const version = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[a-z].*)?$/

/** What stands behind a version that is no release yet. */
const preview = /^-(?:alpha|beta|canary|dev|edge|nightly|next|pre|preview|rc|snapshot)\b/

/**
 * The last version tags of a list, lowest version first, without those of this run. Where all of a run's tags end alike,
 * and releases do, too, as `1.8.0-alpine` does, these are meant.
 */
export function lastReleases(tags: readonly string[], own: readonly string[]): readonly string[] {
  const releases = [...new Set(tags)].flatMap((tag) => {
    const [, major, minor, patch, behind = ''] = version.exec(tag) ?? []
    if (major === undefined || preview.test(behind)) return []
    return [{ tag, behind, numbers: [major, minor, patch].map(Number) }]
  })
  const endings = new Set(releases.map(({ behind }) => behind).filter((behind) => behind !== ''))
  const [ending = ''] = [...endings]
    .filter((behind) => own.length > 0 && own.every((tag) => tag.endsWith(behind)))
    .sort((one, other) => other.length - one.length)
  // One release often has two names, `1.8.0` and `v1.8.0`.
  const named = new Map(releases.filter(({ behind }) => behind === ending).map((one) => [one.numbers.join('.'), one]))
  for (const tag of own) named.delete(tag.replace(/^v/, '').slice(0, ending === '' ? undefined : -ending.length))
  return [...named.values()]
    .sort((one, other) => compareNumbers(one.numbers, other.numbers))
    .slice(-MOST_RELEASES)
    .map(({ tag }) => tag)
}

function compareNumbers(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((number, index) => number !== other[index])
  return (one[at] ?? 0) - (other[at] ?? 0)
}

/** Reads what was stored; what is no release is left out, and `undefined` stands for nothing left. */
export function readStoredReleases(value: unknown): ReleasesReport | undefined {
  const repository = asString(dig(value, 'repository'))
  const series = asArray(dig(value, 'series'))
    .slice(0, MOST_PLATFORMS)
    .flatMap((entry): readonly ReleaseSeries[] => {
      const platform = asString(dig(entry, 'platform'))
      const releases = asArray(dig(entry, 'releases')).flatMap((release): readonly Release[] => {
        const [tag, transferSize] = [asString(dig(release, 'tag')), asSize(dig(release, 'transferSize'))]
        return tag === undefined || !version.test(tag) || transferSize === undefined ? [] : [{ tag, transferSize }]
      })
      return platform === undefined || releases.length === 0
        ? []
        : [{ platform, releases: releases.slice(-MOST_RELEASES) }]
    })
  return repository === undefined || series.length === 0 ? undefined : { repository, series }
}
