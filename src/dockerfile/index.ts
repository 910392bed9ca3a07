/** The door of this room: a Dockerfile, read once. */
export { credentialOf, mountedCredentials, type MountedCredentials } from './credentials.js'
export { ignoredRules, linesOf, readDirectives } from './directives.js'
export { hasCommand, type Heredoc } from './heredoc.js'
export { mountOptions, mountsIn, mountsOf, type Mount } from './mounts.js'
export { parseDockerfile, type Dockerfile, type Instruction, type Stage } from './parse.js'
export { contextPaths, imagesRead, isToldByContent, mountSources, readsContext, type ImageRead } from './reads.js'
export {
  chainOf,
  findStage,
  parentOf,
  readStages,
  sourcesOf,
  stageNeeds,
  stepsOf,
  targetStage,
  type Source
} from './stages.js'
export { declaredArguments, readArguments, valueOfText, type BuildArguments } from './variables.js'
export { splitFlags, splitRaw, wordsOf } from './words.js'
