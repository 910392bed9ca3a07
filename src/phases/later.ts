/**
 * What a run needs from its build on: more than half of the program. It is loaded while docker is asked about its builder,
 * so that nobody waits for it; a step that is refused for an input loads it for its report alone.
 */
export { answerCall, nothingToBuild } from './call.js'
export { keepOthers } from './keep.js'
export { build, examine } from './pass.js'
export { release } from './release.js'
export { makeReport } from './report.js'
export { tidyEngine } from './trial.js'
