/** Advice on what a container of the image runs, and as whom. */
import { chainOf } from '../dockerfile/index.js'
import { splitPair } from '../core/pair.js'
import { at, ownInstructions, type OnImage } from './rule.js'

/** A password in the address of a variable's value: BuildKit goes by the names of variables. */
export const credentialInEnv: OnImage = ({ config }, examined) => {
  const told = new Set(
    examined.subject.lint.filter(({ rule }) => rule === 'SecretsUsedInArgOrEnv').map(({ line }) => line)
  )
  return config.env.flatMap((variable) => {
    const { name, value = '' } = splitPair(variable)
    // A value of asterisks is one that was replaced, or a placeholder.
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:(?!\*+@)[^\s/@$]+@/i.test(value)) return []
    const line = ownInstructions(examined, ['ENV']).find(({ rest }) =>
      new RegExp(`(?:^|\\s)${RegExp.escape(name)}(?:=|\\s)`).test(rest)
    )?.line
    if (line !== undefined && told.has(line)) return []
    return [
      {
        rule: 'CredentialInEnv',
        subject: name,
        message: `The variable \`${name}\` has a password in its address, for everyone who can pull the image`,
        fix: `Pass it when the container starts (\`docker run --env ${name}\`), or to one step with \`RUN --mount=type=secret,id=…,env=${name}\`.`,
        ...at(line)
      }
    ]
  })
}

/** Nobody said as whom the program runs, or root was meant. */
export const runsAsRoot: OnImage = ({ config, report }, examined) => {
  const user = config.user ?? ''
  if (!/^(?:|root|0+)(?::.*)?$/.test(user)) return []
  const said = ownInstructions(examined, ['USER'])[0]
  const stage = chainOf(examined.dockerfile, examined.subject.target)[0]
  const isWindows = report.platform.startsWith('windows/')
  if (isWindows && user === '') return []
  // What starts as root may give its rights away: an entry point with gosu does.
  const message =
    said !== undefined
      ? `The image starts as root: its last \`USER\` is \`${said.rest}\``
      : user === ''
        ? 'The image starts as root: no `USER` is set'
        : `The image starts as root: its base image sets \`USER ${user}\``
  return [
    {
      rule: 'RunsAsRoot',
      subject: '',
      message,
      fix: isWindows
        ? 'End the stage with `USER ContainerUser`.'
        : 'End the stage with `USER 10001:10001`, or with a user that an earlier step made; it needs access to what the program reads and writes.',
      ...at(said?.line ?? stage?.line)
    }
  ]
}

/** Programs that fetch from anywhere, and that the image does not run. */
export const clients: OnImage = ({ report: { figures, layers }, config }) => {
  const run = [...(config.entrypoint ?? []), ...(config.cmd ?? []), ...(config.healthcheck ?? [])]
  // What a script runs is not known.
  if (run.some((command) => /\.(?:ba|z)?sh\b|entry-?point/i.test(command))) return []
  const own = figures.clients.filter(({ base, name }) => !base && !runsProgram(run, name))
  const byLayer = Map.groupBy(own, ({ layer }) => layer)
  return [...byLayer].map(([index, programs]) => {
    const names = [...new Set(programs.map(({ name }) => name))]
    return {
      rule: 'NetworkClientInImage',
      subject: names.join(),
      message: `${names.map((name) => `\`${name}\``).join(', ')} ${names.length === 1 ? 'is' : 'are'} in the final image, at hand for whoever breaks in`,
      fix: `If your program runs without ${names.length === 1 ? 'it' : 'them'}, fetch in an earlier stage and copy the result, or use \`ADD --checksum=…\`.`,
      ...at(layers[index]?.line)
    }
  })
}

/** Whether a command line, in either form, runs a program: `curl`, `/usr/bin/curl`, `sh -c \"curl -f … || exit 1\"`. */
function runsProgram(commands: readonly string[], program: string): boolean {
  const word = new RegExp(`(?:^|[\\s;&|(\`"'/=])${RegExp.escape(program)}(?=$|[\\s;&|)\`"'])`)
  return commands.some((command) => word.test(command))
}
