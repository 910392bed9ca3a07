import { describe, expect, it } from '@jest/globals'
import { headline, stateOf } from '../../src/report/sections/headline.js'
import { annotations } from '../../src/report/surfaces/annotations.js'
import { renderComment } from '../../src/report/surfaces/comment.js'
import { toJSON } from '../../src/report/surfaces/json.js'
import { renderSummary } from '../../src/report/surfaces/summary.js'
import { COMPARED } from './support/compared.js'
import { firstGreen, GOLDEN, image, redOneOfSeveral, viewOf } from './support/reports.js'

describe('the headline', () => {
  it.each([
    ['first-green', 'green', 'app: tests passed, 201.3 MB'],
    ['cached-green', 'green', 'app: tests passed (cached), 201.3 MB'],
    ['multi-platform', 'green', 'app: tests passed, 193.0 MB to 201.3 MB on 3 platforms'],
    ['smaller', 'green', 'app: tests passed, 201.3 MB, 14.2 MB smaller than main'],
    ['larger', 'green', 'app: tests passed, 211.7 MB, 10.3 MB larger than main'],
    ['same-image', 'green', 'app: tests passed, 201.3 MB, same image as main'],
    ['times-only', 'green', 'app: tests passed, 201.3 MB, same size as main'],
    ['no-baseline', 'green', 'app: tests passed, 201.3 MB'],
    ['platforms-changed', 'green', 'app: tests passed, 193.0 MB to 202.5 MB on 3 platforms, 1.2 MB larger than main'],
    ['gate-only', 'green', 'app: tests passed, no image was asked for'],
    ['no-gate', 'neutral', 'app: 201.3 MB, not tested'],
    ['fork', 'green', 'app: tests passed, 201.3 MB'],
    ['red-test', 'red', 'app: the tests failed (test), nothing was published'],
    ['red-build', 'red', 'app: the build failed (builder), nothing was published'],
    ['red-dockerfile', 'red', 'app: the Dockerfile has an error, nothing was published'],
    ['red-registry-push', 'red', 'app: the push failed, nothing was published'],
    ['red-registry-pull', 'red', 'app: an image could not be pulled, nothing was published'],
    ['red-engine', 'red', 'app: the Docker engine failed, nothing was published'],
    ['red-unrecognised', 'red', 'app: the build ended with an error that is not known, nothing was published'],
    ['red-mismatch', 'red', 'app: the image is not the one that was tested, nothing was published'],
    ['red-credential-secret', 'red', 'app: the secret "pip_token" is missing, nothing was published'],
    ['red-credential-ssh', 'red', 'app: no SSH key for "default", nothing was published'],
    ['within-budget', 'green', 'app: tests passed, 312.3 MB'],
    ['leak-warn', 'warning', 'app: the secret "pip_token" is in the image; tests passed, 312.3 MB'],
    ['red-leak', 'red', 'app: 2 secrets are in the image, nothing was published'],
    ['red-leak-key', 'red', 'app: a private key is in the image, nothing was published'],
    ['red-budget', 'red', 'app: the image is 62.3 MB over its budget of 250 MB, nothing was published'],
    ['red-budget-layers', 'red', 'app: the image breaks 2 limits of its budget, nothing was published'],
    ['red-input', 'red', 'app: 3 inputs are wrong, nothing was published'],
    ['red-cancelled', 'neutral', 'app: cancelled, nothing was published'],
    ['red-internal', 'red', 'app: Stagegate itself failed, nothing was published']
  ])('of %s is %s: %s', (name, state, words) => {
    const report = { ...GOLDEN, ...COMPARED }[name]?.() ?? firstGreen()
    expect(headline(report)).toBe(words)
    expect(stateOf(viewOf(report))).toBe(state)
  })

  it('names both platforms of two', () => {
    const report = firstGreen({ images: [image(), image({ platform: 'linux/arm64', layers: [] })] })
    expect(headline(report)).toBe('app: tests passed, 201.3 MB (linux/amd64) and 0 B (linux/arm64)')
  })

  it('says so when tags were published before the failure', () => {
    const report = firstGreen({ outcome: { kind: 'red', failure: { kind: 'engine', message: 'gone' } } })
    expect(headline(report)).toBe('app: the Docker engine failed after tags had been published')
  })

  it('says so when the image was loaded before the failure', () => {
    const report = firstGreen({
      outcome: { kind: 'red', failure: { kind: 'registry', message: 'failed to push app:1: gone' } },
      publish: { published: false, reason: 'the run failed', kept: { tags: ['app:1'], how: ['load'] } }
    })
    expect(headline(report)).toBe('app: the push failed, only the local engine has the image')
  })

  it('says so when only a file has the image', () => {
    const report = firstGreen({
      outcome: { kind: 'red', failure: { kind: 'engine', message: 'gone' } },
      publish: { published: false, reason: 'the run failed', kept: { tags: [], how: ['type=tar,dest=a.tar'] } }
    })
    expect(headline(report)).toBe('app: the Docker engine failed, only files have the image')
  })

  it('says so when there was neither gate nor image', () => {
    const report = firstGreen({ gate: { verdict: 'skipped', targets: [] }, images: [] })
    expect(headline(report)).toBe('app: nothing was built')
  })

  it('of several images says published of none that a local engine alone has', () => {
    const red = redOneOfSeveral()
    const [app, ...others] = red.builds
    const publish = { published: false, reason: 'the run failed', kept: { tags: ['app:1'], how: ['load'] } } as const
    const report = { ...red, builds: [{ ...app, publish }, ...others] } as const
    expect(headline(report)).toBe(
      'worker: the tests failed (test), nothing was published; app: tests passed, 201.3 MB; only the local engine has it, since worker failed'
    )
    const summary = renderSummary(report)
    expect(summary).toMatch(/^## ❌ shop: worker failed, only the local engine has images$/m)
    expect(summary).toMatch(/\| `app:1`, loaded into the engine \|$/m)
  })

  it.each([
    ['nothing else has it', undefined],
    ['an engine has it', { tags: ['app:1'], how: ['load'] }]
  ])('says that a tag is not known where the registry does not say: %s', (_, kept) => {
    const report = firstGreen({
      outcome: { kind: 'red', failure: { kind: 'cancelled' } },
      publish: {
        ...{ published: false, reason: 'the run failed', unknown: ['ghcr.io/acme/app:1'] },
        ...(kept === undefined ? {} : { kept })
      }
    })
    expect(headline(report)).toBe('app: cancelled, and whether the image was published is not known')
    expect(toJSON(report).headline).toBe(headline(report))
    const [said] = annotations(report)
    expect(said?.message).toContain('Whether these tags have the image is not known: ghcr.io/acme/app:1.')
    for (const words of [renderSummary(report), renderComment(report)]) {
      expect(words).toContain('whether the image was published is not known')
      expect(words).not.toMatch(/nothing was published|not published/i)
    }
  })

  it('of several images says of none that nothing was published where one is not known', () => {
    const red = redOneOfSeveral()
    const [app, ...others] = red.builds
    const publish = { published: false, reason: 'the run failed', unknown: ['ghcr.io/acme/app:1'] } as const
    const report = { ...red, builds: [{ ...app, publish }, ...others] } as const
    expect(headline(report)).toBe(
      'worker: the tests failed (test), and this image was not published; app: tests passed, 201.3 MB; whether it was published is not known, since worker failed'
    )
    const summary = renderSummary(report)
    expect(summary).toMatch(/^## ❌ shop: worker failed, and whether images were published is not known$/m)
    expect(summary).toMatch(/\| `ghcr.io\/acme\/app:1`, perhaps published \|$/m)
  })
})
