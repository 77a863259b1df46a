import stringify from 'fast-json-stable-stringify'
import xxhash from 'xxhash-addon'
import { corrupt } from './records.js'

/**
 * A record at rest:
 *
 *   byte  0        1                 9
 *         | format | XXH3, 64 bits   | canonical JSON, UTF-8
 *
 * The checksum covers the format, the name that the record is stored under, and the JSON: so a
 * flipped bit, a cut, and a record that turns up under another's name are all refused.
 */
const FORMAT = 1
const CHECKSUM_AT = 1
const JSON_AT = 9

export interface SealedRecord {
  readonly bytes: Buffer
  readonly checksum: bigint
}

export function sealRecord(key: string, value: object): SealedRecord {
  const json = Buffer.from(stringify(value), 'utf8')
  const bytes = Buffer.alloc(JSON_AT + json.length)
  bytes[0] = FORMAT
  json.copy(bytes, JSON_AT)
  const checksum = checksumOf(key, json)
  bytes.writeBigUInt64BE(checksum, CHECKSUM_AT)
  return { bytes, checksum }
}

export function unsealRecord(key: string, bytes: Buffer): { value: unknown; checksum: bigint } {
  if (bytes.length <= JSON_AT) throw corrupt(`the record ${key} is cut short`)
  if (bytes[0] !== FORMAT) {
    throw corrupt(`the record ${key} has format ${bytes[0]}, and this version reads ${FORMAT}`)
  }
  const json = bytes.subarray(JSON_AT)
  const checksum = bytes.readBigUInt64BE(CHECKSUM_AT)
  if (checksum !== checksumOf(key, json)) {
    throw corrupt(`the record ${key} does not match its checksum`)
  }
  return { value: JSON.parse(json.toString('utf8')), checksum }
}

function checksumOf(key: string, json: Buffer): bigint {
  const name = Buffer.from(`${FORMAT}\0${key}\0`, 'utf8')
  return xxhash.XXHash3.hash(Buffer.concat([name, json])).readBigUInt64BE()
}
