/** Reports as real runs make them: a small FastAPI service with the stages base, builder, test and production. */
import type { Failure } from '../../../src/failure/failure.js'
import type { Step } from '../../../src/core/step.js'
import type { Explanation } from '../../../src/explain/causes.js'
import type { LeakFinding } from '../../../src/image/index.js'
import {
  viewsOf,
  type AdviceItem,
  type BuildReport,
  type BuildView,
  type ImageFigures,
  type ImageReport,
  type LayerReport,
  type Report,
  type StageReport
} from '../../../src/report/model.js'
import type { RuleResult } from '../../../src/judge/index.js'

const MB = 1_000_000
const START = 1_794_000_000_000

/** A digest that looks like one and is the same each time. */
export function digest(seed: number): `sha256:${string}` {
  let state = seed * 2_654_435_761 + 12_345
  let hex = ''
  while (hex.length < 64) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    hex += state.toString(16).padStart(8, '0')
  }
  return `sha256:${hex.slice(0, 64)}`
}

/** A step that ran; `at` counts seconds from the start of the run. */
export function step(instruction: string, change: Partial<Step> & { readonly at?: number } = {}): Step {
  const { at = 1, ...rest } = change
  return {
    vertex: digest(instruction.length + (rest.line ?? 0)),
    name: `[${rest.stage ?? ''} 1/5] ${instruction}`,
    instruction,
    state: 'ran',
    seconds: 0.4,
    startedAt: START + at * 1000,
    inputs: ['[internal] load build context'],
    logTail: [],
    ...rest
  }
}

const NO_FILES: LayerReport['files'] = { added: 0, changed: 0, removed: 0 }
const NO_COPIES: LayerReport['copies'] = {
  files: 0,
  size: 0,
  chown: { files: 0, size: 0 },
  chmod: { files: 0, size: 0 },
  paths: []
}

export function layer(seed: number, size: number, instruction: string, change: Partial<LayerReport> = {}): LayerReport {
  return {
    digest: digest(seed),
    diffID: digest(seed + 1000),
    size,
    transferSize: Math.round(size * 0.37),
    instruction,
    base: false,
    empty: false,
    files: NO_FILES,
    copies: NO_COPIES,
    ...change
  }
}

const BASE = [
  layer(
    1,
    78.6 * MB,
    '/bin/sh -c #(nop) ADD file:7af4be33c0c1fbbd1b0d0b9b3b9c5d5e2a0d3a4a1b0a7c0d4f7ea1c2d3e4f5a6 in / ',
    {
      base: true,
      files: { added: 5_871, changed: 0, removed: 0 }
    }
  ),
  layer(
    2,
    9.2 * MB,
    'RUN /bin/sh -c set -eux; \tapt-get update; \tapt-get install -y --no-install-recommends \t\tca-certificates \t\tnetbase \t\ttzdata \t; \trm -rf /var/lib/apt/lists/* # buildkit',
    { base: true, files: { added: 812, changed: 14, removed: 3 } }
  ),
  layer(3, 43.1 * MB, 'RUN /bin/sh -c set -eux; \t\tsavedAptMark="$(apt-mark showmanual)"; # buildkit', {
    base: true,
    files: { added: 1_946, changed: 31, removed: 2 }
  }),
  layer(
    4,
    36,
    'RUN /bin/sh -c set -eux; \tfor src in idle3 pip3 pydoc3 python3 python3-config; do \t\tdst="$(echo "$src" | tr -d 3)"; \tdone # buildkit',
    {
      base: true,
      files: { added: 5, changed: 0, removed: 0 }
    }
  )
]

const CHOWN: LayerReport['copies'] = {
  files: 3,
  size: 287_744,
  chown: { files: 3, size: 287_744 },
  chmod: { files: 0, size: 0 },
  paths: [
    { path: '/app/data/countries.db', size: 245_760 },
    { path: '/app/data/rates.json', size: 38_912 },
    { path: '/app/data/README.md', size: 3_072 }
  ]
}

const OWN = [
  layer(10, 64_180_211, 'COPY --from=builder /venv /venv', {
    line: 31,
    stage: 'production',
    files: { added: 4_312, changed: 0, removed: 0 }
  }),
  layer(11, 5_912_000, 'COPY ./app /app', {
    line: 32,
    stage: 'production',
    files: { added: 187, changed: 0, removed: 0 }
  }),
  layer(12, 301_204, 'RUN adduser --system --group --no-create-home app && chown -R app:app /app/data', {
    line: 34,
    stage: 'production',
    files: { added: 1, changed: 9, removed: 0 },
    copies: CHOWN
  }),
  layer(13, 0, 'WORKDIR /app', { line: 35, stage: 'production' })
]

/** What was searched for in every run with keys and secrets. */
const SEARCHED = {
  layers: [4, 5, 6, 7],
  secretIds: ['pip_token', 'ssh-private-key', 'github-token'],
  bytes: 72_904_704
}

const FIGURES: ImageFigures = {
  reclaimable: {
    own: 287_744,
    base: 3_120_406,
    paths: [
      reclaimable('/var/lib/dpkg/status', 1_204_118, [
        [0, 602_059, false],
        [1, 602_059, false],
        [2, 611_204, true]
      ]),
      reclaimable('/var/cache/debconf/templates.dat', 1_081_204, [[1, 1_081_204, false]]),
      reclaimable('/app/data/countries.db', 245_760, [
        [5, 245_760, false],
        [6, 245_760, true]
      ]),
      reclaimable('/app/data/rates.json', 38_912, [
        [5, 38_912, false],
        [6, 38_912, true]
      ])
    ]
  },
  efficiency: 0.9831,
  biggestFiles: {
    own: [
      file(
        '/venv/lib/python3.12/site-packages/pydantic_core/_pydantic_core.cpython-312-x86_64-linux-gnu.so',
        4_461_400,
        4
      ),
      file('/venv/lib/python3.12/site-packages/cryptography/hazmat/bindings/_rust.abi3.so', 4_210_072, 4),
      file('/app/static/world.geojson', 3_204_118, 5),
      file('/venv/lib/python3.12/site-packages/uvloop/loop.cpython-312-x86_64-linux-gnu.so', 2_995_016, 4),
      file('/app/data/countries.db', 245_760, 6)
    ],
    base: [{ ...file('/usr/local/lib/libpython3.12.so.1.0', 9_204_112, 2), base: true }]
  },
  biggestDirectories: {
    own: [
      { path: '/venv/lib/python3.12/site-packages', size: 63_902_114, own: 63_902_114 },
      { path: '/app', size: 5_925_460, own: 5_925_460 },
      { path: '/venv/lib/python3.12/site-packages/cryptography', size: 5_310_224, own: 5_310_224 },
      { path: '/app/static', size: 3_911_020, own: 3_911_020 }
    ],
    all: [{ path: '/usr', size: 118_204_311, own: 0 }]
  },
  packageCaches: [],
  modes: { worldWritable: { count: 0, first: [] }, setuid: { count: 0, first: [] } },
  clients: [],
  leaks: [],
  leakSearch: SEARCHED,
  omissions: []
}

