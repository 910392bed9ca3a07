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
  /** Repositories in which nothing may be. */
  readonly repositories: readonly string[]
}

/** What a gate needs of its surroundings. */
export type RedGateSetting = {
  /** A base image that is there. */
  readonly base: string
  /** The repository that must stay as it is, with all below it: `127.0.0.1:5000/e2e/app…`. */
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

type Chance = ReturnType<typeof seeded>

/** A gate out of a seed, which is the same each time but for its words. Places come in turn, so that each has its share. */
export function planRedGate(seed: number, number: number, setting: RedGateSetting): RedGate {
  const chance = seeded(seed * 10_007 + number)
  const { pick, below } = chance
  const place = places[number % places.length] ?? 'test'
  const word = fresh()
  const tests = place === 'one of two tests' || below(3) === 0 ? ['test', 'check'] : ['test']
  const parts = { ...setting, place, word, tests }
  const { inputs, ...rest } = below(6) === 0 ? planSeveral(chance, parts) : planOne(chance, parts)
  return {
    place,
    ...rest,
    inputs: {
      'test-target': place === 'unknown stage' ? 'tset' : tests.join('\n'),
      ...(below(3) === 0 ? { provenance: pick(['false', 'mode=max']) } : {}),
      ...(place === 'leak' ? { secrets: `token=${word}-${word}` } : {}),
      ...inputs
    },
    ...(place === 'fork' ? { event: pullRequestEvent('somebody/app', 'somebody') } : {}),
    ...(place === 'cancelled' ? { cancelAfter: below(2500) } : {})
  }
}

type Parts = RedGateSetting & {
  readonly place: Place
  /** Differs in each run. */
  readonly word: string
  readonly tests: readonly string[]
}

/** What one image or several differ in. */
type Planned = Pick<RedGate, 'files' | 'inputs' | 'repositories'>

function planOne(chance: Chance, parts: Parts): Planned {
  const { place, reference } = parts
  const leaving = chance.pick<Readonly<Record<string, string>>>([
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
    repositories: [reference],
    files: { Dockerfile: planDockerfile(chance, parts) },
    inputs: {
      ...{ target: 'production', ...leaving },
      ...(place === 'budget' ? { 'max-size': '1kB' } : {}),
      ...(place === 'verify' ? { verify: 'exit 3' } : {})
    }
  }
}

/** Two or three images of a bake file, one of which is red, be it the first or the last. */
function planSeveral(chance: Chance, parts: Parts): Planned {
  const { pick } = chance
  const { place, reference } = parts
  const names = pick([
    ['api', 'web'],
    ['api', 'web', 'cli']
  ])
  const red = pick(names)
  const isShared = pick([true, false])
  const repositoryOf = (name: string): string => (isShared ? reference : `${reference}/${name}`)
  const leaving = pick<Readonly<Record<string, string>>>([{ push: 'true' }, { push: 'true', load: 'true' }, {}])
  const target = Object.fromEntries(
    names.map((name) => {
      const tag = `${repositoryOf(name)}:${name}`
      const output =
        leaving.push === undefined
          ? pick([[`type=registry,name=${tag}`], [`type=oci,dest=${name}.tar`, 'type=registry'], ['type=docker']])
          : undefined
      return [name, { context: name, target: 'production', tags: [tag], output }]
    })
  )
  // Only the red one is over the budget.
  const large = place === 'budget' ? `RUN --network=none head -c ${LARGE} /dev/zero > /large\n` : ''
  const dockerfiles = names.map((name) => [
    `${name}/Dockerfile`,
    name === red ? planDockerfile(chance, parts) + large : planGreen(parts)
  ])
  return {
    repositories: names.map(repositoryOf),
    files: {
      'docker-bake.json': JSON.stringify({ group: { default: { targets: names } }, target }),
      ...(Object.fromEntries(dockerfiles) as Readonly<Record<string, string>>)
    },
    inputs: {
      ...{ target: '', 'bake-files': 'docker-bake.json', ...leaving },
      ...(place === 'budget' ? { 'max-size': `${LARGE}B` } : {}),
      ...(place === 'verify' ? { verify: `case "$STAGEGATE_NAME" in *${red}) exit 3;; esac` } : {})
    }
  }
}

/** Bytes that an image has if it is over its budget, and a small one has not. */
const LARGE = 10_000_000

/** A small one in which nothing fails. */
function planGreen({ base, word }: Parts): string {
  return [
    `FROM ${base} AS test`,
    `RUN --network=none echo ${word} test`,
    `FROM ${base} AS production`,
    `RUN --network=none echo ${word} > /app`,
    ''
  ].join('\n')
}

function planDockerfile({ pick, below }: Chance, { place, word, tests, base, reference }: Parts): string {
  const fails = (where: Place): string => (place === where ? `; exit ${1 + below(100)}` : '')
  // Before, while and after the image is exported.
  const pause = (): string => pick(['', 'sleep 0.1; ', 'sleep 0.3; '])
  // A network for each step costs the engine as much as the step; some have one all the same.
  const network = (): string => pick(['--network=none ', '--network=none ', ''])
  const run = (name: string): string => `RUN ${network()}${pause()}echo ${word} ${name}`
  const failing = place === 'one of two tests' ? pick(tests) : 'test'
  const chain = pick([0, 1, 2])
  return [
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
  ].join('\n')
}
