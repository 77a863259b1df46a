import * as assert from 'uvu/assert'
import { adopt } from '../../src/store/adopt.js'
import { itemBytes } from '../../src/store/assembler.js'
import { NEVER } from '../../src/store/item.js'
import { C_IN_DOUBT, C_OUTCOME, C_OUTCOME_VERSION, Memory } from '../../src/store/layout.js'
import {
  CREATED,
  DONE,
  EXISTS,
  IF_ABSENT,
  IF_ANY,
  IF_NEVER_PUT,
  IF_PRESENT,
  IF_VERSION,
  MISMATCH,
  MISSING,
  NO_VERSION,
  REPLACED,
} from '../../src/store/order.js'
import { Reader } from '../../src/store/reader.js'
import { Scanner } from '../../src/store/scan.js'
import { SPACE_UNUSED } from '../../src/store/spaces.js'
import { Store } from '../../src/store/store.js'
import type { Chance } from './chance.js'
import { Limit } from './mortal.js'
import { BASE_MS, Pen, SEED } from './pen.js'

/** Values are cut from one piece of noise: where, and how long, says what a value is. */
const NOISE = Buffer.alloc(2 ** 20)
for (let i = 0; i < NOISE.length; i += 4) {
  NOISE.writeInt32LE(Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(i >>> 7, 0x85ebca6b), i)
}

/** What the world believes of a key. */
interface Belief {
  from: number
  length: number
  type: string | undefined
  deadline: number
  version: number
  /** The evictions of its space when it was last known to be there. */
  evictions: number
}

interface Bucket {
  space: number
  quota: number
  readonly keys: Map<string, Belief>
  byteMs: number
}

export interface Write {
  key: string
  from: number
  length: number
  type?: string
  deadline?: number
  condition?: number
  version?: number
}

/**
 * A store beside a plain Map of what it must hold. Every answer is held against the Map: a key may
 * be missing only where its bucket has evicted since it was last seen, and nothing wrong, old,
 * expired or deleted is ever found.
 */
export class World {
  store: Store
  now = 0
  readonly buckets: Bucket[] = []
  readonly pen = new Pen()
  readonly memory: Memory
  private readonly reader: Reader
  private readonly scanner: Scanner
  private granted = 0
  private lastVersion = 0
  /** Where it is set, the writer dies now and then, in the middle of anything. */
  fate: Chance | undefined
  deaths = 0
  /** Evicted keys found missing so far. */
  lost = 0

  constructor(sizeBytes: number, bucketCount: number) {
    this.memory = Memory.create(sizeBytes, bucketCount * 3 + 1, BASE_MS)
    this.store = new Store(this.memory)
    const clock = () => BASE_MS + this.now
    this.reader = new Reader(this.memory, clock, false)
    this.scanner = new Scanner(this.memory, clock, false)
    for (let n = 0; n < bucketCount; n++) {
      this.buckets.push({ space: n + 1, quota: 0, keys: new Map(), byteMs: 0 })
      this.store.openSpace(n + 1, SEED, 0, 0)
    }
  }

  /** Lets time pass; nothing is expired by that alone. */
  pass(ms: number): void {
    for (const bucket of this.buckets) {
      bucket.byteMs += this.store.counts(bucket.space, this.now).bytes * ms
    }
    this.now += ms
  }

  put(number: number, write: Write): number {
    const bucket = this.buckets[number]
    const present = this.look(number, write.key)
    const before = bucket.keys.get(write.key)
    const condition = write.condition ?? IF_ANY
    const expected = expectedPut(condition, write.version ?? 0, present ? before : undefined)
    const value = NOISE.subarray(write.from, write.from + write.length)
    const order = () => this.pen.write(bucket.space, write.key, value, write)
    let outcome = this.act((store) => store.put(order(), this.now))
    if (outcome === NO_VERSION) {
      this.grant()
      outcome = this.act((store) => store.put(order(), this.now))
    }
    assert.is(outcome, expected, `put of ${write.key}`)
    if (outcome !== CREATED && outcome !== REPLACED) {
      assert.is(this.store.version, present ? before?.version : 0)
      return outcome
    }
    assert.ok(this.store.version > this.lastVersion, 'versions rise')
    this.lastVersion = this.store.version
    bucket.keys.set(write.key, {
      from: write.from,
      length: write.length,
      type: write.type,
      deadline: write.deadline ?? NEVER,
      version: this.store.version,
      evictions: this.evictions(bucket),
    })
    const isPast = (write.deadline ?? NEVER) <= this.now
    assert.is(this.look(number, write.key), !isPast, `${write.key} after its put`)
    this.mindQuota(bucket, write)
    return outcome
  }

