/** The door of this room: a Dockerfile, read once. */
export { ignoredRules } from './directives.js'
export { hasCommand, type Heredoc } from './heredoc.js'
export { mountsOf, type Mount } from './mounts.js'
export { parseDockerfile, type Dockerfile, type Instruction, type Stage } from './parse.js'
export { contextPaths, imagesRead, readsContext, type ImageRead } from './reads.js'
export { chainOf, findStage, parentOf, sourcesOf, stageNeeds, stepsOf, targetStage, type Source } from './stages.js'
export { declaredArguments, readArguments, type BuildArguments } from './variables.js'
export { wordsOf } from './words.js'
