/** The JUnit files that a stage has exported (`test-report-target`), as a report; and the findings of both ways as one. */
import { cp, rm } from 'node:fs/promises'
import path from 'node:path'
import { without } from '../core/json.js'
import { collectTests, folderName, type FoundFile } from './collect.js'
import { mergeTests, noTests, totalOf, type ParsedTests, type StageTests, type TestFindings } from './model.js'
import { located } from './place.js'

/** What a stage has exported on one platform; `platform` is empty for the builder's own. */
export type ExportedFiles = {
  readonly stage: string
  readonly platform: string
  readonly cached: boolean
  readonly files: readonly FoundFile[]
}

type ExportedOptions = {
  /** Where the files go; removed again where there are none. */
  readonly folder: string
  readonly redact: (text: string) => string
  /** Whether a path, from the repository's root, is a file. */
  readonly exists: (file: string) => boolean
}

/** Reads them; `undefined` where no stage was to export any. */
export async function readExported(
  exports: readonly ExportedFiles[],
  { folder, redact, exists }: ExportedOptions
): Promise<TestFindings | undefined> {
  if (exports.length === 0) return undefined
  const stages: (StageTests & Pick<ParsedTests, 'outcomes'>)[] = []
  let complete = true
  for (const { stage, platform, cached, files } of exports) {
    const place = path.join(folder, folderName(stage), ...(platform === '' ? [] : [folderName(platform)]))
    const { tests, files: read } = await collectTests(files, { folder: place, redact })
    // A whole file without a test is known in full: there was none.
    complete &&= read > 0 && tests.omissions.length === 0
    const missing = read === 0 ? 'exported no JUnit file' : 'exported JUnit files without a test'
    stages.push({
      ...tests,
      ...{ stage, cached, files: read },
      ...(platform === '' ? {} : { platform }),
      failing: tests.failing.map((test) => located(test, exists)),
      omissions: tests.omissions.length > 0 || totalOf(tests.counts) > 0 ? tests.omissions : [`${stage} ${missing}.`]
    })
  }
  const files = stages.reduce((sum, stage) => sum + stage.files, 0)
  if (files === 0) await rm(folder, { recursive: true, force: true })
  return {
    stages: stages.map((stage) => without(stage, 'outcomes')),
    outcomes: mergeTests(stages).outcomes,
    complete,
    ...(files === 0 ? {} : { folder })
  }
}

/** What was read in either way, as one: the files of the other are copied beside those of the first. */
export async function joinFindings(
  one: TestFindings | undefined,
  other: TestFindings | undefined
): Promise<TestFindings | undefined> {
  if (one === undefined || other === undefined) return one ?? other
  const folder = one.folder ?? other.folder
  if (one.folder !== undefined && other.folder !== undefined) await cp(other.folder, one.folder, { recursive: true })
  const { outcomes } = mergeTests([one, other].map(({ outcomes }) => ({ ...noTests, outcomes })))
  return {
    stages: [...one.stages, ...other.stages],
    outcomes,
    complete: one.complete && other.complete,
    ...(folder === undefined ? {} : { folder })
  }
}
