import { CacheError } from '../errors.js'
import { decodeCount, decodeOutcomes, decodeValues } from '../frames/answers.js'
import { FRAME_TYPE, FrameError, MAX_BATCH_BYTES, MAX_BATCH_KEYS } from '../frames/frame.js'
import { encodeItems, encodeKeys, encodePrefix, type FrameItem } from '../frames/requests.js'
import { ClientError } from './client-error.js'
import type { Answer, Limits, Sent, Transport } from './transport.js'

/** Kind, count and the TTL of all; then, for each item, flags and two lengths. */
const FRAME_BYTES = 13
const ITEM_BYTES = 7
const MOST_BYTES_EACH = 3

/** What one request of a batch is about: a bucket's address and credential. */
export interface BatchTarget {
  readonly base: string
  readonly key: string | undefined
}

/** The requests of a bucket that carry many keys, in binary. */
export class Batches {
  private readonly transport: Transport
  private readonly target: BatchTarget

  constructor(transport: Transport, target: BatchTarget) {
    this.transport = transport
    this.target = target
  }

  /** Up to 1,000. Rejects with `batch_too_large` where the values are too much for one answer. */
  async get(keys: readonly string[], limits: Limits): Promise<(Uint8Array | undefined)[]> {
    const answer = await this.post('get', encodeKeys(keys), limits, true)
    const values = decoded(answer, decodeValues, true, keys.length)
    // Each in a buffer of its own: a view would keep all of the answer.
    return values.map((value) => value?.slice())
  }

  async put(
    items: readonly FrameItem[],
    ttlMs: number | undefined,
    limits: Limits,
  ): Promise<boolean[]> {
    const answer = await this.post('put', encodeItems({ items, ttlMs }), limits)
    return decoded(answer, decodeOutcomes, false, items.length)
  }

  async delete(keys: readonly string[], limits: Limits): Promise<boolean[]> {
    const answer = await this.post('delete', encodeKeys(keys), limits)
    return decoded(answer, decodeOutcomes, false, keys.length)
  }

  async deletePrefix(prefix: string, limits: Limits): Promise<number> {
    return decoded(await this.post('delete', encodePrefix(prefix), limits), decodeCount, false)
  }

  private post(verb: string, body: Uint8Array, limits: Limits, isRead = false): Promise<Answer> {
    const { base, key } = this.target
    const headers = { 'Content-Type': FRAME_TYPE, Accept: FRAME_TYPE }
    const sent: Sent = { method: 'POST', url: `${base}/batch/${verb}`, key, headers, body, isRead }
    return this.transport.send(sent, limits)
  }
}

/** Throws `unexpected_answer`: what a write has asked for may then have been done. */
function decoded<T>(
  { status, bytes }: Answer,
  decode: (bytes: Uint8Array) => T,
  isRead: boolean,
  length?: number,
): T {
  const say = (what: string) => {
    return new ClientError('unexpected_answer', what, { status, maybeStored: !isRead })
  }
  try {
    const answer = decode(bytes)
    if (!Array.isArray(answer) || answer.length === length) return answer
  } catch (error) {
    if (!(error instanceof FrameError)) throw error
    throw say(`the answer is no frame of a batch: ${error.message}`)
  }
  throw say(`the answer is not about the ${length} keys that were sent`)
}

/** Parts of a list that fit a request each; `sizeOf` gives the bytes that an item takes there. */
export function partsOf<T>(list: readonly T[], sizeOf: (item: T) => number): T[][] {
  const parts: T[][] = []
  let part: T[] = []
  let bytes = FRAME_BYTES
  for (const item of list) {
    const size = sizeOf(item)
    const isFull = part.length === MAX_BATCH_KEYS || bytes + size > MAX_BATCH_BYTES
    if (part.length === 0 || isFull) {
      part = []
      parts.push(part)
      bytes = FRAME_BYTES
    }
    part.push(item)
    bytes += size
  }
  return parts
}

/** At most, of an item in its frame. */
export function frameBytesOf({ key, value }: FrameItem): number {
  return ITEM_BYTES + key.length * MOST_BYTES_EACH + value.length
}

/** Whether an item is too much for any batch. */
export function isTooMuch(item: FrameItem): boolean {
  return FRAME_BYTES + frameBytesOf(item) > MAX_BATCH_BYTES
}

/** The failure of a part that begins with item `offset`: what came before it is stored. */
export function ofLaterPart(error: unknown, offset: number): unknown {
  if (!(error instanceof CacheError) || offset === 0) return error
  const { status, index } = error instanceof ClientError ? error : {}
  const what = `${error.message} (Counted from item ${offset} on; those before it are stored.)`
  return new ClientError(error.code, what, {
    status,
    index: index === undefined ? undefined : offset + index,
    maybeStored: true,
    cause: error,
  })
}