  delete(number: number, key: string, condition = IF_ANY, version = 0): void {
    const bucket = this.buckets[number]
    const present = this.look(number, key)
    const expected = expectedChange(condition, version, present ? bucket.keys.get(key) : undefined)
    const order = () => this.pen.write(bucket.space, key, '', { condition, version })
    const outcome = this.act((store) => store.delete(order(), this.now))
    assert.is(outcome, expected, `delete of ${key}`)
    if (expected === DONE) {
      bucket.keys.delete(key)
      assert.is(this.look(number, key), false)
    }
  }

  touch(number: number, key: string, deadline: number): void {
    const bucket = this.buckets[number]
    const present = this.look(number, key)
    const order = () => this.pen.write(bucket.space, key, '', { deadline })
    const outcome = this.act((store) => store.touch(order(), this.now))
    assert.is(outcome, present ? DONE : MISSING, `touch of ${key}`)
    const belief = bucket.keys.get(key)
    if (present && belief !== undefined) {
      belief.deadline = deadline
      assert.is(this.look(number, key), deadline > this.now)
    }
  }

  /** Reads a key, and holds what is found against what must be. Returns whether it is there. */
  look(number: number, key: string): boolean {
    const bucket = this.buckets[number]
    const { scratch } = this.pen
    scratch.encode(key)
    const hash = scratch.hash(SEED)
    const found = this.reader.find(hash, scratch.words, scratch.length, bucket.space)
    const belief = bucket.keys.get(key)
    if (belief !== undefined && belief.deadline <= this.now) {
      bucket.keys.delete(key)
      assert.is(found, undefined, `${key} is found ${this.now - belief.deadline} ms too late`)
      return false
    }
    if (found === undefined) {
      if (belief !== undefined) {
        assert.ok(this.evictions(bucket) > belief.evictions, `${key} is lost, and nobody evicted`)
        bucket.keys.delete(key)
        this.lost++
      }
      return false
    }
    assert.ok(belief, `${key} is found, and should be nowhere`)
    const value = NOISE.subarray(belief.from, belief.from + belief.length)
    assert.ok(value.equals(found.value), `${key} has a wrong value`)
    assert.is(found.type, belief.type)
    assert.is(found.version, belief.version)
    assert.is(found.deadline, belief.deadline)
    belief.evictions = this.evictions(bucket)
    return true
  }

  /** Lists a bucket a few keys at a time: all that is there, each at least once. */
  list(number: number, prefix: string, limit: number): void {
    const bucket = this.buckets[number]
    const found = new Set<string>()
    for (let from = 0; from >= 0; ) {
      const { keys, next } = this.scanner.scan(bucket.space, Buffer.from(prefix), from, limit, 64)
      assert.ok(keys.length <= limit)
      assert.ok(next === -1 || next > from || keys.length === 0)
      for (const key of keys) {
        found.add(key)
      }
      from = next
    }
    const there = [...bucket.keys.keys()].filter((key) => this.look(number, key))
    assert.equal(
      [...found].sort(),
      there.filter((key) => key.startsWith(prefix)).sort(),
      'keys listed',
    )
  }

  advance(limit: number): number {
    return this.act((store) => store.advance(this.now, limit))
  }

  sweep(lines: number): boolean {
    return this.act((store) => (store.sweep(this.now, lines) ? 1 : 0)) === 1
  }

  /** Empties a bucket: it goes on in another space. */
  flush(number: number): void {
    const bucket = this.buckets[number]
    const next = this.unusedSpace()
    this.open(next, bucket.quota)
    this.act((store) => {
      store.killSpace(bucket.space)
      return DONE
    })
    assert.is(this.store.counts(bucket.space, this.now).items, 0)
    bucket.keys.clear()
    bucket.space = next
    bucket.byteMs = 0
  }

