/** What the phases of a run hand to each other. */
import type { Builder } from '../buildkit/builder.js'
import type { BuildPlan } from '../gate/plan.js'
import type { BuildMetadata } from '../buildkit/provenance.js'
import type { KeepOptions, lookAtImported } from '../cache/keep.js'
import type { SettledCache } from '../cache/settle.js'
import type { ComparisonOptions, Fetched } from '../baseline/comparison.js'
import type { Context } from '../occasion/context.js'
import type { Credentials, HandedOver } from '../credentials/credentials.js'
import type { Recorder } from '../explain/explain.js'
import type { ReadInput } from '../inputs/grammar.js'
import type { Inputs, Look } from '../inputs/inputs.js'
import type { Folders } from '../inputs/outputs.js'
import type { Journal } from '../journal.js'
import type { LeftoverBook } from '../leftovers.js'
import type { MountsSession } from '../mounts/mounts.js'
import type { Command, Ports } from '../ports.js'
import type { LintFinding } from '../buildkit/preflight.js'
import type { TrustPlan } from '../occasion/trust.js'

/** What a run reads: the environment, the inputs as given, which inputs action.yml declares, and what paths are. */
export type World = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly read: ReadInput
  readonly declaredInputs: readonly string[]
  readonly look: Look
  readonly folders?: Folders
  /** This program once more, as the process that talks to the Actions cache. */
  readonly cacheWorker: Command
}

/** What the end of a run needs beside the journal, whether or not the run got that far. */
export type Told = {
  redact: (text: string) => string
  /** For what was made of redacted values and words of ours. */
  redactAgain?: (text: string) => string
  metadata?: BuildMetadata
}

/** What the workflow asked for, checked. */
export type Asked = { readonly inputs: Inputs; readonly trustPlan: TrustPlan; readonly credentials: Credentials }

/** What the pre-flight settled: who builds, what, and with which cache. */
export type Flight = { readonly builder: Builder; readonly plan: BuildPlan; readonly settled: SettledCache }

/** Everything the later phases share. */
export type Scene = {
  readonly ports: Ports
  readonly asked: Asked
  readonly context: Context
  readonly journal: Journal
  readonly told: Told
  readonly handed: HandedOver
  readonly flight: Flight
  readonly folder: string
  readonly look: Look
  readonly env: World['env']
  readonly book: LeftoverBook
  readonly linting: Promise<readonly LintFinding[]>
  readonly comparison: ComparisonOptions
  readonly fetching: Promise<Fetched | undefined>
  readonly imported: ReturnType<typeof lookAtImported>
  readonly recorder: Recorder
  readonly mounts?: MountsSession
}

/** What writing the layer cache takes, in whichever phase it is written. */
export function keepOptions({ asked, journal, flight, handed, folder, imported }: Scene): KeepOptions {
  const { plan, settled } = flight
  const { steps, provenance, cache } = journal
  return {
    ...{ base: plan.base, plan: plan.gate, settled, env: handed.env, folder, imported },
    built: { steps, provenance, imports: cache.imports },
    ...(asked.inputs.budget.leakCheck === 'fail'
      ? { sensitive: asked.credentials.sensitive, ignoredKeys: asked.inputs.leakIgnore }
      : {})
  }
}
