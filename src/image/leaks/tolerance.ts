/** Strangers' private keys: those that came with a package, that everybody has, or that the workflow says may be there. */
import type { PlatformImage } from '../image_set.js'
import type { Limits } from '../limits.js'
import type { FileTree } from '../tree.js'
import type { LeakFinding } from './findings.js'
import { knownKey } from './known_keys.js'
import { packageOf, packageOwners } from './owners.js'

/** A private key that is in the image and stops nothing. */
export type ToleratedKey = {
  /** Empty where it is in no file. */
  readonly path: string
  readonly fingerprint: string
  /** Why, as a clause: `it is a test key of GnuTLS`. */
  readonly because: string
}

/**
 * Divides findings into leaks and keys that are told of and no more. A secret of the run is always a leak, and so is a key of the run: both
 * are found as what they are.
 * @param ignored paths, `/folder/**`, and fingerprints
 */
export async function tolerate(
  findings: readonly LeakFinding[],
  options: {
    readonly image: PlatformImage
    readonly tree: FileTree
    readonly ignored: readonly string[]
    readonly limits: Limits
    readonly signal: AbortSignal | undefined
  }
): Promise<{ readonly leaks: readonly LeakFinding[]; readonly tolerated: readonly ToleratedKey[] }> {
  const { image, tree, ignored, limits, signal } = options
  const injected = new Set(findings.flatMap((finding) => (finding.kind === 'secret' ? [placeOf(finding)] : [])))
  const easy = (finding: LeakFinding): string | undefined => {
    if (finding.kind === 'secret' || injected.has(placeOf(finding))) return undefined
    const path = pathOf(finding)
    if (isIgnored(ignored, finding.fingerprint, path)) return 'leak-ignore names it'
    const owner = knownKey(finding.fingerprint)
    if (owner !== undefined) return `it is a test key of ${owner}`
    const from = path === '' ? undefined : packageOf(tree, path)
    return from === undefined ? undefined : `it came with ${from}`
  }
  const judged = findings.map((finding) => ({ finding, because: easy(finding) }))
  const open = judged.flatMap(({ finding, because }) => {
    const isKey = finding.kind === 'private-key' && !injected.has(placeOf(finding))
    return because === undefined && isKey && pathOf(finding) !== '' ? [pathOf(finding)] : []
  })
  // Only now the databases of packages are read, which takes a second pass over the layers.
  const owners =
    open.length === 0 ? new Map<string, string>() : await packageOwners(image, new Set(open), { limits, signal })
  const leaks: LeakFinding[] = []
  const tolerated: ToleratedKey[] = []
  for (const { finding, because } of judged) {
    const owner =
      finding.kind === 'private-key' && !injected.has(placeOf(finding)) ? owners.get(pathOf(finding)) : undefined
    const reason = because ?? (owner === undefined ? undefined : `it came with ${owner}`)
    if (reason === undefined || finding.kind === 'secret') leaks.push(finding)
    else tolerated.push({ path: pathOf(finding), fingerprint: finding.fingerprint, because: reason })
  }
  return { leaks, tolerated }
}

function pathOf({ place }: LeakFinding): string {
  return place.in === 'file' ? place.path : ''
}

function placeOf({ place }: LeakFinding): string {
  return JSON.stringify(place)
}

/** Whether `leak-ignore` names a key, by its fingerprint or by the path it is at. */
export function isIgnored(ignored: readonly string[], fingerprint: string, path: string): boolean {
  return ignored.some(
    (entry) =>
      entry === fingerprint ||
      (path !== '' && (entry === path || (entry.endsWith('/**') && path.startsWith(entry.slice(0, -2)))))
  )
}
