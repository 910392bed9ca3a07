/** The input `leak-ignore`: private keys that may be in the image. */
import type { Grammar } from './grammar.js'

/** Absolute paths, folders as `/folder/**`, and fingerprints as the report gives them. */
export function parseLeakIgnore({ list, report }: Grammar): readonly string[] {
  return list('leak-ignore').filter((entry) => {
    if (/^sha256:[0-9a-f]{64}$/.test(entry)) return true
    const path = entry.endsWith('/**') ? entry.slice(0, -3) : entry
    if (/^\/[^*?]+$/.test(path)) return true
    // A line of a key is not shown.
    const shown = /^[\w./:*?@+-]{1,80}$/.test(entry) ? `"${entry}"` : 'an entry'
    report(
      'leak-ignore',
      `${shown} is neither a path in the image nor a fingerprint`,
      'Write a path such as /etc/ssl/private/test.key, a folder such as /opt/app/tests/**, or sha256: and 64 hex digits, as the report has them.'
    )
    return false
  })
}
