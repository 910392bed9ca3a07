import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Bundles the library as the action is bundled, so that what is measured is what runs. Returns the module's path. */
export function bundleLibrary(folder: string): string {
  const root = join(import.meta.dirname, '../..')
  const out = join(folder, 'bundle')
  const ncc = join(root, 'node_modules/@vercel/ncc/dist/ncc/cli.js')
  const args = [
    ncc,
    'build',
    join(root, 'src/image/index.ts'),
    '-o',
    out,
    '--target',
    'es2022',
    '--transpile-only',
    '-C'
  ]
  execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  return join(out, 'index.js')
}
