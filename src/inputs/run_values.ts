/** What a RUN finds around it: hosts, limits, memory that is shared. buildx would refuse it only when the build begins. */
import { isIP } from 'node:net'
import { didYouMean, type Grammar } from './grammar.js'

/** `HOST:ADDRESS` or `HOST=ADDRESS`; an address is `host-gateway`, or one or more of IP, which may be in brackets. */
export function parseAddHosts({ list, report }: Grammar): readonly string[] {
  return list('add-hosts').filter((entry) => {
    const [, host = '', address = ''] = /^([^=]*)=(.*)$/s.exec(entry) ?? /^([^:]*):(.*)$/s.exec(entry) ?? []
    if (host !== '' && (address === 'host-gateway' || address.split(',').every(isAddress))) return true
    report(
      'add-hosts',
      `"${entry.replace(/\s+/g, ' ')}" is not a host and its address`,
      'Write each as HOST:IP, with a comma or a new line between two: "db:10.0.0.2", "db:[::1]" or "db:host-gateway".'
    )
    return false
  })
}

function isAddress(text: string): boolean {
  const bare = /^\[(.+)\]$/.exec(text)?.[1] ?? text
  return isIP(bare) > 0 && !bare.includes('%')
}

/** As docker has them: https://github.com/docker/go-units/blob/master/ulimit.go */
const ULIMITS = 'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
  ' '
)

/** `NAME=SOFT` or `NAME=SOFT:HARD`; -1 is no limit. */
export function parseUlimits({ lines, report }: Grammar): readonly string[] {
  return lines('ulimit').filter((entry) => {
    const [, name = '', soft = '', hard = soft] = /^([^=]*)=([+-]?\d+)(?::([+-]?\d+))?$/.exec(entry) ?? []
    const refuse = (problem: string, fix: string): boolean => {
      report('ulimit', `"${entry}" ${problem}`, fix)
      return false
    }
    if (soft === '') return refuse('is not a limit', 'Write each on a line of its own, as in "nofile=1024:2048".')
    if (!ULIMITS.includes(name)) {
      return refuse('limits nothing that there is', `Use ${ULIMITS.join(', ')}.${didYouMean(name, ULIMITS)}`)
    }
    const isOver = Number(hard) !== -1 && (Number(soft) === -1 || Number(soft) > Number(hard))
    return (
      !isOver || refuse('has a soft limit above the hard one', 'Write the soft limit first, as in "nofile=1024:2048".')
    )
  })
}

/** A number of bytes with a unit; empty for what the builder has. */
export function parseShmSize({ text, report }: Grammar): string {
  const value = text('shm-size')
  if (value === '' || /^(?:\d+\.?\d*|\.\d+) ?(?:b|[kmgtp](?:i?b)?)?$/i.test(value)) return value
  report('shm-size', `"${value}" is not a size`, 'Write a number and its unit, as in "64m" or "2g".')
  return ''
}
