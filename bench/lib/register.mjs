/** Lets node run the sources as they are: `./x.js` in an import is `./x.ts` on disk. */
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) => {
    const own = context.parentURL !== undefined && !context.parentURL.includes('/node_modules/')
    return next(own && /^\.{1,2}\/.*\.js$/.test(specifier) ? specifier.replace(/\.js$/, '.ts') : specifier, context)
  }
})
