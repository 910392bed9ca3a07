/** What a test builds: a folder with a Dockerfile, a runner for it, names that no other run has used, a base image. */
import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll } from '@jest/globals'
import { repositoryRoot, startRunner, type StepOptions, type StepResult } from '../../support/runner.js'

const run = promisify(execFile)

/** Files by their path in the folder. */
export type Files = Readonly<Record<string, string | Buffer>>

/** A checked-out repository and the runner that works in it; both go with the test. */
export type Workspace = AsyncDisposable & {
  readonly folder: string
  readonly write: (files: Files) => Promise<void>
  /** Runs the action as a step with these inputs. */
  readonly run: (inputs: StepOptions['with'], options?: Omit<StepOptions, 'with' | 'cwd'>) => Promise<StepResult>
}

export async function startWorkspace(files: Files): Promise<Workspace> {
  const runner = await startRunner()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stagegate-project-'))
  const write = async (more: Files): Promise<void> => {
    for (const [name, content] of Object.entries(more)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
      await writeFile(path.join(folder, name), content)
    }
  }
  await write(files)
  return {
    folder,
    write,
    run: (inputs = {}, options) => {
      for (const tag of (inputs.tags ?? '').split('\n')) images.add(tag.trim())
      return runner.run({ ...options, cwd: folder, with: inputs })
    },
    [Symbol.asyncDispose]: async () => {
      await runner[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** A word that no earlier run has put into a Dockerfile, an image name or a cache. */
export function fresh(prefix = 'r'): string {
  return `${prefix}${randomBytes(6).toString('hex')}`
}

/** A value that can be told from everything else, for what must arrive or must not be seen. */
export function sentinel(): string {
  return randomUUID()
}

/** The registry that the tests share. */
export function sharedRegistry(): { readonly address: string } {
  const address = process.env.STAGEGATE_REGISTRY
  if (address === undefined) throw new Error('no registry: run eval "$(script/engine up)" first, as script/test does')
  return { address }
}

/** Names under which the engine may have something of these tests: repositories, and tags elsewhere. */
const images = new Set<string>()

/** A repository of the test's own on the shared registry, as the registry and as a workflow name it. */
export function freshRepository(): { readonly name: string; readonly reference: string } {
  const name = `e2e/${fresh('app')}`
  const reference = `${sharedRegistry().address}/${name}`
  images.add(reference)
  return { name, reference }
}

/** At the end of the file's tests: the docker driver keeps an image of whatever it pushes, and the engine may be somebody's own. */
async function removeImages(): Promise<void> {
  if (images.size === 0) return
  const { stdout } = await run('docker', ['image', 'ls', '--format', '{{.Repository}} {{.Tag}} {{.ID}}'])
  const ours = stdout.split('\n').flatMap((line) => {
    const [repository = '', tag = '', id = ''] = line.split(' ')
    const name = `${repository}:${tag}`
    // Several images of one test are `REPOSITORY-NAME`.
    const isOurs = images.has(name) || images.has(repository) || images.has(repository.replace(/-[a-z]+$/, ''))
    return repository !== '' && isOurs ? [tag === '<none>' ? id : name] : []
  })
  if (ours.length > 0) await run('docker', ['image', 'rm', ...ours])
}
afterAll(removeImages)

const bases = new Map<string, Promise<string>>()

/** The reference of a base image, made and pushed to the shared registry if it is not there yet. */
export function baseImage(name: 'busybox' | 'python'): Promise<string> {
  const known = bases.get(name)
  if (known !== undefined) return known
  const made = run(path.join(repositoryRoot, 'script/engine'), ['base', name]).then(({ stdout }) => stdout.trim())
  bases.set(name, made)
  return made
}
