import type { TarInput } from './tar-builder.js'

/** A container's files as plain objects: slow, obvious, and written without looking at the code under test. */
type Node =
  | { readonly type: 'folder'; readonly children: Map<string, Node> }
  | { readonly type: 'file'; readonly size: number; readonly link?: string }
  | { readonly type: 'symlink'; readonly target: string }

type Folder = Extract<Node, { type: 'folder' }>

/** The listing of all layers laid over each other, as `listing` writes it. */
export function applyNaively(layers: readonly (readonly TarInput[])[]): readonly string[] {
  const root: Folder = { type: 'folder', children: new Map() }
  for (const entries of layers) {
    const parsed = entries.map((entry) => {
      const parts = String(entry.path)
        .split('/')
        .filter((part) => part !== '' && part !== '.')
      return { entry, name: parts.at(-1) ?? '', above: parts.slice(0, -1) }
    })
    for (const { name, above } of parsed) {
      if (name !== '.wh..wh..opq') continue
      const at = walk(root, above, true, false)
      if (at?.type === 'folder') at.children.clear()
    }
    for (const { name, above } of parsed) {
      if (!name.startsWith('.wh.') || name === '.wh..wh..opq') continue
      const at = walk(root, above, true, false)
      if (at?.type === 'folder') at.children.delete(name.slice(4))
    }
    for (const { entry, name, above } of parsed) if (!name.startsWith('.wh.')) place(root, entry, name, above)
  }
  const lines: string[] = []
  list(root, '', lines)
  return lines.sort()
}

function place(root: Folder, entry: TarInput, name: string, above: readonly string[]): void {
  const flag = entry.flag ?? '0'
  // Links are looked up before anything is made or replaced.
  let linked: { readonly at: string; readonly node: Node | undefined } | undefined
  if (flag === '1') linked = target(root, entry.link ?? '')
  const parentPath = real(root, above)
  if (parentPath === undefined) return
  if (linked?.at === [...parentPath, name].join('/')) return
  const parent = walk(root, parentPath, false, true)
  if (parent?.type !== 'folder') return
  const before = parent.children.get(name)
  if (flag === '5') {
    if (before?.type !== 'folder') parent.children.set(name, { type: 'folder', children: new Map() })
  } else if (flag === '2') parent.children.set(name, { type: 'symlink', target: entry.link ?? '' })
  else if (linked !== undefined) parent.children.set(name, { type: 'file', size: 0, link: entry.link ?? '' })
  else parent.children.set(name, { type: 'file', size: String(entry.content ?? '').length })
}

function target(root: Folder, link: string): { at: string; node: Node | undefined } {
  const parts = link.split('/')
  const above = real(root, parts.slice(0, -1))
  if (above === undefined) return { at: '', node: undefined }
  return { at: [...above, parts.at(-1)].join('/'), node: walk(root, [...above, parts.at(-1)!], false, false) }
}

/** Follows symlinks, as `realpath -m` does; undefined for a loop. */
function real(root: Folder, parts: readonly string[]): readonly string[] | undefined {
  let todo = [...parts]
  let done: string[] = []
  for (let links = 0; todo.length > 0;) {
    const part = todo.shift()!
    if (part === '' || part === '.') continue
    if (part === '..') {
      done.pop()
      continue
    }
    const node = walk(root, [...done, part], false, false)
    if (node?.type !== 'symlink') {
      done.push(part)
      continue
    }
    if (++links > 40) return undefined
    if (node.target.startsWith('/')) done = []
    todo = [...node.target.split('/'), ...todo]
  }
  return done
}

function walk(root: Folder, parts: readonly string[], follow: boolean, make: boolean): Node | undefined {
  const path = follow ? real(root, parts) : parts
  if (path === undefined) return undefined
  let at: Node = root
  for (const part of path) {
    if (at.type !== 'folder') return undefined
    let next: Node | undefined = at.children.get(part)
    if (make && next?.type !== 'folder') {
      next = { type: 'folder', children: new Map() }
      at.children.set(part, next)
    }
    if (next === undefined) return undefined
    at = next
  }
  return at
}

function list(folder: Folder, path: string, lines: string[]): void {
  for (const [name, node] of folder.children) {
    const at = `${path}/${name}`
    if (node.type === 'folder') {
      lines.push(`${at}/`)
      list(node, at, lines)
    } else if (node.type === 'symlink') lines.push(`${at} -> ${node.target}`)
    else lines.push(node.link === undefined ? `${at} ${node.size}` : `${at} = /${node.link}`)
  }
}
