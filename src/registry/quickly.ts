/** A question whose answer is only good to have: it is asked once, and not waited for any longer than it is worth. */
import { Cancelled, type Exec } from '../ports.js'
import { createRegistryClient, type RegistryClient } from './client.js'
import { NoAnswer } from './transport.js'

/**
 * Asks, and comes to an end within its time, its connections closed. Never throws.
 * @returns what `body` does; 'late' when it took too long, 'failed' when there was no answer
 */
export async function quickly<T>(
  exec: Exec,
  env: Readonly<Record<string, string | undefined>>,
  seconds: number,
  body: (client: RegistryClient) => Promise<T>
): Promise<T | 'late' | 'failed'> {
  const late = AbortSignal.timeout(seconds * 1000)
  const helped: Exec = (command, options) => exec(command, { ...options, signal: late })
  using client = createRegistryClient({ exec: helped, signal: late }, { env, attempts: 1 })
  try {
    return await body(client)
  } catch (error: unknown) {
    const isLate = late.aborted && error instanceof Cancelled
    return isLate || (error instanceof NoAnswer && error.reason === 'silent') ? 'late' : 'failed'
  }
}
