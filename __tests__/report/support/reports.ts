/** Reports as real runs make them: a small FastAPI service with the stages base, builder, test and production. */
import type { Failure } from '../../../src/build/failure.js'
import type { Step } from '../../../src/build/step.js'
import type { ImageReport, LayerReport, Report, StageReport } from '../../../src/report/report.js'

const MB = 1_000_000
const START = 1_794_000_000_000

/** A digest that looks like one and is the same each time. */
export function digest(seed: number): string {
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
    logTail: [],
    ...rest
  }
}

export function layer(seed: number, size: number, instruction: string, change: Partial<LayerReport> = {}): LayerReport {
  return {
    digest: digest(seed),
    diffID: digest(seed + 1000),
    size,
    transferSize: Math.round(size * 0.37),
    instruction,
    base: false,
    ...change
  }
}

const BASE = [
  layer(
    1,
    78.6 * MB,
    '/bin/sh -c #(nop) ADD file:7af4be33c0c1fbbd1b0d0b9b3b9c5d5e2a0d3a4a1b0a7c0d4f7ea1c2d3e4f5a6 in / ',
    {
      base: true
    }
  ),
  layer(
    2,
    9.2 * MB,
    'RUN /bin/sh -c set -eux; \tapt-get update; \tapt-get install -y --no-install-recommends \t\tca-certificates \t\tnetbase \t\ttzdata \t; \trm -rf /var/lib/apt/lists/* # buildkit',
    { base: true }
  ),
  layer(3, 43.1 * MB, 'RUN /bin/sh -c set -eux; \t\tsavedAptMark="$(apt-mark showmanual)"; # buildkit', { base: true }),
  layer(
    4,
    36,
    'RUN /bin/sh -c set -eux; \tfor src in idle3 pip3 pydoc3 python3 python3-config; do \t\tdst="$(echo "$src" | tr -d 3)"; \tdone # buildkit',
    {
      base: true
    }
  )
]

const OWN = [
  layer(10, 64_180_211, 'COPY --from=builder /venv /venv', { line: 31, stage: 'production' }),
  layer(11, 5_912_000, 'COPY ./app /app', { line: 32, stage: 'production' }),
  layer(12, 301_204, 'RUN adduser --system --group --no-create-home app && chown -R app:app /app/data', {
    line: 34,
    stage: 'production'
  }),
  layer(13, 0, 'WORKDIR /app', { line: 35, stage: 'production' })
]

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
    ...change
  }
}

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

const IMPORT = 'ghcr.io/acme/app-cache:main-production'

/** The first green run: nothing cached, everything published. */
export function firstGreen(change: Partial<Report> = {}): Report {
  return {
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
  }
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
      exports: [{ reference: IMPORT, result: 'ok', seconds: 0.2 }]
    },
    lint: { findings: [] }
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
      stage('test', 'test', steps, 4),
      stage('production', 'target', steps, 5)
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
      exports: [{ reference: IMPORT, result: 'ok', seconds: 2.1 }]
    },
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
      index % 7 === 2 ? (40 - index) * 1.31 * MB : (index * 7919) % 90_000,
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
    cache: {
      imports: [{ reference: IMPORT, result: 'ok', seconds: 0.3 }],
      exports: [{ reference: IMPORT, result: 'not-run' }]
    },
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
      ]
    },
    lint: { findings: [] }
  })
}

function red(failure: Failure, change: Partial<Report> = {}): Report {
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

export function redMismatch(): Report {
  return red(
    { kind: 'mismatch', inspected: digest(77), published: digest(79) },
    {
      gate: { verdict: 'passed', targets: [{ stage: 'test', result: 'ran', seconds: 12.4 }] },
      publish: { published: true, tags: ['ghcr.io/acme/app:1.8.0'], digest: digest(79), how: ['push'] }
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
  const { platform, configDigest, size, layers } = image()
  const unpacked = layers.map(({ digest: id, diffID, size: bytes, instruction, base, line, stage: name }) => ({
    ...{ digest: id, diffID, size: bytes, instruction, base },
    ...(line === undefined ? {} : { line }),
    ...(name === undefined ? {} : { stage: name })
  }))
  return firstGreen({
    images: [{ platform, configDigest, size, layers: unpacked }],
    publish: { published: true, tags: ['app:dev'], digest: digest(78), how: ['load'] },
    cache: { imports: [], exports: [] },
    lint: { findings: [] }
  })
}

/** Every report that has a golden file, by the file's name. */
export const GOLDEN: Readonly<Record<string, () => Report>> = {
  'first-green': firstGreen,
  'cached-green': cachedGreen,
  'code-change': codeChange,
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
  'red-mismatch': redMismatch,
  'red-credential-secret': redSecret,
  'red-credential-ssh': redSsh,
  'red-credential-fork': redForkSecret,
  'red-input': redInput,
  'red-cancelled': redCancelled,
  'red-internal': redInternal
}
