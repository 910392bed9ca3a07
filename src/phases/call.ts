/** The input `call`: a question to the Dockerfile, as `docker buildx build --call` answers it. Nothing is built. */
import { knowsCall, type Builder } from '../buildkit/builder.js'
import { planAnswer, planCall, type BuildBase } from '../buildkit/command.js'
import { lint } from '../buildkit/preflight.js'
import type { Build } from '../builds/build.js'
import type { SuppliedCredentials } from '../credentials/credentials.js'
import type { Learned } from '../findings.js'
import type { Inputs } from '../inputs/inputs.js'
import type { Ports } from '../ports.js'

type Question = {
  readonly inputs: Inputs
  readonly build: Build
  readonly supplied: SuppliedCredentials
}

/** What is known of a run that only asks, before it has. */
export function nothingToBuild({ call }: Inputs, builder: Builder): Learned {
  const reason = `call is ${call}, which builds nothing`
  return { builder, gate: { verdict: 'skipped', reason, targets: [] }, publish: { published: false, reason } }
}

/** Prints the answer. It is a failure where buildx says that something is wrong, as its exit code does. */
export async function answerCall(
  ports: Pick<Ports, 'exec' | 'log'>,
  builder: Builder,
  { inputs, build, supplied }: Question
): Promise<Learned> {
  const { call } = inputs
  const { target } = build
  if (call === 'build') return {}
  if (!knowsCall(builder)) {
    const problem = `buildx ${builder.buildx.text} cannot answer "${call}"`
    const fix = 'Use buildx 0.15 or newer, for example by docker/setup-buildx-action.'
    return { failure: { kind: 'input', problems: [{ input: 'call', problem, fix }] } }
  }
  const base: BuildBase = {
    build,
    credentials: supplied.flags,
    ...(builder.flag === undefined ? {} : { builder: builder.flag })
  }
  const options = { env: supplied.env, timeoutSeconds: 300 }
  const { exitCode, stdout, stderr } = await ports.exec(planAnswer(base, call, target), options)
  for (const line of stdout.trimEnd().split('\n')) ports.log.untrusted(line)
  if (exitCode === 0) return {}
  const findings = call === 'check' ? await lint(ports.exec, planCall(base, 'check', target)) : []
  const said = /^ERROR: (.*)$/m.exec(stderr)?.[1] ?? `docker buildx build --call=${call} ended with ${exitCode}`
  if (findings.length === 0) return { lint: findings, failure: { kind: 'dockerfile', message: said } }
  return {
    lint: findings,
    failure: {
      kind: 'dockerfile',
      message: `BuildKit's checks found ${findings.length === 1 ? 'a problem' : `${findings.length} problems`}`,
      fix: 'The log and the annotations name each line. "# check=skip=RULE" on top of the Dockerfile turns a rule off.'
    }
  }
}
