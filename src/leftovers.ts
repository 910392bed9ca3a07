/** What a run must end or remove, remembered in the runner's state so that `post` can do it when the run could not. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { removeBuilderCommand, removeImageCommand } from './buildkit/builder.js'
import { asArray, asString, dig, parseJSON } from './core/json.js'
import type { Ports } from './ports.js'
import { endAgent, endProcesses, findProcesses, parseLeftover, type AgentLeftover } from './ssh/end.js'

/** Plain data, no secrets: it is written to the runner's state file. */
export type Leftovers = {
  readonly agents: readonly AgentLeftover[]
  readonly folders: readonly string[]
  readonly builders: readonly string[]
  /** Tags in the local engine. */
  readonly images: readonly string[]
}

/** Collects leftovers; each addition is saved at once, since the next instruction may be the last one. */
export type LeftoverBook = {
  readonly addAgent: (agent: AgentLeftover) => void
  readonly addFolder: (folder: string) => void
  readonly addBuilder: (name: string) => void
  /** It is another step's after all. */
  readonly dropBuilder: (name: string) => void
  readonly addImage: (tag: string) => void
}

const stateName = 'leftovers'
const prefix = 'stagegate-'

export function keepLeftovers(runner: Pick<Ports['runner'], 'saveState'>): LeftoverBook {
  let leftovers: Leftovers = { agents: [], folders: [], builders: [], images: [] }
  const save = (changed: Leftovers): void => {
    leftovers = changed
    runner.saveState(stateName, JSON.stringify(leftovers))
  }
  return {
    addAgent: (agent) => save({ ...leftovers, agents: [...leftovers.agents, agent] }),
    addFolder: (folder) => save({ ...leftovers, folders: [...leftovers.folders, folder] }),
    addBuilder: (name) => save({ ...leftovers, builders: [...leftovers.builders, name] }),
    dropBuilder: (name) => save({ ...leftovers, builders: leftovers.builders.filter((other) => other !== name) }),
    addImage: (tag) => save({ ...leftovers, images: [...leftovers.images, tag] })
  }
}

/** Reads saved leftovers back; anything that is not ours is dropped. */
export function parseLeftovers(text: string): Leftovers {
  const json = parseJSON(text)
  const strings = (key: string): readonly string[] => asArray(dig(json, key)).flatMap((value) => asString(value) ?? [])
  return {
    agents: asArray(dig(json, 'agents')).flatMap((agent) => parseLeftover(JSON.stringify(agent)) ?? []),
    folders: strings('folders').filter((folder) => path.isAbsolute(folder) && path.basename(folder).startsWith(prefix)),
    builders: strings('builders').filter((name) => name.startsWith(prefix)),
    images: strings('images').filter((tag) => tag.startsWith(prefix))
  }
}

/** Ends and removes them all; what is gone already is no error. One that cannot be removed does not keep the others. */
export async function endLeftovers(ports: Pick<Ports, 'exec'>, leftovers: Leftovers): Promise<readonly string[]> {
  const results = await Promise.allSettled([
    ...leftovers.agents.map((agent) => endAgent(ports, agent)),
    ...leftovers.folders.map((folder) => endFolder(ports, folder)),
    ...leftovers.builders.map(async (name) => {
      const { exitCode, stderr } = await ports.exec(removeBuilderCommand(name), { timeoutSeconds: 60 })
      if (exitCode !== 0 && !/no builder .* found/.test(stderr)) {
        throw new Error(`the builder ${name} could not be removed: ${stderr.trim()}`)
      }
    }),
    ...leftovers.images.map((tag) => ports.exec(removeImageCommand(tag), { timeoutSeconds: 30 }))
  ])
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return []
    return [result.reason instanceof Error ? result.reason.message : String(result.reason)]
  })
}

/**
 * Removes a folder, after the builds that work in it: a run that was killed did not end its own, and they hold secrets in
 * their environment. They are known by the folder's random name on their command line.
 */
async function endFolder({ exec }: Pick<Ports, 'exec'>, folder: string): Promise<void> {
  await endProcesses(await findProcesses(exec, `${folder}${path.sep}`))
  await rm(folder, { recursive: true, force: true })
}