function file(path: string, size: number, layerIndex: number): ImageFigures['biggestFiles']['own'][number] {
  return { path, size, layer: layerIndex, base: false }
}

/** A path that several layers hold: those of the base image, below 4, and its own. */
function reclaimable(
  path: string,
  size: number,
  copies: readonly (readonly [index: number, size: number, live: boolean])[],
  deletedBy?: number
): ImageFigures['reclaimable']['paths'][number] {
  const dead = copies.filter(([index, , live]) => !live && index >= 4)
  return {
    path,
    size,
    own: dead.reduce((sum, [, bytes]) => sum + bytes, 0),
    layers: copies.map(([index, bytes, live]) => ({ index, size: bytes, live })),
    deleted: copies.every(([, , live]) => !live),
    ...(deletedBy === undefined ? {} : { deletedBy })
  }
}

export function figures(change: Partial<ImageFigures> = {}): ImageFigures {
  return { ...FIGURES, ...change }
}

export function image(change: Partial<ImageReport> = {}): ImageReport {
  const layers = change.layers ?? [...BASE, ...OWN]
  return {
    platform: 'linux/amd64',
    base: 'python:3.12-slim',
    manifestDigest: digest(77),
    configDigest: digest(78),
    size: layers.reduce((sum, each) => sum + each.size, 0),
    transferSize: layers.reduce((sum, each) => sum + (each.transferSize ?? 0), 0),
    layers,
    figures: FIGURES,
    ...change
  }
}

const ADVICE: readonly AdviceItem[] = [
  {
    rule: 'FilesCopiedByChown',
    message: '`chown` ships 3 files of the layers below a second time',
    fix: 'Write `COPY --chown=…` where they come from, or chown them in the `RUN` that makes them.',
    line: 34,
    bytes: 287_744
  },
  {
    rule: 'BaseNotPinned',
    message: '`python:3.12-slim` has no digest: two builds of one commit can differ',
    fix: `Pin what this build used: \`python:3.12-slim@${digest(3)}\`.`,
    line: 1
  }
]

const VERDICT: readonly RuleResult[] = [
  { rule: 'leak-check', platform: 'linux/amd64', measured: 0, mode: 'fail', passed: true }
]

const PYTEST = 'RUN --mount=type=cache,target=/root/.cache mypy . && black --check . && pytest'

const STEPS: readonly Step[] = [
  step('RUN apt-get update && apt-get install -y --no-install-recommends git openssh-client', {
    stage: 'base',
    line: 9,
    at: 1.6,
    seconds: 6.9
  }),
  step('COPY requirements.txt .', { stage: 'builder', line: 17, at: 8.6, seconds: 0.1 }),
  step('RUN --mount=type=ssh --mount=type=secret,id=pip_token pip install -r requirements.txt', {
    stage: 'builder',
    line: 18,
    at: 8.8,
    seconds: 31.4
  }),
  step('COPY ./app /app', { stage: 'test', line: 41, at: 40.3, seconds: 0.2 }),
  step(PYTEST, { stage: 'test', line: 43, at: 40.6, seconds: 12.4 }),
  step('COPY --from=builder /venv /venv', { stage: 'production', line: 31, at: 40.3, seconds: 1.8 }),
  step('COPY ./app /app', { stage: 'production', line: 32, at: 42.2, seconds: 0.2 }),
  step('RUN adduser --system --group --no-create-home app && chown -R app:app /app/data', {
    stage: 'production',
    line: 34,
    at: 42.5,
    seconds: 0.6
  }),
  step('WORKDIR /app', { stage: 'production', line: 35, at: 43.2, seconds: 0.1 })
]

const STAGES: readonly StageReport[] = [
  stage('base', 'other', STEPS, 2),
  stage('builder', 'other', STEPS, 3),
  stage('test', 'test', STEPS, 2),
  stage('production', 'target', STEPS, 4)
]

function stage(name: string, role: StageReport['role'], steps: readonly Step[], total: number): StageReport {
  const mine = steps.filter((each) => each.stage === name)
  const ran = mine.filter((each) => each.state === 'ran')
  const [first] = ran
  return {
    name,
    role,
    steps: total,
    cached: total - ran.length,
    seconds: ran.reduce((sum, each) => sum + each.seconds, 0),
    ...(first === undefined ? {} : { firstToRun: first })
  }
}

/** The same stage with the reason why its first step ran. */
function because(report: StageReport, cause: Explanation['cause'], change: Partial<Explanation> = {}): StageReport {
  return { ...report, why: { cause, certainty: 'certain', seconds: report.seconds, ...change } }
}

const IMPORT = 'ghcr.io/acme/app-cache:branch-main-test-production-9b2f4c1de0a35786'

/** The report that has this as its only build. */
export function reportOf(view: BuildView): Report {
  const { images, comparison, trend, releases, verdict, smoke, verify, builtTwice, advice, publish, ...run } = view
  const build: BuildReport = {
    ...{ name: run.name, images, verdict, advice, publish },
    ...(comparison === undefined ? {} : { comparison }),
    ...(trend === undefined ? {} : { trend }),
    ...(releases === undefined ? {} : { releases }),
    ...(smoke === undefined ? {} : { smoke }),
    ...(verify === undefined ? {} : { verify }),
    ...(builtTwice === undefined ? {} : { builtTwice })
  }
  return { ...run, builds: [build] }
}

/** A report as its first build has it: what a section is a function of. */
export function viewOf(report: Report): BuildView {
  return viewsOf(report)[0]
}

/** The same report with something else in it. */
export function changed(report: Report, change: Partial<BuildView>): Report {
  return reportOf({ ...viewOf(report), ...change })
}

