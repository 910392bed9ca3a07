/** Whether a private key is published with some library, the same in every copy, and so nobody's secret. */
export function isKnownKey(fingerprint: string): boolean {
  return knownKeys.has(fingerprint)
}

const knownKeys: ReadonlySet<string> = new Set<string>()
