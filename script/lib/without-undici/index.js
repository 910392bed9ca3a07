/**
 * Stands in for undici (package.json, `overrides`). `@actions/http-client`, and with it `@actions/core`, imports it for
 * `getAgentDispatcher`, which neither we nor `@actions/cache` call; loading it took a third of the time to start.
 */
export class ProxyAgent {
  constructor() {
    throw new Error('undici is left out of this bundle: see overrides in package.json')
  }
}
