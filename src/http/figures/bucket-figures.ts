import type { z } from 'zod'
import type { Bucket } from '../../engine/bucket.js'
import type { Engine } from '../../engine/engine.js'
import type { Usage } from '../../engine/usage.js'
import type { figuresEvent } from '../schemas.js'

/** Buckets whose usage is looked at in one turn: it takes a look into every node. */
const PER_TURN = 500
const MAX_SHOWN = 50

type Shown = z.infer<typeof figuresEvent>['buckets']

interface Row {
  readonly shown: Shown['shown'][number]
  readonly usage: Usage
  readonly atMs: number
}

/** What buckets hold and how they are used, a part of them in each turn. */
export class BucketFigures {
  private readonly engine: Pick<Engine, 'buckets' | 'bucketCount'>
  private readonly rows = new Map<string, Row>()
  /** The buckets of this round, and where it stands. */
  private round: readonly Bucket[] = []
  private next = 0

  constructor(engine: Pick<Engine, 'buckets' | 'bucketCount'>) {
    this.engine = engine
  }

  /** Looks at some more buckets; those with the most bytes of all that were looked at. */
  look(atMs: number): Shown {
    if (this.next >= this.round.length) this.beginRound()
    const end = Math.min(this.round.length, this.next + PER_TURN)
    for (; this.next < end; this.next++) this.update(this.round[this.next], atMs)
    return { count: this.engine.bucketCount, shown: this.fullest() }
  }

  /** In one pass: where there are tens of thousands, to sort them all would take a tenth of a second. */
  private fullest(): Row['shown'][] {
    const shown: Row['shown'][] = []
    for (const { shown: one } of this.rows.values()) {
      if (shown.length === MAX_SHOWN && !isBefore(one, shown[MAX_SHOWN - 1])) continue
      if (shown.length === MAX_SHOWN) shown.pop()
      let at = shown.length
      while (at > 0 && isBefore(one, shown[at - 1])) at--
      shown.splice(at, 0, one)
    }
    return shown
  }

  private beginRound(): void {
    this.round = this.engine.buckets()
    this.next = 0
    const there = new Set(this.round.map(({ id }) => id))
    for (const id of this.rows.keys()) {
      if (!there.has(id)) this.rows.delete(id)
    }
  }

  private update(bucket: Bucket, atMs: number): void {
    const usage = bucket.usage()
    const { record } = bucket
    const before = this.rows.get(record.id)
    const seconds = before === undefined ? 0 : (atMs - before.atMs) / 1_000
    const rate = (field: 'gets' | 'hits' | 'puts' | 'evictions') =>
      before === undefined || seconds <= 0
        ? 0
        : Math.max(0, (usage[field] - before.usage[field]) / seconds)
    const shown = {
      id: record.id,
      name: record.name,
      tier: record.tier,
      items: usage.items,
      bytes: usage.bytes,
      maxBytes: record.maxBytes ?? null,
      gets: rate('gets'),
      hits: rate('hits'),
      puts: rate('puts'),
      evictions: rate('evictions'),
    }
    this.rows.set(record.id, { shown, usage, atMs })
  }
}

function isBefore(one: Row['shown'], other: Row['shown']): boolean {
  return one.bytes === other.bytes ? one.name < other.name : one.bytes > other.bytes
}
