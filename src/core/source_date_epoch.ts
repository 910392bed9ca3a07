/** The variable, and the build argument, with the one time that is written into an image. https://reproducible-builds.org/docs/source-date-epoch/ */
import { splitPair } from './pair.js'

export const SOURCE_DATE_EPOCH = 'SOURCE_DATE_EPOCH'

/** Whether a build argument, `NAME=VALUE` or `NAME`, is that time. */
export function isSourceDateEpoch(argument: string): boolean {
  return splitPair(argument).name === SOURCE_DATE_EPOCH
}
