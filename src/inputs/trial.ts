/** What is tried on the finished image before it leaves: `smoke` and `verify`, with what belongs to them. */
import type { Grammar } from './grammar.js'
import { isSwitch, parseDuration, parseSmoke, parseVariable, type SmokeProbe, type SmokeVariable } from './smoke.js'

export type TrialInputs = {
  /** Absent where nobody asks for one. */
  readonly smoke?: SmokeProbe
  readonly smokeEnv: readonly SmokeVariable[]
  readonly smokeTimeoutSeconds: number
  /** Text of a shell script; empty for none. */
  readonly verify: string
  /** Variables of the step that the command gets although they look like secrets. */
  readonly verifyEnv: readonly string[]
}

const SMOKE_SECONDS = 60

export function parseTrial(read: (name: string) => string, { text, lines, list, report }: Grammar): TrialInputs {
  const smoke = text('smoke') === '' ? undefined : parseSmoke(text('smoke'))
  if (smoke !== undefined && 'problem' in smoke) report('smoke', smoke.problem, smoke.fix)
  const smokeEnv = lines('smoke-env').flatMap((line, index) => {
    const variable = parseVariable(line)
    // The line may hold a value that is nobody's business.
    if (variable === undefined)
      report('smoke-env', `line ${index + 1} is not NAME=VALUE`, 'Write one NAME=VALUE a line.')
    return variable ?? []
  })
  const timeout = text('smoke-timeout')
  const seconds = timeout === '' ? SMOKE_SECONDS : parseDuration(timeout)
  if (seconds === undefined) {
    report('smoke-timeout', `"${timeout}" is not a duration of up to an hour`, 'Write it as "90s", "2m" or "1m30s".')
  }
  const verify = read('verify').trim() === '' ? '' : read('verify')
  if (verify !== '' && (isSwitch(verify.trim()) || saysNothing(verify))) {
    const problem = saysNothing(verify) ? 'it has no command' : `"${verify.trim()}" does not look at the image`
    report('verify', problem, 'Write the command that says whether the image may leave, or leave verify out.')
  }
  const verifyEnv = list('verify-env').filter((name) => {
    if (/^[A-Za-z_]\w*$/.test(name)) return true
    report(
      'verify-env',
      'an entry is not the name of a variable',
      "Write names alone; the values are in the step's env:."
    )
    return false
  })
  if (text('smoke') === '' && smokeEnv.length > 0) {
    report('smoke-env', 'there is no smoke to use it', 'Set smoke, or remove smoke-env.')
  }
  if (verify === '' && verifyEnv.length > 0) {
    report('verify-env', 'there is no verify to use it', 'Set verify, or remove verify-env.')
  }
  return {
    ...(smoke === undefined || 'problem' in smoke ? {} : { smoke }),
    ...{ smokeEnv, verify, verifyEnv, smokeTimeoutSeconds: seconds ?? SMOKE_SECONDS }
  }
}

/** Whether a script is nothing but comments: a shell ends that with 0. */
function saysNothing(script: string): boolean {
  return script.split('\n').every((line) => /^\s*(?:#.*)?$/.test(line))
}
