/** A build on a buildx by script, in a folder of its own. */
import { afterEach, beforeEach } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { noCredentials } from '../../../src/buildkit/command.js'
import { runBuild, type BuildOptions, type BuildRun, type ExportedImage } from '../../../src/gate/build.js'
import { keptLog, scriptedBuildx, type Answer, type Asked } from '../../buildkit/support/buildx.js'
import { buildOf } from '../../builds/support.js'

/** A folder for each test of a file, gone after it. */
export function privateFolder(): { readonly path: string } {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'stagegate-build-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  return {
    get path() {
      return folder
    }
  }
}

/** What a build came to, and what it asked and told. */
export type Outcome = {
  readonly run: BuildRun
  readonly asked: readonly Asked[]
  readonly lines: readonly string[]
  readonly told: readonly ExportedImage[]
  /** Of which it was told that they are being written. */
  readonly begun: readonly ExportedImage[]
}

/** Builds `test` and `production` in the folder, but for what is changed. */
export async function runScripted(
  folder: string,
  answers: readonly (Answer | ((asked: Asked) => Answer))[],
  change: Partial<BuildOptions>
): Promise<Outcome> {
  const { exec, asked } = scriptedBuildx(answers)
  const { log, lines } = keptLog()
  const told: ExportedImage[] = []
  const begun: ExportedImage[] = []
  const options: BuildOptions = {
    base: { build: buildOf({}), credentials: noCredentials },
    plan: { testTargets: ['test'], target: 'production' },
    ...{ cacheFrom: [], env: {}, untrusted: undefined, supplied: [] },
    exporting: { folder, attributes: [], attestations: [], files: [], tags: [], names: [], cacheTo: [] },
    metadataFile: path.join(folder, 'metadata.json'),
    onExporting: (image) => begun.push(image),
    onExported: (image) => told.push(image),
    ...change
  }
  return { run: await runBuild({ exec, log }, options), asked, lines, told, begun }
}
