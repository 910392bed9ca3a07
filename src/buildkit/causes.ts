/** What lies behind the words of a builder or a registry that failed, and what shows it. Texts of BuildKit 0.12 to 0.33. Pure. */

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
 * BuildKit stumbles over its own cache, whatever is built: docker/buildx#1308, moby/buildkit#1491, #1937, #1956. It passes by
 * itself, most of the time.
 */
export const cacheFault =
  /failed to get state for index|\blease (?:does not exist|"[^"]*": not found)|\blocked: unavailable|invalid mutable ref/

const causes: readonly Cause[] = [
  {
    text: cacheFault,
    fix: () =>
      'BuildKit stumbled over its own cache, which mostly passes by itself. Run the job again; if it comes back, set `no-cache: true` for one run, or make the builder anew.'
  },
  { text: /no space left on device/i, fix: diskAdvice },
  {
    text: /dial unix .*permission denied|permission denied while trying to connect to the Docker daemon/i,
    fix: () => "The runner's user may not use the engine's socket: add it to the group of the socket, usually docker."
  },
  {
    text: /Cannot connect to the Docker daemon|is the docker daemon running|dial unix/i,
    fix: () => 'Start Docker before this step, or name another engine in `builder`.'
  },
  { text: /no builder .* found/i, fix: () => 'Create the builder in an earlier step of the same job.' },
  {
    text: /multi-node builds currently not supported/,
    fix: () =>
      'A file or folder for several platforms is written where one node builds them all. Push the image instead, name such a builder in the input builder, or build each platform in a step of its own.'
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
    text: /failed to resolve reference "\S*moby\/buildkit|pulling image moby\/buildkit|failed to initialize builder/i,
    fix: () =>
      'The image of BuildKit could not be pulled. Name a mirror in docker/setup-buildx-action ("driver-opts: image=…"), or log in to Docker Hub before this step.'
  },
  {
    text: /x509: |certificate (?:signed by|has expired|is not valid|verify failed)|bad certificate|tls: /i,
    fix: certificateAdvice
  },
  { text: /signal: killed|exit code: 137|was killed|oom-?kill/i, fix: memoryAdvice },
  { text: /cannot allocate memory|out of memory|ResourceExhausted/i, fix: memoryAdvice },
  {
    text: /failed to copy to tar|io: read\/write on closed pipe/,
    fix: () =>
      'The engine did not take the image, or there is none: `docker version` shows it. Leave load out, or start Docker.'
  },
  {
    text: /error reading from server|transport is closing|Unavailable|EOF$|server closed|connection reset|closed network connection|received prior goaway|graceful_stop/i,
    fix: deathAdvice
  },
  {
    text: /context deadline exceeded|driver not connecting|failed to list workers|connection refused|no such host|i\/o timeout|waiting for connection/i,
    fix: unreachableAdvice
  },
  {
    text: /(?:network bridge not found|failed to create (?:endpoint|shim|task)|failed to set up container networking|operation not permitted: unknown)/i,
    fix: () =>
      "The engine could not start a container. Its log names the cause: `journalctl -u docker` (or the builder's container)."
  }
]

/** What to do about an engine, a builder or a machine that failed with these words; `undefined`: they are not known. */
export function engineFix(message: string, builder?: BuilderFacts): string | undefined {
  return causes.find(({ text }) => text.test(message))?.fix(builder, message)
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

function deathAdvice(builder: BuilderFacts | undefined): string {
  const usual = 'The builder ended in the middle of the build, most often for want of memory.'
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
  return `A certificate was refused: check the authority (\`cacert\`), the names in the certificate, and its expiry date.${where} A registry's authority belongs into the builder's buildkitd.toml.`
}

function unreachableAdvice(builder: BuilderFacts | undefined): string {
  if (builder === undefined) return 'Check the address of the builder, and whether the runner may reach it.'
  return `Check whether the builder "${builder.name}" (driver ${builder.driver}, ${endpointsOf(builder)}) is up and may be reached from this runner, and its certificates if it needs any.`
}

function endpointsOf({ nodes = [] }: BuilderFacts): string {
  const endpoints = nodes.map(({ endpoint }) => endpoint).filter((endpoint) => endpoint !== '')
  return endpoints.length === 0 ? 'its address' : endpoints.join(', ')
}

/** What a registry's words mean beyond a login or a name; `undefined` where nothing more is known. */
export function registryFix(message: string, builder?: BuilderFacts): string | undefined {
  if (message.includes('connection refused') && isLoopback(message) && hasOwnNetwork(builder)) {
    const made = builder?.driver === 'docker-container'
    return made
      ? 'The builder is a container with a network of its own: the runner’s 127.0.0.1 is not its. Give docker/setup-buildx-action "driver-opts: network=host".'
      : `127.0.0.1 is, for this builder (driver ${builder?.driver ?? 'unknown'}), its own machine. Give the registry an address that the builder can reach.`
  }
  if (refusesArtifacts(message)) {
    return 'The registry may not take attestations as OCI artifacts, which BuildKit 0.32 makes of them. Set `BUILDX_NO_DEFAULT_OCI_ARTIFACT: true` in the `env` of this step (buildx 0.36), or `provenance: false`.'
  }
  if (message.includes('no match for platform in manifest')) {
    return 'The image exists, but not for this platform. Take a base image that has it, or leave the platform out of `platforms`.'
  }
  if (message.includes('http: server gave HTTP response to HTTPS client')) {
    return 'The registry speaks plain HTTP. Allow it to the builder: `insecure-registries` of the engine, or `[registry."HOST"] http = true` in buildkitd.toml.'
  }
  if (message.includes('x509: ')) return certificateAdvice(undefined)
  return undefined
}

/** GitLab: `blob unknown to registry`; Aliyun, older Harbor and distribution: the media type of the empty config. */
function refusesArtifacts(message: string): boolean {
  return /blob unknown to registry|application\/vnd\.oci\.empty\.v1\+json|vnd\.docker\.attestation\.manifest/.test(
    message
  )
}

function isLoopback(message: string): boolean {
  return /(?:^|[\s/"(])(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]):\d+/.test(message)
}

function hasOwnNetwork(builder: BuilderFacts | undefined): boolean {
  if (builder === undefined || builder.driver === 'docker') return false
  return !(builder.nodes ?? []).some(({ options }) => options?.network === 'host')
}
