/** Levels of an annotation: https://docs.docker.com/build/metadata/annotations/#specify-annotation-level */

/** `index,manifest[linux/amd64]:key=value` has two; an entry without levels is for the manifest. */
export function annotationLevels(entry: string): readonly string[] {
  const [, levels] = /^((?:(?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?,?)+):/.exec(entry) ?? []
  return levels === undefined ? ['manifest'] : levels.split(',').map((level) => level.replace(/\[.*$/, ''))
}
