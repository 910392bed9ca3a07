import { types } from 'node:util'

/** What went wrong with an image, as a word that a program can branch on. */
export type ImageErrorCode =
  /** The path holds neither an OCI layout nor a docker-save archive, or not the reference asked for. */
  | 'not-an-image'
  /** A blob that a descriptor names is not there. */
  | 'missing-blob'
  /** A blob's bytes, or a layer's uncompressed bytes, do not have the digest they are named by. */
  | 'wrong-digest'
  /** A blob is longer or shorter than its descriptor says. */
  | 'wrong-size'
  /** An index, manifest or config is not what the image spec says. */
  | 'corrupt-document'
  /** A layer does not inflate, or is not a tar archive. */
  | 'corrupt-layer'
  /** A limit against hostile input was passed. */
  | 'limit'
  /** A form that is known but not supported. */
  | 'unsupported'

/** Every failure this library throws on purpose. The message names the blob or the path, and what to do where that helps. */
export class ImageError extends Error {
  readonly code: ImageErrorCode

  constructor(code: ImageErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'ImageError'
    this.code = code
  }
}

/** The text of a caught value, for the middle of a message. */
export function reasonOf(caught: unknown): string {
  return types.isNativeError(caught) ? caught.message : String(caught)
}
