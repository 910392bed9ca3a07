/** Looks into rendered HTML the way GitHub's later filters do. */
import { expect } from '@jest/globals'
import { toTree, type TreeNode } from '../../../script/lib/render.mjs'

export type Rendered = {
  /** All text a reader sees. */
  readonly text: string
  /** Text outside code and links: where GitHub makes mentions, references, emoji and formulas. */
  readonly live: string
  readonly links: readonly string[]
  /** Element names in document order. */
  readonly tags: readonly string[]
  /** Cells of each table row. */
  readonly rows: readonly number[]
  readonly codes: readonly string[]
}

/** The sanitized tree of a Markdown text, taken apart. */
export function rendered(markdown: string): Rendered {
  const tags: string[] = []
  const links: string[] = []
  const rows: number[] = []
  const codes: string[] = []
  let text = ''
  let live = ''
  const visit = (node: TreeNode, dead: boolean): void => {
    if (node.type === 'text') {
      text += node.value ?? ''
      // A piece of dead text ends a word for GitHub's filters.
      live += dead ? '\u0000' : (node.value ?? '')
      return
    }
    const tag = node.tagName
    if (tag !== undefined) tags.push(tag)
    if (tag === 'a') links.push(String(node.properties?.href))
    if (tag === 'tr') rows.push((node.children ?? []).filter((child) => child.type === 'element').length)
    if (tag === 'code') codes.push(textOf(node))
    for (const child of node.children ?? []) visit(child, dead || tag === 'code' || tag === 'pre' || tag === 'a')
  }
  visit(toTree(markdown), false)
  return { text, live, links, tags, rows, codes }
}

function textOf(node: TreeNode): string {
  return node.type === 'text' ? (node.value ?? '') : (node.children ?? []).map(textOf).join('')
}

/** What GitHub would bring to life in text outside code. */
export const ALIVE =
  /@[\w-]|(?<!&)#\w|\bgh-\d|https?:\/\/|www\.|:[a-z0-9_+-]+:|\$|(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{7,}(?![0-9a-z])/i

/** No shape: what `INVISIBLE` in markdown.ts is about, asserted here in other words. */
export const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/

/** The elements that give a page its structure. */
const STRUCTURE = /^(?:h[1-6]|table|details|summary|sub|img|svg|script|style|hr|blockquote|input|div|del)$/

/** A rendering with hostile strings in it has the structure of the usual one, and nothing in it came to life. */
export function expectUnmoved(markdown: string, usual: Rendered): void {
  const { tags, links, rows, live } = rendered(markdown)
  // A link to a path with odd characters is still a link into this repository.
  expect(links.filter((link) => !/^https:\/\/github\.com\/acme\/app\/(?:blob|actions)\//.test(link))).toEqual([])
  expect(live).not.toMatch(ALIVE)
  const structure = tags.filter((tag) => STRUCTURE.test(tag))
  const headings = (list: readonly string[]): number => list.filter((tag) => tag === 'h2').length
  expect(structure.filter((tag) => !usual.tags.includes(tag))).toEqual([])
  expect(headings(structure)).toBe(headings(usual.tags))
  expect(structure.filter((tag) => tag === 'details').length).toBe(structure.filter((tag) => tag === 'summary').length)
  expect(structure.at(-1)).toBe(usual.tags.filter((tag) => STRUCTURE.test(tag)).at(-1))
  expect(rows.filter((cells) => !usual.rows.includes(cells))).toEqual([])
}
