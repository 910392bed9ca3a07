/** What lies behind the words of a builder that failed, and what shows it. Texts of BuildKit 0.12 to 0.33. Pure. */

/** What is known of the builder: the same words mean another thing to look at with each driver. */
export type BuilderFacts = {
  readonly name: string
  readonly driver: string
  readonly nodes?: readonly {
    readonly name: string
    readonly endpoint: string
    /** The driver's own, as `docker buildx create --driver-opt` takes them. */
    readonly options?: Readonly<Record<string, string>>
  }[]
}

type Cause = { readonly text: RegExp; readonly fix: (builder: BuilderFacts | undefined, message: string) => string }

/**
 * BuildKit stumbles over its own cache, whatever is built: docker/buildx#1308, moby/buildkit#1491, #1937, #1956, #2288. It
 * passes by itself, most of the time.
 */
export const cacheFault =
  /failed to get state for index|\blease (?:does not exist|"[^"]*": not found)|\bref \S+ locked\b(?:(?!\bref \S+ locked\b).)*: unavailable|invalid mutable ref|\bsnapshot \S+ does not exist|\blayer does not exist|content digest sha256:[0-9a-f]+: not found|failed to walk \/var\/lib\//

/** The engine itself is not there, or does not take this client; the second form is that of Docker 29. */
const noEngine =
  /Cannot connect to the Docker daemon|(?:failed|trying) to connect to the docker API|is the docker daemon running|error during connect/i

/** The disk, the engine or the builder, wherever such words stand: in a pull, in a step, in the reading of a file. */
export function isEngineFault(message: string): boolean {
  return (
    cacheFault.test(message) ||
    noEngine.test(message) ||
    /no space left on device|disk quota exceeded|input\/output error|too many open files|failed to (?:list workers|initialize builder)|snapshotter not loaded/i.test(
      message
    )
  )
}

