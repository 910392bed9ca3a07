/** Reading a job log as its reader would. */
import type { StepResult } from '../../support/runner.js'

/** Fails, with what the step said, unless it ended with this exit code. */
export function expectExit({ exitCode, log }: StepResult, expected: number): void {
  if (exitCode !== expected) throw new Error(`exit code ${exitCode} instead of ${expected}:\n${log.slice(-8000)}`)
}

/** What steps of the build printed as `WORD=…`, once for each time they ran. */
export function printed(log: string, word: string): readonly string[] {
  return [...log.matchAll(new RegExp(`│ ${word}=(\\S+)`, 'g'))].map((match) => match[1] ?? '')
}

/**
 * Steps that did something, as `stage INSTRUCTION`, sorted; neither cached ones nor the base images.
 * @param but a stage that is left out: a red test stops the target beside it, sooner or later
 */
export function ranSteps(log: string, { but = '' }: { readonly but?: string } = {}): readonly string[] {
  const lines = log.split('\n')
  // The builder may start a step and only then find it in the cache.
  const cached = new Set(lines.filter((line) => line.endsWith(' · cached')))
  return lines
    .flatMap((line) => {
      if (cached.has(`${line} · cached`)) return []
      const [, stage, instruction] = /^\[(\S+) +\d+\/\d+\] (\w+)(?!.* · cached$)/.exec(line) ?? []
      return stage === undefined || stage === but || instruction === undefined || instruction === 'FROM'
        ? []
        : [`${stage} ${instruction}`]
    })
    .sort()
}

/** The log without the commands that the runner keeps to itself: values to mask. */
export function withoutMasks(log: string): string {
  return log.replace(/^::add-mask::.*$/gm, '')
}
