/** Processes of this machine, known by what stands in their environment: that is what a program hands on to all it starts. */
import { readdir, readFile } from 'node:fs/promises'

/** Ids of those whose environment has it; none where the system does not show environments, as Linux alone does. */
export async function findByEnvironment(has: (environment: Buffer) => boolean): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = pids.map(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`).catch(() => undefined)
    return environment !== undefined && has(environment) ? [pid] : []
  })
  return (await Promise.all(found)).flat()
}