const causes: readonly Cause[] = [
  {
    text: cacheFault,
    fix: () =>
      'BuildKit failed on its own cache, which usually passes by itself. Run the job again; if it comes back, set `no-cache: true` for one run, or recreate the builder.'
  },
  { text: /no space left on device|disk quota exceeded/i, fix: diskAdvice },
  {
    text: /snapshotter not loaded/i,
    fix: () =>
      'The engine has no snapshotter of that name. With the containerd image store, `storage-driver` in its `daemon.json` must be one: overlayfs, native, fuse-overlayfs.'
  },
  {
    text: /input\/output error/i,
    fix: () =>
      'The builder’s disk reports errors. Run the job on another machine, and look at the kernel’s log of this one.'
  },
  {
    text: /too many open files/i,
    fix: () =>
      'The builder has reached its limit of open files: raise it for its service (`LimitNOFILE`) or container, or run fewer builds at once.'
  },
  // A program in Go that crashed, as its client has it or as its own log.
  { text: /(?:^|[\s:])(?:panic|fatal error): |\bnil pointer dereference\b/, fix: crashAdvice },
  {
    text: /dial unix (?:(?!dial unix ).)*permission denied|permission denied while trying to connect to the Docker (?:daemon|API)/i,
    fix: () => "The runner's user may not use the engine's socket: add it to the group of the socket, usually docker."
  },
  {
    text: /client version \S+ is too (?:new|old)/i,
    fix: () =>
      'The docker client of this runner and the engine have no API version in common. Update the older of the two, or set `DOCKER_API_VERSION` in `env` to a version that both know.'
  },
  { text: noEngine, fix: engineAdvice },
  {
    text: /dial unix/i,
    fix: (builder) => (builder?.driver === 'remote' ? unreachableAdvice(builder) : engineAdvice())
  },
  {
    text: /no builder (?:(?!no builder ).)* found/i,
    fix: () => 'Create the builder in an earlier step of the same job.'
  },
  {
    text: /multi-node builds currently not supported/,
    fix: () =>
      'A file or folder with several platforms needs one node that builds them all. Push the image instead, name such a builder in the input builder, or build each platform in a step of its own.'
  },
  {
    text: /docker exporter does not currently support exporting manifest lists/,
    fix: () =>
      'Several platforms can be loaded only into an engine with the containerd image store. Leave load out, or load one platform.'
  },
  {
    text: /not supported for the docker driver/i,
    fix: () => 'Turn on the containerd image store of the engine, or run docker/setup-buildx-action before this step.'
  },
  {
    text: /\b(?:cannot|is forbidden: User)(?:(?!\b(?:cannot|is forbidden: User)).)* in API group|exceeded quota/,
    fix: () =>
      'Kubernetes refused it: the account of this runner must be allowed to create deployments, to watch pods and to open `pods/exec` in the builder’s namespace, and the namespace must have room for them.'
  },
  {
    text: /expected \d+ replicas? to be ready|timed out waiting for (?:(?!timed out waiting for ).)*\bpods?\b/i,
    fix: (builder) =>
      `The cluster did not start the builder's pod in time. \`kubectl describe pods\` in its namespace says why${builder === undefined ? '' : ` (builder "${builder.name}")`}: no room, a limit, or an image that cannot be pulled.`
  },
  {
    // The words of Podman are those of "initializing source".
    text: /failed to resolve reference "\S*moby\/buildkit|initializing source \S*\/buildkit:|pulling image \S*moby\/buildkit|moby\/buildkit(?:(?!moby\/buildkit)\S)* (?:not found|failed)|Error response from daemon: (?:Get|Head) "https?:|Error response from daemon: (?:toomanyrequests|pull access denied)/i,
    fix: () =>
      'The image of BuildKit could not be pulled. Name a mirror in docker/setup-buildx-action ("driver-opts: image=…"), or log in to Docker Hub before this step.'
  },
  {
    text: /x509: |certificate (?:signed by|has expired|is not valid|verify failed)|bad certificate|tls: /i,
    fix: certificateAdvice
  },
  {
    text: /message larger than max/i,
    fix: () =>
      'One message of this build is larger than the builder accepts. Fewer and shorter build arguments, labels and annotations help, and a newer BuildKit; in a Dockerfile in which its checks find hundreds of things, so does `# check=skip=all` as the first line.'
  },
  { text: /signal: killed|exit code: 137|was killed|oom-?kill/i, fix: memoryAdvice },
  { text: /cannot allocate memory|out of memory|ResourceExhausted/i, fix: memoryAdvice },
  {
    text: /failed to copy to tar|io: read\/write on closed pipe/,
    fix: () =>
      'The engine did not accept the image, or no engine is running: `docker version` shows it. Leave load out, or start Docker.'
  },
  {
    text: /driver not connecting|failed to list workers|error while dialing|connection refused|no such host|i\/o timeout/i,
    fix: unreachableAdvice
  },
  {
    text: /frontend grpc server closed unexpectedly/,
    fix: () =>
      'The program that reads the Dockerfile (its `# syntax=` line names it) ended: it ran out of memory, or does not fit this builder. Use `# syntax=docker/dockerfile:1`, or leave the line out.'
  },
  {
    text: /error reading from server|transport is closing|Unavailable|EOF$|server closed|connection reset|closed network connection|received prior goaway|graceful_stop|RST_STREAM|no active sessions?\b/i,
    fix: deathAdvice
  },
  { text: /context deadline exceeded|waiting for connection/i, fix: unreachableAdvice },
  {
    text: /failed to initialize builder/i,
    fix: startAdvice
  },
  {
    text: /failed to mount (?:overlay|\/\S+: (?:no such device|invalid argument))/i,
    fix: () =>
      'The builder could not mount a layer: its snapshotter does not work on the file system or in the container it runs on. Give it a volume of its own on ext4 or xfs.'
  },
  {
    text: /\/\.docker\/|buildx\/activity|loading config file|^(?:ERROR: )?(?:mkdir|open|stat) \S*\/buildx\b\S*: (?:permission denied|read-only file system)/,
    fix: () =>
      "Docker's own folder (`~/.docker`, or what `DOCKER_CONFIG` names) must be readable and writable for the runner's user, and its config.json be JSON. Where only buildx cannot write there, `BUILDX_CONFIG` names another folder for it."
  },
  {
    text: /(?:network bridge not found|failed to create (?:endpoint|shim|task)|failed to set up container networking|operation not permitted: unknown)/i,
    fix: () =>
      "The engine could not start a container. Its log names the cause: `journalctl -u docker` (or the builder's container)."
  }
]

function engineAdvice(): string {
  return 'Start Docker before this step, or name another engine in `builder`.'
}