/** The first green run: nothing cached, everything published. */
export function firstGreen(change: Partial<BuildView> = {}): Report {
  return reportOf({
    name: 'app',
    outcome: { kind: 'green' },
    trusted: true,
    gate: { verdict: 'passed', targets: [{ stage: 'test', result: 'ran', seconds: 12.4 }] },
    images: [image()],
    stages: STAGES,
    steps: STEPS,
    startedAt: START,
    seconds: {
      total: 58.7,
      phases: [
        { name: 'inputs and keys', start: 0, seconds: 0.2 },
        { name: 'pre-flight', start: 0.2, seconds: 0.6 },
        { name: 'build', start: 0.8, seconds: 52.4 },
        { name: 'inspect', start: 53.2, seconds: 1.1 },
        { name: 'publish', start: 54.3, seconds: 2.6 },
        { name: 'cache export', start: 56.9, seconds: 1.8 }
      ]
    },
    cache: {
      imports: [{ reference: IMPORT, result: 'missing' }],
      exports: [{ reference: IMPORT, result: 'ok', seconds: 1.8 }]
    },
    lint: {
      findings: [
        {
          rule: 'SecretsUsedInArgOrEnv',
          message: 'Do not use ARG or ENV instructions for sensitive data (ENV "API_TOKEN")',
          url: 'https://docs.docker.com/go/dockerfile/rule/secrets-used-in-arg-or-env/',
          line: 12
        },
        {
          rule: 'JSONArgsRecommended',
          message: 'JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
          url: 'https://docs.docker.com/go/dockerfile/rule/json-args-recommended/',
          line: 37
        }
      ]
    },
    advice: ADVICE,
    verdict: VERDICT,
    publish: {
      published: true,
      tags: ['ghcr.io/acme/app:1.8.0', 'ghcr.io/acme/app:latest'],
      digest: digest(77),
      how: ['push']
    },
    notes: [],
    source: {
      serverUrl: 'https://github.com',
      repository: 'acme/app',
      sha: '3f2c1a9d5b7e4c6a8f0d2b4e6c8a0f1e3d5c7b9a',
      runUrl: 'https://github.com/acme/app/actions/runs/9876543210',
      dockerfile: 'Dockerfile',
      dockerfileInRepository: 'Dockerfile'
    },
    builder: { name: 'stagegate-1', driver: 'docker-container', buildx: '0.29.1', buildkit: '0.32.2' },
    ...change
  })
}

/** The same commit again: everything from the cache. */
export function cachedGreen(): Report {
  const steps = STEPS.map((each): Step => ({ ...each, state: 'cached', seconds: 0 }))
  return firstGreen({
    gate: { verdict: 'passed', targets: [{ stage: 'test', result: 'cached', seconds: 0 }] },
    steps,
    stages: STAGES.map(({ name, role, steps: total }) => ({ name, role, steps: total, cached: total, seconds: 0 })),
    seconds: {
      total: 3.1,
      phases: [
        { name: 'inputs and keys', start: 0, seconds: 0.2 },
        { name: 'pre-flight', start: 0.2, seconds: 0.5 },
        { name: 'build', start: 0.7, seconds: 0.6 },
        { name: 'inspect', start: 1.3, seconds: 0.7 },
        { name: 'publish', start: 2.0, seconds: 1.1 }
      ]
    },
    cache: {
      imports: [{ reference: IMPORT, result: 'ok', seconds: 0.3 }],
      exports: [{ reference: IMPORT, result: 'ok', seconds: 0.2 }],
      saved: { seconds: 52.0, stepSeconds: 68.2, unknownSteps: 1 },
      comparedWith: 'main @ 3f2c1a9'
    },
    lint: { findings: [] }
  })
}

const APP_FILES = {
  kind: 'files',
  changed: [
    { path: 'app/main.py', how: 'changed' },
    { path: 'app/routers/users.py', how: 'added' }
  ],
  more: 0
} as const

/** Every reason for which a step can have run. */
export function cacheBroken(): Report {
  const parent = stage('test', 'test', STEPS, 2)
  const one = (name: string, instruction: string, line: number): StageReport => ({
    ...{ name, role: 'other', steps: 2, cached: 1, seconds: 1.5 },
    firstToRun: step(instruction, { stage: name, line, seconds: 1.5 })
  })
  const many = Array.from({ length: 17 }, (_, index) => ({ path: `src/part-${index}.ts`, how: 'changed' }) as const)
  return firstGreen({
    stages: [
      because(one('base', 'RUN apt-get update', 9), {
        kind: 'base',
        before: `python:3.12-slim@${digest(3)}`,
        after: `python:3.12-slim@${digest(4)}`
      }),
      because(
        one('builder', 'COPY . .', 17),
        {
          kind: 'files',
          changed: [{ path: 'app/old.py', how: 'removed' }, ...many],
          more: 214
        },
        {
          seconds: 44.1,
          install: { stage: 'builder', instruction: 'RUN pip install -r requirements.txt', line: 18, seconds: 31.4 }
        }
      ),
      because(parent, { kind: 'parent', step: { stage: 'builder', instruction: 'COPY . .', line: 17 } }),
      because(one('assets', 'RUN npm run build', 51), {
        kind: 'instruction',
        before: 'RUN npm run dev',
        after: 'RUN npm run build'
      }),
      because(one('docs', 'RUN mkdocs build', 61), { kind: 'instruction', after: 'RUN mkdocs build' }),
      because(one('env', 'RUN make', 71), { kind: 'above', before: 'ENV MODE=a', after: 'ENV MODE=b', line: 70 }),
      because(one('gone', 'RUN make', 81), { kind: 'above', before: 'RUN ./configure' }),
      because(one('args', 'RUN make release', 91), { kind: 'argument', names: ['VERSION', 'CHANNEL'] }),
      because(one('apart', 'RUN npm test', 95), { kind: 'input', names: ['namespace'] }, { certainty: 'likely' }),
      because(one('inputs', 'RUN npm run e2e', 97), { kind: 'input', names: ['network', 'shm-size'] }),
      because(one('lint', 'RUN mypy .', 101), { kind: 'asked', by: 'test-cache' }),
      because(one('os', 'RUN apt-get update && apt-get upgrade -y', 103), { kind: 'asked', by: 'refresh-after' }),
      because(one('git', 'COPY . /src', 106), {
        kind: 'files',
        changed: [{ path: '.git', how: 'changed' }],
        more: 0
      }),
      because(one('tools', 'RUN go build ./...', 111), { kind: 'evicted' }, { certainty: 'likely' }),
      because(
        one('config', 'COPY $CONFIG /etc', 115),
        { kind: 'argument', names: ['CONFIG'] },
        { certainty: 'likely' }
      ),
      because(
        one('fetched', 'ADD https://example.com/tool.tar.gz /opt', 121),
        { kind: 'unknown', reason: 'source-unread' },
        { certainty: 'unknown' }
      )
    ],
    cache: {
      imports: [{ reference: IMPORT, result: 'ok', seconds: 0.3 }],
      exports: [],
      comparedWith: 'main @ 3f2c1a9'
    }
  })
}

