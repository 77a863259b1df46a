import type { KeyBytes } from '../../key.js'
import type { Sink, Write } from '../../node/node.js'
import { IF_ANY } from '../../store/order.js'
import type { BucketRecord } from '../records.js'

/** What motion knows of a bucket. */
export interface Tenant {
  readonly record: BucketRecord
  readonly reads: { readonly space: number }
  /** The most copies that any of its keys may have: more than `replicas` until surplus ones are gone. */
  readonly outreach: number
}

/** A key that waits its turn, its bytes its own. */
export class HeldKey implements KeyBytes {
  readonly tenant: Tenant
  readonly space: number
  readonly hash: number
  readonly words: Int32Array
  readonly length: number

  constructor(tenant: Tenant, space: number, hash: number, words: Int32Array, length: number) {
    this.tenant = tenant
    this.space = space
    this.hash = hash
    this.words = words
    this.length = length
  }
}

/** A write that waits its turn: the caller's objects are its own again. */
export interface HeldWrite {
  key: HeldKey
  readonly op: number
  readonly condition: number
  readonly version: number
  readonly deadline: number
  readonly type: string
  readonly value: Uint8Array | string
  readonly sink: Sink
  readonly index: number
  /** Copies of it have been given out: where it fails now, it may be found later. */
  isUnderWay: boolean
}

export function holdWrite(tenant: Tenant, write: Write, sink: Sink, index: number): HeldWrite {
  const { op, space, hash, condition, version, deadline, type, value, key } = write
  const words = key.words.slice(0, (key.length + 3) >> 2)
  return {
    key: new HeldKey(tenant, space, hash, words, key.length),
    op,
    condition,
    version,
    deadline,
    type,
    value: typeof value === 'string' ? value : Uint8Array.prototype.slice.call(value),
    sink,
    index,
    isUnderWay: false,
  }
}

/** Whether the bucket was flushed while the write waited. */
export function isFlushed({ key }: HeldWrite): boolean {
  return key.space !== key.tenant.reads.space
}

/** Brings the write into the bucket's generation of now. */
export function renew(write: HeldWrite): void {
  const { tenant, hash, words, length } = write.key
  write.key = new HeldKey(tenant, tenant.reads.space, hash, words, length)
}

/** An order about a held key; what it says beyond that, in `rest`. */
export function orderOf(
  key: HeldKey,
  fence: number,
  op: number,
  rest: Partial<Omit<Write, 'key' | 'op' | 'fence'>> = {},
): Write {
  return {
    op,
    space: key.space,
    hash: key.hash,
    condition: rest.condition ?? IF_ANY,
    version: rest.version ?? 0,
    deadline: rest.deadline ?? 0,
    fence,
    key,
    type: rest.type ?? '',
    value: rest.value ?? '',
    isShared: true,
  }
}
