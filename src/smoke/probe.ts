/** One request to a container's port, as far as its status matters. */
import { request } from 'node:http'

export type ProbeAnswer = { readonly status: number } | { readonly problem: string }

const SECONDS = 5

/** Asks once. Redirects are not followed: that it answers is what is asked. A signal ends it without an answer. */
export function askOnce(
  { port, path }: { readonly port: number; readonly path: string },
  signal?: AbortSignal
): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const asking = request(
      // A connection of its own: one that was kept may be to a server that is gone.
      {
        ...{ host: '127.0.0.1', port, path, agent: false, headers: { 'User-Agent': 'stagegate-smoke' } },
        ...(signal === undefined ? {} : { signal })
      },
      (response) => {
        resolve({ status: response.statusCode ?? 0 })
        response.destroy()
      }
    )
    // From the start, not from the last byte: a server may send one header a second for ever.
    const timer = setTimeout(() => asking.destroy(new Error('late')), SECONDS * 1000)
    asking.on('error', (error: NodeJS.ErrnoException) => resolve({ problem: words(error) }))
    asking.on('close', () => {
      clearTimeout(timer)
      resolve({ problem: 'closed the connection' })
    })
    asking.end()
  })
}

function words(error: NodeJS.ErrnoException): string {
  if (error.message === 'late') return `gave no answer within ${SECONDS} s`
  if (error.code === 'ECONNREFUSED') return 'refused the connection'
  if (error.code === 'ECONNRESET') return 'closed the connection'
  return `gave no answer in HTTP (${error.code ?? error.message})`
}
