/** What a step says at its end, where the files that it says it in cannot be written. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createRunner } from '../src/adapters/runner.js'
import { readOccasion } from '../src/occasion/occasion.js'
import type { Ports, Runner } from '../src/ports.js'
import type { Report } from '../src/report/model.js'
import { tell } from '../src/tell.js'
import { keptLog } from './buildkit/support/buildx.js'
import { firstGreen, redTest, severalImages } from './report/support/reports.js'
import { printed } from './support/printed.js'

let folder: string
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'sg-tell-'))))
afterEach(() => rmSync(folder, { recursive: true }))

/** What came of it, with a runner that does otherwise as told. */
async function told(report: Report, otherwise: Partial<Runner> = {}) {
  const { log, lines } = keptLog()
  const did: string[] = []
  const outputs = new Map<string, string>()
  const runner: Runner = {
    ...{ mask: () => undefined, saveState: () => undefined, exportVariable: () => undefined },
    setOutput: (name, value) => void outputs.set(name, (did.push('output'), value)),
    writeSummary: () => Promise.resolve(void did.push('summary')),
    ...otherwise
  }
  const ports: Ports = {
    ...{ log, runner, signal: new AbortController().signal, now: () => 0 },
    exec: () => Promise.reject(new Error('nothing is run')),
    show: () => Promise.reject(new Error('nothing is run'))
  }
  const result = { report, metadata: new Map(), occasion: readOccasion({}), redact: (text: string) => text }
  const isTold = await tell(ports, { RUNNER_TEMP: folder }, result)
  return { isTold, lines, outputs, did }
}

const noSpace = (): never => {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
}

test('the outputs come before the summary', async () => {
  const { isTold, did, outputs } = await told(firstGreen())
  expect([isTold, did.slice(0, 2), did.indexOf('summary') > 2]).toEqual([true, ['output', 'output'], true])
  expect(readFileSync(outputs.get('summary-file') ?? '', 'utf8')).toContain('tests passed')
})

describe('outputs that cannot be written', () => {
  test.each<[string, Report, RegExp]>([
    ['an image that is out', firstGreen(), /app is published: ghcr\.io\/acme\/app:1\.8\.0, .*sha256:[0-9a-f]+/],
    ['one that is not', redTest(), /app is not published\.$/],
    ['several', severalImages(), /app is published: .*\. worker is published: /]
  ])('are told with what has left: %s', async (_, report, words) => {
    const { isTold, lines, did } = await told(report, { setOutput: noSpace })
    expect(isTold).toBe(false)
    const error = lines.find((line) => line.startsWith('The outputs could not be written')) ?? ''
    expect(error).toMatch(/no space, or no inode, is left/)
    expect(error).toMatch(words)
    expect(did).toEqual(['summary'])
  })
})

test.each(['/dev/full', '/no/such/folder/summary'])(
  'a summary that cannot be written is a warning: %s',
  async (file) => {
    const { runner } = createRunner(file)
    const text = await printed(() => runner.writeSummary('# x'))
    expect(text).toMatch(
      /^::warning title=Stagegate wrote no summary::The job summary could not be written: (?:ENOSPC|ENOENT): /
    )
  }
)