/** A code change: the dependencies come from the cache, the application is copied and tested again. */
export function codeChange(): Report {
  const steps = STEPS.map((each): Step =>
    (each.line ?? 0) >= 32
      ? { ...each, startedAt: (each.startedAt ?? 0) - 39_000 }
      : { ...each, state: 'cached', seconds: 0 }
  )
  return firstGreen({
    gate: {
      verdict: 'passed',
      targets: [
        { stage: 'lint', result: 'cached', seconds: 0 },
        { stage: 'test', result: 'ran', seconds: 12.4 }
      ]
    },
    steps,
    stages: [
      stage('base', 'other', steps, 2),
      stage('builder', 'other', steps, 3),
      { name: 'lint', role: 'test', steps: 3, cached: 3, seconds: 0 },
      because(stage('test', 'test', steps, 4), APP_FILES),
      because(stage('production', 'target', steps, 5), APP_FILES)
    ],
    seconds: {
      total: 19.8,
      phases: [
        { name: 'inputs and keys', start: 0, seconds: 0.2 },
        { name: 'pre-flight', start: 0.2, seconds: 0.5 },
        { name: 'build', start: 0.7, seconds: 13.6 },
        { name: 'inspect', start: 14.3, seconds: 1.0 },
        { name: 'publish', start: 15.3, seconds: 2.4 }
      ]
    },
    cache: {
      imports: [{ reference: IMPORT, result: 'ok', seconds: 0.3 }],
      exports: [{ reference: IMPORT, result: 'ok', seconds: 2.1 }],
      saved: { seconds: 39.3, stepSeconds: 43.1, unknownSteps: 0 },
      comparedWith: 'main @ 3f2c1a9'
    },
    cacheMounts: [
      { id: '.mypy_cache', before: 'restored', after: 'saved', size: 11_300_000 },
      { id: '/root/.cache/pip', before: 'restored', after: 'unchanged', size: 48_200_000 },
      { id: 'apt', before: 'kept' },
      { id: 'models', after: 'too-large' }
    ],
    notes: [
      'The current builder cannot export a cache (the `docker` driver on a classic store), so a `docker-container` builder was made for this job.'
    ]
  })
}

export function multiPlatform(): Report {
  const arm = [...BASE, ...OWN].map((each, index) => ({
    ...each,
    digest: digest(500 + index),
    size: Math.round(each.size * 0.96),
    transferSize: Math.round((each.transferSize ?? 0) * 0.95)
  }))
  const steps = STEPS.flatMap((each) => [
    { ...each, platform: 'linux/amd64' },
    { ...each, platform: 'linux/arm64', seconds: each.seconds * 2.4 }
  ])
  return firstGreen({
    images: [
      image(),
      image({ platform: 'linux/arm64', manifestDigest: digest(91), layers: arm }),
      image({ platform: 'linux/arm/v7', manifestDigest: digest(92), layers: arm.slice(0, 6) })
    ],
    steps,
    publish: {
      published: true,
      tags: ['ghcr.io/acme/app:1.8.0', 'ghcr.io/acme/app:latest'],
      digest: digest(90),
      how: ['push']
    }
  })
}

/** No target and no output: only the tests. */
export function gateOnly(): Report {
  const steps = STEPS.filter((each) => each.stage !== 'production')
  return firstGreen({
    images: [],
    steps,
    stages: [
      ...STAGES.filter((each) => each.role !== 'target'),
      {
        name: 'lint',
        role: 'test',
        steps: 2,
        cached: 0,
        seconds: 2.4,
        firstToRun: step('COPY ./app /app', { line: 37 })
      }
    ],
    publish: { published: false, reason: 'only the gate was asked for' },
    lint: { findings: [] },
    advice: [],
    verdict: [],
    gate: {
      verdict: 'passed',
      targets: [
        { stage: 'lint', result: 'ran', seconds: 2.2 },
        { stage: 'test', result: 'ran', seconds: 12.4 }
      ]
    }
  })
}

/** No test target: the image is published, and the heading says that nothing tested it. */
export function noGate(): Report {
  return firstGreen({
    gate: { verdict: 'skipped', reason: 'no `test-target` is set', targets: [] },
    stages: STAGES.filter((each) => each.role !== 'test'),
    steps: STEPS.filter((each) => each.stage !== 'test'),
    lint: { findings: [] }
  })
}

export function fortyLayers(): Report {
  const names = ['migrations', 'templates', 'static', 'locale', 'plugins', 'fixtures', 'scripts', 'themes']
  const own = Array.from({ length: 36 }, (_, index) =>
    layer(
      200 + index,
      index % 7 === 2 ? Math.round((40 - index) * 1.31 * MB) : (index * 7919) % 90_000,
      `COPY ./${names[index % names.length] ?? 'app'}/${String(index).padStart(2, '0')} /srv/app/${names[index % names.length] ?? 'app'}/`,
      { line: 20 + index, stage: index < 14 ? 'runtime' : 'production' }
    )
  )
  return firstGreen({ images: [image({ layers: [...BASE, ...own] })] })
}

/** A pull request from a fork: built and tested, nothing written. */
export function fork(): Report {
  return firstGreen({
    trusted: false,
    trustReason: 'pull request #214 comes from the fork mallory/app',
    publish: { published: false, reason: 'the run is untrusted' },
    cache: READ_ONLY_CACHE,
    lint: { findings: [] },
    notes: ['The secret `pip_token` was not given to this run; steps that mount it see no file.']
  })
}

export function cacheTrouble(): Report {
  return firstGreen({
    cache: {
      imports: [
        {
          reference: IMPORT,
          result: 'failed',
          message: `failed to configure registry cache importer: ${IMPORT}: failed to do request: Head "https://ghcr.io/v2/acme/app-cache/manifests/main-production": dial tcp 140.82.121.33:443: i/o timeout`
        }
      ],
      exports: [
        {
          reference: IMPORT,
          result: 'failed',
          seconds: 0.4,
          message:
            'error writing layer blob: unexpected status from POST request to https://ghcr.io/v2/acme/app-cache/blobs/uploads/: 403 Forbidden'
        }
      ],
      plan: [
        { reference: `${IMPORT}-retry`, action: 'read', why: 'what the last red run had built' },
        { reference: IMPORT, action: 'else', why: 'the branch itself, main' },
        { reference: IMPORT, action: 'write', why: 'the branch itself, main; once everything has passed' },
        {
          reference: `${IMPORT}-retry`,
          action: 'write',
          why: 'instead, if the run is red: what has been built by then'
        }
      ],
      broken: {
        message:
          'failed to compute cache key: failed commit on ref "layer-sha256:9f9c": commit failed: unexpected commit digest sha256:c296, expected sha256:9f9c: failed precondition',
        seconds: 7.5
      }
    },
    lint: { findings: [] }
  })
}

