/**
 * The environment of an end-to-end test: Node's, with the engine of the worker that runs it. `STAGEGATE_ENGINES` has one
 * object of variables a worker; without it all run on the engine of the shell. It is set here, outside of the test's
 * sandbox, since what a test starts without an `env` inherits from the worker itself.
 */
import { TestEnvironment } from 'jest-environment-node'

const { STAGEGATE_ENGINES: engines = '[{}]', JEST_WORKER_ID: worker = '1' } = process.env
Object.assign(process.env, JSON.parse(engines)[Number(worker) - 1])

export default TestEnvironment
