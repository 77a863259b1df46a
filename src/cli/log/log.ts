import pino, { type Logger } from 'pino'
import { scrubber } from './scrub.js'

/** Standard error; written at once, so that nothing is lost when the process ends. */
const STANDARD_ERROR = 2

/** A log of JSON lines on standard error, in which no credential appears. */
export function openLog(level: string, secrets: readonly string[]): Logger {
  const scrub = scrubber(secrets)
  const out = pino.destination({ dest: STANDARD_ERROR, sync: true })
  return pino({ level }, { write: (line: string) => out.write(scrub(line)) })
}