function red(failure: Failure, change: Partial<BuildView> = {}): Report {
  return firstGreen({
    outcome: { kind: 'red', failure },
    gate: {
      verdict: 'skipped',
      reason: 'the run ended before it',
      targets: [{ stage: 'test', result: 'skipped', seconds: 0 }]
    },
    images: [],
    publish: { published: false, reason: 'the run failed' },
    lint: { findings: [] },
    advice: [],
    verdict: [],
    ...change
  })
}

const PYTEST_LOG = [
  'Success: no issues found in 23 source files',
  'All done! ✨ 🍰 ✨',
  '41 files would be left unchanged.',
  '============================= test session starts ==============================',
  'platform linux -- Python 3.12.4, pytest-8.3.2, pluggy-1.5.0',
  'rootdir: /app',
  'plugins: anyio-4.4.0, asyncio-0.24.0, cov-5.0.0',
  'collected 42 items',
  '',
  ...Array.from(
    { length: 41 },
    (_, index) =>
      `tests/test_items.py::test_item_${String(index).padStart(2, '0')} PASSED            [ ${String(Math.round((index / 42) * 100)).padStart(2)}%]`
  ),
  'tests/test_users.py::test_get_user FAILED                                [100%]',
  '',
  '=================================== FAILURES ===================================',
  '________________________________ test_get_user _________________________________',
  '',
  'client = <starlette.testclient.TestClient object at 0x7f3b1c2d9e50>',
  '',
  '    def test_get_user(client):',
  '        response = client.get("/users/1")',
  '>       assert response.status_code == 200',
  'E       assert 404 == 200',
  'E        +  where 404 = <Response [404 Not Found]>.status_code',
  '',
  'tests/test_users.py:17: AssertionError',
  '=========================== short test summary info ============================',
  'FAILED tests/test_users.py::test_get_user - assert 404 == 200',
  '========================= 1 failed, 41 passed in 6.31s =========================',
  ''
]

export function redTest(): Report {
  const failed = step(PYTEST, {
    stage: 'test',
    line: 43,
    at: 40.6,
    seconds: 9.2,
    state: 'failed',
    logTail: PYTEST_LOG,
    error: 'process "/bin/sh -c mypy . && black --check . && pytest" did not complete successfully: exit code: 1'
  })
  return red(
    { kind: 'test', step: failed, exitCode: 1, line: 43 },
    {
      gate: {
        verdict: 'failed',
        targets: [
          { stage: 'lint', result: 'ran', seconds: 3.1 },
          { stage: 'test', result: 'failed', seconds: 9.2 }
        ]
      },
      stages: [
        because(
          stage('base', 'other', STEPS, 2),
          { kind: 'no-cache-found', references: [IMPORT], result: 'missing' },
          { certainty: 'likely' }
        ),
        because(stage('builder', 'other', STEPS, 3), {
          kind: 'parent',
          step: { stage: 'base', instruction: 'RUN apt-get update', line: 9 }
        }),
        because(stage('test', 'test', STEPS, 2), APP_FILES)
      ],
      steps: [
        ...STEPS.slice(0, 3),
        failed,
        step('RUN adduser app', { stage: 'production', line: 34, state: 'cancelled' })
      ]
    }
  )
}

export function redBuild(): Report {
  const failed = step(
    'RUN --mount=type=ssh pip install --no-cache-dir "git+ssh://git@github.com/acme/billing-client.git@v3.1.0" && python -m compileall -q /venv && rm -rf /root/.cache',
    {
      stage: 'builder',
      line: 18,
      seconds: 2.7,
      state: 'failed',
      logTail: [
        'Collecting git+ssh://****@github.com/acme/billing-client.git@v3.1.0',
        '  Cloning ssh://****@github.com/acme/billing-client.git (to revision v3.1.0) to /tmp/pip-req-build-x1',
        '  Running command git clone --filter=blob:none --quiet ssh://git@github.com/acme/billing-client.git',
        '  Host key verification failed.',
        '  fatal: Could not read from remote repository.',
        'error: subprocess-exited-with-error',
        '× git clone --filter=blob:none did not run successfully.',
        '╰─> exit code: 128'
      ]
    }
  )
  return red(
    { kind: 'build', step: failed, exitCode: 1, line: 18, message: failed.error ?? 'exit code: 1' },
    { gate: { verdict: 'skipped', targets: [{ stage: 'test', result: 'cancelled', seconds: 0 }] } }
  )
}

export function redCopy(): Report {
  const failed = step('COPY ./settings.toml /app/', { stage: 'production', line: 33, seconds: 0, state: 'failed' })
  return red({
    kind: 'build',
    step: failed,
    line: 33,
    message:
      'failed to compute cache key: failed to calculate checksum of ref p3hxq9::y7w2: "/settings.toml": not found'
  })
}

export function redDockerfile(): Report {
  return red({
    kind: 'dockerfile',
    message: 'target stage "tests" could not be found',
    line: 40,
    fix: 'Set `test-target: test`: the Dockerfile has the stages `base`, `builder`, `test` and `production`.'
  })
}

export function redPush(): Report {
  return red(
    {
      kind: 'registry',
      reference: 'ghcr.io/acme/app:1.8.0',
      message:
        'failed to push ghcr.io/acme/app:1.8.0: unexpected status from POST request to https://ghcr.io/v2/acme/app/blobs/uploads/: 403 Forbidden: denied: permission_denied: write_package'
    },
    { gate: { verdict: 'passed', targets: [{ stage: 'test', result: 'ran', seconds: 12.4 }] } }
  )
}

export function redPull(): Report {
  return red({
    kind: 'registry',
    reference: 'docker.io/library/python:3.12-slmi',
    line: 1,
    message:
      'python:3.12-slmi: failed to resolve source metadata for docker.io/library/python:3.12-slmi: docker.io/library/python:3.12-slmi: not found'
  })
}

export function redEngine(): Report {
  return red({
    kind: 'engine',
    message: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    fix: 'Start Docker before this step, or name another engine in `builder`.'
  })
}

export function redUnrecognised(): Report {
  return red({ kind: 'unrecognised', message: 'the moon is full', speaker: 'BuildKit' })
}

export function redMismatch(): Report {
  return red(
    { kind: 'mismatch', cause: 'the step [base 2/3] RUN make was built twice, from different inputs' },
    {
      gate: { verdict: 'passed', targets: [{ stage: 'test', result: 'ran', seconds: 12.4 }] }
    }
  )
}

export function redSecret(): Report {
  return red({ kind: 'credential', credential: 'secret', id: 'pip_token', line: 18 })
}

export function redSsh(): Report {
  return red({ kind: 'credential', credential: 'ssh', id: 'default', line: 18 })
}

