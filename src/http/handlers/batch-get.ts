import { isUtf8 } from 'node:buffer'
import type { Keys } from '../../engine/keys.js'
import { patiently } from '../../engine/lookup.js'
import { CacheError } from '../../errors.js'
import { NO_VALUE } from '../../frames/answers.js'
import { FRAME_TYPE, MAX_BATCH_BYTES, VALUES, writeHead, writeU32 } from '../../frames/frame.js'
import { decodeKeys } from '../../frames/requests.js'
import { Draft } from '../draft.js'
import type { Exchange } from '../exchange.js'
import { check } from '../json-body.js'
import { Problem } from '../problem.js'
import { batchGet } from '../schemas.js'
import { readBatch, textsOf, wantsFrame } from './batch-body.js'
import { canonicalKeys, plainLists } from './batch-keys.js'

const QUOTE = 34
const COMMA = 44
const LENGTH_BYTES = 4

/** What a byte is in JSON text. */
const PLAIN = 0
const BEYOND_ASCII = 1
const ESCAPED = 2
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x20 || byte === 0x22 || byte === 0x5c) return ESCAPED
  return byte < 0x80 ? PLAIN : BEYOND_ASCII
})

const forms = {
  ofJson: (json: unknown) => plainLists(json, ['keys'])?.[0] ?? check(json, batchGet).keys,
  ofFrame: (bytes: Buffer) => decodeKeys(bytes, textsOf(bytes)),
}

export async function getMany(x: Exchange, bucket: Keys): Promise<void> {
  const keys = canonicalKeys(await readBatch(x, bucket, 'read', forms))
  const draft = new Draft(MAX_BATCH_BYTES, tooLarge)
  if (wantsFrame(x.head.accept)) {
    draft.at = writeHead(draft.bytes, VALUES, keys.length)
    for (const key of keys) {
      const copied = copyNow(bucket, key, draft, LENGTH_BYTES)
      endInFrame(draft, copied ?? (await copyLater(bucket, key, draft, LENGTH_BYTES)))
    }
    draft.send(x.res, FRAME_TYPE)
  } else {
    draft.write('{"values":[')
    for (const key of keys) {
      const copied = copyNow(bucket, key, draft, 1)
      endInJson(draft, copied ?? (await copyLater(bucket, key, draft, 1)))
    }
    if (keys.length > 0) draft.at-- // the last comma
    draft.write(']}')
    draft.send(x.res, 'application/json')
  }
}

/**
 * Copies a value into the draft, behind `lead` bytes for what stands before it. Its length, below 0
 * where there is none; `undefined` where its line is being changed.
 */
function copyNow(bucket: Keys, key: string, draft: Draft, lead: number): number | undefined {
  try {
    return copy(bucket, key, draft, lead)
  } catch (error) {
    if (error instanceof CacheError && error.code === 'busy') return undefined
    throw error
  }
}

function copyLater(bucket: Keys, key: string, draft: Draft, lead: number): Promise<number> {
  return patiently(() => copy(bucket, key, draft, lead))
}

function copy(bucket: Keys, key: string, draft: Draft, lead: number): number {
  draft.reserve(lead)
  for (;;) {
    const { bytes, at } = draft
    const length = bucket.reads.copyTo(key, bytes, at + lead)
    if (length <= bytes.length - at - lead) return length
    draft.reserve(lead + length)
  }
}

function endInFrame(draft: Draft, length: number): void {
  const at = writeU32(draft.bytes, draft.at, length < 0 ? NO_VALUE : length)
  draft.at = length < 0 ? at : at + length
}

/** Text where the bytes are text, so that it reads as it was put. */
function endInJson(draft: Draft, length: number): void {
  const { bytes, at } = draft
  const from = at + 1
  const to = from + length
  if (length < 0) {
    draft.write('null,')
    return
  }
  let seen = PLAIN
  for (let i = from; i < to; i++) seen |= KINDS[bytes[i]]
  const isText = seen === PLAIN || isUtf8(bytes.subarray(from, to))
  if (isText && (seen & ESCAPED) === 0) {
    draft.reserve(length + 3)
    draft.bytes[at] = QUOTE
    draft.bytes[to] = QUOTE
    draft.bytes[to + 1] = COMMA
    draft.at = to + 2
    return
  }
  draft.write(
    isText
      ? `${JSON.stringify(bytes.toString('utf8', from, to))},`
      : `{"base64":"${bytes.toString('base64', from, to)}"},`,
  )
}

function tooLarge(): Problem {
  return new Problem('batch_too_large', 'The values are over 16 MiB together; ask for fewer keys.')
}
