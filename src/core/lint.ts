/** A finding of BuildKit's own checks: https://docs.docker.com/reference/build-checks/ */
export type LintFinding = {
  readonly rule: string
  readonly message: string
  readonly url?: string
  /** 1-based, of the Dockerfile. */
  readonly line?: number
}
