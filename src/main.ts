/**
 * The entry of the step. A run starts it once more to ask the Actions cache. Each start loads what it runs, and a cancel
 * is heeded from the first moment on.
 */
import { CACHE_WORKER } from './core/cache_worker.js'

const [, , word] = process.argv

if (word === CACHE_WORKER) {
  const { runCacheWorker } = await import(/* webpackChunkName: "worker" */ './actions-cache/worker.js')
  await runCacheWorker()
} else if (process.env.STATE_isPost === 'true') {
  // Whoever starts this as `post`, as other actions have it, does not build twice.
  await import(/* webpackChunkName: "post" */ './post.js')
} else {
  const cancelling = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancelling.abort())
  const { start } = await import(/* webpackChunkName: "start" */ './start.js')
  await start(cancelling.signal, async (ports, env) => {
    ports.runner.saveState('isPost', 'true')
    const { step } = await import(/* webpackChunkName: "step" */ './step.js')
    if (!(await step(ports, env))) process.exitCode = 1
  })
}
