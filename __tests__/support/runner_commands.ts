/**
 * The commands that a GitHub runner would carry out, read from what a step printed, by the rules of the runner:
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs and Runner.Worker/ActionCommandManager.cs
 */

export type RunnerCommand = { readonly name: string; readonly data: string; readonly line: string }

/** Of the current runner; an older one knows no `notice`. */
const commandNames = [
  ...['add-mask', 'add-matcher', 'add-path', 'debug', 'echo', 'endgroup', 'error', 'group', 'notice', 'remove-matcher'],
  ...['save-state', 'set-env', 'set-output', 'stop-commands', 'warning', 'internal-set-repo-path']
]

/**
 * What .NET passes over when it looks for a text within another in a culture's way, as `IndexOf(string)` and
 * `StartsWith(string)` do: characters without width or weight.
 */
const weightless = /[\0\p{Cf}\p{Mn}\p{Default_Ignorable_Code_Point}\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]/gu

/** The commands in the order in which they are carried out. */
export function readCommands(printed: string, { without = [] }: { readonly without?: readonly string[] } = {}) {
  const registered = new Set(commandNames.filter((name) => !without.includes(name)))
  const commands: RunnerCommand[] = []
  let token: string | undefined
  // StreamReader.ReadLine ends a line at \n, \r and \r\n.
  for (const line of printed.split(/\r\n|\r|\n/)) {
    const command = parseSecond(line, registered) ?? parseFirst(line, registered)
    if (command === undefined) continue
    if (token !== undefined) {
      if (command.name.toLowerCase() !== token.toLowerCase()) continue
      registered.delete(token)
      token = undefined
    } else {
      commands.push(command)
      if (command.name.toLowerCase() !== 'stop-commands') continue
      token = command.data
      registered.add(token)
    }
  }
  return commands
}

type Registered = ReadonlySet<string>

/** `::name key=value,…::data`, after white space (`TryParseV2`). */
function parseSecond(line: string, registered: Registered): RunnerCommand | undefined {
  const message = line.replace(weightless, '').replace(/^[\s\u0085]+/, '')
  if (!message.startsWith('::')) return undefined
  const end = message.indexOf('::', 2)
  if (end < 0) return undefined
  return known(message.slice(2, end).split(' ')[0] ?? '', message.slice(end + 2), line, registered)
}

/** `##[name key=value;…]data`, anywhere (`TryParse`). */
function parseFirst(line: string, registered: Registered): RunnerCommand | undefined {
  const message = line.replace(weightless, '')
  const start = message.indexOf('##[')
  const end = start < 0 ? -1 : message.indexOf(']', start)
  if (end < 0) return undefined
  return known(message.slice(start + 3, end).split(' ')[0] ?? '', message.slice(end + 1), line, registered)
}

function known(name: string, data: string, line: string, registered: Registered): RunnerCommand | undefined {
  const is = [...registered].some((each) => each.toLowerCase() === name.toLowerCase())
  return is
    ? { name, data: data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%'), line }
    : undefined
}