/** What to do about an engine, a builder or a machine that failed with these words; `undefined`: they are not known. */
export function engineFix(message: string, builder?: BuilderFacts): string | undefined {
  return causes.find(({ text }) => text.test(message))?.fix(builder, message)
}

/** What to do about a builder that did not start with these words. */
export function bootFix(message: string, builder?: BuilderFacts): string {
  return engineFix(message, builder) ?? startAdvice(builder)
}

function startAdvice(builder: BuilderFacts | undefined): string {
  return `The builder could not be started. \`docker buildx inspect --bootstrap${builder === undefined ? '' : ` ${builder.name}`}\` in a step before this one shows why.`
}

/** The command that shows why a builder ended, where the runner has one. */
export function builderLog({ name, driver, nodes }: BuilderFacts): string | undefined {
  const node = nodes?.[0]?.name ?? `${name}0`
  switch (driver) {
    case 'docker-container':
      return `docker logs buildx_buildkit_${node}`
    case 'kubernetes':
      return `kubectl logs --previous deployment/${name}`
    case 'docker':
      return 'journalctl -u docker'
    default:
      return undefined
  }
}

function crashAdvice(builder: BuilderFacts | undefined): string {
  const log = builder === undefined ? undefined : builderLog(builder)
  const other =
    builder?.driver === 'docker'
      ? 'another version of Docker'
      : 'another version of BuildKit (`driver-opts: image=moby/buildkit:VERSION` of docker/setup-buildx-action)'
  const look = log === undefined ? '' : ` \`${log}\` may have more.`
  return `The builder crashed, which is a fault of its own and not of the build. Run the job again; if it comes back, use ${other}.${look}`
}

function deathAdvice(builder: BuilderFacts | undefined): string {
  const usual =
    'The connection to the builder broke in the middle of the build: most often because the builder ran out of memory.'
  if (builder === undefined) return `${usual} Look at its log, give it more memory, or let the build do less at once.`
  const log = builderLog(builder)
  const look =
    builder.driver === 'docker-container'
      ? `\`${log ?? ''}\` and \`docker inspect --format '{{.State.OOMKilled}}' buildx_buildkit_${builder.nodes?.[0]?.name ?? `${builder.name}0`}\` in a step after this one (with \`if: always()\`) show why.`
      : log === undefined
        ? `The log of the BuildKit at ${endpointsOf(builder)} shows why.`
        : `\`${log}\` shows why.`
  return `${usual} ${look} More memory helps, or steps that do less at once.`
}

function memoryAdvice(builder: BuilderFacts | undefined): string {
  const limit =
    builder?.driver === 'kubernetes'
      ? ' The pod has a limit of its own (`limits.memory` of the driver).'
      : builder?.driver === 'docker-container'
        ? ' The builder may have a limit of its own (`driver-opts: memory=…`).'
        : ''
  return `Memory ran out: a process was killed or could not start. Use a larger runner, or let the step do less at once.${limit}`
}

function diskAdvice(builder: BuilderFacts | undefined, message: string): string {
  const onRunner = /RUNNER_TEMP|error from receiver|failed to copy to tar|stagegate-/.test(message)
  const isElsewhere = builder !== undefined && builder.driver !== 'docker' && builder.driver !== 'docker-container'
  if (!onRunner && isElsewhere) {
    return `The disk of the builder at ${endpointsOf(builder)} is full. \`docker buildx prune\` frees its cache.`
  }
  return 'The runner’s disk is full. Free some space before this step, or use a larger runner.'
}

function certificateAdvice(builder: BuilderFacts | undefined): string {
  const where = builder?.driver === 'remote' ? ` The builder is reached at ${endpointsOf(builder)}.` : ''
  return `A certificate was refused: check the authority (\`cacert\`), the names in the certificate, and its expiry date.${where}`
}

function unreachableAdvice(builder: BuilderFacts | undefined): string {
  if (builder === undefined) return 'Check the address of the builder, and whether the runner may reach it.'
  return `Check whether the builder "${builder.name}" (driver ${builder.driver}, ${endpointsOf(builder)}) is up and may be reached from this runner, and its certificates if it needs any.`
}

function endpointsOf({ nodes = [] }: BuilderFacts): string {
  const endpoints = nodes.map(({ endpoint }) => endpoint).filter((endpoint) => endpoint !== '')
  return endpoints.length === 0 ? 'its address' : endpoints.join(', ')
}
