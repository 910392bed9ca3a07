/** What a `verify` command finds in its environment: the image, and none of the run's secrets. Pure. */

type Environment = Readonly<Record<string, string | undefined>>

/** The contract's variables; docs/smoke-and-verify.md describes each. */
export type VerifyFacts = {
  /** A reference by digest, in the registry on loopback. */
  readonly image: string
  readonly layout: string
  readonly archive?: string
  /** What the report calls it. */
  readonly name: string
  readonly platform: string
  readonly report: string
}

/**
 * Whether a variable may hold what opens something: the runner's tokens and the addresses they are for, the inputs, the
 * saved state, an agent, and whatever is called a token, secret, password or key.
 */
export function isSensitiveName(name: string): boolean {
  return (
    /^(?:INPUT_|STATE_|ACTIONS_|SSH_)/i.test(name) ||
    /^(?:GITHUB_(?:ENV|PATH|OUTPUT|STATE|STEP_SUMMARY|ARTIFACTS)|DOCKER_AUTH_CONFIG|GPG_AGENT_INFO|BASH_ENV|ENV)$/i.test(
      name
    ) ||
    // Short words stand alone, long ones also at the end of another: PGPASSWORD, npmToken.
    /(?:^|_)(?:PASS|KEYS?|PAT|AUTH|COOKIE|CREDS)(?:_|\d*$)/i.test(name) ||
    /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|(?:API|ACCESS|PRIVATE|SIGNING|SSH|DEPLOY|AUTH)KEY)S?(?:_|\d*$)|_PWD$|SSHPASS$/i.test(
      name
    )
  )
}

/**
 * @param env the environment of the step
 * @param named names in `verify-env`: these pass, whatever they are called
 * @param secret values that were handed to the build; a variable that holds one passes only if it is named
 */
export function planEnvironment(
  env: Environment,
  named: readonly string[],
  secret: readonly string[],
  facts: VerifyFacts
): Readonly<Record<string, string>> {
  const kept = Object.entries(env).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return []
    if (named.includes(name)) return [[name, value]]
    if (isSensitiveName(name)) return []
    return secret.some((each) => each.length >= 6 && value.includes(each.trim())) ? [] : [[name, value]]
  })
  return {
    ...Object.fromEntries(kept),
    STAGEGATE_IMAGE: facts.image,
    STAGEGATE_OCI_LAYOUT: facts.layout,
    STAGEGATE_NAME: facts.name,
    STAGEGATE_PLATFORM: facts.platform,
    STAGEGATE_REPORT: facts.report,
    ...(facts.archive === undefined ? {} : { STAGEGATE_ARCHIVE: facts.archive })
  }
}

/** Whether a command, or a script of the workspace that it calls, wants the archive: it is made only then. */
export function namesArchive(texts: readonly string[]): boolean {
  return texts.some((text) => text.includes('STAGEGATE_ARCHIVE'))
}

/** Paths in a command that may be scripts of the workspace. */
export function calledFiles(command: string): readonly string[] {
  const words = command.split(/[\s;&|()<>"'`]+/)
  const files = words.filter((word) => /^[\w./@+-]{1,200}$/.test(word) && /[./]/.test(word) && !word.startsWith('/'))
  return [...new Set(files.filter((file) => !file.split('/').includes('..')))].slice(0, 50)
}
