/**
 * The action's entry. The runner starts it for the step and again for its `post`, and a run starts it once more to ask
 * the Actions cache. Each start loads what it runs; a `post` that has nothing to do loads nothing.
 */
import { CACHE_WORKER } from './core/cache_worker.js'

const [, , word] = process.argv
// State of the step: https://docs.github.com/actions/reference/workflow-commands-for-github-actions#sending-values-to-the-pre-and-post-actions
const { STATE_isPost: isPost, STATE_leftovers: leftovers = '' } = process.env

if (word === CACHE_WORKER) {
  const { runCacheWorker } = await import(/* webpackChunkName: "worker" */ './actions-cache/worker.js')
  await runCacheWorker()
} else if (isPost !== 'true' || leftovers !== '') {
  const { start } = await import(/* webpackChunkName: "start" */ './start.js')
  await start()
}
