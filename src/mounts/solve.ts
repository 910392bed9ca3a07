/**
 * The two solves that carry mounts in and out of a builder. Their Dockerfile starts `FROM scratch` and runs the runner's
 * own sh and tar, so no image is pulled and the user's stages need no shell. One RUN per mount: two in one would lock
 * two at once, and could wait for a build that holds the second and wants the first.
 */
import { splitPair } from '../core/pair.js'
import type { Command } from '../ports.js'
import type { CacheMount } from './mount.js'
import { NAMESPACE_ARGUMENT, namespaceIn } from '../builds/mount_namespace.js'
import type { Program, Toolbox } from './toolbox.js'

export type MountsDockerfile = {
  /** File names and their texts, for the folder that is the build's context. */
  readonly files: Readonly<Record<string, string>>
}

/** Where the context is in a step, and where its mount. */
const CONTEXT = '/stagegate'
const MOUNT = '/mount'

/** How a step reports, on a line of its own: `stagegate-mount 2 saved`. */
export type Outcome = { readonly index: number; readonly word: string }

export function readOutcome(line: string): Outcome | undefined {
  const match = /^stagegate-mount (\d+) ([a-z-]+)$/.exec(line.trim())
  return match === null ? undefined : { index: Number(match[1]), word: match[2] ?? '' }
}

/**
 * Fills mounts from `0.tar`, `1.tar`, … of the context; one that has anything in it is `kept` as it is.
 * @param nonce differs in each run: a cached step fills nothing
 */
export function planFill(mounts: readonly CacheMount[], toolbox: Toolbox, nonce: string): MountsDockerfile {
  const script = [
    `cd ${MOUNT} || exit 1`,
    'for entry in * .[!.]* ..?*; do',
    '  if [ -e "$entry" ] || [ -L "$entry" ]; then echo "stagegate-mount $1 kept"; exit 0; fi',
    'done',
    `if ${program('tar', toolbox).join(' ')} --numeric-owner -xpf "${CONTEXT}/$1.tar"`,
    'then echo "stagegate-mount $1 restored"',
    'else echo "stagegate-mount $1 failed"',
    'fi'
  ]
  return dockerfile(mounts, toolbox, nonce, script)
}

/**
 * Packs mounts into `/0.tar`, `/1.tar`, … of the result. tar ends with 1 when a file changed meanwhile, which is no harm.
 * @param mostBytes an archive that would be larger is `too-large`, and left empty
 */
export function planPack(
  mounts: readonly (CacheMount & { readonly taken?: TakenFiles })[],
  toolbox: Toolbox,
  { nonce, mostBytes }: { readonly nonce: string; readonly mostBytes: number }
): MountsDockerfile {
  const takes = mounts.some(({ taken }) => taken !== undefined)
  const script = [
    `cd ${MOUNT} || exit 1`,
    ...(takes ? takeScript(toolbox) : []),
    `ulimit -f ${Math.ceil(mostBytes / 512)}`,
    `message=$(${program('tar', toolbox).join(' ')} --numeric-owner -cf "/$1.tar" . 2>&1)`,
    'status=$?',
    'if [ "$status" -le 1 ]; then echo "stagegate-mount $1 saved"; exit 0; fi',
    ': > "/$1.tar"',
    ...(takes ? [`if [ -f "${CONTEXT}/$1.take" ]; then ${program('rm', toolbox).join(' ')} -rf ${KEPT}; fi`] : []),
    // 128 and SIGXFSZ, or the error where that signal is ignored.
    'case "$status $message" in',
    '153*|*"too large"*) echo "stagegate-mount $1 too-large";;',
    '*) echo "$message"; echo "stagegate-mount $1 failed";;',
    'esac'
  ]
  const { files } = dockerfile(mounts, toolbox, nonce, script)
  const taken = mounts.flatMap((mount, index) =>
    mount.taken === undefined ? [] : [[`${index}.take`, `${mount.taken.folder}\n${mount.taken.index}\n`] as const]
  )
  return { files: { ...files, ...Object.fromEntries(taken) } }
}

/** Files of a mount that are set aside, so that no later run takes them for its own. */
export type TakenFiles = {
  /** A name in `KEPT`; of two, the later sorts after the earlier. */
  readonly folder: string
  /** One line that is kept beside them. */
  readonly index: string
}

/** The folder of a mount in which files are set aside. */
export const KEPT = '.stagegate'

/** Runs whose files are kept there. */
const KEPT_RUNS = 3

