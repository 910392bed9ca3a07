/** Where a build reads from. */
import path from 'node:path'

/** Where the build reads its files from. A remote context is fetched by the builder (git, or a tar by HTTP). */
export type BuildContext =
  { readonly kind: 'local'; readonly path: string } | { readonly kind: 'remote'; readonly url: string }

/** The context and the Dockerfile in it. */
export type Source = {
  readonly context: BuildContext
  /** Path of the Dockerfile as given; empty means `Dockerfile` in the context. */
  readonly file: string
  /** The bake target that has it as `dockerfile-inline`: `file` is then a copy, which lies elsewhere in each run. */
  readonly inlineIn?: string
}

/** Path of the Dockerfile, as buildx resolves it: from the working directory, or in the remote context. */
export function dockerfilePath({ file, context }: Source): string {
  if (file !== '') return file
  return context.kind === 'local' ? path.join(context.path, 'Dockerfile') : 'Dockerfile'
}

/** What the Dockerfile goes by, for people and from run to run. */
export function dockerfileName(source: Source): string {
  return source.inlineIn === undefined ? dockerfilePath(source) : `dockerfile-inline of ${source.inlineIn}`
}

/** Where buildx looks for the Dockerfile of a local context: `dockerfile` is taken where there is no `Dockerfile`. */
export function dockerfilePlaces(source: Source): readonly string[] {
  const file = dockerfilePath(source)
  return path.basename(file) === 'Dockerfile' ? [file, path.join(path.dirname(file), 'dockerfile')] : [file]
}

/** The context as `docker buildx build` takes it. */
export function contextArgument({ context }: Pick<Source, 'context'>): string {
  return context.kind === 'local' ? context.path : context.url
}

/**
 * The folder that a named context stands for: an OCI layout may be one, with a tag or a digest behind it as buildx cuts them
 * off, and `cwd://` is where bake is run.
 */
export function localPlace(context: string): string {
  const [, layout] = /^oci-layout:\/\/([^@:]*)/.exec(context) ?? []
  return layout ?? context.replace(/^cwd:\/\//, '')
}
