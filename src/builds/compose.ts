/**
 * A stranger's bake or compose file, judged by its text. Of compose, bake reads what the file names, wherever it lies: values of `env_file` and of the `env_file` of an
 * `include` become build arguments, and `extends` takes over another file's service. https://docs.docker.com/reference/compose-file/
 */

/** What bake looks for where no file is named: https://docs.docker.com/build/bake/reference/#file-lookup-order */
export const BAKE_FILES: readonly string[] = [
  ...['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'],
  ...['docker-bake.json', 'docker-bake.hcl', 'docker-bake.override.json', 'docker-bake.override.hcl']
]

const READERS = /(?<![\w-])(?:env_file|include|extends)(?![\w-])/

/**
 * How YAML can write a word that does not stand there: an escape with a number, a line that is continued, a tag such as
 * `!!binary`, and UTF-16.
 */
const DISGUISES = /\\(?:[xuU]|\r?\n)|(?:^|[\s,:?[{-])!\S|\0/m

/** Whether a file may have bake read others. It is read as text: in doubt it does. */
export function readsOthers(name: string, text: string): boolean {
  // Bake takes no such file for compose.
  if (/\.(?:hcl|json)$/.test(name)) return false
  return READERS.test(text) || DISGUISES.test(text)
}

/** Outputs that write no file, where that stands there in so many words and the value ends there. */
const HARMLESS =
  /(?<![\w.-])"?output"?\s*[=:]\s*\[\s*(?:(?:"type=(?:cacheonly|registry|image)(?:,push=(?:true|false))?"|\{\s*"?type"?\s*[=:]\s*"(?:cacheonly|registry|image)"\s*\})\s*,?\s*)*\](?=[ \t]*(?:\r?\n|$|[,}]))/g

/** Whether a file may have bake create or empty others, which it does with those that outputs name: in doubt it does. */
export function writesOthers(name: string, text: string): boolean {
  return /output/i.test(text.replace(HARMLESS, '')) || (!name.endsWith('.hcl') && DISGUISES.test(text))
}
