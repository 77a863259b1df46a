import type { ServerResponse } from 'node:http'

/** Longer values are handed over as they are: copying them would cost more than it saves. */
const SHORT_BYTES = 1_024
const HEAD_END = '\r\n\r\n'

/** Ends an answer whose head is written but not sent yet. */
export function endWith(res: ServerResponse, value: Buffer): void {
  if (value.length > SHORT_BYTES) res.end(value)
  else endWithText(res, value.toString('latin1'))
}

/**
 * Ends an answer with bytes that stand in a string, one in each character: they go out in one string
 * with the head, by a plain write, where `end(value)` gathers three pieces: a tenth of a whole GET.
 * Node keeps the head in `_header`, which its documentation does not name: where it is anything else
 * than a head, the usual way is taken.
 */
export function endWithText(res: ServerResponse, bytes: string): void {
  const pending = res as unknown as { _header?: unknown }
  const head = pending._header
  if (typeof head === 'string' && head.endsWith(HEAD_END)) {
    pending._header = head + bytes
    res.end()
  } else {
    res.end(bytes, 'latin1')
  }
}
