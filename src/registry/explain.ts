/** What an answer of a registry means, and what to do about it. Pure. */
import { asArray, asString, dig, parseJSON } from '../core/json.js'
import type { LoginNote } from './authorize.js'
import { isCertificateError, isNotTLS } from './certificates.js'
import type { AttestationForm } from './content.js'
import type { ProblemKind, RegistryProblem } from './problem.js'
import { readRetryAfter } from './retry.js'
import type { Answer, NoAnswer } from './transport.js'

/** What was asked of a registry. */
export type Doing = {
  /** As people write it: a repository, or a reference with its tag. */
  readonly reference: string
  /** `ghcr.io` */
  readonly host: string
  readonly part: 'blob' | 'manifest' | 'attestation' | 'index' | 'tag' | 'question'
  /** How attestations are written in what is pushed, if there are any. */
  readonly attests?: AttestationForm
  readonly login?: LoginNote
}

/** The registry's own words, in one line; empty where it has none. https://distribution.github.io/distribution/spec/api/#errors */
export function registryWords(bytes: Buffer): string {
  const body = parseJSON(bytes.toString())
  const error = asArray(dig(body, 'errors'))[0]
  const words = asString(dig(error, 'message')) ?? asString(dig(body, 'message')) ?? ''
  return words.replace(/\s+/g, ' ').trim().slice(0, 200)
}

function codeOf(bytes: Buffer): string {
  return asString(dig(asArray(dig(parseJSON(bytes.toString()), 'errors'))[0], 'code')) ?? ''
}

/** Explains an answer that is not the one hoped for. */
export function explainAnswer(answer: Answer, doing: Doing): RegistryProblem {
  const { status, bytes } = answer
  const words = registryWords(bytes)
  const code = codeOf(bytes)
  const said = [`status ${status}`, ...(code === '' ? [] : [code]), ...(words === '' ? [] : [words])].join(': ')
  const problem = (kind: ProblemKind, message: string, fix: string): RegistryProblem => ({
    ...{ kind, reference: doing.reference, message, fix, status }
  })
  const { part } = doing
  const { host, isElsewhere } = askedOf(answer.url.host, doing.host)
  if (isElsewhere && isRefusal(status) && !isFull(status, words)) {
    return problem('refused', `${host} does not accept it (${said})`, ELSEWHERE_FIX)
  }
  const sent = sentLogin(doing)
  const lacksRights = sent !== undefined && isShortOfRights(answer, words)
  if ((status === 401 && !lacksRights) || /token has expired/i.test(words)) return explainLogin(said, doing, status)
  if (status === 407) {
    return problem(
      'refused',
      `the proxy on the way to ${host} requires a login (${said})`,
      'Put it in the proxy’s address: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, from a secret.'
    )
  }
  const isAttested = (part === 'attestation' || part === 'index') && doing.attests !== undefined
  if (isFull(status, words)) {
    return problem(
      'quota',
      `${host} has no room for it (${said})`,
      'Delete images that nobody needs, or raise the quota of the project or account.'
    )
  }
  if (isImmutable(part, status, code, words)) {
    return problem(
      'immutable-tag',
      `the tag already has another image, and ${host} does not let it be moved (${said})`,
      'Push a tag that is new, such as one with the commit in it, or allow tags of this repository to be overwritten.'
    )
  }
  if (status === 429 || code === 'TOOMANYREQUESTS') {
    const after = readRetryAfter(answer.headers['retry-after'], Date.now())
    const when = after === undefined ? 'later' : `in ${Math.ceil(after / 1000)} s`
    return problem(
      'rate-limit',
      `${host} accepts no more requests for now (${said})`,
      `Run the job again ${when}. A login has a higher limit than none.`
    )
  }
  if ((status === 405 && part !== 'manifest') || /read.?only mode/i.test(words)) {
    return problem(
      'refused',
      `${host} accepts no uploads there (${said})`,
      'It is a mirror or read-only, or the repository or tag is locked. Name another, or see what the registry says.'
    )
  }
  if (status === 403 || code === 'DENIED' || lacksRights) {
    // It may be the answer to nobody in particular: a login would have been sent, had it been readable.
    if (doing.login?.fault !== undefined || doing.login?.kind === 'unusable') return explainLogin(said, doing, status)
    const what =
      sent === undefined ? `${host} allows no push without a login` : `${loginWords(sent)} may not push there`
    return problem('forbidden', `${what} (${said})`, rightsFix(host, words, sent))
  }
  if (/^(?:BLOB_UPLOAD|BLOB|MANIFEST_BLOB)_UNKNOWN$/.test(code) && !isAttested) {
    return problem(
      'broken',
      `${host} no longer knows a part that it had accepted (${said})`,
      'Run the job again. If it comes back, see whether several instances of the registry share their storage and their http.secret.'
    )
  }
  if (isMissing(status, code) && !isAttested) {
    return problem(
      'no-repository',
      `the repository is not there, and ${host} does not create it by itself (${said})`,
      /\.ecr\..*amazonaws\.com/.test(host)
        ? 'Make it first: aws ecr create-repository --repository-name NAME.'
        : 'Make the repository first, check its spelling, and check that the login may see it.'
    )
  }
  if (status === 413) {
    return problem(
      'too-large',
      `${host}, or a proxy in front of it, does not accept requests of this size (${said})`,
      'Raise the limit of the proxy (client_max_body_size in nginx), or make the largest layer smaller.'
    )
  }
  if (isAttested && status >= 400 && status < 500 && status !== 408) return explainAttestation(said, doing, status)
  if (status >= 500 || status === 408 || status === 425) {
    return problem('broken', `${host} failed at every attempt (${said})`, 'Run the job again later.')
  }
  return problem(
    'refused',
    `${host} does not accept it (${said})`,
    words === '' && code === ''
      ? 'Check what answers there: it may not be a registry, or something stands in front of it.'
      : 'See what the registry says.'
  )
}

