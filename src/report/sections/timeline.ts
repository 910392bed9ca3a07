/** When what ran: a picture where GitHub draws it, and the same facts as a table beside it. */
import type { Step } from '../../core/step.js'
import { briefInstruction } from '../format/instruction.js'
import { capped, type Detail } from '../format/ladder.js'
import { code, mermaidLabel, sections, table, text, unbroken } from '../format/markdown.js'
import type { BuildView } from '../model.js'
import { stepCode } from './stages.js'
import { count, duration } from '../../core/units.js'

/** Bars in the picture; more cannot be read. */
const MOST_BARS = 30

/** What takes less is not drawn: it would be a hairline with a label. */
const SHORTEST_BAR_SECONDS = 0.05

/** Rows of the table beside it. */
const SLOWEST = 10

type Timed = Step & { readonly startedAt: number }

/** The body of the timeline section; `undefined` when nothing ran. */
export function renderTimeline(report: BuildView, detail: Detail): string | undefined {
  const ran = report.steps.filter(isTimed)
  if (ran.length === 0 && report.seconds.phases.length === 0) return undefined
  return sections([detail.timeline ? gantt(report, ran) : undefined, slowest(report, ran), phaseList(report)])
}

/** For the title of its fold; HTML. */
export function timelineTitle({ steps }: BuildView): string {
  return steps.some(isTimed) ? 'Timeline and slowest steps' : 'Timeline'
}

/** Whether a step ran long enough to have a place in the timeline. */
function isTimed(step: Step): step is Timed {
  return step.startedAt !== undefined && step.state !== 'cached' && step.seconds >= SHORTEST_BAR_SECONDS
}

/**
 * The oldest grammar of mermaid's gantt: no ids, no tags, start and end as milliseconds. `%s` is seconds since the
 * epoch and the epoch is the start of the run, so the axis reads right in every time zone.
 */
function gantt(report: BuildView, ran: readonly Timed[]): string {
  const longest = [...ran].sort((a, b) => b.seconds - a.seconds).slice(0, MOST_BARS)
  const drawn = longest.sort((a, b) => a.startedAt - b.startedAt)
  const zero = origin(report, ran)
  const stages = [...new Set(drawn.map((step) => step.stage ?? ''))]
  const bar = (label: string, start: number, seconds: number): string => {
    const from = Math.max(0, Math.round(start * 1000))
    return `    ${label} :${from}, ${from + Math.max(1, Math.round(seconds * 1000))}`
  }
  const stageLines = stages.flatMap((stage) => [
    `    section ${sectionName(stage)}`,
    ...drawn
      .filter((step) => (step.stage ?? '') === stage)
      .map((step) => bar(stepLabel(report, step), (step.startedAt - zero) / 1000, step.seconds))
  ])
  const phases = report.seconds.phases.filter((phase) => phase.seconds >= SHORTEST_BAR_SECONDS)
  const phaseLines = phases.map((phase) =>
    bar(mermaidLabel(phase.name, 24).replace(/^step /, ''), phase.start, phase.seconds)
  )
  return [
    '```mermaid',
    'gantt',
    '    dateFormat x',
    '    axisFormat %s s',
    ...stageLines,
    ...(phaseLines.length === 0 ? [] : ['    section the run', ...phaseLines]),
    '```'
  ].join('\n')
}

/** The start of the run; without it, the steps are put at the start of the phase that holds them. */
function origin(report: BuildView, ran: readonly Timed[]): number {
  if (report.startedAt !== undefined) return report.startedAt
  const first = ran.reduce((earliest, step) => Math.min(earliest, step.startedAt), Infinity)
  const build = report.seconds.phases.find((phase) => /build|gate/i.test(phase.name))
  return Number.isFinite(first) ? first - (build?.start ?? 0) * 1000 : 0
}

function sectionName(stage: string): string {
  const label = mermaidLabel(stage, 24).replace(/^step ?/, '')
  return label === '' ? 'build' : label
}

function stepLabel(report: BuildView, step: Timed): string {
  const instruction = briefInstruction(step.instruction)
  if (!several(report) || step.platform === undefined) return mermaidLabel(instruction)
  return `${mermaidLabel(instruction, 36)} ${mermaidLabel(step.platform, 24).replace(/^step ?/, '')}`
}

function slowest(report: BuildView, ran: readonly Timed[]): string | undefined {
  if (ran.length === 0) return undefined
  const ordered = [...ran].sort((a, b) => b.seconds - a.seconds)
  const { shown, more } = capped(ordered, SLOWEST)
  const rows = shown.map((step) => [
    unbroken(duration(step.seconds)),
    stepCode(report, step),
    step.stage === undefined ? '' : code(step.stage, 60),
    ...(several(report) ? [step.platform === undefined ? '' : code(step.platform, 40)] : [])
  ])
  const columns = [
    { title: 'Ran', align: 'right' },
    { title: 'Step', align: 'left' },
    { title: 'Stage', align: 'left' },
    ...(several(report) ? [{ title: 'Platform', align: 'left' } as const] : [])
  ] as const
  return sections([table(columns, rows), more === 0 ? undefined : `And ${count(more, 'quicker step')}.`])
}

function several(report: BuildView): boolean {
  return report.images.length > 1
}

function phaseList(report: BuildView): string | undefined {
  const phases = report.seconds.phases
  if (phases.length === 0) return undefined
  const parts = phases.map((phase) => `${text(phase.name, 60)} ${unbroken(duration(phase.seconds))}`)
  return `The run: ${parts.join(' · ')}`
}
