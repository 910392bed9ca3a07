/** The name under which an image is served on the loopback address: how it is made, and how it is known again. */
import { randomBytes } from 'node:crypto'
import { isOfEndedProcess, processMark } from '../core/process_mark.js'

/** A name that nobody can guess, with the mark of this process. */
export function servedName(): string {
  return `stagegate-${processMark()}${randomBytes(8).toString('hex')}`
}

const servedReference = /^127\.0\.0\.1:\d{1,5}\/stagegate-([0-9a-f]{32})@sha256:[0-9a-f]{64}$/

/** Whether a reference names an image that was served. */
export function isServed(reference: string): boolean {
  return servedReference.test(reference)
}

/** References of this kind that a process which has ended left in an engine; `listed` is one a line, as an engine lists them. */
export function findForsaken(listed: string): readonly string[] {
  return listed.split('\n').flatMap((line) => {
    const [reference, mark] = servedReference.exec(line.trim()) ?? []
    return reference !== undefined && isOfEndedProcess(mark ?? '') ? [reference] : []
  })
}