export function redForkSecret(): Report {
  return red(
    { kind: 'credential', credential: 'secret', id: 'pip_token', line: 18 },
    { trusted: false, trustReason: 'pull request #214 comes from the fork mallory/app' }
  )
}

export function redUntested(): Report {
  const report = red(
    { kind: 'untested', stages: ['test'] },
    { trusted: false, trustReason: 'pull request #214 comes from the fork mallory/app' }
  )
  const targets = [{ stage: 'test', result: 'skipped' as const, seconds: 0 }]
  return {
    ...report,
    gate: { verdict: 'skipped', reason: 'stage test could not be built without credentials', targets }
  }
}

export function redInput(): Report {
  return red(
    {
      kind: 'input',
      problems: [
        { input: 'test-cahce', problem: 'there is no such input', fix: 'Did you mean `test-cache`?' },
        {
          input: 'tags',
          problem: '"ghcr.io/Acme/app:1.8.0" is not an image reference: a repository is in lower case',
          fix: 'Write `ghcr.io/acme/app:1.8.0`.'
        },
        {
          input: 'ssh-private-key',
          problem: 'the key is encrypted and `ssh-passphrase` is empty',
          fix: 'Add the passphrase, or use a deploy key without one.'
        }
      ]
    },
    { stages: [], steps: [] }
  )
}

export function redCancelled(): Report {
  return red({ kind: 'cancelled' }, { builder: { name: '', driver: '', buildx: '' } })
}

export function redInternal(): Report {
  return red({ kind: 'internal', message: 'TypeError: image.layers is not iterable' })
}

/** Only loaded, on a classic store: no compressed form, no manifest. */
export function loadedOnly(): Report {
  const { platform, configDigest, size, layers, figures: found } = image()
  const unpacked = layers.map((each): LayerReport => {
    const { transferSize, ...rest } = each
    return transferSize === undefined ? each : rest
  })
  return firstGreen({
    images: [{ platform, configDigest, size, layers: unpacked, figures: found }],
    publish: { published: true, tags: ['app:dev'], digest: digest(78), how: ['load'] },
    cache: { imports: [], exports: [] },
    lint: { findings: [] }
  })
}

const PIP_CACHE = 41_204_736
const LISTS = 19_871_204

/** An image as a first draft of a Dockerfile makes it: caches, a chown, a compiler's leavings, and more layers than needed. */
function heavyImage(change: Partial<ImageFigures> = {}): ImageReport {
  const layers: readonly LayerReport[] = [
    ...BASE,
    layer(30, 58_402_117, 'RUN apt-get update && apt-get install -y --no-install-recommends git curl openssh-client', {
      line: 9,
      stage: 'base',
      files: { added: 1_204, changed: 22, removed: 0 }
    }),
    layer(31, 0, 'WORKDIR /app', { line: 10, stage: 'base', files: { added: 0, changed: 0, removed: 0 } }),
    layer(32, 1_204, 'COPY requirements.txt .', {
      line: 17,
      stage: 'production',
      files: { added: 1, changed: 0, removed: 0 }
    }),
    layer(33, 105_384_947, 'RUN --mount=type=ssh --mount=type=secret,id=pip_token pip install -r requirements.txt', {
      line: 18,
      stage: 'production',
      files: { added: 5_611, changed: 2, removed: 0 }
    }),
    layer(34, 9_203_118, 'COPY . /app', {
      line: 20,
      stage: 'production',
      files: { added: 412, changed: 1, removed: 0 }
    }),
    layer(35, 8_410_992, 'RUN adduser --system app && chown -R app:app /app', {
      line: 21,
      stage: 'production',
      files: { added: 1, changed: 398, removed: 0 },
      copies: {
        files: 398,
        size: 8_401_204,
        chown: { files: 398, size: 8_401_204 },
        chmod: { files: 0, size: 0 },
        paths: [{ path: '/app/static/world.geojson', size: 3_204_118 }]
      }
    }),
    layer(36, 0, 'RUN rm -rf /app/.git', {
      line: 22,
      stage: 'production',
      files: { added: 0, changed: 0, removed: 211 }
    })
  ]
  return image({
    layers,
    figures: figures({
      reclaimable: {
        own: 10_644_322,
        base: 3_120_406,
        paths: [
          reclaimable('/app/static/world.geojson', 3_204_118, [
            [8, 3_204_118, false],
            [9, 3_204_118, true]
          ]),
          reclaimable(
            '/app/.git/objects/pack/pack-8f0d2b4e6c8a0f1e3d5c7b9a.pack',
            2_243_118,
            [[8, 2_243_118, false]],
            10
          ),
          reclaimable('/app/static/logo.svg', 702_102, [
            [8, 702_102, false],
            [9, 702_102, true]
          ])
        ]
      },
      efficiency: 0.9561,
      biggestFiles: {
        own: [
          file('/usr/local/lib/python3.12/site-packages/torch/lib/libtorch_python.so', 28_204_118, 7),
          file('/root/.cache/pip/http-v2/a/b/c/d/e/abcde0123456789.body', 18_402_117, 7),
          file('/usr/bin/git', 4_204_118, 4),
          file('/app/static/world.geojson', 3_204_118, 9)
        ],
        base: []
      },
      biggestDirectories: {
        own: [
          { path: '/usr/local/lib/python3.12/site-packages', size: 64_180_211, own: 64_180_211 },
          { path: '/root/.cache/pip', size: PIP_CACHE, own: PIP_CACHE },
          { path: '/var/lib/apt/lists', size: LISTS, own: LISTS }
        ],
        all: []
      },
      packageCaches: [
        { kind: 'pip', path: '/root/.cache/pip', size: PIP_CACHE, live: PIP_CACHE, files: 214, layers: [7] },
        { kind: 'apt-lists', path: '/var/lib/apt/lists', size: LISTS, live: LISTS, files: 12, layers: [4] }
      ],
      leakSearch: { ...SEARCHED, layers: [4, 5, 6, 7, 8, 9, 10] },
      ...change
    })
  })
}

