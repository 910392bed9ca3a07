/** Random pairs of snapshots, and a large one that looks like a Python image's own layers. Seeded. */
import type { Snapshot } from '../../../src/compare/index.js'
import { seeded } from '../../image/support/random.js'
import { snapshot, type Content, type LayerStory } from './snapshots.js'

/** Layers and files drawn from few names, so that two of them have much in common. */
export function randomSnapshot(seed: number): Snapshot {
  const { below, pick } = seeded(seed)
  const layers = Array.from({ length: below(7) }, (_, at): LayerStory => {
    const run = pick(['RUN a', 'RUN b --flag x', 'RUN b --flag y', 'COPY . .', 'WORKDIR /app', 'RUN pip install a==1'])
    if (at === 0 && below(3) > 0) return { run: 'ADD file:abc in /', base: true, size: below(2) * 1000 + 500 }
    if (below(5) === 0) return { run }
    const files: Record<string, Content> = {}
    for (let count = below(12); count > 0; count--) {
      const path = Array.from({ length: below(4) + 1 }, () =>
        pick(['a', 'b', 'site-packages', 'x-1.0', 'x-1.1.dist-info', 'é\n"\\', 'lib.so.1.2', 'lib.so.1.3'])
      )
      files[`/${path.join('/')}/${pick(['f', 'g', 'main.3fa9c1.js', 'main.77b0aa.js'])}`] = [below(5) * 10, below(4)]
    }
    const stage = pick(['build', 'final', undefined])
    return { run, files, hidden: below(2) * 70, time: below(2), ...(stage === undefined ? {} : { stage }) }
  })
  return snapshot(layers)
}

/** `version` changes a tenth of the packages. */
export function pythonImage(files: number, version: number, change = 10): Snapshot {
  const words = ['core', 'utils', 'models', 'client', 'session', 'auth', 'types', 'tests', 'data', 'compat', 'errors']
  const packages: Record<string, Content> = {}
  for (let at = 0; at < files; at++) {
    const home = Math.floor(at / 100)
    const seed = home % change === 0 ? version : 0
    const name = `${words[at % 11]}_${words[(at >> 3) % 11]}${at % 97}`
    const folder = `/usr/local/lib/python3.12/site-packages/pkg${home}/${words[(at >> 4) % 11]}`
    packages[`${folder}/${name}.py`] = [Math.floor(((at * 7919) % 30_011) * (seed === 0 ? 1 : 1.02)), at + seed * 1e7]
  }
  return snapshot([
    { run: 'FROM python', base: true, size: 130_000_000 },
    { run: 'RUN pip install -r requirements.txt', files: packages }
  ])
}
