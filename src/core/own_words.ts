/**
 * The words in a report that are its own. Redacting them would not hide a secret, only break what reads them: a user may be called
 * `registry`, and a password may be `passed`.
 */

/** What a member of a report or of a call may say of its own, by its name. Every `enum` and `const` of docs/report.schema.json is in here. */
export const OWN_WORDS: Readonly<Record<string, readonly string[]>> = {
  action: ['else', 'none', 'read', 'write'],
  after: ['saved', 'too-large', 'unchanged', 'withheld'],
  baseline: ['found', 'none'],
  before: ['kept', 'restored'],
  by: ['no-cache', 'no-cache-filters', 'refresh-after', 'test-cache'],
  certainty: ['certain', 'likely', 'unknown'],
  credential: ['secret', 'ssh'],
  differs: ['attributes', 'content', 'presence', 'time'],
  driver: ['cloud', 'docker', 'docker-container', 'kubernetes', 'remote'],
  encoding: ['base64', 'base64url', 'hex', 'json', 'quoted', 'raw', 'url', 'utf16', 'xml'],
  extent: ['part', 'whole'],
  how: ['added', 'changed', 'removed'],
  in: ['annotation', 'attestation', 'config', 'env', 'file', 'history', 'label', 'manifest', 'name', 'outside'],
  kind: [
    'above',
    'added',
    'ancestor',
    'argument',
    'asked',
    'base',
    'budget',
    'build',
    'cancelled',
    'changed',
    'cold',
    'commit',
    'compared',
    'credential',
    'dockerfile',
    'engine',
    'evicted',
    'files',
    'green',
    'image',
    'input',
    'instruction',
    'internal',
    'irreproducible',
    'layer',
    'leak',
    'mismatch',
    'newest',
    'no-cache-found',
    'none',
    'parent',
    'private-key',
    'red',
    'registry',
    'removed',
    'reused',
    'secret',
    'smoke',
    'test',
    'unknown',
    'unrecognised',
    'untested',
    'value',
    'verify'
  ],
  base: ['unknown'],
  mode: ['fail', 'warn'],
  names: ['add-hosts', 'namespace', 'network', 'platforms', 'shm-size', 'ulimit'],
  on: ['descriptor', 'index', 'layer', 'manifest'],
  reason: ['dockerfile-unread', 'files-unread', 'no-record', 'not-built', 'source-unread'],
  result: [
    'cached',
    'cancelled',
    'failed',
    'missing',
    'not-run',
    'ok',
    'passed',
    'ran',
    'skipped',
    'unchanged',
    'withheld'
  ],
  role: ['other', 'target', 'test'],
  rule: ['leak-check', 'max-increase', 'max-layers', 'max-reclaimable', 'max-size'],
  speaker: ['BuildKit', 'buildx'],
  state: [
    'cached',
    'cancelled',
    'error',
    'failed',
    'failure',
    'green',
    'neutral',
    'pending',
    'ran',
    'red',
    'success',
    'waiting',
    'warning'
  ],
  verdict: ['failed', 'passed', 'skipped']
}

/** Members that GitHub gives and everybody knows: links would break without them. */
const OPEN_MEMBERS = new Set(['serverUrl', 'repository', 'sha', 'runUrl'])

const digest = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/

/**
 * The same value with every text in it redacted. Member names stay, and so do digests and the report's own words. Redact the model, not
 * the rendering: a renderer escapes characters, and an escaped secret is not found any more.
 */
export function redacted<T>(value: T, redact: (text: string) => string): T {
  const walk = (part: unknown, name: string): unknown => {
    if (typeof part === 'string') {
      return isOwn(part, name) ? part : redact(part)
    }
    if (Array.isArray(part)) return part.map((item) => walk(item, name))
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, entry]: [string, unknown]) => [key, walk(entry, key)]))
  }
  // Texts become texts, and everything else keeps its shape.
  return walk(value, '') as T
}

function isOwn(text: string, name: string): boolean {
  return (
    digest.test(text) ||
    OPEN_MEMBERS.has(name) ||
    (Object.hasOwn(OWN_WORDS, name) && OWN_WORDS[name]?.includes(text) === true)
  )
}
