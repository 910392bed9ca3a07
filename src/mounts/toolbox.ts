/**
 * The runner's own `sh` and `tar`, with the libraries they need, as files that run in an empty image. The cache client
 * needs tar on the runner, so it is always there. Where reports are taken out of a mount, what moves files comes too.
 */
import { chmod, copyFile, mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Exec } from '../ports.js'

export type Program = 'sh' | 'tar' | 'mkdir' | 'mv' | 'rm'

/** Name of the dynamic loader that starts each program, in the same folder; absent for a static program. */
export type Toolbox = { readonly loader: Readonly<Partial<Record<Program, string>>> }

/** What a program is linked to. */
export type Linkage = { readonly loader?: string; readonly libraries: readonly string[] }

type ToolsOptions = { readonly programs?: readonly Program[]; readonly searchPath?: readonly string[] }

const usualFolders = ['/bin', '/usr/bin', '/usr/local/bin', '/run/current-system/sw/bin']

/** Copies the programs and their libraries into `folder`; a reason, as a clause, where that cannot be done. */
export async function packTools(
  exec: Exec,
  folder: string,
  { programs = ['sh', 'tar'], searchPath = usualFolders }: ToolsOptions = {}
): Promise<Toolbox | { readonly reason: string }> {
  const loader: Partial<Record<Program, string>> = {}
  try {
    await mkdir(folder, { recursive: true })
    for (const name of programs) {
      const program = await findProgram(name, searchPath)
      if (program === undefined) return { reason: `this runner has no ${name}` }
      const { stdout } = await exec({ file: 'ldd', args: [program] }, { env: { LC_ALL: 'C' }, timeoutSeconds: 20 })
      const linkage = parseLinkage(stdout)
      const files = [...linkage.libraries, ...(linkage.loader === undefined ? [] : [linkage.loader])]
      for (const file of files) await take(file, path.join(folder, path.basename(file)))
      // An Alpine runner's programs are one, which goes by the name it is started with.
      await take(program, path.join(folder, name))
      if (linkage.loader !== undefined) loader[name] = path.basename(linkage.loader)
    }
    return { loader }
  } catch {
    return { reason: `this runner's ${programs.join(', ')} cannot be used in a build` }
  }
}

/** Reads what `ldd` prints, glibc's and musl's. A static program has neither loader nor libraries. */
export function parseLinkage(text: string): Linkage {
  const files = text.split('\n').flatMap((line) => {
    const [, name = '', target] = /^\s+(\S+)(?: => (\S+))? \(0x[0-9a-f]+\)$/.exec(line) ?? []
    const file = target ?? name
    return file.startsWith('/') ? [{ file, isLoader: /(?:^|\/)ld(?:64)?[-.][^/]*so\.\d+$/.test(name || file) }] : []
  })
  const loader =
    files.find(({ isLoader }) => isLoader)?.file ?? files.find(({ file }) => file.includes('/ld-musl-'))?.file
  return {
    libraries: [...new Set(files.map(({ file }) => file))].filter((file) => file !== loader),
    ...(loader === undefined ? {} : { loader })
  }
}

async function findProgram(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const file = path.join(folder, name)
    if ((await stat(file).catch(() => undefined))?.isFile() === true) return file
  }
  return undefined
}

async function take(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  await chmod(to, 0o755)
}
