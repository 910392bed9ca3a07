/** The user's own verdict: `verify` run on each platform's inspected image, before anything leaves. */
import { count } from '../core/units.js'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Ports } from '../ports.js'
import { platformFolder, writeArchive, writeSingleLayout } from '../serve/layout.js'
import type { SingleImage } from '../serve/shelf.js'
import { runVerify } from './command.js'
import { calledFiles, namesArchive, planEnvironment } from './environment.js'

/** How the command ended for one platform. */
export type VerifyResult = {
  readonly platform: string
  readonly seconds: number
  readonly exitCode: number
  readonly timedOut: boolean
  /** The last lines it printed; of a failing one only they are shown in the report. */
  readonly log: readonly string[]
}

/** Documented in docs/smoke-and-verify.md: a scanner that must load its database needs some, and none needs more. */
const VERIFY_SECONDS = 1800

export type VerifyOptions = {
  readonly script: string
  /** What the report calls the image. */
  readonly name: string
  readonly platform: string
  readonly image: SingleImage
  /** `127.0.0.1:PORT/…@sha256:…` */
  readonly reference: string
  /** The environment of the step, and the names in `verify-env`. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly named: readonly string[]
  readonly secret: readonly string[]
  readonly workspace: string
  /** Private folder of the run. */
  readonly folder: string
  /** Path of the JSON report so far. */
  readonly report: string
  readonly onStart: (pid: number) => void
  readonly timeoutSeconds?: number
}

/** Runs the command for one platform. A non-zero exit code is a result. Throws `Cancelled` only. */
export async function verifyImage(
  ports: Pick<Ports, 'log' | 'now' | 'signal'>,
  options: VerifyOptions
): Promise<VerifyResult> {
  const { script, platform, image, workspace } = options
  const startedAt = ports.now()
  const refName = platformFolder(platform)
  const folder = path.join(options.folder, 'verify', refName)
  await mkdir(folder, { recursive: true })
  const layout = path.join(folder, refName)
  await writeSingleLayout(layout, image, refName)
  const archive = path.join(folder, 'image.tar')
  const wantsArchive = namesArchive([script, ...(await textsOf(workspace, calledFiles(script)))])
  if (wantsArchive) await writeArchive(archive, image, { refName, tag: `stagegate-verify:${refName}` })
  const { exitCode, timedOut, log, hidden } = await runVerify({
    ...{ script, folder, onStart: options.onStart, cwd: workspace, signal: ports.signal },
    timeoutSeconds: options.timeoutSeconds ?? VERIFY_SECONDS,
    env: planEnvironment(options.env, options.named, options.secret, {
      image: options.reference,
      ...{ layout, name: options.name, platform, report: options.report },
      ...(wantsArchive ? { archive } : {})
    }),
    onLine: ports.log.untrusted
  })
  if (hidden > 0) ports.log.info(`verify printed ${count(hidden, 'more line')}, not shown here.`)
  return { platform, seconds: (ports.now() - startedAt) / 1000, exitCode, timedOut, log }
}

async function textsOf(workspace: string, files: readonly string[]): Promise<readonly string[]> {
  return Promise.all(files.map((file) => readFile(path.join(workspace, file), 'latin1').catch(() => '')))
}