  limit(number: number, quota: number): void {
    const bucket = this.buckets[number]
    bucket.quota = quota
    this.open(bucket.space, quota)
  }

  private open(space: number, quota: number): void {
    this.act((store) => {
      store.openSpace(space, SEED, quota, this.now)
      return DONE
    })
  }

  /**
   * Lets the writer do something, and perhaps die in it: then a fresh one takes over, which may die
   * as well, and does it again unless it finds it done.
   */
  private act(action: (store: Store) => number): number {
    const { fate, memory } = this
    if (fate === undefined || !fate.once(3)) {
      return action(this.store)
    }
    memory.words[C_OUTCOME] = 0
    const limit = new Limit(1 + fate.below(10 ** (1 + fate.below(4))))
    let outcome = 0
    const died = limit.run(() => {
      const store = new Store(limit.wrapViews(Memory.attach(memory.buffer)))
      outcome = action(store)
      this.store.version = store.version
    })
    if (!died) {
      return outcome
    }
    this.deaths++
    while (fate.once(3)) {
      const brief = new Limit(1 + fate.below(10 ** (1 + fate.below(3))))
      brief.run(() => adopt(brief.wrapViews(Memory.attach(memory.buffer)), this.now))
    }
    this.takeOver()
    assert.is(memory.words[C_IN_DOUBT], 0, 'the journal was of no use')
    if (memory.words[C_OUTCOME] === 0) {
      return action(this.store)
    }
    this.store.version = memory.floats[C_OUTCOME_VERSION >> 1]
    return memory.words[C_OUTCOME]
  }

  /** A fresh writer takes the memory over, as after a crash between two operations. */
  takeOver(): void {
    this.store = adopt(this.memory, this.now)
  }

  /** Looks at every key of every bucket, and at the counts. */
  verify(): void {
    for (const [number, bucket] of this.buckets.entries()) {
      for (const key of [...bucket.keys.keys()]) {
        this.look(number, key)
      }
      const counts = this.store.counts(bucket.space, this.now)
      assert.ok(counts.items >= bucket.keys.size, 'more keys are found than counted')
      assert.is(counts.byteMs, bucket.byteMs, 'bytes over time')
    }
    while (this.advance(1_000) === 0) {}
    for (const bucket of this.buckets) {
      assert.is(this.store.counts(bucket.space, this.now).items, bucket.keys.size, 'items')
    }
  }

  private evictions(bucket: Bucket): number {
    return this.store.counts(bucket.space, this.now).evictions
  }

  private unusedSpace(): number {
    for (;;) {
      for (let space = 1; space < this.store.spaces.count; space++) {
        if (this.store.spaces.state(space) === SPACE_UNUSED) {
          return space
        }
      }
      this.sweep(64)
    }
  }

  private grant(): void {
    while (this.store.grantVersions(this.granted + 1, this.granted + 40)) {
      this.granted += 1_000
    }
  }

  private mindQuota(bucket: Bucket, { key, type, length }: Write): void {
    const bytes = itemBytes(Buffer.byteLength(key), type?.length ?? 0, length)
    const { eviction } = this.store
    if (bucket.quota > 0 && bytes <= bucket.quota) {
      assert.ok(eviction.bytes(bucket.space) <= bucket.quota, 'a bucket is over its limit')
    }
  }
}

function expectedPut(condition: number, version: number, before: Belief | undefined): number {
  const allowed: Record<number, boolean> = {
    [IF_ANY]: true,
    [IF_NEVER_PUT]: before === undefined,
    [IF_ABSENT]: before === undefined,
    [IF_PRESENT]: before !== undefined,
    [IF_VERSION]: before !== undefined && before.version === version,
  }
  if (!allowed[condition]) {
    return condition === IF_NEVER_PUT ? EXISTS : MISMATCH
  }
  return before === undefined ? CREATED : REPLACED
}

function expectedChange(condition: number, version: number, before: Belief | undefined): number {
  if (before === undefined) {
    return MISSING
  }
  return condition === IF_VERSION && before.version !== version ? MISMATCH : DONE
}
