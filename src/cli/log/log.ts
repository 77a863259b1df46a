import pino, { type Logger } from 'pino'
import { scrubber } from './scrub.js'

const STANDARD_ERROR = 2
/** What may wait for a reader of the log that does not read; further lines are let go. */
const MAX_WAITING_CHARS = 2 ** 20
/** What the last lines get to be taken in when the process ends. */
const LAST_LINES_MS = 1_000

export interface Log {
  readonly logger: Logger
  /** Resolves when all is written, or nobody reads it. */
  flush(): Promise<void>
}

/**
 * A log of JSON lines on standard error, in which no credential appears. Nobody waits for its reader: one
 * that stalls would stop the server.
 */
export function openLog(level: string, secrets: readonly string[]): Log {
  const scrub = scrubber(secrets)
  const out = pino.destination({
    ...{ dest: STANDARD_ERROR, sync: false, minLength: 0 },
    maxLength: MAX_WAITING_CHARS,
  })
  out.on('error', () => {}) // whoever read it has gone
  const logger = pino({ level }, { write: (line: string) => out.write(scrub(line)) })
  return {
    logger,
    flush: () =>
      new Promise((resolve) => {
        setTimeout(resolve, LAST_LINES_MS)
        out.flush(() => resolve())
      }),
  }
}
