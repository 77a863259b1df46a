import type { Bucket } from '../../engine/bucket.js'
import { encodeCount } from '../../frames/answers.js'
import { PREFIX } from '../../frames/frame.js'
import { decodeKeys, decodePrefix } from '../../frames/requests.js'
import { sendJson } from '../answer.js'
import type { Exchange } from '../exchange.js'
import { check } from '../json-body.js'
import { batchDeleteKeys, batchDeletePrefix } from '../schemas.js'
import { readBatch, sendFrame, sendOutcomes, textsOf, wantsFrame } from './batch-body.js'
import { canonicalKeys, member, plainLists } from './batch-keys.js'

/** Either of the two. */
interface Doomed {
  readonly prefix?: string
  readonly keys: readonly unknown[]
}

const forms = { ofJson, ofFrame }

export async function deleteMany(x: Exchange, bucket: Bucket): Promise<void> {
  const { prefix, keys: asked } = await readBatch(x, bucket, 'write', forms)
  if (prefix !== undefined) {
    const count = await bucket.deletePrefix(prefix)
    if (wantsFrame(x.head.accept)) sendFrame(x, encodeCount(count))
    else sendJson(x, 200, { count })
    return
  }
  const keys = canonicalKeys(asked)
  const once = new Set(keys)
  const answers = await bucket.deleteMany([...once])
  sendOutcomes(x, 'deleted', once.size === keys.length ? answers : spread(keys, once, answers))
}

/** Each naming of a key is answered as the key is. */
function spread(
  keys: readonly string[],
  once: ReadonlySet<string>,
  answers: readonly boolean[],
): boolean[] {
  const deleted = new Map([...once].map((key, i) => [key, answers[i]]))
  return keys.map((key) => deleted.get(key) === true)
}

function ofJson(json: unknown): Doomed {
  if (member(json, 'prefix') !== undefined) {
    return { prefix: check(json, batchDeletePrefix).prefix, keys: [] }
  }
  return { keys: plainLists(json, ['keys'])?.[0] ?? check(json, batchDeleteKeys).keys }
}

function ofFrame(bytes: Buffer): Doomed {
  if (bytes[0] === PREFIX) return { prefix: decodePrefix(bytes), keys: [] }
  return { keys: decodeKeys(bytes, textsOf(bytes)) }
}
