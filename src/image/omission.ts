/** What was not examined, or not in full: the search says nothing about it. */
export type Omission =
  /** A value that is too short or too odd to be searched for. `words` is a sentence without its end. */
  | { readonly kind: 'value'; readonly secretId: string; readonly words: string }
  /** Of a layer, counted from 0 at the bottom. `words` is what is said of it: `is not in the layout and was not examined`. */
  | { readonly kind: 'layer'; readonly layer: number; readonly words: string }
  /** Of the image, or of the search as a whole. A sentence without its end. */
  | { readonly kind: 'image'; readonly words: string }
