/** Plain text with `code` in backticks, and lines to paste. */
export type Remedy = {
  readonly sentence: string
  readonly lines?: { readonly language: 'yaml' | 'dockerfile' | 'shell'; readonly text: readonly string[] }
}
