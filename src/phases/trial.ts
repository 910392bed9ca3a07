/** Between verdict and publish: the very image is started, and the user's own command looks at it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Build } from '../builds/build.js'
import { redacted } from '../core/own_words.js'
import type { InputProblem } from '../core/problem.js'
import { Stop } from '../failure/stop.js'
import type { Learned, Workflow } from '../findings.js'
import { guardedBy } from '../guard.js'
import type { Inputs } from '../inputs/inputs.js'
import type { SmokeProbe } from '../inputs/smoke.js'
import type { Inspection } from '../inspect/inspect.js'
import type { LeftoverList } from '../leftovers.js'
import type { Occasion } from '../occasion/occasion.js'
import { Cancelled, type Exec, type Ports } from '../ports.js'
import type { Report } from '../report/model.js'
import { toJSON } from '../report/surfaces/json.js'
import { writeArchive } from '../serve/layout.js'
import { serveImage } from '../serve/registry.js'
import { singleImage, type SingleImage } from '../serve/shelf.js'
import { removeForsaken } from '../smoke/forsaken.js'
import { planRemoveImage } from '../smoke/plan.js'
import { checkProbe, smokeImage, type SmokeResult } from '../smoke/smoke.js'
import { verifyImage, type VerifyResult } from '../verify/verify.js'
import type { Built } from './gate.js'
import type { World } from './start.js'
import type { Inspected } from './verdict.js'

/** One platform's image, ready to be tried. */
type Candidate = { readonly platform: string; readonly image: SingleImage; readonly reference: string }

type TrialOptions = {
  readonly build: Pick<Build, 'name'>
  readonly workflow: Workflow
  readonly occasion: Occasion
  readonly env: World['env']
  readonly built: Built
  readonly inspected: Inspected
  /** What the run can tell by now, green as far as it has come. */
  readonly soFar: () => Promise<Report>
  readonly leftovers: LeftoverList
  /** Private folder of the run. */
  readonly folder: string
  /** Of the run: what has to last longer than the trial. */
  readonly cleanup: AsyncDisposableStack
}

/** Whether anything of the kind is asked for. */
export function wantsTrial({ trial }: Inputs): boolean {
  return trial.smoke !== undefined || trial.verify !== ''
}

/** Removes what runs that were killed have left in the engine, while this one builds; also where it then ends red. */
export async function tidyEngine(ports: Pick<Ports, 'exec'>, inputs: Inputs): Promise<void> {
  if (wantsTrial(inputs)) await removeForsaken(ports)
}

/** Smoke and verify at the same time; a failure where one of them says no. */
export async function tryImages(ports: Ports, options: TrialOptions): Promise<Learned> {
  const { workflow, folder, built, inspected } = options
  const { trial } = workflow.inputs
  const { images } = inspected.inspection
  const problem = findProbeProblem(trial.smoke, images)
  if (problem !== undefined) return { failure: { kind: 'input', problems: [problem] } }
  const runsVerify = trial.verify !== '' && !withholds(workflow)
  const content = await built.content()
  await using registry = await serveImage(content)
  // Both use one name in the engine: it goes when neither does any more.
  await using engine = new AsyncDisposableStack()
  const place = await plainFolder(folder, options.leftovers, engine)
  const exec = guarded(ports, folder)
  const candidates = images.map(({ platformName, manifestDigest = '' }): Candidate => {
    const image = singleImage(content, manifestDigest)
    if (image === undefined)
      throw new Stop({ kind: 'engine', message: `the image of ${platformName} has parts missing` })
    return { platform: platformName, image, reference: `${registry.repository}@${manifestDigest}` }
  })
  const report = path.join(folder, 'verify-report.json')
  await writeFile(report, JSON.stringify(toJSON(redacted(await options.soFar(), workflow.redact))))
  if (trial.smoke !== undefined || runsVerify) {
    // An engine that is to have the image keeps all of it until then, and pulls and unpacks nothing again.
    const until = built.publication.loads.length === 0 ? engine : options.cleanup
    for (const { reference } of candidates) {
      options.leftovers.addImage(reference)
      until.defer(() => removeImage(exec, reference))
    }
  }
  // A red one of them ends by itself, and so does the other: what both say is worth knowing. One that breaks ends the other.
  const trouble = new AbortController()
  const watched = { ...ports, exec, signal: AbortSignal.any([ports.signal, trouble.signal]) }
  const part = <T>(wanted: boolean, act: (one: Candidate) => Promise<T>): Promise<readonly T[] | undefined> =>
    wanted
      ? each(candidates, act).catch((error: unknown) => {
          trouble.abort()
          throw error
        })
      : Promise.resolve(undefined)
  const both = [
    part(trial.smoke !== undefined, (one) => smokeOne(watched, options, one)),
    part(runsVerify, (one) => verifyOne(watched, { ...options, folder: place }, one, report))
  ] as const
  await Promise.allSettled(both)
  const [smoke, verify] = await Promise.all(both)
  for (const result of smoke ?? []) {
    if (result.result === 'skipped') continue
    ports.log.info(`smoke ${result.platform}: ${result.result === 'passed' ? result.words : result.reason}`)
  }
  return {
    notes: notesOn(options, runsVerify, smoke),
    ...(smoke === undefined ? {} : { smoke }),
    ...(verify === undefined ? {} : { verify }),
    ...failed(smoke, verify)
  }
}

