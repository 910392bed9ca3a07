/** Logs that wait: what one part of a run says would stand in the middle of what another says. */
import type { Log } from '../ports.js'

/** A log whose lines wait until it is released; from then on they are written as they come. */
export type HeldLog = {
  readonly log: Log
  /** Resolves when all that waited is written. */
  readonly release: () => Promise<void>
}

/** Holds a log. */
export function holdLog(log: Log): HeldLog {
  const waiting: (() => void | Promise<void>)[] = []
  let isHeld = true
  const later = (write: () => void | Promise<void>): void | Promise<void> => {
    if (!isHeld) return write()
    waiting.push(write)
  }
  const held =
    <Arguments extends readonly unknown[]>(write: (...args: Arguments) => void) =>
    (...args: Arguments): void =>
      void later(() => write(...args))
  return {
    log: {
      info: held(log.info),
      untrusted: held(log.untrusted),
      notice: held(log.notice),
      warning: held(log.warning),
      error: held(log.error),
      debug: held(log.debug),
      async group(title, body) {
        const over = Promise.withResolvers<void>()
        let written = Promise.resolve()
        void later(() => void (written = log.group(title, () => over.promise)))
        try {
          return await body()
        } finally {
          await later(() => {
            over.resolve()
            return written
          })
        }
      }
    },
    async release() {
      for (let write = waiting.shift(); write !== undefined; write = waiting.shift()) await write()
      isHeld = false
    }
  }
}

/** One of several parts of a run that go on at once. */
export type LogTurn<Item> = {
  /** Whose part it is. */
  readonly item: Item
  readonly log: Log
  /** It has nothing more to say. */
  readonly done: () => Promise<void>
}

/** A log in parts, one an item, that stand one after the other: each is held until those before it have nothing more to say. */
export function inTurns<Item>(log: Log, items: readonly Item[]): readonly LogTurn<Item>[] {
  const parts = items.map((item, nth) => ({ item, held: nth === 0 ? undefined : holdLog(log), isDone: false }))
  const rest = parts.values()
  let current = rest.next().value
  let turning = Promise.resolve()
  const turn = async (): Promise<void> => {
    while (current?.isDone === true) {
      current = rest.next().value
      await current?.held?.release()
    }
  }
  return parts.map((part) => ({
    item: part.item,
    log: part.held?.log ?? log,
    async done() {
      part.isDone = true
      // What ends while another part is written out does not begin in the middle of it.
      await (turning = turning.then(turn))
    }
  }))
}
