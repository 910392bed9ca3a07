/** Builds as the inputs of a step ask for them. */
import type { Build } from '../../src/builds/build.js'
import { buildFromInputs } from '../../src/builds/from_inputs.js'
import type { Inputs } from '../../src/inputs/inputs.js'
import { inputsOf, type Given } from '../inputs/support.js'

/** The build of a step without mistakes; `change` goes over its inputs. */
export function buildOf(given: Given = {}, change: Partial<Inputs> = {}): Build {
  return buildFromInputs({ ...inputsOf(given), ...change }, 'app', {})
}
