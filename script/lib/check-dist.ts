/** The command behind script/check-dist; its argument is the folder of a fresh build. */
import { join, relative, resolve } from 'node:path'
import { bundledPackages, bundlesIn, compareFolders, missingLicences } from './dist.ts'

const root = resolve(import.meta.dirname, '../..')
const dist = join(root, 'dist')
const [built] = process.argv.slice(2)
if (built === undefined) throw new Error('start it with script/check-dist')

const differences = compareFolders(dist, built)
const licences = bundlesIn(dist).flatMap((bundle) => missingLicences(bundle, join(root, 'node_modules')))
for (const difference of differences) console.error(`dist/${difference}`)
if (differences.length > 0) console.error('Build it again with Node 24 and commit dist/: npm run build')
for (const licence of licences) console.error(`dist/**/*.licenses.txt: ${licence}`)
for (const bundle of bundlesIn(dist).filter((folder) => bundledPackages(folder).length === 0)) {
  console.error(`${relative(root, bundle)}/ has no source maps that name a package, so its licences cannot be checked`)
  process.exitCode = 1
}
if (differences.length + licences.length > 0) process.exitCode = 1
