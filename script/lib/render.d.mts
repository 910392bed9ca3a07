/** A node of the HTML tree (hast), as far as tests look at it. */
export type TreeNode = {
  readonly type: string
  readonly tagName?: string
  readonly value?: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly children?: readonly TreeNode[]
}

export function toTree(markdown: string): TreeNode

export function toPage(
  markdown: string,
  options?: { theme?: 'light' | 'dark'; title?: string; open?: boolean }
): Promise<string>
