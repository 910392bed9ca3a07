/** What to do about a registry that gives no image or takes none. */
import { dockerHub, parseReference } from '../../core/reference.js'
import { isPush, type Failure } from '../../failure/failure.js'
import { inline } from '../format/markdown.js'
import type { BuildView } from '../model.js'
import type { Remedy } from './remedy.js'

type Failed = Extract<Failure, { kind: 'registry' }>

/** What to do, most likely first. */
export function registryRemedies(report: BuildView, failure: Failed): readonly Remedy[] {
  return [...stageRemedies(failure), ...causeRemedies(report, failure)]
}

/** BuildKit knows the stages, and says which of them a name comes near to. */
function stageRemedies({ message }: Failed): readonly Remedy[] {
  const stage = / \(did you mean (\S+)\?\)$/.exec(message)?.[1]
  if (stage === undefined) return []
  const name = inline(stage)
  return [
    { sentence: `If the stage \`${name}\` is meant, correct its name: one that no stage has is taken for an image.` }
  ]
}

function causeRemedies(report: BuildView, failure: Failed): readonly Remedy[] {
  if (failure.fix !== undefined) return [{ sentence: failure.fix }]
  const push = isPush(failure)
  const { message } = failure
  const host = registryHost(failure.reference)
  if (/toomanyrequests|rate limit|\b429\b/i.test(message)) {
    return [
      {
        sentence: 'The registry limits pulls, and those without a login most. Log in before this step:',
        lines: login(host)
      },
      { sentence: 'If it is logged in already: run the job later, or take the image from a mirror.' }
    ]
  }
  if (
    /\b40[13]\b|unauthori[sz]ed|denied|forbidden|authentication required|insufficient_scope|no basic auth/i.test(
      message
    )
  ) {
    return accessRemedies(report, message, { host, push })
  }
  const unknown = /\blookup (\S+?)(?: on \S+)?: no such host\b/.exec(message)?.[1]
  if (unknown !== undefined && unknown === host?.replace(/:\d+$/, '')) {
    return [
      {
        sentence: `There is no host \`${inline(unknown)}\`, as far as the builder can see. Check it in the reference, and the DNS of the builder.`
      }
    ]
  }
  if (noAnswer.test(message)) {
    const quick = push ? ' The build is done and in the builder’s cache, so it will be quick.' : ''
    return [
      { sentence: `The registry could not be reached or returned an error. Run the job again.${quick}` },
      { sentence: 'If it happens again: check the address, and whether the builder may reach it.' }
    ]
  }
  if (!push && /not found|manifest unknown|does not exist/i.test(message)) {
    return [{ sentence: `No such image. Check the name and the tag; ${MISSPELLED_STAGE}` }]
  }
  return [{ sentence: 'Run the job again; if it persists, the message above is the registry’s own.' }]
}

const MISSPELLED_STAGE = 'a `COPY --from=` or `FROM` that misspells a stage is taken for an image too.'

/** A server or a network that did not do what it usually does. */
const noAnswer =
  /connection re(?:fused|set)|no such host|server misbehaving|name resolution|i\/o timeout|no route to host|network is unreachable|TLS handshake|deadline exceeded|EOF$|\b50[0234]\b|\b52\d\b|certificate/i

/** Access was refused: to somebody without a login, with one that is not taken, or to an image that is not there at all. */
function accessRemedies(
  report: BuildView,
  message: string,
  { host, push }: { readonly host: string | undefined; readonly push: boolean }
): readonly Remedy[] {
  if (!report.trusted) return [{ sentence: 'This run has no credentials, and the image is not public.' }]
  if (!push && /does not exist|may not exist/i.test(message)) {
    return [
      { sentence: `There is no such image, or this run may not read it. Check the name; ${MISSPELLED_STAGE}` },
      { sentence: 'If it is private, log in before this step:', lines: login(host) }
    ]
  }
  const sentence = /anonymous token|no basic auth/i.test(message)
    ? 'The registry asks for a login, and the builder has none for it. Log in before this step:'
    : /oauth token|incorrect username/i.test(message)
      ? 'The registry does not accept the login that this runner has for it: is its token still valid? Log in before this step:'
      : 'The registry refused access. Log in before this step, as somebody who may do this:'
  return [
    { sentence, lines: login(host) },
    ...(host === 'ghcr.io' && push
      ? [
          {
            sentence: 'The job also needs the right to write packages:',
            lines: { language: 'yaml' as const, text: ['permissions:', '  contents: read', '  packages: write'] }
          }
        ]
      : [])
  ]
}

/** The registry's host, as Docker reads a reference. */
function registryHost(reference: string | undefined): string | undefined {
  if (reference === undefined) return undefined
  const reading = parseReference(inline(reference))
  return reading.ok ? (reading.reference.domain ?? dockerHub.name) : undefined
}

function login(host: string | undefined): NonNullable<Remedy['lines']> {
  const lines = [
    ...(host === undefined || host === dockerHub.name ? [] : [`    registry: ${host}`]),
    ...credentialsFor(host ?? '').map((line) => `    ${line}`)
  ]
  return { language: 'yaml', text: ['- uses: docker/login-action@v4', '  with:', ...lines] }
}

/** What docker/login-action takes for it: https://github.com/docker/login-action#usage */
function credentialsFor(host: string): readonly string[] {
  if (host === 'ghcr.io') return ['username: ${{ github.actor }}', 'password: ${{ github.token }}']
  if (/\.dkr\.ecr[.-].*\.amazonaws\.com/.test(host)) {
    return ['username: ${{ secrets.AWS_ACCESS_KEY_ID }}', 'password: ${{ secrets.AWS_SECRET_ACCESS_KEY }}']
  }
  if (/-docker\.pkg\.dev$|(?:^|\.)gcr\.io$/.test(host)) {
    return ['username: _json_key', 'password: ${{ secrets.GAR_JSON_KEY }}']
  }
  return ['username: ${{ vars.REGISTRY_USER }}', 'password: ${{ secrets.REGISTRY_TOKEN }}']
}
