/** Between verdict and publish: the very image is started, and the user's own command looks at it. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Stop } from '../failure/stop.js'
import { ImageError } from '../image/index.js'
import type { Inspection } from '../inspect/inspect.js'
import { readContent, type Content } from '../registry/content.js'
import { redacted } from '../core/own_words.js'
import { writeArchive } from '../serve/layout.js'
import { serveImage } from '../serve/registry.js'
import { singleImage, type SingleImage } from '../serve/shelf.js'
import { checkProbe, smokeImage, type SmokeResult } from '../smoke/smoke.js'
import { verifyImage, type VerifyResult } from '../verify/verify.js'
import type { Passed } from './gate.js'
import type { Scene } from './scene.js'

/** One platform's image, ready to be tried. */
type Candidate = { readonly platform: string; readonly image: SingleImage; readonly reference: string }

/** Whether anything of the kind is asked for. */
export function wantsTrial({ asked }: Pick<Scene, 'asked'>): boolean {
  const { trial } = asked.inputs
  return trial.smoke !== undefined || trial.verify !== ''
}

/** Smoke and verify at the same time; throws a `Stop` where one of them says no. */
export async function tryImage(scene: Scene, passed: Passed, inspection: Inspection): Promise<void> {
  const { asked, journal, folder, ports, env } = scene
  const { trial } = asked.inputs
  const probe = trial.smoke
  for (const { config } of probe === undefined ? [] : inspection.images) {
    const wrong = probe === undefined ? undefined : checkProbe(probe, config.healthcheck)
    if (wrong !== undefined) throw new Stop({ kind: 'input', problems: [{ input: 'smoke', ...wrong }] })
  }
  const content = await contentOf(scene, passed)
  await using registry = await serveImage(content)
  const candidates = inspection.images.map(({ platformName, manifestDigest = '' }): Candidate => {
    const image = singleImage(content, manifestDigest)
    if (image === undefined)
      throw new Stop({ kind: 'engine', message: `the image of ${platformName} has parts missing` })
    return { platform: platformName, image, reference: `${registry.repository}@${manifestDigest}` }
  })
  const report = path.join(folder, 'verify-report.json')
  // What is known so far; the whole report is written at the end.
  const soFar = { gate: journal.gate, images: journal.images, verdict: journal.verdict }
  await writeFile(report, JSON.stringify(redacted(soFar, scene.told.redact)))
  // The command is the workflow's and its scripts are the pull request's: with the repository's own rights it runs nothing.
  const { trust } = asked.trustPlan
  const runsVerify = trial.verify !== '' && !withholds(scene)
  if (trial.verify !== '' && !runsVerify && !trust.trusted) {
    journal.notes.push(`verify did not run, since it would run what a stranger wrote: ${trust.reason}.`)
  }
  const [smoke, verify] = await Promise.all([
    probe === undefined ? undefined : each(candidates, (one) => smokeOne(scene, one)),
    !runsVerify ? undefined : each(candidates, (one) => verifyOne(scene, one, { env, report }))
  ])
  if (smoke !== undefined) journal.smoke = smoke
  if (verify !== undefined) journal.verify = verify
  for (const result of smoke ?? []) {
    if (result.result === 'skipped') journal.notes.push(`No smoke test of ${result.platform}: ${result.reason}.`)
    else ports.log.info(`smoke ${result.platform}: ${result.result === 'passed' ? result.words : result.reason}`)
  }
  const down = (smoke ?? []).filter((result) => result.result === 'failed')
  if (down.length > 0) throw new Stop({ kind: 'smoke', results: down })
  if (smoke?.every(({ result }) => result === 'skipped') === true) {
    const reason = smoke.map(({ platform }) => platform).join(', ')
    throw new Stop({
      kind: 'engine',
      message: `no smoke test could run: the engine runs none of ${reason}`,
      fix: 'Run the job on a runner of one of these platforms, set up emulation (docker/setup-qemu-action), or remove smoke.'
    })
  }
  const vetoes = (verify ?? []).filter(({ exitCode }) => exitCode !== 0)
  if (vetoes.length > 0) throw new Stop({ kind: 'verify', results: vetoes })
}

function withholds({ asked }: Scene): boolean {
  const { trust } = asked.trustPlan
  return !trust.trusted && trust.withholds
}

function smokeOne(scene: Scene, { platform, image, reference }: Candidate): Promise<SmokeResult> {
  const { ports, asked, folder, book } = scene
  const { smoke, smokeEnv, smokeTimeoutSeconds } = asked.inputs.trial
  const variables = withholds(scene) ? [] : smokeEnv
  if (smoke === undefined) throw new Error('no smoke')
  return smokeImage(ports, {
    ...{ probe: smoke, variables, timeoutSeconds: smokeTimeoutSeconds, platform, reference, folder, book },
    writeArchive: async (tag) => {
      const file = path.join(folder, `${tag.replace(':', '-')}.tar`)
      await writeArchive(file, image, { refName: 'inspected', tag })
      return file
    }
  })
}

function verifyOne(
  { ports, asked, context, folder, book }: Scene,
  { platform, image, reference }: Candidate,
  { env, report }: { readonly env: Readonly<Record<string, string | undefined>>; readonly report: string }
): Promise<VerifyResult> {
  const { verify, verifyEnv } = asked.inputs.trial
  const secret = asked.credentials.sensitive.map(({ value }) => value.toString('utf8'))
  return verifyImage(ports, {
    ...{ script: verify, platform, image, reference, env, secret, folder, report },
    named: asked.trustPlan.trust.trusted ? verifyEnv : [],
    workspace: context.workspace,
    onStart: (pid) => book.addGroup({ pid, folder })
  })
}

/** One after the other: memory and ports are for one. */
async function each<T>(candidates: readonly Candidate[], act: (one: Candidate) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = []
  for (const candidate of candidates) results.push(await act(candidate))
  return results
}

/** What was inspected: the layout or, on the classic image store, the archive that docker saved. */
async function contentOf({ folder, ports }: Scene, { images, publication, classicTag }: Passed): Promise<Content> {
  try {
    const places = images.map((image) => image.path)
    if (classicTag === undefined) return await readContent(places, publication.indexAnnotations)
    const layout = path.join(folder, 'saved')
    await mkdir(layout, { recursive: true })
    await ports.exec({ file: 'tar', args: ['-xf', places[0] ?? '', '-C', layout] })
    return await readContent([layout])
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    throw new Stop({ kind: 'engine', message: `the image cannot be handed on: ${error.message}` })
  }
}