/** Moves whatever the user's steps have left into a folder of its own, beside those of earlier runs. */
function takeScript(toolbox: Toolbox): readonly string[] {
  const run = (name: Program): string => program(name, toolbox).join(' ')
  return [
    `if [ -f "${CONTEXT}/$1.take" ]; then`,
    `  { IFS= read -r name; IFS= read -r text; } < "${CONTEXT}/$1.take"`,
    `  own="${KEPT}/$name"`,
    `  ${run('rm')} -rf "$own"`,
    '  for entry in * .[!.]* ..?*; do',
    `    if [ "$entry" = ${KEPT} ]; then continue; fi`,
    '    if [ -e "$entry" ] || [ -L "$entry" ]; then',
    `      ${run('mkdir')} -p "$own/files" && ${run('mv')} "./$entry" "$own/files/"`,
    '    fi',
    '  done',
    '  if [ -d "$own" ]; then printf "%s\\n" "$text" > "$own/index.json"; fi',
    '  kept=0',
    `  for each in ${KEPT}/*; do kept=$((kept + 1)); done`,
    `  for each in ${KEPT}/*; do`,
    `    if [ "$kept" -gt ${KEPT_RUNS} ]; then ${run('rm')} -rf "$each"; kept=$((kept - 1)); fi`,
    '  done',
    'fi'
  ]
}

/** The `docker buildx` call. */
export function planMountsBuild(options: {
  readonly folder: string
  readonly output: string
  readonly builder?: string
  /** The user's build arguments, of which only the namespace of cache mounts matters. */
  readonly buildArgs: readonly string[]
}): Command {
  const { folder, output, builder, buildArgs } = options
  const namespace = buildArgs.filter((argument) => splitPair(argument).name === NAMESPACE_ARGUMENT)
  return {
    file: 'docker',
    args: [
      ...['buildx', 'build', '--progress', 'rawjson', '--file', `${folder}/Dockerfile`],
      ...(builder === undefined ? [] : ['--builder', builder]),
      ...namespace.flatMap((argument) => ['--build-arg', argument]),
      ...['--output', output, folder]
    ]
  }
}

/** The records of cache mounts that a builder has. */
export function planUsage(builder: string | undefined): Command {
  const chosen = builder === undefined ? [] : ['--builder', builder]
  return { file: 'docker', args: ['buildx', 'du', '--verbose', '--filter', 'type=exec.cachemount', ...chosen] }
}

/** Which of the mounts `docker buildx du --verbose` lists. */
export function readUsage<T extends CacheMount>(
  text: string,
  mounts: readonly T[],
  buildArgs: readonly string[]
): readonly T[] {
  const namespace = namespaceIn(buildArgs)
  const ids = new Set([...text.matchAll(/^Description:.* with id "(.*)"$/gm)].map(([, id]) => id))
  return mounts.filter(({ id }) => ids.has(`${namespace}/${id}`))
}

function dockerfile(
  mounts: readonly CacheMount[],
  toolbox: Toolbox,
  nonce: string,
  script: readonly string[]
): MountsDockerfile {
  const steps = mounts.map((mount, index) => {
    const command = [...program('sh', toolbox), `${CONTEXT}/step.sh`, String(index), nonce]
    const flags = ['--network=none', `--mount=type=bind,target=${CONTEXT}`, mountFlag(mount)]
    return `RUN ${flags.join(' ')} ${JSON.stringify(command)}`
  })
  return { files: { Dockerfile: ['FROM scratch', ...steps, ''].join('\n'), 'step.sh': `${script.join('\n')}\n` } }
}

/** The same options as the user's: owner and mode are part of what BuildKit knows a mount by. */
function mountFlag({ id, sharing, uid, gid, mode }: CacheMount): string {
  const options = [
    ...['type=cache', `id=${id}`, `target=${MOUNT}`, `sharing=${sharing}`],
    ...(uid === undefined ? [] : [`uid=${uid}`]),
    ...(gid === undefined ? [] : [`gid=${gid}`]),
    ...(mode === undefined ? [] : [`mode=${mode.toString(8).padStart(4, '0')}`])
  ]
  return `--mount=${options.join(',')}`
}

function program(name: Program, { loader }: Toolbox): readonly string[] {
  const own = `${CONTEXT}/tools/${name}`
  const loaded = loader[name]
  return loaded === undefined ? [own] : [`${CONTEXT}/tools/${loaded}`, '--library-path', `${CONTEXT}/tools`, own]
}
