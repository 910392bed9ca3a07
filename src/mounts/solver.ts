/** Runs the solves that carry files in and out of a builder's cache mounts. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { readProgress } from '../buildkit/progress.js'
import type { Command, Ports } from '../ports.js'
import { planMountsBuild, readOutcome, type MountsDockerfile } from './solve.js'
import { packTools, type Program, type Toolbox } from './toolbox.js'

/** The builder as far as it matters: which one, and whether it is new. */
export type MountsBuilder = {
  readonly flag?: string
  readonly created: boolean
  readonly driver: string
  readonly nodes: readonly unknown[]
}

export type Solver = {
  /** The build context of all solves: what one has in common with another is not sent again. */
  readonly context: string
  /** The runner's programs, packed once. Throws a `Trouble`. */
  readonly tools: () => Promise<Toolbox>
  /** Runs a solve; returns what its steps said, by index. Throws a `Trouble`. */
  readonly solve: (
    chosen: MountsBuilder,
    planned: MountsDockerfile,
    options: { readonly output: string; readonly seconds: number }
  ) => Promise<ReadonlyMap<number, string>>
}

/** A reason, as a clause. */
export class Trouble extends Error {
  override readonly name = 'Trouble'
}

/** A solver with its context in `context`. */
export function createSolver(
  { exec, log }: Pick<Ports, 'exec' | 'log'>,
  options: {
    readonly context: string
    /** The build's arguments, of which the namespace of the mounts matters here. */
    readonly argumentsFor: (chosen: MountsBuilder) => readonly string[]
    readonly programs: readonly Program[]
  }
): Solver {
  const { context, argumentsFor, programs } = options
  let toolbox: Promise<Toolbox> | undefined
  return {
    context,
    tools: () => (toolbox ??= pack()),
    async solve(chosen, { files }, { output, seconds }) {
      for (const [name, text] of Object.entries(files)) await writeFile(path.join(context, name), text)
      const words = new Map<number, string>()
      const reader = readProgress({
        onLog(_step, line) {
          const outcome = readOutcome(line)
          if (outcome === undefined) log.debug(line)
          else words.set(outcome.index, outcome.word)
        }
      })
      const command: Command = planMountsBuild({
        folder: context,
        output,
        buildArgs: argumentsFor(chosen),
        ...(chosen.flag === undefined ? {} : { builder: chosen.flag })
      })
      const { exitCode, timedOut } = await exec(command, {
        env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
        onStderr: reader.feed,
        timeoutSeconds: seconds
      })
      const { plain } = reader.end()
      if (timedOut) throw new Trouble(`the builder took longer than ${seconds} seconds`)
      if (exitCode !== 0) {
        const said = plain.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length)
        throw new Trouble(said === undefined ? 'the builder could not do it' : `the builder says "${said}"`)
      }
      return words
    }
  }

  async function pack(): Promise<Toolbox> {
    const packed = await packTools(exec, path.join(context, 'tools'), { programs })
    if ('reason' in packed) throw new Trouble(packed.reason)
    return packed
  }
}
