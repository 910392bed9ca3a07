/** What the action's entry does when it is started as the worker. */
import { runCacheWorker } from '../../../src/actions-cache/worker.js'
import { CACHE_WORKER } from '../../../src/core/cache_worker.js'

const [, , first, ...rest] = process.argv
if (first !== CACHE_WORKER) throw new Error('not asked to be the worker')
await runCacheWorker(rest)
