/** Reports of images that were started, and of commands that looked at them. */
import type { Report } from '../../../src/report/model.js'
import type { SmokeResult } from '../../../src/smoke/smoke.js'
import type { VerifyResult } from '../../../src/verify/verify.js'
import { firstGreen } from './reports.js'

const kept = { published: false, reason: 'the run ended before it' } as const
const started: SmokeResult = {
  ...{ platform: 'linux/amd64', seconds: 2.1, result: 'passed' },
  words: 'port 8080 answered /healthz with 200'
}
const agreed: VerifyResult = {
  platform: 'linux/amd64',
  seconds: 8.4,
  exitCode: 0,
  timedOut: false,
  log: ['0 findings']
}

/** Both passed. */
export function tried(): Report {
  return firstGreen({ smoke: [started], verify: [agreed] })
}

/** The tests pass, the image does not start. */
export function redSmoke(): Report {
  const down: SmokeResult = {
    ...{ platform: 'linux/amd64', seconds: 3.2, result: 'failed', reason: 'it ended with exit code 1', exitCode: 1 },
    log: [
      ...Array.from({ length: 14 }, (_, at) => `  File "/app/lib/python3.12/importlib/__init__.py", line ${at + 90}`),
      '    url = os.environ["DATABASE_URL"]',
      "KeyError: 'DATABASE_URL'"
    ],
    advice: ['It needs the variable DATABASE_URL: give it a value in smoke-env.']
  }
  return firstGreen({
    outcome: { kind: 'red', failure: { kind: 'smoke', results: [down] } },
    publish: kept,
    smoke: [down],
    verify: [agreed]
  })
}

/** It starts, and a scanner says no. */
export function redVerify(): Report {
  const veto: VerifyResult = {
    ...{ platform: 'linux/amd64', seconds: 11.7, exitCode: 1, timedOut: false },
    log: ['app (debian 12.9)', 'Total: 1 (CRITICAL: 1)', 'libssl3  CVE-2026-1234  CRITICAL  fixed in 3.0.17']
  }
  return firstGreen({
    outcome: { kind: 'red', failure: { kind: 'verify', results: [veto] } },
    publish: kept,
    smoke: [started],
    verify: [veto]
  })
}

const digest = (letter: string) => `sha256:${letter.repeat(64)}`

/** It was built twice, and is the same. */
export function twiceSame(): Report {
  return firstGreen({ builtTwice: { seconds: 71.3 } })
}

/** It was built twice with the times of the build, and packages leave their logs. */
export function redTwice(): Report {
  return firstGreen({
    outcome: {
      kind: 'red',
      failure: {
        ...{ kind: 'irreproducible', timed: false },
        differences: [
          {
            ...{ platform: 'linux/amd64', first: digest('a'), second: digest('b'), config: [] },
            layer: {
              ...{
                index: 4,
                base: false,
                stage: 'production',
                line: 21,
                reordered: false,
                madeBefore: false,
                count: 214
              },
              instruction: 'RUN apt-get update && apt-get install -y --no-install-recommends libpq5',
              files: [
                { path: '/var/cache/ldconfig/aux-cache', differs: 'content' },
                { path: '/var/log/apt/history.log', differs: 'content' },
                { path: '/var/log/dpkg.log', differs: 'content' },
                { path: '/etc', differs: 'time' }
              ]
            }
          }
        ]
      }
    },
    publish: kept
  })
}

/** A layer that copies what a command of another stage has made. */
export function redTwiceCopied(): Report {
  const layer = {
    ...{ index: 4, base: false, stage: 'production', line: 31, reordered: false, madeBefore: false, count: 1 },
    instruction: 'COPY --from=builder /venv /venv',
    files: [{ path: '/venv/lib/python3.12/site-packages/app.pyc', differs: 'content' as const }]
  }
  const mismatch = { platform: 'linux/amd64', first: digest('a'), second: digest('b'), config: [], layer }
  return firstGreen({
    outcome: { kind: 'red', failure: { kind: 'irreproducible', timed: true, differences: [mismatch] } },
    publish: kept
  })
}

/** A command from the cache, which an earlier commit filled: only its time differs. */
export function redTwiceCached(): Report {
  const layer = {
    ...{ index: 4, base: false, stage: 'production', line: 21, reordered: false, madeBefore: true, count: 1 },
    instruction: 'RUN make install',
    files: [{ path: '/usr/local/bin/app', differs: 'time' as const }]
  }
  const mismatch = { platform: 'linux/amd64', first: digest('a'), second: digest('b'), config: [], layer }
  return firstGreen({
    outcome: { kind: 'red', failure: { kind: 'irreproducible', timed: true, differences: [mismatch] } },
    publish: kept
  })
}

/** All layers are the same, and a label is not. */
export function redTwiceConfig(): Report {
  const mismatch = { platform: 'linux/amd64', first: digest('a'), second: digest('b'), config: ['Labels'] }
  return firstGreen({
    outcome: { kind: 'red', failure: { kind: 'irreproducible', timed: true, differences: [mismatch] } },
    publish: kept
  })
}

export const TRIALS: Readonly<Record<string, () => Report>> = {
  tried,
  'red-smoke': redSmoke,
  'red-verify': redVerify,
  'built-twice': twiceSame,
  'red-twice': redTwice,
  'red-twice-copied': redTwiceCopied,
  'red-twice-cached': redTwiceCached,
  'red-twice-config': redTwiceConfig
}
