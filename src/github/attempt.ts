/** One attempt at a call: what came back, before anybody judges it. */
import { asString, dig } from '../core/json.js'

/** What is used of the global `fetch`. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
    readonly redirect: 'manual'
    readonly signal: AbortSignal
  }
) => Promise<{
  readonly status: number
  readonly headers: { readonly get: (name: string) => string | null }
  readonly text: () => Promise<string>
}>

/** Why the proxy on the way makes none, in words that may be shown. */
export class ProxyTrouble extends Error {
  override readonly name = 'ProxyTrouble'
  /** Another attempt would come to the same. */
  readonly isLasting: boolean
  constructor(message: string, isLasting: boolean) {
    super(message)
    this.isLasting = isLasting
  }
}

/** One attempt: an answer read to its end, or why there was none. */
export type Attempt =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly header: (name: string) => string | undefined
      readonly text: string
    }
  | { readonly kind: 'no-answer'; readonly reason: string; readonly isLasting: boolean }

/**
 * Makes the attempt; never throws.
 * @param milliseconds after which `send` is given up by its signal
 */
export async function attemptOnce(send: () => ReturnType<Fetch>, milliseconds: number): Promise<Attempt> {
  try {
    const response = await send()
    const text = await response.text()
    return { kind: 'answer', status: response.status, header: (name) => response.headers.get(name) ?? undefined, text }
  } catch (error) {
    const isLasting = error instanceof ProxyTrouble && error.isLasting
    return { kind: 'no-answer', reason: networkReason(error, milliseconds), isLasting }
  }
}

/** Words of our own: what the network layer says may quote the request. */
function networkReason(error: unknown, milliseconds: number): string {
  if (error instanceof ProxyTrouble) return error.message
  const name = dig(error, 'name')
  if (name === 'TimeoutError' || name === 'AbortError')
    return `no answer within ${Math.ceil(milliseconds / 1000)} seconds`
  const code = [dig(error, 'code'), dig(error, 'cause', 'code')]
    .map(asString)
    .find((found) => found !== undefined && /^[A-Z0-9_]{2,40}$/.test(found))
  return code === undefined ? 'the connection failed' : `the connection failed (${code})`
}
