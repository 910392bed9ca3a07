/** What a workflow asks for: the inputs of action.yml as values, which the rest of the program trusts. `parse.ts` reads them. */
import type { Links } from '../core/linked.js'
import type { BuildContext } from '../core/source.js'
import type { Budget } from '../judge/index.js'
import type { BakeOrigin } from './bake.js'
import type { CompareTo } from './compare_to.js'
import type { OutputEntry } from './outputs.js'
import type { SecretSource } from './secrets.js'
import type { TrialInputs } from './trial.js'

/** `--ssh` entries: an id, and a socket or key files, or neither for "the agent". */
export type SSHEntry = { readonly id: string; readonly path?: string }

export type Inputs = {
  /** `build`, or a question to the Dockerfile that is answered instead. */
  readonly call: 'build' | 'check' | 'outline' | 'targets'
  readonly context: BuildContext
  /** As given; empty means `Dockerfile` in the context. */
  readonly file: string
  readonly target: string
  /** The stage of `test-report-target` is one of them. */
  readonly testTargets: readonly string[]
  /** Empty for none. */
  readonly testReportTarget: string
  readonly testCache: 'reuse' | 'rerun'
  /** What a run is whose test stage could not be built for want of a credential. */
  readonly untested: 'fail' | 'pass'

  readonly tags: readonly string[]
  readonly push: boolean
  readonly load: boolean
  readonly outputs: readonly OutputEntry[]

  readonly buildArgs: readonly string[]
  readonly buildContexts: readonly string[]
  /** Where they come from, if it is a bake file. */
  readonly bake?: BakeOrigin
  /** The other targets of a bake file that this one starts or copies from. */
  readonly links: Links
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
  readonly platforms: readonly string[]
  readonly pull: boolean
  readonly noCache: boolean
  readonly noCacheFilters: readonly string[]
  /** Seconds that a cached layer may be old before its stage is built again; absent for any age. */
  readonly refreshAfter: number | undefined
  readonly network: string
  readonly addHosts: readonly string[]
  readonly allow: readonly string[]
  readonly shmSize: string
  readonly ulimit: readonly string[]
  readonly cgroupParent: string
  /** Value for `--provenance`; empty for what docker/build-push-action writes. */
  readonly provenance: string
  readonly sbom: string
  readonly attests: readonly string[]
  /** The times in the image are those of the commit, which `buildArgs` then has as `SOURCE_DATE_EPOCH`. */
  readonly reproducible: boolean
  /** The image is built a second time before it leaves, and has to be the same. */
  readonly verifyReproducible: boolean

  readonly builder: string
  readonly cacheImage: string
  readonly cacheMode: 'auto' | 'read-write' | 'read' | 'off'
  readonly cacheFrom: readonly string[]
  readonly cacheTo: readonly string[]
  readonly cacheMounts: boolean

  readonly secrets: readonly SecretSource[]
  readonly ssh: readonly SSHEntry[]
  readonly sshPrivateKey: string
  readonly sshPassphrase: string
  readonly sshKnownHosts: string
  readonly sshAgentScope: 'build' | 'job'
  readonly githubToken: string
  readonly budget: Budget
  /** Paths, `/folder/**` and fingerprints of private keys that may be in the image. */
  readonly leakIgnore: readonly string[]
  readonly reportName: string
  readonly compareTo: CompareTo
  readonly comment: 'auto' | 'true' | 'false'
  readonly trial: TrialInputs
  /** Context name of the commit status; empty for none. */
  readonly commitStatus: string
}

/** Whether anything is to leave the builder: a push, a load, or an output of the user's. */
export function wantsExport(inputs: Pick<Inputs, 'push' | 'load' | 'outputs'>): boolean {
  return inputs.push || inputs.load || inputs.outputs.length > 0
}

/**
 * Tests, and nothing that asks for an image: no target, nothing to publish, no tags that another event would publish, no
 * limit that only an image can keep, and nobody to try it. "Run the tests on every commit."
 */
export function isGateOnly(inputs: Inputs): boolean {
  const isLimited = Object.entries(inputs.budget).some(([rule, limit]) => rule !== 'leakCheck' && limit !== undefined)
  const names = inputs.target !== '' || inputs.tags.length > 0
  const isTried = inputs.trial.smoke !== undefined || inputs.trial.verify !== ''
  return inputs.testTargets.length > 0 && !names && !isLimited && !isTried && !wantsExport(inputs)
}
