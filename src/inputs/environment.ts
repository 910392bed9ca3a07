/** Variables that docker/build-push-action or `docker buildx build` reads, for workflows that move over. */

const withoutEffect: Readonly<Record<string, string>> = {
  DOCKER_BUILD_SUMMARY: 'the summary is always written',
  DOCKER_BUILD_CHECKS_ANNOTATIONS:
    "findings of BuildKit's checks are annotations, and only those on lines of the change",
  DOCKER_BUILD_RECORD_UPLOAD: 'no build record is uploaded',
  DOCKER_BUILD_RECORD_RETENTION_DAYS: 'no build record is uploaded',
  DOCKER_BUILD_EXPORT_RETENTION_DAYS: 'no build record is uploaded',
  DOCKER_BUILD_NO_SUMMARY: 'the summary is always written',
  BUILDX_METADATA_PROVENANCE: 'the metadata has the provenance whole, since the report is made of it'
}

/** A sentence for each variable that is set and has no effect. Other `BUILDX_` and `BUILDKIT_` variables reach buildx. */
export function environmentNotes(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(withoutEffect)
    .filter(([name]) => (env[name] ?? '') !== '')
    .map(([name, why]) => `${name} has no effect: ${why}.`)
}