const HEAVY_ADVICE: readonly AdviceItem[] = [
  {
    rule: 'PackageCacheInLayer',
    message: 'The cache of pip (`/root/.cache/pip`) is in your layers',
    fix: 'Mount it instead: `RUN --mount=type=cache,target=/root/.cache/pip …`, or use `pip install --no-cache-dir`.',
    line: 18,
    bytes: PIP_CACHE
  },
  {
    rule: 'AptListsInLayer',
    message: 'The package lists of apt (`/var/lib/apt/lists`) are in your layers',
    fix: 'End the `RUN` that has `apt-get update` with `rm -rf /var/lib/apt/lists/*`.',
    line: 9,
    bytes: LISTS
  },
  {
    rule: 'FilesCopiedByChown',
    message: '`chown` ships 398 files of the layers below a second time',
    fix: 'Write `COPY --chown=…` where they come from, or chown them in the `RUN` that makes them.',
    line: 21,
    bytes: 8_401_204
  },
  {
    rule: 'RunsAsRoot',
    message: 'The image starts as root: no `USER` is set',
    fix: 'End the stage with `USER 10001:10001`, or with a user that an earlier step made; it needs access to what the program reads and writes.',
    line: 15
  },
  {
    rule: 'NetworkClientInImage',
    message: '`curl`, `ssh` are in the final image, at hand for whoever breaks in',
    fix: 'If your program runs without them, fetch in an earlier stage and copy the result, or use `ADD --checksum=…`.',
    line: 9
  }
]

/** A fork's run reads the cache and writes none. */
export const READ_ONLY_CACHE: BuildView['cache'] = {
  imports: [{ reference: IMPORT, result: 'ok', seconds: 0.3 }],
  exports: [{ reference: IMPORT, result: 'not-run' }]
}

/** Everything a budget can say, and all of it kept. */
export function withinBudget(): Report {
  const heavy = heavyImage()
  return firstGreen({
    images: [heavy],
    advice: HEAVY_ADVICE,
    verdict: [
      { rule: 'leak-check', platform: 'linux/amd64', measured: 0, mode: 'fail', passed: true },
      { rule: 'max-size', platform: 'linux/amd64', measured: heavy.size, limit: 350_000_000, passed: true },
      { rule: 'max-layers', platform: 'linux/amd64', measured: heavy.layers.length, limit: 12, passed: true },
      {
        rule: 'max-reclaimable',
        platform: 'linux/amd64',
        measured: 10_644_322,
        share: 10_644_322 / heavy.size,
        limit: { share: 0.05 },
        passed: true
      }
    ]
  })
}

const GATE_PASSED: Report['gate'] = { verdict: 'passed', targets: [{ stage: 'test', result: 'ran', seconds: 12.4 }] }

/** Larger than `max-size`, the other rules kept. */
export function redBudget(): Report {
  const heavy = heavyImage()
  const broken: RuleResult = {
    rule: 'max-size',
    platform: 'linux/amd64',
    measured: heavy.size,
    limit: 250_000_000,
    passed: false
  }
  return red(
    { kind: 'budget', broken: [broken] },
    {
      gate: GATE_PASSED,
      images: [heavy],
      advice: HEAVY_ADVICE,
      verdict: [
        { rule: 'leak-check', platform: 'linux/amd64', measured: 0, mode: 'fail', passed: true },
        broken,
        { rule: 'max-layers', platform: 'linux/amd64', measured: heavy.layers.length, limit: 12, passed: true }
      ]
    }
  )
}

/** Too many layers, and too much in them that nobody sees, on one platform of two. */
export function redBudgetLayers(): Report {
  const heavy = heavyImage()
  const arm: ImageReport = { ...image(), platform: 'linux/arm64' }
  const rules = (each: ImageReport): readonly RuleResult[] => [
    {
      rule: 'max-layers',
      platform: each.platform,
      measured: each.layers.length,
      limit: 9,
      passed: each.layers.length <= 9
    },
    {
      rule: 'max-reclaimable',
      platform: each.platform,
      measured: each.figures.reclaimable.own,
      share: each.figures.reclaimable.own / each.size,
      limit: { bytes: 5_000_000, share: 0.01 },
      passed: each.figures.reclaimable.own < 5_000_000
    }
  ]
  const verdict = [heavy, arm].flatMap(rules)
  return red(
    { kind: 'budget', broken: verdict.filter(({ passed }) => !passed) },
    { gate: GATE_PASSED, images: [heavy, arm], advice: HEAVY_ADVICE, verdict }
  )
}

function leakLayer(index: number): { index: number; digest: `sha256:${string}`; createdBy: string } {
  return { index, digest: digest(30 + index), createdBy: 'RUN /bin/sh -c true # buildkit' }
}

const LEAKS: readonly LeakFinding[] = [
  {
    kind: 'secret',
    secretId: 'pip_token',
    encoding: 'raw',
    extent: 'whole',
    place: { in: 'file', layer: leakLayer(7), path: '/root/.config/pip/pip.conf', live: true },
    count: 1
  },
  {
    kind: 'secret',
    secretId: 'ssh-private-key',
    encoding: 'raw',
    extent: 'part',
    place: { in: 'file', layer: leakLayer(8), path: '/app/ssh-keys/id_ed25519', live: false },
    count: 6
  },
  {
    kind: 'private-key',
    format: 'OPENSSH',
    encrypted: false,
    fingerprint: `sha256:${'1'.repeat(64)}`,
    encoding: 'raw',
    place: { in: 'file', layer: leakLayer(8), path: '/app/ssh-keys/id_ed25519', live: false },
    count: 1
  },
  {
    kind: 'secret',
    secretId: 'pip_token',
    encoding: 'url',
    extent: 'whole',
    place: { in: 'env', name: 'PIP_INDEX_URL' },
    count: 1
  },
  {
    kind: 'secret',
    secretId: 'pip_token',
    encoding: 'base64',
    extent: 'whole',
    place: { in: 'attestation', digest: digest(99), predicateType: 'https://slsa.dev/provenance/v1' },
    count: 2
  }
]

/** A secret and a key in the image. The layer cache had been written by then. */
export function redLeak(): Report {
  return red(
    { kind: 'leak', findings: LEAKS },
    {
      gate: GATE_PASSED,
      images: [heavyImage({ leaks: LEAKS })],
      cache: { imports: [{ reference: IMPORT, result: 'ok', seconds: 0.4 }], exports: [] },
      verdict: [{ rule: 'leak-check', platform: 'linux/amd64', measured: LEAKS.length, mode: 'fail', passed: false }]
    }
  )
}

/** A key that nobody handed in, on one of two platforms, and no layer cache. */
export function redLeakKey(): Report {
  const leaks: readonly LeakFinding[] = [
    {
      kind: 'private-key',
      format: 'RSA',
      encrypted: false,
      fingerprint: `sha256:${'2'.repeat(64)}`,
      encoding: 'raw',
      place: { in: 'file', layer: leakLayer(8), path: '/app/tests/fixtures/server.key', live: true },
      count: 1
    }
  ]
  return red(
    { kind: 'leak', findings: leaks },
    {
      gate: GATE_PASSED,
      images: [heavyImage({ leaks }), { ...image(), platform: 'linux/arm64' }],
      cache: { imports: [], exports: [] },
      verdict: [{ rule: 'leak-check', platform: 'linux/amd64', measured: 1, mode: 'fail', passed: false }]
    }
  )
}

