/** What a run must end or remove, remembered in the runner's state so that `post` can do it when the run could not. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { removeFolder } from './adapters/disk.js'
import { endGroup, endProcesses, findByEnvironment, findProcesses } from './adapters/processes.js'
import { removeBuilderCommand, removeImageCommand } from './buildkit/builder.js'
import { asArray, asNumber, asString, dig, parseJSON } from './core/json.js'
import { worksFor } from './guard.js'
import type { Command, Ports } from './ports.js'
import { isSmokeImage, isSmokeName, planRemoveContainer, planRemoveNetwork } from './smoke/plan.js'
import { endAgent, parseLeftover, type AgentLeftover } from './ssh/end.js'

/** Plain data, no secrets: it is written to the runner's state file. */
export type Leftovers = {
  readonly agents: readonly AgentLeftover[]
  readonly folders: readonly string[]
  readonly builders: readonly string[]
  /** Tags in the local engine. */
  readonly images: readonly string[]
  /** Names of smoke tests: each stands for a container and a network. */
  readonly smokes: readonly string[]
  /** Process groups of verify commands, each with the private folder on its command line. */
  readonly groups: readonly GroupLeftover[]
}

/** Ids are used again, so a group is ended only while one of its processes names the folder. */
export type GroupLeftover = { readonly pid: number; readonly folder: string }

/** Collects them; each addition is saved at once, since the next instruction may be the last one. */
export type LeftoverList = {
  readonly addAgent: (agent: AgentLeftover) => void
  readonly addFolder: (folder: string) => void
  readonly addBuilder: (name: string) => void
  /** It is another step's after all. */
  readonly dropBuilder: (name: string) => void
  readonly addImage: (tag: string) => void
  /** It has gone by itself. */
  readonly dropImage: (tag: string) => void
  readonly addSmoke: (name: string) => void
  readonly addGroup: (group: GroupLeftover) => void
}

const REMOVE_SECONDS = 60
const STATE_NAME = 'leftovers'
const PREFIX = 'stagegate-'

/**
 * Begins to collect.
 * @param watch guards a folder from now on, for a run that is killed and has no `post`
 */
export function keepLeftovers(
  runner: Pick<Ports['runner'], 'saveState'>,
  watch: (folder: string) => void = () => undefined
): LeftoverList {
  let leftovers: Leftovers = { agents: [], folders: [], builders: [], images: [], smokes: [], groups: [] }
  const save = (changed: Leftovers): void => {
    leftovers = changed
    runner.saveState(STATE_NAME, JSON.stringify(leftovers))
  }
  return {
    addAgent: (agent) => save({ ...leftovers, agents: [...leftovers.agents, agent] }),
    addFolder(folder) {
      watch(folder)
      save({ ...leftovers, folders: [...leftovers.folders, folder] })
    },
    addBuilder: (name) => save({ ...leftovers, builders: [...leftovers.builders, name] }),
    dropBuilder: (name) => save({ ...leftovers, builders: leftovers.builders.filter((other) => other !== name) }),
    addImage: (tag) => save({ ...leftovers, images: [...leftovers.images, tag] }),
    dropImage: (tag) => save({ ...leftovers, images: leftovers.images.filter((other) => other !== tag) }),
    addSmoke: (name) => save({ ...leftovers, smokes: [...leftovers.smokes, name] }),
    addGroup: (group) => save({ ...leftovers, groups: [...leftovers.groups, group] })
  }
}

/** Reads saved leftovers back; anything that is not ours is dropped. */
export function parseLeftovers(text: string): Leftovers {
  const json = parseJSON(text)
  const strings = (key: string): readonly string[] => asArray(dig(json, key)).flatMap((value) => asString(value) ?? [])
  return {
    agents: asArray(dig(json, 'agents')).flatMap((agent) => parseLeftover(JSON.stringify(agent)) ?? []),
    folders: strings('folders').filter((folder) => path.isAbsolute(folder) && path.basename(folder).startsWith(PREFIX)),
    builders: strings('builders').filter((name) => name.startsWith(PREFIX)),
    images: strings('images').filter((tag) => tag.startsWith(PREFIX) || isSmokeImage(tag)),
    smokes: strings('smokes').filter(isSmokeName),
    groups: asArray(dig(json, 'groups')).flatMap((group) => {
      const [pid, folder] = [asNumber(dig(group, 'pid')), asString(dig(group, 'folder')) ?? '']
      const isOurs = path.isAbsolute(folder) && folder.split(path.sep).some((part) => part.startsWith(PREFIX))
      return pid !== undefined && Number.isInteger(pid) && pid > 1 && isOurs ? [{ pid, folder }] : []
    })
  }
}