function findProbeProblem(probe: SmokeProbe | undefined, images: Inspection['images']): InputProblem | undefined {
  if (probe === undefined) return undefined
  const wrong = images.map(({ config }) => checkProbe(probe, config.healthcheck)).find((found) => found !== undefined)
  return wrong === undefined ? undefined : { input: 'smoke', ...wrong }
}

function notesOn(
  { workflow, env }: Pick<TrialOptions, 'workflow' | 'env'>,
  runsVerify: boolean,
  smoke: readonly SmokeResult[] = []
): readonly string[] {
  const { trust } = workflow.trustPlan
  const { verify, verifyEnv } = workflow.inputs.trial
  // A secret that does not exist is an empty variable.
  const absent = runsVerify && trust.trusted ? verifyEnv.filter((name) => (env[name] ?? '') === '') : []
  return [
    ...absent.map(
      (name) => `verify ran without ${name}, which verify-env names: it has no value in the env: of this step.`
    ),
    ...(verify === '' || runsVerify || trust.trusted
      ? []
      : [`verify did not run, because it would run code from outside the repository: ${trust.reason}.`]),
    ...smoke.flatMap((result) =>
      result.result === 'skipped' ? [`No smoke test of ${result.platform}: ${result.reason}.`] : []
    )
  ]
}

function failed(smoke: readonly SmokeResult[] = [], verify: readonly VerifyResult[] = []): Pick<Learned, 'failure'> {
  const down = smoke.filter(({ result }) => result === 'failed')
  if (down.length > 0) return { failure: { kind: 'smoke', results: down } }
  if (smoke.length > 0 && smoke.every(({ result }) => result === 'skipped')) {
    const platforms = smoke.map(({ platform }) => platform).join(', ')
    return {
      failure: {
        kind: 'engine',
        message: `no smoke test could run: the engine runs none of ${platforms}`,
        fix: 'Run the job on a runner of one of these platforms, set up emulation (docker/setup-qemu-action), or remove smoke.'
      }
    }
  }
  const vetoes = verify.filter(({ exitCode }) => exitCode !== 0)
  return vetoes.length === 0 ? {} : { failure: { kind: 'verify', results: vetoes } }
}

/** The command is the workflow's and its scripts are the pull request's: with the repository's own rights it runs nothing. */
function withholds({ trustPlan: { trust } }: Workflow): boolean {
  return !trust.trusted && trust.withholds
}

function smokeOne(
  ports: Ports,
  { workflow, folder, leftovers }: TrialOptions,
  { platform, image, reference }: Candidate
): Promise<SmokeResult> {
  const { smoke, smokeEnv, smokeTimeoutSeconds } = workflow.inputs.trial
  const variables = withholds(workflow) ? [] : smokeEnv
  if (smoke === undefined) throw new Error('no smoke')
  return smokeImage(ports, {
    ...{ probe: smoke, variables, timeoutSeconds: smokeTimeoutSeconds, platform, reference, folder, leftovers },
    writeArchive: async (tag) => {
      const file = path.join(folder, `${tag.replace(':', '-')}.tar`)
      await writeArchive(file, image, { refName: 'inspected', tag })
      return file
    }
  })
}

function verifyOne(
  ports: Ports,
  { build, workflow, occasion, folder, leftovers, env }: TrialOptions,
  { platform, image, reference }: Candidate,
  report: string
): Promise<VerifyResult> {
  const { inputs, credentials, trustPlan } = workflow
  const { verify, verifyEnv } = inputs.trial
  const secret = credentials.sensitive.map(({ value }) => value.toString('utf8'))
  return verifyImage(ports, {
    ...{ script: verify, name: build.name, platform, image, reference, env, secret, folder, report },
    named: trustPlan.trust.trusted ? verifyEnv : [],
    workspace: occasion.workspace,
    onStart: (pid) => leftovers.addGroup({ pid, folder })
  })
}

/** A folder without the signs at which tools cut a path, which the runner's own may have: `/home/ci@corp`. */
async function plainFolder(folder: string, leftovers: LeftoverList, cleanup: AsyncDisposableStack): Promise<string> {
  if (!/[:@,]/.test(folder)) return folder
  const plain = await mkdtemp(path.join(os.tmpdir(), 'stagegate-'))
  leftovers.addFolder(plain)
  cleanup.defer(() => rm(plain, { recursive: true, force: true }))
  return plain
}

/** The programs that it starts are known as the run's, by the guard and by `post`: none goes on where the run was killed. */
function guarded({ exec }: Pick<Ports, 'exec'>, folder: string): Exec {
  return (command, options) => exec(command, { ...options, env: { ...guardedBy(folder), ...options?.env } })
}

/** Where nobody has pulled it there is nothing to remove. A cancelled run removes nothing any more; its `post` does. */
async function removeImage(exec: Exec, reference: string): Promise<void> {
  await exec(planRemoveImage(reference), { timeoutSeconds: 60 }).catch((error: unknown) => {
    if (!(error instanceof Cancelled)) throw error
  })
}

/** One after the other: memory and ports are for one. */
async function each<T>(candidates: readonly Candidate[], act: (one: Candidate) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = []
  for (const candidate of candidates) results.push(await act(candidate))
  return results
}
