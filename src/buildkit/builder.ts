/** Choosing the builder: the current one if it can do what is asked, else a docker-container builder of our own. */
import type { Command, Ports } from '../ports.js'
import { ProgramMissing } from '../ports.js'
import { Stop } from '../failure/stop.js'

/** A version as far as it matters here. */
export type Version = { readonly major: number; readonly minor: number; readonly text: string }

export type Builder = {
  /** Name for `--builder`; absent for buildx's current one. */
  readonly flag?: string
  readonly name: string
  readonly driver: string
  readonly buildx: Version
  readonly buildkit?: string
  /**
   * The classic image store of the docker driver: no cache export, no OCI export, no attestations, one platform.
   * https://docs.docker.com/engine/storage/containerd/
   */
  readonly classicStore: boolean
  readonly platforms: readonly string[]
  /** Made by this run: `post` removes it. */
  readonly created: boolean
}

/** What a run asks of its builder beyond building. */
export type BuilderNeeds = {
  readonly cacheExport: boolean
  readonly platforms: readonly string[]
  /** Outputs or attestations that the classic store cannot make, as the user would recognise them. */
  readonly exports: readonly string[]
}

/** `--progress=rawjson` and several outputs in one build came with it. */
export const oldestBuildx = { major: 0, minor: 13 }
/** `--call` came with it; an older buildx goes without the pre-flight. */
const callSince = { major: 0, minor: 15 }

export function knowsCall(builder: Pick<Builder, 'buildx'>): boolean {
  return !isOlder(builder.buildx, callSince)
}

type BuilderPorts = Pick<Ports, 'exec' | 'show' | 'log'>

/** Looks at buildx and at a builder (`auto`: the current one), without starting anything. */
export async function inspectBuilder(ports: BuilderPorts, requested: string): Promise<Builder> {
  const flag = requested === 'auto' ? undefined : requested
  const [version, inspection] = await Promise.all([
    ask(ports, ['buildx', 'version']),
    ask(ports, ['buildx', 'inspect', ...(flag === undefined ? [] : [flag])])
  ])
  if (version.exitCode !== 0) {
    throw new Stop({
      kind: 'engine',
      message: `docker has no buildx (${firstLine(version.stderr) || `exit code ${version.exitCode}`})`,
      fix: 'Install the docker-buildx plugin, or run docker/setup-buildx-action before this step.'
    })
  }
  const buildx = parseVersion(version.stdout)
  if (buildx === undefined || isOlder(buildx, oldestBuildx)) {
    throw new Stop({
      kind: 'engine',
      message: `buildx ${buildx?.text ?? firstLine(version.stdout)} is too old`,
      fix: `Use buildx ${oldestBuildx.major}.${oldestBuildx.minor} or newer; docker/setup-buildx-action installs one.`
    })
  }
  if (inspection.exitCode !== 0) throw new Stop(unusable(requested, inspection.stderr))
  const seen = parseInspection(inspection.stdout)
  if (seen.error !== undefined) throw new Stop(unusable(requested, seen.error))
  return { ...seen.builder, buildx, created: false, ...(flag === undefined ? {} : { flag }) }
}

/** What the builder lacks for the run, in the user's words; empty if it will do. */
export function findLacks(builder: Builder, needs: BuilderNeeds): readonly string[] {
  if (!builder.classicStore) return []
  return [
    ...(needs.cacheExport ? ['writing a registry cache'] : []),
    ...(needs.platforms.length > 1 ? ['building several platforms'] : []),
    ...needs.exports
  ]
}

/** Creates (or, within a job, finds again) a docker-container builder. `undefined` if none can be had. */
export async function createBuilder(
  ports: BuilderPorts,
  name: string,
  options: { readonly hostNetwork: boolean; readonly onCreate: () => void }
): Promise<Builder | undefined> {
  const existing = await ask(ports, ['buildx', 'inspect', name])
  if (existing.exitCode !== 0) {
    options.onCreate()
    const created = await ports.show({
      file: 'docker',
      args: [
        ...['buildx', 'create', '--name', name, '--driver', 'docker-container'],
        // A container of its own does not reach a registry on the runner's loopback address.
        ...(options.hostNetwork ? ['--driver-opt', 'network=host'] : []),
        '--bootstrap'
      ]
    })
    if (created !== 0) {
      await ports.show(removeBuilderCommand(name))
      return undefined
    }
  }
  return { ...(await inspectBuilder(ports, name)), created: existing.exitCode !== 0 }
}

export function removeBuilderCommand(name: string): Command {
  return { file: 'docker', args: ['buildx', 'rm', '--force', name] }
}

export function removeImageCommand(tag: string): Command {
  return { file: 'docker', args: ['image', 'rm', tag] }
}

/** Reads the text of `docker buildx inspect`. */
export function parseInspection(text: string): {
  readonly builder: Omit<Builder, 'buildx' | 'created' | 'flag'>
  readonly error?: string
} {
  const field = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]+(.+)$`, 'm').exec(text)?.[1]?.trim()
  const driver = field('Driver') ?? ''
  const buildkit = field('BuildKit version') ?? field('Buildkit')
  const error = field('Error')
  return {
    builder: {
      name: field('Name') ?? '',
      driver,
      // The worker of a containerd store carries containerd's labels; the classic store's is moby's own.
      classicStore:
        driver === 'docker' && !/org\.mobyproject\.buildkit\.worker\.(?:containerd\.|snapshotter:)/.test(text),
      platforms: (field('Platforms') ?? '').split(/,\s*/).filter((platform) => platform !== ''),
      ...(buildkit === undefined || buildkit.startsWith('v0.0.0') ? {} : { buildkit })
    },
    ...(error === undefined ? {} : { error })
  }
}

/** Reads `github.com/docker/buildx v0.29.1 ...`. */
export function parseVersion(text: string): Version | undefined {
  const match = /\bv?(\d+)\.(\d+)(?:\.\d+)?\S*/.exec(text.replace(/^\S+\s+/, ''))
  if (match === null) return undefined
  return { major: Number(match[1]), minor: Number(match[2]), text: match[0] }
}

function isOlder(version: Pick<Version, 'major' | 'minor'>, than: Pick<Version, 'major' | 'minor'>): boolean {
  return version.major < than.major || (version.major === than.major && version.minor < than.minor)
}

async function ask({ exec }: BuilderPorts, args: readonly string[]) {
  try {
    return await exec({ file: 'docker', args }, { timeoutSeconds: 30 })
  } catch (error) {
    if (!(error instanceof ProgramMissing)) throw error
    throw new Stop({
      kind: 'engine',
      message: 'there is no docker command on this runner',
      fix: 'Run the job on a runner with Docker (ubuntu-latest has it), or install the docker CLI with buildx.'
    })
  }
}

function unusable(requested: string, message: string): Stop['failure'] {
  const seen = firstLine(message).replace(/^ERROR: /, '')
  if (/no builder|not found/.test(seen) && requested !== 'auto') {
    return {
      kind: 'input',
      problems: [
        {
          input: 'builder',
          problem: `there is no builder "${requested}"`,
          fix: 'Create it in an earlier step (docker/setup-buildx-action), or leave builder empty.'
        }
      ]
    }
  }
  return {
    kind: 'engine',
    message: `the builder cannot be used: ${seen}`,
    fix: 'Check that the Docker engine is running and that this user may talk to it.'
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