/** `leak-check: warn`: published, and said so loudly. */
export function leakWarned(): Report {
  const leaks = LEAKS.slice(0, 1)
  return firstGreen({
    images: [heavyImage({ leaks })],
    advice: [],
    lint: { findings: [] },
    verdict: [{ rule: 'leak-check', platform: 'linux/amd64', measured: 1, mode: 'warn', passed: true }]
  })
}

/** `leak-check: off`: nothing was searched, and nothing is claimed. */
export function leakCheckOff(): Report {
  const { leakSearch: searched, ...rest } = FIGURES
  return firstGreen({
    images: [image({ figures: { ...rest, leakSearch: searched === undefined ? searched : undefined } })],
    lint: { findings: [] },
    advice: [],
    verdict: []
  })
}

/** Something could not be examined: never a silent pass. */
export function omitted(): Report {
  return firstGreen({
    images: [
      image({
        figures: figures({
          omissions: [
            {
              ...{ kind: 'value', secretId: 'pin' },
              words: 'secret "pin" was not searched for: it has 4 bytes, fewer than 6'
            },
            { kind: 'layer', layer: 5, words: `(${digest(11)}) is not in the layout and was not examined` }
          ],
          leakSearch: { ...SEARCHED, layers: [4, 6, 7] }
        })
      })
    ],
    lint: { findings: [] },
    advice: []
  })
}

/** Two images of one run: the second has no base in common with the first, a file under two names, and one that setcap shipped again. */
export function severalImages(): Report {
  const report = firstGreen()
  const [app] = report.builds
  const none = { files: 0, size: 0 }
  const copies = {
    ...{ files: 1, size: 9_204_112, chown: none, chmod: none, attributes: { files: 1, size: 9_204_112 } },
    paths: [{ path: '/usr/local/bin/worker', size: 9_204_112 }]
  }
  const layers = [
    layer(901, 4_210_072, 'ADD rootfs.tar.gz /', { base: true }),
    layer(902, 9_204_112, 'COPY --from=build /out/worker /usr/local/bin/', { line: 44, stage: 'worker' }),
    layer(903, 9_204_112, 'RUN setcap cap_net_bind_service=+ep /usr/local/bin/worker', { line: 45, copies }),
    layer(904, 6_420_000, 'COPY models /srv', { line: 46, stage: 'worker' })
  ]
  const worker = image({
    ...{ base: 'alpine:3.22', layers, size: 29_038_296, transferSize: 12_204_118 },
    figures: figures({
      reclaimable: { own: 9_204_112, base: 0, paths: [] },
      efficiency: 0.683,
      biggestFiles: { own: [file('/usr/local/bin/worker', 9_204_112, 2)], base: [] },
      biggestDirectories: { own: [], all: [] },
      duplicates: {
        ...{ size: 3_210_000, files: 1 },
        contents: [{ size: 3_210_000, copies: 2, paths: ['/srv/model.bin', '/srv/model-v2.bin'], layer: 3 }]
      }
    })
  })
  const publish = { ...app.publish, tags: ['ghcr.io/acme/worker:1.8.0'] }
  const { gate, stages, steps, cache, lint, source } = report
  const own = { gate, stages, steps, cache, lint, source }
  const ofWorker = {
    ...{ cache: { imports: [], exports: [] }, lint: { findings: [] } },
    gate: { verdict: 'passed', targets: [{ stage: 'worker-test', result: 'cached', seconds: 0 }] },
    stages: [
      { name: 'build', role: 'other', steps: 4, cached: 4, seconds: 0 },
      { name: 'worker-test', role: 'test', steps: 1, cached: 1, seconds: 0 },
      { name: 'worker', role: 'target', steps: 3, cached: 3, seconds: 0 }
    ],
    steps: [],
    source: { ...source, dockerfile: 'worker/Dockerfile', dockerfileInRepository: 'worker/Dockerfile' }
  } as const
  return {
    ...{ ...report, name: 'shop', stages: [...stages, ...ofWorker.stages] },
    gate: { verdict: 'passed', targets: [...gate.targets, ...ofWorker.gate.targets] },
    builds: [
      { ...app, own },
      { ...app, name: 'worker', images: [worker], publish, advice: [], own: ofWorker }
    ]
  }
}

/** The same, where the tests of the second one have failed: the first had passed, and nothing leaves. */
export function redOneOfSeveral(): Report {
  const several = severalImages()
  const [app] = several.builds
  const { outcome, gate, stages, steps, lint, source } = redTest()
  const own = { gate, stages, steps, lint, source, cache: { imports: [], exports: [] } }
  const publish = { published: false, reason: 'the run failed' } as const
  const nothing = { images: [], verdict: [], advice: [] }
  return {
    ...several,
    outcome: outcome.kind === 'green' ? outcome : { ...outcome, image: 'worker' },
    gate: { verdict: 'failed', targets: [...several.gate.targets.slice(0, 1), ...gate.targets] },
    builds: [
      { ...app, publish },
      { name: 'worker', ...nothing, publish, own }
    ]
  }
}

/** Every report that has a golden file, by the file's name. */
export const GOLDEN: Readonly<Record<string, () => Report>> = {
  'first-green': firstGreen,
  'several-images': severalImages,
  'red-one-of-several': redOneOfSeveral,
  'cached-green': cachedGreen,
  'code-change': codeChange,
  'cache-broken': cacheBroken,
  'multi-platform': multiPlatform,
  'gate-only': gateOnly,
  'no-gate': noGate,
  'loaded-only': loadedOnly,
  'forty-layers': fortyLayers,
  fork,
  'cache-trouble': cacheTrouble,
  'red-test': redTest,
  'red-build': redBuild,
  'red-build-copy': redCopy,
  'red-dockerfile': redDockerfile,
  'red-registry-push': redPush,
  'red-registry-pull': redPull,
  'red-engine': redEngine,
  'red-unrecognised': redUnrecognised,
  'red-mismatch': redMismatch,
  'red-credential-secret': redSecret,
  'red-credential-ssh': redSsh,
  'red-credential-fork': redForkSecret,
  'red-untested': redUntested,
  'red-input': redInput,
  'within-budget': withinBudget,
  'leak-warn': leakWarned,
  'leak-off': leakCheckOff,
  omissions: omitted,
  'red-leak': redLeak,
  'red-leak-key': redLeakKey,
  'red-budget': redBudget,
  'red-budget-layers': redBudgetLayers,
  'red-cancelled': redCancelled,
  'red-internal': redInternal
}
