/** The input `compare-to`: where the baseline comes from. */
import { didYouMean, type Grammar } from './grammar.js'
import { parseReference } from '../core/reference.js'

/** `auto`: what the base branch last built, kept in the Actions cache. `image`: an image of a registry. */
export type CompareTo =
  { readonly kind: 'auto' } | { readonly kind: 'none' } | { readonly kind: 'image'; readonly reference: string }

/** Parses `compare-to`. A bare word is no image here: it is a mistyped `auto`, or a branch. */
export function parseCompareTo({ text, report }: Pick<Grammar, 'text' | 'report'>): CompareTo {
  const value = text('compare-to')
  if (value === '' || value === 'auto') return { kind: 'auto' }
  if (value === 'none') return { kind: 'none' }
  if (/^[\w.-]+$/.test(value)) {
    report(
      'compare-to',
      `"${value}" is neither auto nor none nor a reference with a tag`,
      `Write an image as "${value.toLowerCase()}:TAG". The base branch is compared with by itself (auto).${didYouMean(value, ['auto', 'none'])}`
    )
    return { kind: 'auto' }
  }
  const reading = parseReference(value)
  if (reading.ok) return { kind: 'image', reference: value }
  report('compare-to', `"${value}": ${reading.problem}`, reading.fix)
  return { kind: 'auto' }
}
