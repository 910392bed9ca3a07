/** The job log and the runner's services, on top of @actions/core. */
import * as core from '@actions/core'
import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { asString, dig } from '../core/json.js'
import type { AnnotationPlace, Log, Runner } from '../ports.js'
import { breakMarks, mayCommand } from './commands.js'

/** An input of the step as it was written; the empty text for one that is not there. */
export function readInput(name: string): string {
  return core.getInput(name, { trimWhitespace: false })
}

/**
 * The log and the runner share one thing: while a build's own output is printed, workflow commands are stopped with a
 * random token, and every command of ours resumes them first.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands
 */
export function createRunner(summaryFile: string | undefined): { log: Log; runner: Runner } {
  let stopToken: string | undefined

  const resume = (): void => {
    if (stopToken === undefined) return
    process.stdout.write(`::${stopToken}::\n`)
    stopToken = undefined
  }
  const untrusted = (line: string): void => {
    if (stopToken === undefined) {
      stopToken = randomBytes(16).toString('hex')
      process.stdout.write(`::stop-commands::${stopToken}\n`)
    }
    process.stdout.write(`${line}\n`)
  }
  const annotate =
    (write: typeof core.error) =>
    (message: string, { title, file, line }: AnnotationPlace): void => {
      resume()
      write(breakMarks(message), {
        title: breakMarks(title),
        ...(file === undefined ? {} : { file: breakMarks(file) }),
        ...(line === undefined ? {} : { startLine: line })
      })
    }

  const log: Log = {
    info(line) {
      // Our own words quote names, of secrets, stages and reports, that a stranger chose.
      if (mayCommand(line)) untrusted(line)
      else {
        resume()
        core.info(line)
      }
    },
    untrusted,
    notice: annotate(core.notice),
    warning: annotate(core.warning),
    error: annotate(core.error),
    debug(line) {
      if (!core.isDebug()) return
      resume()
      core.debug(breakMarks(line))
    },
    async group(title, body) {
      resume()
      core.startGroup(breakMarks(title))
      try {
        return await body()
      } finally {
        resume()
        core.endGroup()
      }
    }
  }

  const runner: Runner = {
    mask(value) {
      resume()
      core.setSecret(value)
    },
    saveState(name, value) {
      resume()
      core.saveState(name, value)
    },
    setOutput(name, value) {
      resume()
      core.setOutput(name, value)
    },
    exportVariable(name, value) {
      resume()
      core.exportVariable(name, value)
    },
    async writeSummary(markdown) {
      if (summaryFile === undefined || summaryFile === '') return
      try {
        await appendFile(summaryFile, `${markdown}\n`)
      } catch (error) {
        const why = asString(dig(error, 'message')) ?? 'unknown error'
        log.warning(`The job summary could not be written: ${why}.`, { title: 'Stagegate wrote no summary' })
      }
    }
  }
  return { log, runner }
}
