/** The input `call`: a question to the Dockerfile, as `docker buildx build --call` answers it. Nothing is built. */
import type { Builder } from '../buildkit/builder.js'
import { knowsCall } from '../buildkit/builder.js'
import { planAnswer, planCall, type BuildBase } from '../buildkit/command.js'
import { lint } from '../buildkit/preflight.js'
import { buildFromInputs } from '../builds/from_inputs.js'
import type { HandedOver } from '../credentials/credentials.js'
import { Stop } from '../failure/stop.js'
import type { Inputs } from '../inputs/inputs.js'
import type { Journal } from '../journal.js'
import type { Ports } from '../ports.js'

type Question = {
  readonly inputs: Inputs
  readonly handed: HandedOver
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Prints the answer. Stops the run where buildx says that something is wrong, as its exit code does. */
export async function answerCall(
  ports: Pick<Ports, 'exec' | 'log'>,
  builder: Builder,
  { inputs, handed, env }: Question,
  journal: Journal
): Promise<void> {
  const { call } = inputs
  if (call === 'build') return
  const reason = `call is ${call}, which builds nothing`
  journal.gate = { verdict: 'skipped', reason, targets: [] }
  journal.publish = { published: false, reason }
  journal.builder = builder
  if (!knowsCall(builder)) {
    const problem = `buildx ${builder.buildx.text} cannot answer "${call}"`
    const fix = 'Use buildx 0.15 or newer, for example by docker/setup-buildx-action.'
    throw new Stop({ kind: 'input', problems: [{ input: 'call', problem, fix }] })
  }
  const base: BuildBase = {
    build: buildFromInputs(inputs, '', env),
    credentials: handed.flags,
    ...(builder.flag === undefined ? {} : { builder: builder.flag })
  }
  const options = { env: handed.env, timeoutSeconds: 300 }
  const { exitCode, stdout, stderr } = await ports.exec(planAnswer(base, call, inputs.target), options)
  for (const line of stdout.trimEnd().split('\n')) ports.log.untrusted(line)
  if (exitCode === 0) return
  if (call === 'check') journal.lint = await lint(ports.exec, planCall(base, 'check', inputs.target))
  const found = journal.lint.length
  const told = /^ERROR: (.*)$/m.exec(stderr)?.[1] ?? `docker buildx build --call=${call} ended with ${exitCode}`
  throw new Stop({
    kind: 'dockerfile',
    message: found === 0 ? told : `BuildKit's checks found ${found === 1 ? 'a problem' : `${found} problems`}`,
    ...(found === 0
      ? {}
      : {
          fix: 'The log and the annotations name each line. "# check=skip=RULE" on top of the Dockerfile turns a rule off.'
        })
  })
}
