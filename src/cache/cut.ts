/**
 * The Dockerfile that keeps what a red build has built: the user's text, cut before the step that failed, with one stage
 * appended that copies nothing from all that is complete. BuildKit exports no cache for a build that fails, but it does
 * for this one, in which nothing is left to run.
 */
import { planGateDockerfile, type GateDockerfile } from '../gate/gate_stage.js'

/** How far a build got. */
export type Progressed = {
  /** Names of the stages all of whose steps are done. */
  readonly complete: readonly string[]
  /** The stage of the step that failed, by name or index, and the 1-based line where that step starts. */
  readonly failed?: { readonly stage: string; readonly line: number }
}

/**
 * Plans the file; a reason where there is nothing to keep or no way to keep it.
 * @param mark of the build, as in `Appendix` of the gate
 */
export function planRetryDockerfile(
  dockerfile: Buffer,
  { complete, failed }: Progressed,
  mark: string
): GateDockerfile {
  const cut = failed === undefined ? undefined : cutBefore(dockerfile, failed.line)
  const stages = [...complete, ...(cut === undefined || failed === undefined ? [] : [failed.stage])]
  if (stages.length === 0) return { ok: false, reason: 'no stage is complete' }
  return planGateDockerfile(cut ?? dockerfile, stages, mark)
}

/**
 * Ends a stage before a line: from there on its steps belong to a stage that nobody asks for. All other text stays, so
 * stages further down are still there. `undefined` where a stage is meant by its index, which would be another then, and
 * where no step starts on that line.
 */
function cutBefore(dockerfile: Buffer, line: number): Buffer | undefined {
  const text = dockerfile.toString('latin1')
  if (/\bfrom=\d+(?![\w.:/-])|^[ \t]*FROM[ \t]+\d+(?![\w.:/-])/im.test(text)) return undefined
  const lines = text.split('\n')
  const step = lines[line - 1]
  if (step === undefined || !/^[ \t]*(?:RUN|COPY|ADD|WORKDIR)\b/i.test(step)) return undefined
  const end = step.endsWith('\r') ? '\r' : ''
  return Buffer.from([...lines.slice(0, line - 1), `FROM scratch${end}`, ...lines.slice(line - 1)].join('\n'), 'latin1')
}
