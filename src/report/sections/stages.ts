/** The gate and the build, stage by stage: what ran, what came from the cache, where the cache broke. */
import type { Step } from '../../core/step.js'
import { briefInstruction } from '../format/instruction.js'
import { capped, type Detail } from '../format/ladder.js'
import { lineLink } from '../format/links.js'
import { code, html, sections, table, unbroken, type Column } from '../format/markdown.js'
import type { GateTarget, BuildView, StageReport } from '../model.js'
import { count, duration } from '../../core/units.js'
import { testWords } from './tests.js'

/** All steps of the run and how many of them came from the cache. */
export function cachedSteps(report: BuildView): { readonly cached: number; readonly steps: number } {
  return {
    cached: report.stages.reduce((sum, stage) => sum + stage.cached, 0),
    steps: report.stages.reduce((sum, stage) => sum + stage.steps, 0)
  }
}

/** For the title where the build is folded; HTML. */
export function buildSummary(report: BuildView): string {
  const { cached, steps } = cachedSteps(report)
  return html(`Build: ${cached} of ${count(steps, 'step')} from cache`)
}

/** The table of stages; `undefined` when there is none to show. */
export function renderStages(report: BuildView, detail: Detail): string | undefined {
  if (report.stages.length === 0) return undefined
  const { shown, more } = capped(report.stages, detail.rows)
  const columns: readonly Column[] = [
    { title: 'Stage', align: 'left' },
    { title: 'Result', align: 'left' },
    { title: 'Ran', align: 'right' },
    { title: 'Cached', align: 'right' },
    ...(shown.some((stage) => stage.firstToRun !== undefined)
      ? [{ title: 'First to run', align: 'left' } as const]
      : [])
  ]
  const rows = shown.map((stage) => [
    stageName(stage),
    stageResult(report, stage),
    unbroken(stage.seconds > 0 ? duration(stage.seconds) : '–'),
    unbroken(`${stage.cached} of ${stage.steps}`),
    stage.firstToRun === undefined ? '' : stepCode(report, stage.firstToRun)
  ])
  return sections([table(columns, rows), more === 0 ? undefined : `And ${count(more, 'more stage')}.`])
}

function stageName(stage: StageReport): string {
  const name = stage.name === '' ? '*(unnamed)*' : code(stage.name, 60)
  return stage.role === 'other' ? name : `**${name}**\u00a0${stage.role === 'test' ? 'gate' : 'image'}`
}

function stageResult(report: BuildView, stage: StageReport): string {
  const target = report.gate.targets.find((each) => each.stage === stage.name)
  const tests = testWords(report, stage.name)
  if (stage.role === 'test' && target !== undefined) {
    return [gateResult(target), ...(tests === undefined ? [] : [tests])].join(': ')
  }
  // What failed, was stopped or never began is not built, whatever of it came from the cache.
  const states = report.steps.flatMap((step) => ((step.stage ?? '') === stage.name ? [step.state] : []))
  if (states.includes('failed')) return 'failed'
  if (states.includes('cancelled')) return 'not built'
  if (states.includes('waiting')) return endedWell(report) ? 'built or from cache' : 'not built'
  return stage.cached === stage.steps ? 'from cache' : 'built'
}

/** Whether all that was asked for was built, whatever became of it: then what nobody has told of was there as well. */
function endedWell({ steps, images, outcome }: BuildView): boolean {
  if (steps.some(({ state }) => state === 'failed' || state === 'cancelled')) return false
  return images.length > 0 || outcome.kind === 'green'
}

/** The result of a test target in words. */
export function gateResult(target: GateTarget): string {
  switch (target.result) {
    case 'ran':
      return 'passed'
    case 'cached':
      return 'passed (cached)'
    case 'failed':
      return 'failed'
    case 'cancelled':
      return 'stopped'
    case 'skipped':
      return 'not run'
  }
}

/** `[41](…) COPY ./app /app`. */
export function stepCode(report: BuildView, step: Step, max = 44): string {
  return [lineLink(report.source, step.line), code(briefInstruction(step.instruction), max)]
    .filter((part) => part !== '')
    .join(' ')
}
