/**
 * A stage whose files are exported although the tests failed (`test-report-target`): JUnit files, and a file with the exit code
 * of the tests. The build of such a stage never fails by itself, so this file has the verdict: without it nothing passed.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isWork, sameStage, type Step } from '../core/step.js'
import type { Progress } from '../core/progress.js'
import { bytes } from '../core/units.js'
import type { Failure } from '../failure/failure.js'
import { defaultLimits, tarReader } from '../image/index.js'
import type { FoundFile } from '../test_reports/collect.js'
import type { PlannedTarget } from './targets.js'

/** What a report stage has exported on one platform. */
export type StageExport = {
  readonly stage: string
  /** As in `platforms`; empty for the builder's own. */
  readonly platform: string
  /** Name of the target of the bake call. */
  readonly target: string
  readonly files: readonly FoundFile[]
  readonly verdict: ExportVerdict
}

/** What the exit code says: of several files one that is not 0 counts. */
export type ExportVerdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly exitCode: number }
  /** There is no such file, or one that holds no exit code. */
  | { readonly kind: 'missing' | 'unreadable' }
  | { readonly kind: 'too-large'; readonly bytes: number }

/** How the file with the exit code may be called. */
const CODE_FILE = /(?:^|\/)exit[-_]?code(?:\.txt)?$/i

/** An export that is larger holds more than reports. */
const MOST_BYTES = 256 * 2 ** 20

/** A number needs no more. */
const CODE_BYTES = 64

/** Reads what the report stages of a call have exported. Of a red call the ones that had come to their end. */
export async function readExports(targets: readonly PlannedTarget[], ok: boolean): Promise<readonly StageExport[]> {
  const read: StageExport[] = []
  for (const target of targets) {
    if (target.role !== 'test' || target.exported === undefined) continue
    try {
      const { stage, platform, name, exported } = target
      read.push({ stage, platform, target: name, ...(await readExport(exported)) })
    } catch (error) {
      if (ok) throw error // a build that went well has written them whole
    }
  }
  return read
}

async function readExport(archive: string): Promise<Pick<StageExport, 'files' | 'verdict'>> {
  const { size } = await stat(archive)
  if (size > MOST_BYTES) return { files: [], verdict: { kind: 'too-large', bytes: size } }
  const places: { readonly path: string; readonly at: number; readonly size: number }[] = []
  const reader = tarReader(
    {
      entry({ type, path, size: length, storedSize, dataOffset }) {
        const name = path.toString('utf8').replace(/^(?:\.?\/)+/, '')
        const leaves = name.split('/').some((part) => part === '' || part === '..' || part.length > 200)
        if (type === 'file' && length === storedSize && !leaves)
          places.push({ path: name, at: dataOffset, size: length })
      },
      content: () => undefined,
      entryEnd: () => undefined
    },
    defaultLimits
  )
  for await (const chunk of createReadStream(archive, { highWaterMark: 1 << 20 })) reader.write(chunk as Buffer)
  reader.end()
  const files = places.map(({ path, at, size: length }): FoundFile => ({
    path,
    size: length,
    read: () =>
      length === 0 ? createReadStream('/dev/null') : createReadStream(archive, { start: at, end: at + length - 1 })
  }))
  const isCode = ({ path }: FoundFile): boolean => CODE_FILE.test(path)
  return { files: files.filter((file) => !isCode(file)), verdict: await readVerdict(files.filter(isCode)) }
}

async function readVerdict(files: readonly FoundFile[]): Promise<ExportVerdict> {
  if (files.length === 0) return { kind: 'missing' }
  let verdict: ExportVerdict = { kind: 'passed' }
  for (const file of files) {
    const text = file.size > CODE_BYTES ? '' : (await textOf(file)).trim()
    if (!/^\d{1,3}$/.test(text)) return { kind: 'unreadable' }
    if (verdict.kind === 'passed' && Number(text) !== 0) verdict = { kind: 'failed', exitCode: Number(text) }
  }
  return verdict
}

async function textOf(file: FoundFile): Promise<string> {
  let text = ''
  for await (const chunk of file.read()) text += chunk.toString('utf8')
  return text
}

/** The failure that the exit codes tell of; `undefined` where all are 0. */
export function judgeExports(
  exports: readonly StageExport[],
  images: readonly string[],
  progress: Pick<Progress, 'steps' | 'builtFor'>
): Failure | undefined {
  const write =
    'Write it where the tests run, "RUN pytest --junitxml=/out/junit.xml; echo $? > /out/exit-code", and copy'
  for (const { stage, verdict, target } of exports) {
    const refuse = (problem: string, fix: string): Failure => ({
      kind: 'input',
      problems: [{ input: 'test-report-target', problem: `the stage "${stage}" ${problem}`, fix }]
    })
    switch (verdict.kind) {
      case 'passed':
        break
      case 'missing':
        return refuse(
          'exports no file "exit-code", so it is not known whether the tests passed',
          `${write} the folder here.`
        )
      case 'unreadable':
        return refuse('has an exit-code file that holds no exit code', `${write} that file alone.`)
      case 'too-large':
        return refuse(
          `exports ${bytes(verdict.bytes)} of files`,
          'Let it begin with "FROM scratch", and copy nothing but the reports into it.'
        )
      case 'failed': {
        const { exitCode } = verdict
        const step = testStep(stage, target, images, progress)
        if (step === undefined) return refuse(`says that the tests ended with ${exitCode}`, 'Mend the tests.')
        return { kind: 'test', step, exitCode, reported: true }
      }
    }
  }
  return undefined
}

/** The step that ran the tests: the last command that the stage needs and the image does not. */
function testStep(
  stage: string,
  target: string,
  images: readonly string[],
  progress: Pick<Progress, 'steps' | 'builtFor'>
): Step | undefined {
  const own = ownSteps(target, images, progress)
  const isRun = ({ instruction }: Step): boolean => /^RUN\s/i.test(instruction)
  return (
    own.findLast((step) => isRun(step) && step.state !== 'cached') ??
    own.findLast(isRun) ??
    own.findLast((step) => sameStage(step.stage ?? '', stage)) ??
    own.at(-1)
  )
}

/** Whether no command of the tests ran now: a stage that only collects is copied anew at times, and cached at others. */
export function isCachedExport(
  { target }: Pick<StageExport, 'target'>,
  images: readonly string[],
  progress: Pick<Progress, 'steps' | 'builtFor'>
): boolean {
  return ownSteps(target, images, progress).every(({ state }) => state === 'cached')
}

function ownSteps(
  target: string,
  images: readonly string[],
  { steps, builtFor }: Pick<Progress, 'steps' | 'builtFor'>
): readonly Step[] {
  return steps.filter((step) => {
    const targets = builtFor.get(step.vertex) ?? []
    return isWork(step) && targets.includes(target) && !images.some((image) => targets.includes(image))
  })
}

/** The stages whose tests did not pass by their exit code. */
export function failedStages(exports: readonly StageExport[]): readonly string[] {
  return exports.flatMap(({ stage, verdict }) => (verdict.kind === 'passed' ? [] : [stage]))
}
