/** Looking at processes through /proc, as anybody on the machine could. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process with its arguments, joined by spaces. */
export type RunningProcess = { readonly pid: number; readonly command: string }

/** Processes whose command line holds `text`; a zombie has none. */
export function processesWith(text: string): readonly RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command.includes(text))
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return '' // It ended in between.
  }
}

/** Polls until `probe` gives something other than false or undefined, and gives that. */
export async function until<T>(
  what: string,
  seconds: number,
  probe: () => T | Promise<T>
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const found = await probe()
    if (found !== false && found !== undefined) return found as Exclude<T, false | undefined>
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`)
    await sleep(50)
  }
}

/** Watches the command lines of all processes of the machine until it is told to end. */
export type CommandLineWatch = AsyncDisposable & {
  /** Ends the watch. Every command line that was seen, in the bytes of /proc with NUL as a space. */
  readonly seen: () => Promise<readonly string[]>
}

// In a process of its own: a busy test process would miss those that live a few milliseconds.
const WATCHER = `
const { readdirSync, readFileSync } = require('node:fs')
const seen = new Set()
process.stdin.once('data', () => { process.stdout.write(JSON.stringify([...seen]), () => process.exit()) })
process.stdin.once('end', () => process.exit())
const look = () => {
  const until = Date.now() + 20
  while (Date.now() < until) {
    for (const name of readdirSync('/proc')) {
      if (!/^\\d/.test(name) || Number(name) === process.pid) continue
      try { seen.add(readFileSync('/proc/' + name + '/cmdline', 'latin1').replaceAll('\\0', ' ')) } catch {}
    }
  }
  setImmediate(look)
}
process.stdout.write('watching\\n')
look()
`

/** Starts watching; the first look is over when this resolves. */
export async function watchCommandLines(): Promise<CommandLineWatch> {
  const child = spawn(process.execPath, ['-e', WATCHER], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  await once(child.stdout, 'data')
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const end = async (): Promise<void> => {
    if (!child.stdin.writableEnded) child.stdin.end('end\n')
    await closed
  }
  return {
    seen: async () => {
      await end()
      return JSON.parse(output) as readonly string[]
    },
    [Symbol.asyncDispose]: end
  }
}
