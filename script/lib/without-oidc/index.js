/**
 * Stands in for `@actions/http-client` below `@actions/core` (package.json, `overrides`), which imports it to ask for ID
 * tokens. Nothing here does, and loading HTTP and TLS took a third of what the entry needed to start. (A path of `overrides`
 * is taken from the package above it, hence the dots there.)
 */
class LeftOut {
  constructor() {
    throw new Error('ID tokens are left out of this bundle: see overrides in package.json')
  }
}
export { LeftOut as BearerCredentialHandler, LeftOut as HttpClient }
