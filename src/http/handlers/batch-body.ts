import { isUtf8 } from 'node:buffer'
import type { Keys } from '../../engine/keys.js'
import { encodeOutcomes } from '../../frames/answers.js'
import {
  FRAME_TYPE,
  FrameError,
  MAX_BATCH_BYTES,
  MAX_BATCH_KEYS,
  type TextOf,
} from '../../frames/frame.js'
import { countOf } from '../../frames/requests.js'
import { type BucketAccess, confirm } from '../auth.js'
import { readBody } from '../body.js'
import type { Exchange } from '../exchange.js'
import { parseJson, refuseOtherTypes } from '../json-body.js'
import { Problem } from '../problem.js'
import { refuseQuery } from '../query.js'
import { endWith, endWithText } from '../short-body.js'

const HIGH_BIT = 0x80
const MAX_WHOLE_BYTES = 65_536

/** Node's unchecked decoders, which its types leave out. */
type Slices = Buffer & {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
}

/** How each form of a batch's body is read. */
interface Forms<T> {
  ofJson(json: unknown): T
  ofFrame(bytes: Buffer): T
}

/** The body of a batch, in whichever form it came. */
export async function readBatch<T>(
  x: Exchange,
  bucket: Keys,
  access: BucketAccess,
  forms: Forms<T>,
): Promise<T> {
  if (x.search !== '') refuseQuery(x.search)
  const isFrame = isFrameType(x.head.contentType)
  if (!isFrame || x.head.contentEncoding !== undefined) refuseOtherTypes(x)
  const body = await readBody(x, MAX_BATCH_BYTES, tooLong)
  confirm(x, bucket, access)
  if (!isFrame) return forms.ofJson(parseJson(body))
  try {
    refuseMany(countOf(body), 'The frame')
    return forms.ofFrame(body)
  } catch (error) {
    if (!(error instanceof FrameError)) throw error
    throw new Problem('invalid_body', `The body is no such frame: ${error.message}.`, {
      members: error.index === undefined ? {} : { index: error.index },
    })
  }
}

/** Looked at before the items are checked, so that a batch of a million is refused for its size. */
export function refuseMany(count: number, what: string): void {
  if (count > MAX_BATCH_KEYS) {
    throw new Problem(
      'batch_too_large',
      `${what} has ${count} entries; a batch has ${MAX_BATCH_KEYS} keys at most.`,
    )
  }
}

/** What became of each item, in the form that is wanted. */
export function sendOutcomes(x: Exchange, name: string, outcomes: readonly boolean[]): void {
  if (wantsFrame(x.head.accept)) {
    sendFrame(x, encodeOutcomes(outcomes))
    return
  }
  const text = `{"${name}":[${outcomes.join()}]}`
  x.res.writeHead(200, ['Content-Type', 'application/json', 'Content-Length', `${text.length}`])
  endWithText(x.res, text)
}

export function sendFrame(x: Exchange, frame: Uint8Array): void {
  x.res.writeHead(200, ['Content-Type', FRAME_TYPE, 'Content-Length', `${frame.length}`])
  endWith(x.res, Buffer.from(frame.buffer))
}

/** Whether an answer is wanted as a frame: where Accept names it, and not with q=0. */
export function wantsFrame(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*') return false
  if (accept === FRAME_TYPE) return true
  return accept.split(',').some((one) => isFrameType(one) && !/;\s*q=0(\.0*)?\s*$/i.test(one))
}

function isFrameType(type: string | undefined): boolean {
  if (type === undefined) return false
  return type === FRAME_TYPE || type.split(';')[0].trim().toLowerCase() === FRAME_TYPE
}

/**
 * Makes keys of a frame's bytes. Those in ASCII, as nearly all are, are slices of one string: that costs
 * a sixth of decoding each.
 */
export function textsOf(body: Buffer): TextOf {
  const slices = body as Slices
  const whole = body.length <= MAX_WHOLE_BYTES ? slices.latin1Slice(0, body.length) : undefined
  return (_, from, to) => {
    let seen = 0
    for (let i = from; i < to; i++) seen |= body[i]
    if ((seen & HIGH_BIT) === 0) return whole?.slice(from, to) ?? slices.latin1Slice(from, to)
    if (!isUtf8(body.subarray(from, to))) throw new TypeError('no UTF-8')
    return slices.utf8Slice(from, to)
  }
}

function tooLong(): Problem {
  return new Problem('batch_too_large', 'A batch has 16 MiB at most; split it.')
}
