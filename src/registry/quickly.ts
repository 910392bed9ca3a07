/** A question whose answer is only good to have: it is asked once, and not waited for any longer than it is worth. */
import { Cancelled, type Exec, type Ports } from '../ports.js'
import { createRegistryClient, type RegistryClient } from './client.js'
import { NoAnswer } from './transport.js'

/** Who asks. The signal ends the question: nobody wants to know any more. */
export type Asking = Pick<Ports, 'exec'> & { readonly signal?: AbortSignal }

/**
 * Asks, and comes to an end within its time, its connections closed. Never throws.
 * @returns what `body` does; 'late' when it took too long, 'failed' when there was no answer
 */
export async function quickly<T>(
  { exec, signal }: Asking,
  env: Readonly<Record<string, string | undefined>>,
  seconds: number,
  body: (client: RegistryClient) => Promise<T>
): Promise<T | 'late' | 'failed'> {
  const late = AbortSignal.timeout(seconds * 1000)
  const over = signal === undefined ? late : AbortSignal.any([late, signal])
  const helped: Exec = (command, options) => exec(command, { ...options, signal: over })
  using client = createRegistryClient({ exec: helped, signal: over }, { env, attempts: 1 })
  try {
    return await body(client)
  } catch (error: unknown) {
    const isLate = late.aborted && error instanceof Cancelled
    return isLate || (error instanceof NoAnswer && error.reason === 'silent') ? 'late' : 'failed'
  }
}
