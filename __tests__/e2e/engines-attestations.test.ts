/** Whatever attestations go along: what is published is what was inspected, and the digest is that of the tag. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { registryManifest } from '../support/engine.js'
import { some } from '../support/tiers.js'
import { attestedSubjects, imageManifest, weigh } from './support/image.js'
import { expectExit } from './support/log.js'
import { docker, job, startPortableProject, startProject } from './support/variety.js'
import { fresh, freshRepository, sharedRegistry, type Workspace } from './support/workspace.js'

jest.setTimeout(60_000)

let workspace: Workspace

beforeAll(async () => {
  workspace = await startProject()
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

const variants: readonly (readonly [string, Readonly<Record<string, string>>, number])[] = [
  ['the default', {}, 1],
  ['provenance mode=max', { provenance: 'mode=max' }, 1],
  ['no attestation at all', { provenance: 'false', sbom: 'false' }, 0]
]

describe('pushed with', () => {
  test.each(some(variants, 1))('%s', async (_, inputs, attestations) => {
    const repository = freshRepository()
    const result = await workspace.run({ ...job, ...inputs, push: 'true', tags: `${repository.reference}:1` })
    expectExit(result, 0)
    const top = await registryManifest(sharedRegistry(), repository.name, '1')
    const image = await imageManifest(repository.name, '1')
    expect(top?.digest).toBe(result.outputs.digest)
    expect(top?.manifests.length ?? 0).toBe(attestations === 0 ? 0 : 1 + attestations)
    // As buildx has it: of an index that is the index.
    expect(result.outputs.imageid).toBe(attestations === 0 ? image.config?.digest : top?.digest)
    expect(image.layers).toHaveLength(3)
    const weight = await weigh(repository.name, '1')
    expect(result.outputs['transfer-size']).toBe(String(weight.transferSize))
    expect(result.outputs.size).toBe(String(weight.size))
    // Lines of the user's Dockerfile, whichever provenance goes along.
    expect(result.summary).toMatch(/100\.0.kB .*Dockerfile#L6\) `RUN dd if=\/dev\/zero/)
  })
})

describe('loaded with', () => {
  test.each(some(variants, 1))('%s', async (_, inputs) => {
    const tag = `${fresh('app')}:1`
    const result = await workspace.run({ ...job, ...inputs, load: 'true', tags: tag })
    expectExit(result, 0)
    expect(result.outputs.published).toBe('true')
    expect(await docker({}, 'run', '--rm', '--network', 'none', tag, 'stat', '-c', '%s', '/app')).toBe('100000')
  })
})

/** How a repository is pushed, by the inputs and by buildx's own flags. */
type Way = (repository: string) => {
  readonly inputs: Readonly<Record<string, string>>
  readonly flags: readonly string[]
}

const tagged =
  (more: Readonly<Record<string, string>>, flags: readonly string[] = []): Way =>
  (repository) => {
    const tags = [`${repository}:1`, `${repository}:latest`]
    return {
      inputs: { ...more, push: 'true', tags: tags.join(',') },
      flags: [...flags, '--push', ...tags.flatMap((tag) => ['--tag', tag])]
    }
  }

const named: Way = (repository) => {
  const output = `type=image,name=${repository},push=true`
  return { inputs: { outputs: output }, flags: ['--output', output] }
}

test.each(
  some<[string, Way]>(
    [
      [
        'two tags on two platforms',
        tagged({ platforms: 'linux/amd64,linux/arm64' }, ['--platform', 'linux/amd64,linux/arm64'])
      ],
      ['a name alone', named],
      ['the whole provenance', tagged({ provenance: 'mode=max' }, ['--provenance', 'mode=max'])]
    ],
    2
  )
)('the attestations are of the image that leaves, as those of a bare build are: %s', async (_, way) => {
  await using portable = await startPortableProject()
  const [bare, ours] = [freshRepository(), freshRepository()]
  const file = `${portable.folder}/bare.json`
  const by = way(bare.reference)
  await docker({}, 'buildx', 'build', ...by.flags, '--target', 'production', '--metadata-file', file, portable.folder)
  const written = JSON.parse(await readFile(file, 'utf8')) as { readonly 'containerimage.digest': string }
  const result = await portable.run({ ...job, ...way(ours.reference).inputs })
  expectExit(result, 0)

  const expected = await attestedSubjects(bare.name, written['containerimage.digest'])
  expect(expected).not.toEqual([])
  const found = await attestedSubjects(ours.name, result.outputs.digest ?? '')
  expect(found.map((subject) => ({ ...subject, name: subject.name.replace(ours.name, bare.name) }))).toEqual(expected)
})