/**
 * Who was asked, as it is told. A registry may have its blobs and its tokens elsewhere: what goes wrong there is not for its
 * login or its rights to mend. No more than the host is named, for the address may be signed.
 */
function askedOf(
  asked: string | undefined,
  registry: string
): { readonly host: string; readonly isElsewhere: boolean } {
  const own = ['https:', 'http:'].map((scheme) => URL.parse(`${scheme}//${registry}`)?.host)
  if (asked === undefined || own.includes(asked)) return { host: registry, isElsewhere: false }
  return { host: `${asked}, to which ${registry} sends,`, isElsewhere: true }
}

const ELSEWHERE_FIX =
  'See what keeps this runner from there: the network of the runner, a proxy on the way, or how the registry is set up.'

/** What a registry would mean by it, such as a login that it wants, a storage does not mean. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && ![407, 408, 413, 425, 429].includes(status)
}

/** Distribution and Docker Hub tell it in the challenge, Harbor and Quay in words. */
function isShortOfRights({ status, headers }: Answer, words: string): boolean {
  const challenge = headers['www-authenticate'] ?? ''
  return (
    status === 401 && (challenge.includes('insufficient_scope') || /unauthorized to access|not authorized/i.test(words))
  )
}

/** Harbor says 412, Azure 403, ECR 400: the words tell. */
function isFull(status: number, words: string): boolean {
  return (
    [402, 507].includes(status) ||
    /quota|storage limit|insufficient storage|no space|storage resource.*exceed|LimitExceeded/i.test(words)
  )
}

/** ECR, Docker Hub, Harbor, Quay, Artifact Registry, Nexus and Artifactory say it in these words. */
function isImmutable(part: Doing['part'], status: number, code: string, words: string): boolean {
  if (part !== 'tag') return false
  return (
    /IMMUTABLE|ImageTagAlreadyExists|TAG_ALREADY_EXISTS/i.test(code) ||
    /immutab|tag.*already exists|cannot be overwritten|overwrite|not allow updating/i.test(words) ||
    status === 409 ||
    status === 412
  )
}

function isMissing(status: number, code: string): boolean {
  return status === 404 || code === 'NAME_UNKNOWN' || code === 'NAME_INVALID'
}

/** GitLab, Harbor and distribution before they knew OCI artifacts: https://github.com/moby/buildkit/issues/7007 */
function explainAttestation(said: string, doing: Doing, status: number): RegistryProblem {
  const { reference, host, part } = doing
  const artifact = doing.attests === 'artifact'
  const what = part === 'index' ? 'the index with attestations' : 'an attestation'
  return {
    kind: 'attestation-refused',
    reference,
    status,
    message: artifact
      ? `${host} does not accept ${what} as BuildKit 0.32 and later write it, as an OCI artifact (${said})`
      : `${host} does not accept ${what} (${said})`,
    fix: artifact
      ? 'Set BUILDX_NO_DEFAULT_OCI_ARTIFACT=true in the environment of the step for the older form, update the registry, or leave attestations out with provenance: false and no sbom.'
      : 'Leave attestations out with provenance: false and no sbom, or update the registry.'
  }
}

