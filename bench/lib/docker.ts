import { spawn } from 'node:child_process'

/** Runs docker to its end; the error has the end of what it said. */
export function docker(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, { stdio: ['ignore', 'ignore', 'pipe'], env })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-5000)))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`docker ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${errors}`))
    })
  })
}

/** The middle one; the lower of the two in the middle where their number is even. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((x, y) => x - y)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN
}
