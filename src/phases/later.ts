/**
 * What a run needs from its build on: more than half of the program. It is loaded while docker is asked about its builder,
 * so that nobody waits for it; a step that is refused for an input loads it for its report alone.
 */
export { keepUnpublished, prepareCache } from '../cache/keep.js'
export { judgeUntested } from '../gate/judge.js'
export { layersOf } from '../inspect/inspect.js'
export { answerCall, nothingToBuild } from './call.js'
export { fetchEarlier } from './earlier.js'
export { buildAndTest, saveClassic } from './gate.js'
export { keepRed, learnedOfCache, planKeeping } from './keep.js'
export { release } from './release.js'
export { makeReport } from './report.js'
export { readTests, takeOutMounts } from './tests.js'
export { tidyEngine, tryImages, wantsTrial } from './trial.js'
export { buildTwice } from './twice.js'
export { findBreach, inspectImages, judgeImages } from './verdict.js'