function explainLogin(said: string, doing: Doing, status: number): RegistryProblem {
  const { reference, host, login } = doing
  const problem = (kind: ProblemKind, message: string, fix: string): RegistryProblem => ({
    ...{ kind, reference, message, fix, status }
  })
  if (login?.kind === 'unusable') {
    return problem(
      'login-missing',
      `${host} requires a login, and none is available: ${login.why ?? login.source} (${said})`,
      `See why the credential helper fails: it is asked by "echo ${host} | ${login.source} get".`
    )
  }
  if (login === undefined || login.kind === 'none') {
    const looked = login === undefined ? '' : ` in ${login.source}`
    const why = login?.why === undefined ? '' : `; ${login.why}`
    if (login?.fault !== undefined) {
      return problem(
        'login-missing',
        `${host} requires a login, and none could be read: ${login.fault} (${said}${why})`,
        `Mend or remove what is broken, and log in before this step, for example with docker/login-action and registry: ${host}.`
      )
    }
    return problem(
      'login-missing',
      `${host} requires a login, and there is none for it${looked} (${said}${why})`,
      loginFix(host)
    )
  }
  const why = login.why === undefined ? said : `${said}; ${login.why}`
  return problem(
    'login-refused',
    `${loginWords(login)} is not accepted (${why})`,
    /\.ecr\..*amazonaws\.com/.test(host)
      ? 'Log in shortly before this step: a password of ECR holds for 12 hours, and for one region.'
      : 'Check the password or token: whether it is complete, still valid, and for this registry.'
  )
}

function loginFix(host: string): string {
  return `Log in before this step, for example with docker/login-action and registry: ${host}.`
}

/** The login that was sent, if there is one. */
function sentLogin({ login }: Doing): LoginNote | undefined {
  return login === undefined || login.kind === 'none' || login.kind === 'unusable' ? undefined : login
}

function loginWords({ user, source }: LoginNote): string {
  return `the login${user === undefined ? '' : ` of ${user}`} from ${source}`
}

function rightsFix(host: string, words: string, sent: LoginNote | undefined): string {
  if (/client with IP|firewall/i.test(words)) {
    return 'Let the runner’s address through the firewall of the registry, or run the job where it is let through.'
  }
  if (/API has not been used|is disabled/i.test(words)) return 'Switch it on in the project of the registry.'
  if (sent === undefined) return loginFix(host)
  if (host === 'ghcr.io') {
    return 'Give the job the permission packages: write, and the repository access to the package (Package settings, Manage Actions access).'
  }
  return 'Give this login the right to push to the repository, or log in with another.'
}

/** Explains that no answer came. */
export function explainNoAnswer(
  { reason, code, message, host: asked }: NoAnswer,
  { reference, host: registry }: Doing
): RegistryProblem {
  const { host, isElsewhere } = askedOf(asked, registry)
  const bare = isElsewhere ? (asked ?? registry) : registry
  const problem = (kind: ProblemKind, seen: string, fix: string): RegistryProblem => ({
    ...{ kind, reference, message: seen, fix }
  })
  if (code === 'FILE') {
    return problem(
      'layout',
      `the image on the disk cannot be read: ${message}`,
      'See what else cleans up on this runner.'
    )
  }
  if (code === 'PROXY') {
    return problem(
      'unreachable',
      `${host} cannot be reached: ${message}`,
      'Write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT. In user and password "%" is %25, "@" %40, "/" %2F, ":" %3A.'
    )
  }
  if (code === 'PROXY_DENIES') {
    return problem(
      'unreachable',
      `${host} cannot be reached: ${message}`,
      'Have the host let through by the proxy, or name it in NO_PROXY where the runner reaches it without.'
    )
  }
  if (isCertificateError(code)) {
    return problem(
      'certificate',
      `the certificate of ${host} is not valid (${code}: ${message})`,
      `Put the authority that signed it into /etc/docker/certs.d/${bare}/ca.crt or ~/.docker/certs.d/${bare}/ca.crt, as for docker.`
    )
  }
  if (isNotTLS(code)) {
    return problem(
      'certificate',
      `${host} does not speak TLS (${code})`,
      "Let the registry speak TLS, or name it in insecure-registries of the engine's daemon.json."
    )
  }
  if (reason === 'silent') {
    return problem(
      'silent',
      `${host} accepts connections and does not answer`,
      'Check that the registry is healthy, and run the job again.'
    )
  }
  if (reason === 'too-long')
    return problem('refused', `${host}: ${message}`, 'Check what answers there: it may not be a registry.')
  const seen = code === '' ? message : `${code}: ${message}`
  return problem(
    'unreachable',
    `${host} cannot be reached (${seen})`,
    isElsewhere
      ? ELSEWHERE_FIX
      : code === 'ENOTFOUND'
        ? 'Check the host in the reference, and the DNS of the runner.'
        : 'See whether the runner reaches the registry: its address, firewall and proxy (HTTPS_PROXY, NO_PROXY).'
  )
}
