/** What the action's entry does when it is started as the worker. */
import { CACHE_WORKER, runCacheWorker } from '../../../src/actions-cache/worker.js'

const [, , first, ...rest] = process.argv
if (first !== CACHE_WORKER) throw new Error('not asked to be the worker')
await runCacheWorker(rest)
