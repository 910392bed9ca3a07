/**
 * Whether a registry answers at all. BuildKit waits without end for one that takes a connection and then says nothing,
 * and a builder that waits like this cannot be used for anything else. So somebody has to knock first.
 */
import { HttpClient } from '@actions/http-client'
import { cacheReference, isRegistryCache } from '../inputs/cache_value.js'
import { forFirst, type CachePlan } from '../plan/cache.js'
import { repositoryAt } from './address.js'

/** Seconds after which a registry is taken for silent; one that works answers in a tenth of one. */
export const silenceSeconds = 10

/**
 * The references whose registry takes a question and does not answer it. An error is an answer, whatever it says: the
 * builder may have credentials, certificates or a network that this process does not.
 */
export async function findSilentReferences(plan: CachePlan, limitSeconds = silenceSeconds): Promise<readonly string[]> {
  const references = new Set([...forFirst(plan).from, ...plan.to].filter(isRegistryCache).map(cacheReference))
  const answers = await Promise.all([...references].map(async (reference) => await isSilent(reference, limitSeconds)))
  return [...references].filter((_, index) => answers[index] === true)
}

async function isSilent(text: string, limitSeconds: number): Promise<boolean> {
  const repository = repositoryAt(text)
  if (repository === undefined) return false
  const client = new HttpClient('stagegate', [], {
    socketTimeout: limitSeconds * 1000,
    allowRetries: false,
    allowRedirects: false
  })
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), limitSeconds * 1000).unref()
  })
  const asked = client
    .head(`${repository.url}/manifests/${repository.tag}`)
    .then((response) => {
      response.message.resume()
      return false
    })
    .catch((error: unknown) => /timeout/i.test(error instanceof Error ? error.message : ''))
  try {
    return await Promise.race([asked, silence])
  } finally {
    clearTimeout(timer)
    client.dispose()
  }
}
