/** Whose a report is: a cache mount is one folder for all, and it outlives the run. */
import { describe, expect, test } from '@jest/globals'
import { labelOf, writersOf, type Writer } from '../../src/test_reports/writers.js'

const second = (at: number, seconds: number, stage: string, platform?: string): Writer => ({
  ...{ stage, startedAt: at * 1000 + 400, seconds },
  ...(platform === undefined ? {} : { platform })
})
const unit = second(100, 10, 'unit')
const lint = second(105, 10, 'lint')
const arm = second(100, 10, 'unit', 'linux/arm64')
const amd = second(100, 10, 'unit', 'linux/amd64')

describe('a file belongs to', () => {
  test.each<[string, string, number, readonly Writer[], readonly string[]]>([
    ['the step that ran when it was written', 'junit.xml', 102, [unit, lint], ['unit']],
    ['one in the second in which it started', 'junit.xml', 100, [unit], ['unit']],
    ['one that was just over', 'junit.xml', 112, [unit], ['unit']],
    ['nobody, from before', 'junit.xml', 99, [unit, lint], []],
    ['nobody, from after: a clock that was set back', 'junit.xml', 900, [unit, lint], []],
    ['the stage in its path, of two that ran', 'lint/junit.xml', 108, [unit, lint], ['lint']],
    ['the stage in its name', 'junit-unit.xml', 108, [unit, lint], ['unit']],
    ['either, where nothing tells', 'junit.xml', 108, [unit, lint], ['unit', 'lint']],
    ['either, where the path names both', 'unit/lint.xml', 108, [unit, lint], ['unit', 'lint']],
    ['the platform in its path', 'unit-arm64.xml', 102, [amd, arm], ['unit linux/arm64']],
    ['either platform, where nothing tells', 'unit.xml', 102, [amd, arm], ['unit linux/amd64', 'unit linux/arm64']]
  ])('%s', (_name, path, seconds, writers, labels) => {
    expect(writersOf({ path, seconds }, writers).map(labelOf)).toEqual(labels)
  })
})
