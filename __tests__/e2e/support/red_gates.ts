/** Runs that must end red, at random: where they fail, what they would publish, and what is built around it. */
import { seeded } from '../../image/support/random.js'
import type { StepOptions } from '../../support/runner.js'
import { pullRequestEvent } from '../../support/runner.js'
import { fresh } from './workspace.js'

/** One run, and where it fails. */
export type RedGate = {
  readonly place: Place
  readonly inputs: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
  readonly event?: NonNullable<StepOptions['event']>
  /** Milliseconds after which it is cancelled. */
  readonly cancelAfter?: number
}

/** What a gate needs of its surroundings. */
export type RedGateSetting = {
  /** A base image that is there. */
  readonly base: string
  /** The repository that must stay as it is: `127.0.0.1:5000/e2e/app…`. */
  readonly reference: string
}

const places = [
  'test',
  'one of two tests',
  'shared stage',
  'target',
  'missing file',
  'missing base',
  'test without RUN',
  'unknown stage',
  'syntax',
  'missing secret',
  'budget',
  'leak',
  'verify',
  'cancelled',
  'fork'
] as const
export type Place = (typeof places)[number]

/** A gate out of a seed, which is the same each time but for its words. Places come in turn, so that each has its share. */
export function planRedGate(seed: number, number: number, { base, reference }: RedGateSetting): RedGate {
  const { pick, below } = seeded(seed * 10_007 + number)
  const place = places[number % places.length] ?? 'test'
  const fails = (where: Place): string => (place === where ? `; exit ${1 + below(100)}` : '')
  // Before, while and after the image is exported.
  const pause = (): string => pick(['', 'sleep 0.1; ', 'sleep 0.3; '])
  const word = fresh()
  // A network for each step costs the engine as much as the step; some have one all the same.
  const network = (): string => pick(['--network=none ', '--network=none ', ''])
  const run = (name: string): string => `RUN ${network()}${pause()}echo ${word} ${name}`
  const tests = place === 'one of two tests' || below(3) === 0 ? ['test', 'check'] : ['test']
  const failing = place === 'one of two tests' ? pick(tests) : 'test'
  const chain = pick([0, 1, 2])
  const lines = [
    ...(place === 'syntax' ? ['FRMO scratch'] : []),
    `FROM ${place === 'missing base' ? `${reference}-base:none` : base} AS base`,
    `${run('base')} > /base${fails('shared stage')}`,
    ...Array.from({ length: chain }, (_, at) => [
      `FROM base AS chain${at}`,
      `${run(`chain${at}`)} > /chain${at}`
    ]).flat(),
    ...tests.flatMap((name) => [
      `FROM base AS ${name}`,
      // A stage that collects what another one ran is a test.
      ...(chain > 0 && place !== 'test without RUN' ? ['COPY --from=chain0 /chain0 /chain0'] : []),
      ...(place === 'test without RUN' && name === 'test'
        ? ['CMD ["false"]']
        : [
            place === 'missing secret' && name === 'test'
              ? 'RUN --mount=type=secret,id=token,required=true cat /run/secrets/token'
              : `${run(name)}${name === failing ? `${fails('test')}${fails('one of two tests')}${fails('fork')}` : ''}`,
            ...(place === 'cancelled' ? ['RUN sleep 30'] : [])
          ])
    ]),
    'FROM base AS production',
    ...(place === 'missing file' ? ['COPY nowhere /nowhere'] : []),
    ...(place === 'leak' ? ['RUN --mount=type=secret,id=token cp /run/secrets/token /leaked'] : []),
    `${run('app')} > /app${fails('target')}`,
    ''
  ]
  const leaving = pick<Readonly<Record<string, string>>>([
    { push: 'true', tags: `${reference}:1` },
    { push: 'true', tags: `${reference}:1\n${reference}:latest` },
    { push: 'true', load: 'true', tags: `${reference}:1` },
    { load: 'true', tags: `${reference}:1` },
    { outputs: `type=registry,name=${reference}:1` },
    { outputs: `type=image,name=${reference},push-by-digest=true,name-canonical=true,push=true` },
    { push: 'true', tags: `${reference}:1`, outputs: 'type=image,compression=zstd' },
    { push: 'true', tags: `${reference}:1`, outputs: 'type=oci,dest=image.tar\ntype=local,dest=out' }
  ])
  return {
    place,
    files: { Dockerfile: lines.join('\n') },
    inputs: {
      ...{ target: 'production', 'test-target': place === 'unknown stage' ? 'tset' : tests.join('\n'), ...leaving },
      ...(below(3) === 0 ? { provenance: pick(['false', 'mode=max']) } : {}),
      ...(place === 'leak' ? { secrets: `token=${word}-${word}` } : {}),
      ...(place === 'budget' ? { 'max-size': '1kB' } : {}),
      ...(place === 'verify' ? { verify: 'exit 3' } : {})
    },
    ...(place === 'fork' ? { event: pullRequestEvent('somebody/app', 'somebody') } : {}),
    ...(place === 'cancelled' ? { cancelAfter: below(2500) } : {})
  }
}
