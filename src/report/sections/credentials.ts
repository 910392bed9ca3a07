/** What to do where a build was not given a secret or an ssh key that its Dockerfile mounts. */
import { credentialOf, mountsIn, type Mount } from '../../dockerfile/index.js'
import type { Credential, Failure } from '../../failure/failure.js'
import { enumerated } from '../../core/units.js'
import { credentialInWords } from '../../gate/lacking.js'
import { GIT_SSH_ID } from '../../ssh/deploy_keys.js'
import { inline } from '../format/markdown.js'
import type { BuildView } from '../model.js'
import type { Remedy } from './remedy.js'

/** The words of ssh and git where a host takes none of the keys. */
export const KEY_REFUSED = /Permission denied \(publickey|Could not read from remote repository/i

/** ssh did not come to its keys. */
const NOT_REACHED =
  /Host key verification failed|Could not resolve host|Connection (?:refused|timed out|reset|closed)|No route to host|Network is unreachable/i

/** The words of package managers, git and HTTP clients where a server wants a login, or another one. */
export const LOGIN_REFUSED =
  /\b40[13] (?:Client Error|Unauthorized|Forbidden)|\b401 Error|\b(?:HTTP(?:\/[\d.]+)?|error|status(?: code)?|code):? E?40[13]\b|\bENEEDAUTH\b|could not read (?:Username|Password) for|Authentication (?:failed for|(?:is )?required)|Unable to authenticate|Could not authenticate|Unable to locate credentials/i

/** What a host that takes no key asks for: the mount, or another key. */
export function keyRefusedRemedy(instruction: string): Remedy {
  const deployKeys = 'A deploy key belongs to one repository: several of them need the secret `git_ssh`.'
  return mountsIn(instruction).some(({ type }) => type === 'ssh')
    ? {
        sentence: `The host refused the SSH key. Check that the key in \`ssh-private-key\` may read this repository. ${deployKeys}`
      }
    : {
        sentence: `The host got no SSH key, as the step has no \`--mount=type=ssh\`. The key in \`ssh-private-key\` must be one that may read this repository. ${deployKeys}`,
        lines: { language: 'dockerfile', text: ['RUN --mount=type=ssh \\', '    …'] }
      }
}

/** What a server that takes no login asks for: the mount, or another secret. */
export function loginRefusedRemedy(instruction: string): Remedy {
  const ids = mountsIn(instruction).flatMap((mount) =>
    mount.type === 'secret' && credentialOf(mount) !== 'known_hosts' ? (credentialOf(mount) ?? []) : []
  )
  return {
    sentence:
      ids.length === 0
        ? 'A server refused the login. The step mounts no secret: if the server wants one, mount it (`--mount=type=secret,id=…`).'
        : `A server refused the login. Check that ${enumerated(ids.map((id) => `"${inline(id)}"`))} ${ids.length === 1 ? 'is the secret' : 'are the secrets'} that it wants, and still valid.`
  }
}

/**
 * What to do about what a failed step mounts and was not given. What its last words say is missing leaves no other cause; of a
 * server that refused a login nobody knows which it wanted, so it comes before the other hints only where the step had none.
 */
export function lackingRemedies(
  report: BuildView,
  { instruction, words, lacking }: { instruction: string; words: string; lacking: readonly Credential[] },
  hints: readonly Remedy[]
): readonly Remedy[] {
  const step = { words, mounts: mountsIn(instruction), lacking }
  const of = Object.groupBy(lacking, (credential) => weigh(credential, step))
  const told = (those: readonly Credential[] = [], certainty: 'certain' | 'likely'): readonly Remedy[] =>
    those.length === 0 ? [] : [lackingRemedy(report, those, certainty)]
  // To look at the login itself is no use where there was none.
  const login = of.likely === undefined ? undefined : loginRefusedRemedy(instruction).sentence
  return [
    ...told(of.certain, 'certain'),
    ...told(of.likely, 'likely'),
    ...(of.certain === undefined ? hints.filter(({ sentence }) => sentence !== login) : []),
    ...told(of.possible, 'likely')
  ]
}

type FailedStep = {
  readonly words: string
  readonly mounts: readonly Mount[]
  readonly lacking: readonly Credential[]
}

/** How much speaks for it that a step failed for want of a credential. */
function weigh(credential: Credential, step: FailedStep): 'certain' | 'likely' | 'possible' {
  const { words } = step
  if (isKey(credential)) {
    const isRefused =
      (KEY_REFUSED.test(words) && !NOT_REACHED.test(words)) || /authentication agent|SSH_AUTH_SOCK/.test(words)
    return isRefused && hasNone('ssh', step) ? 'certain' : 'possible'
  }
  if (isSaidMissing(credential, step)) return 'certain'
  return LOGIN_REFUSED.test(words) && hasNone('secret', step) ? 'likely' : 'possible'
}

/** Whether a step was given none of its mounts of a type. */
function hasNone(type: 'secret' | 'ssh', { mounts, lacking }: FailedStep): boolean {
  return mounts
    .filter((mount) => mount.type === type)
    .every((mount) => lacking.some(({ credential, id }) => credential === type && id === credentialOf(mount)))
}

const MISSING =
  /no such file|can(?:no|')t open|does not exist|not found|ENOENT|unbound variable|not set|parameter null/i

/** Whether a line says that the file or the variable of a secret is not there. One that a shell prints of a command says nothing. */
function isSaidMissing({ id }: Credential, { words, mounts }: FailedStep): boolean {
  const names = mounts
    .filter((mount) => mount.type === 'secret' && credentialOf(mount) === id)
    .flatMap(({ options }) => {
      const variable = options.get('env')
      // Without either it is a file: https://docs.docker.com/reference/dockerfile/#run---mounttypesecret
      const file = options.get('target') ?? (variable === undefined ? `/run/secrets/${id}` : undefined)
      return [file, variable].filter((name) => name !== undefined && name.length > 2)
    })
  const lines = words.split('\n').filter((line) => MISSING.test(line) && !/^\++ /.test(line))
  return names.some((name = '') => lines.some((line) => holdsWord(line, name)))
}

function holdsWord(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w./-])${RegExp.escape(name)}(?![\\w/-])`).test(text)
}

function lackingRemedy(
  { trusted }: BuildView,
  lacking: readonly Credential[],
  certainty: 'certain' | 'likely'
): Remedy {
  const what = enumerated(lacking.map(({ credential, id }) => credentialInWords({ credential, id: inline(id) })))
  const it = lacking.length === 1 ? 'it' : 'them'
  const fault = certainty === 'certain' ? `, and failed for want of ${it}` : ''
  if (!trusted) return { sentence: `The step mounts ${what}, which this run is not given${fault}. ${WITHHELD}` }
  const cause = certainty === 'certain' ? fault : `: if it needs ${it}, that is the likely cause`
  return {
    sentence: `The step mounts ${what}, which the workflow does not supply${cause}. Add ${it} to this step of the workflow, and to the repository’s secrets if not there yet:`,
    lines: supplyLines(lacking)
  }
}

const WITHHELD =
  'GitHub gives no secrets to this kind of run. A maintainer can push the commits to a branch of this repository and let it run there.'

/** What comes with a key: a secret of ours, too. */
function isKey({ credential, id }: Credential): boolean {
  return credential === 'ssh' || id === GIT_SSH_ID
}

/** What to do about one that is required. */
export function credentialRemedies(
  report: BuildView,
  failure: Extract<Failure, { kind: 'credential' }>
): readonly Remedy[] {
  const id = inline(failure.id)
  const optional: Remedy = {
    sentence: `Or, if the build can do without it, leave \`required=true\` out of the mount of "${id}".`
  }
  if (!report.trusted) return [{ sentence: WITHHELD }, optional]
  const lines = supplyLines([failure])
  if (isKey(failure)) {
    const agent: Remedy = {
      sentence: `The key in \`ssh-private-key\` has the id \`default\`: with \`--mount=type=ssh\` and no id, it is used.`
    }
    const isOther = failure.credential === 'ssh' && id !== 'default'
    return [{ sentence: 'Add the key to this step of the workflow:', lines }, ...(isOther ? [agent] : []), optional]
  }
  return [
    {
      sentence: 'Add the secret to this step of the workflow, and to the repository’s secrets if it is not there yet:',
      lines
    },
    optional
  ]
}

/** The lines of a workflow that supply them. */
function supplyLines(credentials: readonly Credential[]): NonNullable<Remedy['lines']> {
  const keys = credentials.filter(isKey)
  const others = keys.flatMap(({ credential, id }) => (credential === 'ssh' && id !== 'default' ? [inline(id)] : []))
  const secrets = credentials.filter((credential) => !isKey(credential)).map(({ id }) => inline(id))
  const text = [
    'with:',
    ...(keys.length > others.length ? ['  ssh-private-key: ${{ secrets.SSH_PRIVATE_KEY }}'] : []),
    ...(others.length === 0 ? [] : ['  ssh: |']),
    ...others.map((id) => `    ${id}=…   # the path of a key or of an agent's socket`),
    ...(secrets.length === 0 ? [] : ['  secrets: |']),
    ...secrets.map((id) => `    ${id}=\${{ secrets.${variableOf(id)} }}`)
  ]
  return { language: 'yaml', text }
}

/** A name that GitHub takes for a secret. */
function variableOf(id: string): string {
  return id
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .replace(/^(?=\d|GITHUB_|$)/, 'SECRET_')
}
