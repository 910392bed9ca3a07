/**
 * What went wrong, told apart. Each kind has its own headline and advice (`src/report/`), so that the reader of a red
 * run learns in one line whether the code, the Dockerfile, the registry or the machine is to blame.
 */
import type { ImageMismatch } from '../compare/twice.js'
import type { LeakFinding } from '../image/index.js'
import type { RuleResult } from '../judge/index.js'
import type { InputProblem } from '../core/problem.js'
import type { Step } from '../core/step.js'
import type { SmokeResult } from '../smoke/smoke.js'
import type { VerifyResult } from '../verify/verify.js'

/** A secret or an ssh id that a RUN mounts. */
export type Credential = { readonly credential: 'secret' | 'ssh'; readonly id: string }

/** The lines of heredocs as the Dockerfile has them, the words that end them included. */
export type Script = {
  readonly lines: readonly string[]
  /** How many lines more there are. */
  readonly more: number
}

export type Failure =
  | { readonly kind: 'input'; readonly problems: readonly InputProblem[] }
  /** A step of a test target's own stage ended with a non-zero exit code, or left one in the files of its report. */
  | {
      readonly kind: 'test'
      readonly step: Step
      readonly exitCode: number
      readonly line?: number
      readonly reported?: boolean
      /** What the step mounts and the build was not given. Absent where that is nothing. */
      readonly lacking?: readonly Credential[]
      /** What stands below an instruction with heredocs. */
      readonly script?: Script
    }
  /** A step outside the test stages ended with a non-zero exit code, or COPY found no source. */
  | {
      readonly kind: 'build'
      readonly step?: Step
      readonly exitCode?: number
      readonly line?: number
      readonly message: string
      /** Both as in a test. */
      readonly lacking?: readonly Credential[]
      readonly script?: Script
    }
  /** The Dockerfile cannot be parsed, names a stage that is not there, or breaks a check it declared an error. */
  | { readonly kind: 'dockerfile'; readonly message: string; readonly line?: number; readonly fix?: string }
  /** A base image cannot be had, or the push was refused. */
  | {
      readonly kind: 'registry'
      readonly reference?: string
      readonly message: string
      readonly line?: number
      /** Where more is known than a login or a name can mend. */
      readonly fix?: string
    }
  /** Docker, the builder or the machine: not there, died, out of memory or disk. */
  | { readonly kind: 'engine'; readonly message: string; readonly fix?: string }
  /** Words that are not known: whose they are is all that can be said. */
  | { readonly kind: 'unrecognised'; readonly message: string; readonly speaker: 'BuildKit' | 'buildx' }
  /** The image is not what was tested, or what arrived is not what was inspected. `cause` is a clause. */
  | { readonly kind: 'mismatch'; readonly cause: string; readonly fix?: string }
  /** A mounted secret or ssh id is required and was not supplied. */
  | (Credential & {
      readonly kind: 'credential'
      readonly line?: number
      /** The linked target that requires it, where it is not the build's own Dockerfile. */
      readonly linked?: string
    })
  /** A test stage could not be built: the run was not given a secret or key that it needs. Nobody knows if tests pass. */
  | { readonly kind: 'untested'; readonly stages: readonly string[] }
  /** A secret or a private key is in the image. Findings name ids, places and encodings, never a value. */
  | { readonly kind: 'leak'; readonly findings: readonly LeakFinding[] }
  /** The image breaks a limit of its budget; `broken` holds only such rules. */
  | { readonly kind: 'budget'; readonly broken: readonly RuleResult[] }
  /** The image did not start, or did not answer; `results` holds only the platforms that failed. */
  | { readonly kind: 'smoke'; readonly results: readonly SmokeResult[] }
  /** The user's own command said no; `results` holds only the platforms of which it did. */
  | { readonly kind: 'verify'; readonly results: readonly VerifyResult[] }
  /** A second build made a different image; `differences` holds only the platforms of which it did. `timed`: with `reproducible`. */
  | { readonly kind: 'irreproducible'; readonly differences: readonly ImageMismatch[]; readonly timed: boolean }
  /** The run was cancelled from outside. */
  | { readonly kind: 'cancelled' }
  /** A defect of ours. */
  | { readonly kind: 'internal'; readonly message: string }

/** A registry failure is a push or a pull; the message tells, and a pull has the line of its `FROM`. */
export function isPush(failure: Extract<Failure, { kind: 'registry' }>): boolean {
  return failure.line === undefined && /\bpush|\b(?:post|put|patch) request/i.test(failure.message)
}