/** Ends and removes them all; what is gone already is no error. One that cannot be removed does not keep the others. */
export async function endLeftovers(ports: Pick<Ports, 'exec'>, leftovers: Leftovers): Promise<readonly string[]> {
  // First what uses the others: an image of a running container cannot be removed, nor a folder that is written to.
  const users = await Promise.allSettled([
    ...leftovers.groups.map((group) => endVerify(ports, group)),
    ...leftovers.smokes.map((name) => endSmoke(ports, name))
  ])
  const results = await Promise.allSettled([
    ...leftovers.agents.map((agent) => endAgent(ports, agent)),
    ...leftovers.folders.map((folder) => endFolder(ports, folder)),
    ...leftovers.builders.map((name) => remove(ports, removeBuilderCommand(name), `the builder ${name}`)),
    ...leftovers.images.map((tag) => remove(ports, removeImageCommand(tag), `the image ${tag}`))
  ])
  return [...users, ...results].flatMap((result) => {
    if (result.status === 'fulfilled') return []
    return [result.reason instanceof Error ? result.reason.message : String(result.reason)]
  })
}

/**
 * Removes a folder, after what works in it: a run that was killed did not end its builds, which hold secrets in their
 * environment, and its pushes. They are known by the folder's random name on their command line or in their environment.
 */
async function endFolder({ exec }: Pick<Ports, 'exec'>, folder: string): Promise<void> {
  const [named, knowing] = await Promise.all([findProcesses(exec, `${folder}${path.sep}`), findKnowing(folder)])
  await endProcesses([...new Set([...named, ...knowing])])
  await removeFolder(folder)
}

/** A verify command and what it started. Ids are used again: one of the group must have to do with the folder. */
async function endVerify({ exec }: Pick<Ports, 'exec'>, { pid, folder }: GroupLeftover): Promise<void> {
  const named = await findProcesses(exec, folder)
  if (named.includes(pid) || (await groupKnows(pid, folder))) await endGroup(pid)
}

/** Whether a process of the group has the folder in its environment, as all have that a verify command starts. */
async function groupKnows(group: number, folder: string): Promise<boolean> {
  const groups = (await findKnowing(folder)).map(async (pid) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
    // The name, in parentheses, can hold anything; state, parent and group follow the last one.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])
  })
  return (await Promise.all(groups)).includes(group)
}

/** Processes that work for the run of the folder; none where the system does not show environments. */
async function findKnowing(folder: string): Promise<readonly number[]> {
  return findByEnvironment((environment) => worksFor(folder, environment))
}

/** The container first: a network that is in use cannot be removed. */
async function endSmoke(ports: Pick<Ports, 'exec'>, name: string): Promise<void> {
  try {
    await remove(ports, planRemoveContainer(name), `the container ${name}`)
  } finally {
    await remove(ports, planRemoveNetwork(name), `the network ${name}`)
  }
}

/** Has docker remove something; that it is not there is what was wanted. */
async function remove({ exec }: Pick<Ports, 'exec'>, command: Command, what: string): Promise<void> {
  const { exitCode, stderr, timedOut } = await exec(command, { timeoutSeconds: REMOVE_SECONDS })
  if (!timedOut && (exitCode === 0 || /no such |not found|no builder .* found/i.test(stderr))) return
  const why = timedOut ? `docker did not answer within ${REMOVE_SECONDS} s` : stderr.trim()
  throw new Error(`${what} could not be removed: ${why}`)
}
