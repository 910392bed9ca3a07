/** What lies behind the words of a registry, and what to do, as far as a login or a name does not mend it. Pure. */
import { namesLoopback } from '../core/host.js'
import type { BuilderFacts } from './causes.js'

/** What a registry's words mean beyond a login or a name; `undefined` where nothing more is known. */
export function registryFix(message: string, builder?: BuilderFacts): string | undefined {
  if (message.includes('connection refused') && namesLoopback(message) && hasOwnNetwork(builder)) {
    const made = builder?.driver === 'docker-container'
    return made
      ? 'The builder is a container with a network of its own: the runner’s 127.0.0.1 is not its. Give docker/setup-buildx-action "driver-opts: network=host".'
      : `127.0.0.1 is, for this builder (driver ${builder?.driver ?? 'unknown'}), its own machine. Give the registry an address that the builder can reach.`
  }
  if (message.includes('x509: ')) return registryCertificateAdvice(builder)
  return registryCauses.find(({ text }) => text.test(message))?.fix
}

const registryCauses: readonly { readonly text: RegExp; readonly fix: string }[] = [
  {
    text: /error getting credentials/,
    fix: 'The credential helper that docker’s config.json names (`credsStore`, `credHelpers`) failed, so no login was tried. Log in with docker/login-action on this runner, or take the helper out of config.json.'
  },
  {
    // GitLab: `blob unknown to registry`; Aliyun, older Harbor and distribution: the media type of the empty config.
    text: /blob unknown to registry|application\/vnd\.oci\.empty\.v1\+json|vnd\.docker\.attestation\.manifest/,
    fix: 'The registry may not take attestations as OCI artifacts, which BuildKit 0.32 makes of them. Set `BUILDX_NO_DEFAULT_OCI_ARTIFACT: true` in the `env` of this step (buildx 0.36), or `provenance: false`.'
  },
  {
    text: /no match(?:ing manifest)? for (?:platform in manifest|\S+\/\S+ in the manifest list)/,
    fix: 'The image exists, but not for this platform. Use a base image that has it, or leave the platform out of `platforms`.'
  },
  {
    text: /http: server gave HTTP response to HTTPS client/,
    fix: 'The registry speaks plain HTTP. Allow it to the builder: `insecure-registries` of the engine, or `[registry."HOST"] http = true` in buildkitd.toml.'
  },
  {
    text: /manifest\.v1\+prettyjws|schema ?1\b|docker image format v1/i,
    fix: 'The image is stored in a format (schema 1) that today’s engines no longer read. Use a newer tag of it, or have it pushed again by a newer Docker.'
  },
  {
    text: /Proxy Authentication Required/,
    fix: 'The builder goes through a proxy that requires a login, or does not accept the one it gets. The proxy of the engine or the builder (`HTTPS_PROXY`) has a setting of its own: `http://USER:PASSWORD@HOST:PORT`.'
  },
  {
    text: /proxyconnect /,
    fix: 'The builder goes through a proxy that did not answer. Check the proxy of the engine or the builder (`HTTPS_PROXY`, `NO_PROXY`), which has a setting of its own.'
  },
  {
    text: /status from (?:HEAD|GET) request to \S+: 412\b|due to configured policy/,
    fix: 'A rule of the registry keeps it from giving this image out: in Harbor, the project’s policy for unsigned or vulnerable images.'
  },
  {
    text: /\b413\b(?:(?!\b413\b).)*(?:Entity|Content) Too Large|error parsing HTTP 413/i,
    fix: 'The registry, or a proxy in front of it, does not take requests of this size. Raise the limit of the proxy (`client_max_body_size` in nginx), or make the largest layer smaller.'
  },
  {
    text: /immutab|cannot be overwritten/i,
    fix: 'The tag has another image, and may not be moved there. Push a tag that is new, such as one with the commit in it.'
  },
  {
    text: /token has expired/i,
    fix: 'The login of this runner has expired: ECR’s holds for 12 hours. Log in shortly before this step.'
  },
  {
    text: /name unknown: |repository with name \S+ does not exist/i,
    fix: 'The repository is not there, and this registry does not make it by itself. Make it first (in ECR: `aws ecr create-repository`), and check its spelling.'
  },
  {
    text: /storage resource(?:(?!storage resource).)*exceed|(?:quota|storage limit) (?:(?!(?:quota|storage limit) ).)*(?:exceed|reach)|exceed(?:(?!exceed)\w)* (?:(?!exceed(?:(?!exceed)\w)* ).)*quota|insufficient storage/i,
    fix: 'The registry has no room for it. Delete images that nobody needs, or raise the quota of the project or account.'
  },
  {
    text: /content at \S+ not found/,
    fix: 'The registry names a part of the image that it no longer has. Push the image there again, or take another tag.'
  },
  {
    text: /failed size validation|unexpected commit digest/,
    fix: 'What arrived is not what the registry had announced: the download was cut off or changed on its way. Run the job again; if it comes back, look at the proxy or mirror in between.'
  },
  {
    text: /error writing (?:layer|manifest) blob/,
    fix: 'The layer cache could not be written: check the login, the rights and the place that `cache-to` or `cache-image` names.'
  }
]

function registryCertificateAdvice(builder: BuilderFacts | undefined): string {
  const own = 'in the `buildkitd.toml` of the builder (`[registry."HOST"] ca = […]`)'
  const engine = "in `/etc/docker/certs.d/HOST/ca.crt` on the engine's machine"
  const where = builder === undefined ? `${engine}, or ${own}` : builder.driver === 'docker' ? engine : own
  return `The registry's certificate was refused: check the authority that signed it, the names in it, and its expiry date. An authority of your own belongs ${where}.`
}

function hasOwnNetwork(builder: BuilderFacts | undefined): boolean {
  if (builder === undefined || builder.driver === 'docker') return false
  return !(builder.nodes ?? []).some(({ options }) => options?.network === 'host')
}
