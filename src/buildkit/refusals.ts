/**
 * What buildx and BuildKit say about a value they were given, and which input the value comes from. Such a run fails the
 * same way each time, whatever the builder: it is the workflow that has to change. Texts of buildx 0.13 to 0.37. Pure.
 */
import { declaredInputs } from '../inputs/declared.js'
import type { InputProblem } from '../core/problem.js'

type Refusal = {
  readonly text: RegExp
  readonly input: string
  /** In place of the text, where that is about something that nobody wrote. */
  readonly problem?: string
  readonly fix: string
}

const CACHE_VALUE =
  'Write the type and all attributes that it needs, as in "type=registry,ref=ghcr.io/owner/app-cache:main".'

const NO_ACTIONS_CACHE =
  'type=gha needs the cache service of GitHub Actions, which this runner does not offer to the step. Use a registry cache: the input cache-image.'

const refusals: readonly Refusal[] = [
  // The context, and what is given by name beside it
  { text: /^unable to prepare context: /, input: 'context', fix: 'Give the folder that holds the sources.' },
  {
    text: /^unknown protocol$/,
    input: 'context',
    fix: 'Give a folder, or a git repository by its whole URL, as in "https://github.com/owner/repository.git#main".'
  },
  {
    text: /^failed to read downloaded context: /,
    input: 'context',
    fix: 'Check the address: it must answer with an archive or a Dockerfile.'
  },
  { text: /^failed to get build context /, input: 'build-contexts', fix: 'Check the path or URL behind this name.' },
  {
    text: /^(?:oci-layout reference "|invalid OCI layout|invalid context value)/,
    input: 'build-contexts',
    fix: 'Write NAME=SOURCE. After "oci-layout://" comes the folder of an OCI layout that an earlier step wrote.'
  },
  {
    text: /^failed to read dockerfile: read \S+: is a directory/,
    input: 'file',
    fix: 'Give the path of the Dockerfile, not of its folder.'
  },
  // Network, limits, rights
  { text: /^invalid host /, input: 'add-hosts', fix: 'Write HOST:IP.' },
  { text: /^network mode "/, input: 'network', fix: 'Use default, none or host.' },
  { text: /^invalid value .+ for membytes key shm-size/, input: 'shm-size', fix: 'Write it as in "64m".' },
  {
    text: /^(?:invalid ulimit|strconv\.ParseInt: parsing ")/,
    input: 'ulimit',
    fix: 'Write NAME=SOFT or NAME=SOFT:HARD.'
  },
  {
    text: /^unknown entitlement /,
    input: 'allow',
    fix: 'BuildKit knows "network.host", "security.insecure" and "device".'
  },
  {
    text: /^granting entitlement \S+ is not allowed by build daemon configuration/,
    input: 'allow',
    fix: 'This builder does not grant it. Make one that does: docker/setup-buildx-action with "buildkitd-flags: --allow-insecure-entitlement …".'
  },
  // Attestations and annotations
  {
    text: /^unknown attestation type "/,
    input: 'attests',
    fix: 'BuildKit knows "type=provenance" and "type=sbom".'
  },
  {
    text: /^(?:invalid mode "|invalid SLSA|invalid provenance)/,
    input: 'provenance',
    fix: 'Write "mode=min" or "mode=max", true or false.'
  },
  {
    text: /^index annotations not supported for single platform export/,
    input: 'annotations',
    fix: 'An index is made for several platforms or with attestations. Write "manifest:NAME=VALUE", or ask for provenance.'
  },
  {
    text: /^(?:parse annotations: |invalid annotation |unknown annotation type )/,
    input: 'annotations',
    fix: 'Write NAME=VALUE, or a level before it, as in "index:NAME=VALUE".'
  },
  // Cache
  {
    text: /^(?:failed to configure )?gha cache exporter: .*(?:token|url)/,
    input: 'cache-to',
    fix: NO_ACTIONS_CACHE
  },
  {
    text: /^(?:failed to configure )?gha cache importer: .*(?:token|url)/,
    input: 'cache-from',
    fix: NO_ACTIONS_CACHE
  },
  {
    text: /^(?:failed to configure )?\w+ cache exporter(?: requires|: )|^unknown cache exporter: "/,
    input: 'cache-to',
    fix: CACHE_VALUE
  },
  {
    text: /^(?:failed to configure )?\w+ cache importer(?: requires|: )|^unknown cache importer: "/,
    input: 'cache-from',
    fix: CACHE_VALUE
  },
  // Outputs
  {
    text: /^cannot overwrite .* when split option is disabled/s,
    input: 'outputs',
    fix: 'With "platform-split=false" the files of all platforms go to one place. Leave it out for a folder a platform, give each file a name of its own for each platform (TARGETARCH), or export one platform.'
  },
  {
    text: /^(?:exporter "[^"]*" could not be found|unknown output type|invalid output|multiple outputs currently unsupported)/,
    input: 'outputs',
    fix: 'BuildKit knows the types image, registry, docker, oci, tar, local and cacheonly.'
  },
  {
    text: /^(?:dest is required for \w+ exporter|output directory is required for|destination directory \S+ is a file)/,
    input: 'outputs',
    fix: 'Say where it goes, as in "type=local,dest=out".'
  },
  {
    text: /^(?:dest file is required|failed to open open |destination file \S+ is a directory)/,
    input: 'outputs',
    fix: 'The folder of this file must already exist: create it in an earlier step.'
  },
  {
    text: /^(?:unsupported compression type |non-(?:bool|integer) value \S+ specified for |non-bool value specified for )/,
    input: 'outputs',
    fix: 'BuildKit knows the compressions uncompressed, gzip, estargz and zstd, and takes true or false for a switch.'
  },
  {
    text: /^exporter option "rewrite-timestamp" conflicts with "unpack"/,
    input: 'outputs',
    fix: 'The engine unpacks what it stores. Add "store=false" to this output, or take "type=oci".'
  },
  {
    text: /^(?:push-by-digest is currently not implemented|can't push tagged ref .* by digest)/,
    input: 'outputs',
    fix: 'Leave "push-by-digest" out: with push, the image goes by its digest first, and the tags come last.'
  },
  { text: /^tag is needed when pushing to registry/, input: 'tags', fix: 'Name at least one tag to push.' },
  { text: /^invalid tag /, input: 'tags', fix: 'Write it as "registry/name:tag".' },
  // The rest
  {
    text: /^--no-cache and --no-cache-filter cannot currently be used together/,
    input: 'no-cache',
    fix: 'Leave out no-cache or no-cache-filters (with test-cache: rerun, the test stages are a filter).'
  },
  {
    text: /^(?:failed to parse platform \S+ )?"[^"]*": (?:cannot parse platform specifier|unknown operating system or architecture)/,
    input: 'platforms',
    fix: 'Write it as os/architecture, for example linux/amd64.'
  },
  {
    text: /^failed to load LLB: runtime execution on platform \S+ not supported/,
    input: 'platforms',
    fix: 'The builder cannot run programs of this platform. Run docker/setup-qemu-action before this step, give the builder a node of this platform, or leave it out.'
  },
  {
    text: /^invalid SOURCE_DATE_EPOCH/,
    input: 'build-args or env',
    fix: 'SOURCE_DATE_EPOCH is a number of seconds since 1970, or, with BuildKit 0.30 or newer, "context".'
  },
  { text: /^invalid key-value pair "/, input: 'labels', fix: 'Write NAME=VALUE.' },
  {
    // bake asks for it by itself where a context is a repository by SSH.
    text: /^failed to convert agent config \{\S+ \[\] \w+\}: invalid empty ssh agent socket/,
    input: 'ssh-private-key',
    problem: 'the build reads something by SSH, and there is neither a key nor an agent (SSH_AUTH_SOCK)',
    fix: 'Give a key that may read it. A repository can be read by its https address instead.'
  },
  {
    text: /^failed to convert agent config /,
    input: 'ssh',
    fix: 'Check the path behind this id: it must be a socket of an agent or a private key without a passphrase.'
  },
  {
    text: /^(?:failed to stat |secret \S+ too big)/,
    input: 'secret-files',
    fix: 'Write the file in an earlier step, of 500 KiB at most; the path is relative to the working directory.'
  },
  { text: /^(?:unsupported secret type |secret missing ID)/, input: 'secrets', fix: 'Write ID=VALUE, one a line.' },
  {
    text: /^invalid value /,
    input: 'provenance, sbom or attests',
    fix: 'Write true, false or the attributes of the attestation, as in "mode=max".'
  }
]

/**
 * The input behind a text of buildx or BuildKit, for values that only they can judge.
 * @param failed names of the builder's own work that failed
 */
export function refusedInput(message: string, failed: readonly string[] = []): InputProblem | undefined {
  const argument = /^invalid argument .* for "(?:-\w, )?--([a-z-]+)" flag: (.*)$/.exec(message)
  if (argument !== null) {
    const [, flag = '', problem = ''] = argument
    const input = declaredInputs.find((name) => name === flag || name === `${flag}s`) ?? flag
    return { input, problem, fix: `Look at docker buildx build --${flag} in Docker's documentation.` }
  }
  const particular = namedContext(message) ?? unreadableFile(message) ?? refusedGit(message, failed)
  if (particular !== undefined) return particular
  const refusal = refusals.find(({ text }) => text.test(message))
  return refusal && { input: refusal.input, problem: refusal.problem ?? message, fix: refusal.fix }
}

/** A context of docker in the place of a builder: buildx inspects it, and does not build with it unless it is the current one. */
function namedContext(message: string): InputProblem | undefined {
  const name = /^use `docker --context=(\S+) buildx` to switch to /.exec(message)?.[1]
  if (name === undefined) return undefined
  return {
    input: 'builder',
    problem: `"${name}" is a context of docker, and not the current one`,
    fix: `Set DOCKER_CONTEXT: ${name} in the env of this step, without a DOCKER_HOST, and leave builder (and BUILDX_BUILDER) empty.`
  }
}

/** A file of the context that could not be sent: somebody else's (databases on a self-hosted runner), or gone meanwhile. */
function unreadableFile(message: string): InputProblem | undefined {
  const file = /error from sender: (?:open|lstat|read|readlink|stat)? ?(\S+?): permission denied/.exec(message)?.[1]
  if (file !== undefined) {
    return {
      input: 'context',
      problem: `the runner's user may not read "${file}"`,
      fix: `Put it into .dockerignore, or give it to the runner's user.`
    }
  }
  const gone =
    /error from sender: (?:open|lstat|read|readlink|stat)? ?(\S+?): no such file or directory/.exec(message)?.[1] ??
    /(?:^|: )invalid file request (\S+)$/.exec(message)?.[1]
  if (gone === undefined) return undefined
  return {
    input: 'context',
    problem: `"${gone}" was there when the context was listed, and could not be sent`,
    fix: 'Something writes into the context while it is read. Put such files into .dockerignore, or end what writes them in an earlier step.'
  }
}

/** A repository that the builder cannot have as a context, in git's own words. `ADD` of one fails with a step instead. */
function refusedGit(message: string, failed: readonly string[]): InputProblem | undefined {
  if (/^failed to (?:read dockerfile|stat policy file \S+): /.test(message)) return gitProblem(message, 'context')
  const isNamed = failed.some((name) => /\binternal\] load git source /.test(name))
  return isNamed ? gitProblem(message, 'build-contexts') : undefined
}

type ContextInput = 'context' | 'build-contexts'

function gitProblem(message: string, input: ContextInput): InputProblem | undefined {
  const moved = /expected checksum to match ([0-9a-f]{7,64}), got ([0-9a-f]{7,64})/.exec(message)
  if (moved !== null) {
    const [, wanted = '', found = ''] = moved
    return {
      input,
      problem: `its branch or tag is at commit ${found.slice(0, 12)}, not at ${wanted.slice(0, 12)}`,
      fix: 'It has moved since. Put the commit after the "#" of the address, or run the workflow for the newer commit.'
    }
  }
  const ref = /repository does not contain ref (.*?)(?:, output: .*)?$/m.exec(message)?.[1]
  if (ref?.startsWith('refs/pull/') === true) {
    return {
      input,
      problem: `the repository has no "${ref}" any more`,
      fix: 'The pull request was closed, or has conflicts. Put the commit after the "#" of the address: "#${{ github.sha }}".'
    }
  }
  if (ref !== undefined) {
    return {
      input,
      problem: `the repository has no branch, tag or commit "${ref}"`,
      fix: 'Check what follows the "#" of the address.'
    }
  }
  const subdirectory = /invalid subdir (\S+): /.exec(message)?.[1]
  if (subdirectory !== undefined) {
    return {
      input,
      problem: `the repository has no folder "${subdirectory.replace(/^\//, '')}"`,
      fix: 'Check what follows the ":" of the address.'
    }
  }
  const empty = /could not find default branch for repository: (\S+)/.exec(message)?.[1]
  if (empty !== undefined) {
    return {
      input,
      problem: `${empty} has no default branch`,
      fix: 'The repository is empty, or its HEAD names a branch that is not there. Push to it first, or put a branch after a "#".'
    }
  }
  // Without a "#", BuildKit first asks which branch it is.
  const words =
    /(?:failed to fetch remote|error fetching default branch for repository) (\S+): git stderr:\n([^]*)$/.exec(message)
  if (words === null) return undefined
  const [, remote = '', stderr = ''] = words
  const said = stderr.replace(/\n?: exit status \d+\s*$/, '').trim()
  return { ...gitAdvice(said, input), problem: `${remote} cannot be fetched; git says: ${said.replaceAll('\n', ' ')}` }
}

function gitAdvice(said: string, input: ContextInput): Pick<InputProblem, 'input' | 'fix'> {
  if (
    /could not read (?:Username|Password)|Authentication failed|\b40[13]\b|Repository not found|invalid credentials/i.test(
      said
    )
  ) {
    return {
      input: 'github-token',
      fix: `Give a token that may read this repository (the default one reads only its own; another server than GitHub takes the secret "GIT_AUTH_TOKEN.HOST"), or check the address in ${input}.`
    }
  }
  if (/Permission denied \(publickey|Host key verification failed/i.test(said)) {
    return { input: 'ssh-private-key', fix: 'Give a key that may read this repository, or use its https address.' }
  }
  if (/not found|does not appear to be a git repository|Unable to find|couldn't find remote ref/i.test(said)) {
    return { input, fix: 'Check the address, and what follows its "#".' }
  }
  return { input, fix: 'Check the address, and whether the builder may reach this host.' }
}
