import { CacheError } from '../errors.js'
import { canonicalKey, type KeyScratch } from '../key.js'
import type { Key } from '../key-rules.js'
import type { Sink, Write } from '../node/node.js'
import { itemBytes } from '../store/assembler.js'
import { NEVER } from '../store/item.js'
import { IF_ABSENT, IF_ANY, IF_NEVER_PUT, IF_REPLACEABLE, OP_PUT } from '../store/order.js'
import { formatSize, parseDuration } from '../units.js'
import type { BatchCall } from './calls.js'
import type { Tenant } from './motion/held.js'
import { type Condition, conditionCode } from './outcomes.js'
import type { Routes } from './routes.js'

export type Value = string | Uint8Array

/** An item keeps the type's length in a byte, and its characters in one each. */
const MAX_TYPE_LENGTH = 255
const LATIN1 = /^[\x20-\xff]*$/

/** Orders the writes of keys that one node alone cannot order. */
export interface Coordination {
  /** Whether a write of the key has to come here, instead of going to its owner at once. */
  governs(hash: number, tenant: Tenant, routes: Routes<unknown>): boolean
  /** As Node.submit. */
  submit(tenant: Tenant, write: Write, sink: Sink, index: number): void
}

/** What takes a write. */
export interface Taker {
  submit(write: Write, sink: Sink, index: number): void
}

/** What writing needs of the engine, and of the bucket, whose record and space change. */
export interface WriteHost {
  readonly routes: Routes<Taker>
  readonly coordinator: Coordination
  readonly scratch: KeyScratch
  readonly maxValueBytes: number
  now(): number
}

/** A bucket's writes: checks each, and hands it to the node that owns the key. */
export class Writes {
  private readonly host: WriteHost
  private readonly target: Tenant
  /** Filled anew for each order; the node copies what it needs before `submit` returns. */
  private readonly write: Write

  constructor(host: WriteHost, target: Tenant) {
    this.host = host
    this.target = target
    this.write = {
      op: OP_PUT,
      space: 0,
      hash: 0,
      condition: IF_ANY,
      version: 0,
      deadline: NEVER,
      key: host.scratch,
      type: '',
      value: '',
      fence: 0,
      isShared: false,
    }
  }

  /** When a write of now ends, in ms since the base; the bucket's default without a TTL. */
  deadline(ttlMs: number | undefined): number {
    if (ttlMs !== undefined) {
      parseDuration(ttlMs) // whole ms within the limits, or invalid_ttl
    }
    const ttl = ttlMs ?? this.target.record.defaultTtlMs
    return ttl === undefined ? NEVER : Math.floor(this.host.now()) - this.host.routes.baseMs + ttl
  }

  /** Throws for the first item that `put` would refuse, naming its index. */
  checkAll(entries: readonly (readonly [Key, Value])[]): void {
    const { maxBytes } = this.target.record
    for (let i = 0; i < entries.length; i++) {
      const [key, value] = entries[i]
      try {
        const text = typeof key === 'string' ? key : canonicalKey(key)
        this.host.scratch.check(text)
        this.checkSize(value)
        if (maxBytes !== undefined) {
          checkQuota(text, '', value, maxBytes)
        }
      } catch (error) {
        throw atItem(i, error)
      }
    }
  }

  /** The strings that the keys stand for. Throws for the first bad one, naming its index. */
  checkKeys(keys: readonly Key[]): string[] {
    return keys.map((key, i) => {
      try {
        const text = canonicalKey(key)
        this.host.scratch.check(text)
        return text
      } catch (error) {
        throw atItem(i, error)
      }
    })
  }

  /** Throws value_too_large, quota_exceeded and what `submit` throws. */
  put(
    key: string,
    value: Value,
    deadline: number,
    sink: Sink,
    index: number,
    type = '',
    onlyIf?: Condition,
    isShared = false,
  ): void {
    const { write } = this
    const { maxBytes } = this.target.record
    this.checkSize(value)
    if (type !== '') {
      checkType(type)
    }
    if (maxBytes !== undefined) {
      checkQuota(key, type, value, maxBytes)
    }
    write.type = type
    write.value = value
    this.submit(OP_PUT, key, deadline, onlyIf, sink, index, isShared)
    write.value = ''
    write.type = ''
  }

  /** Throws invalid_key, key_too_long, overloaded, closed. */
  submit(
    op: number,
    key: string,
    deadline: number,
    onlyIf: Condition | undefined,
    sink: Sink,
    index: number,
    isShared = false,
  ): void {
    const { write } = this
    const { scratch, routes, coordinator } = this.host
    const { record, reads } = this.target
    if (op !== OP_PUT) {
      write.value = ''
      write.type = ''
    }
    scratch.encode(key)
    const hash = scratch.hash(record.seed)
    write.op = op
    write.isShared = isShared
    write.space = reads.space
    write.hash = hash
    write.deadline = deadline
    write.condition = onlyIf === undefined ? IF_ANY : conditionCode(onlyIf)
    write.version = onlyIf?.kind === 'version' ? onlyIf.version : 0
    if (record.immutable && op === OP_PUT && write.condition !== IF_ABSENT) {
      write.condition = write.condition === IF_ANY ? IF_NEVER_PUT : IF_REPLACEABLE
    }
    if (coordinator.governs(hash, this.target, routes)) {
      coordinator.submit(this.target, write, sink, index)
      return
    }
    write.fence = routes.fence
    routes.nodes[routes.ring.ownerIndex(hash)].submit(write, sink, index)
  }

  private checkSize(value: Value): void {
    const { maxValueBytes } = this.host
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      throw noValue()
    }
    const isShort = value.length * 3 <= maxValueBytes
    const bytes = isShort || typeof value !== 'string' ? value.length : Buffer.byteLength(value)
    if (bytes > maxValueBytes) {
      throw new CacheError(
        'value_too_large',
        `a value has ${formatSize(maxValueBytes)} at most, this one has ${bytes} bytes`,
      )
    }
  }
}

/** A value as bytes of its own. */
export function bytesOf(value: Value): Buffer {
  if (typeof value === 'string') {
    return Buffer.from(value)
  }
  if (value instanceof Uint8Array) {
    return Buffer.from(value)
  }
  throw noValue()
}

function noValue(): CacheError {
  return new CacheError('invalid_body', 'a value is a string or a Uint8Array')
}

function checkType(type: string): void {
  if (type.length > MAX_TYPE_LENGTH || !LATIN1.test(type)) {
    throw new CacheError(
      'invalid_option',
      `a content type has at most ${MAX_TYPE_LENGTH} characters, all of them Latin-1`,
    )
  }
}

function checkQuota(key: string, type: string, value: Value, maxBytes: number): void {
  const bytes = itemBytes(Buffer.byteLength(key) || 1, type.length, Buffer.byteLength(value))
  if (bytes > maxBytes) {
    throw new CacheError(
      'quota_exceeded',
      `the item takes ${bytes} bytes, more than the bucket's maxBytes of ${maxBytes}`,
    )
  }
}

/** Submits a batch; what comes after a refused order is not submitted, and the call says so. */
export function submitAll<T>(
  count: number,
  call: BatchCall<T>,
  submit: (index: number) => void,
): void {
  for (let i = 0; i < count; i++) {
    try {
      submit(i)
    } catch (error) {
      const known = error instanceof CacheError
      const cause = known ? error : new CacheError('internal', String(error), { cause: error })
      call.abandon(count - i, cause)
      return
    }
  }
}

function atItem(index: number, error: unknown): unknown {
  return error instanceof CacheError
    ? new CacheError(error.code, `item ${index}: ${error.message}`)
    : error
}
