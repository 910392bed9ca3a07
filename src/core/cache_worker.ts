/** Argument by which the entry knows that it is to be a worker of the Actions cache. */
export const CACHE_WORKER = 'stagegate-cache-worker'
