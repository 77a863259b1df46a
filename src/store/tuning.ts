import { HitLog } from './hit-log.js'
import { C_CAPPED_BYTES, C_PLANNED, C_RULE, type Memory, PAGE_BYTES } from './layout.js'
import { Miniature } from './miniature.js'
import { CONTEST, RULES, type Rule, S3_FIFO } from './rules.js'
import { Sketch } from './sketch.js'
import { S_MAIN_BYTES, S_QUOTA_BYTES, S_SMALL_BYTES, type Spaces } from './spaces.js'

/** One key in 2^3 is sampled, or as many fewer as make miniatures of so many items. */
const LEAST_SAMPLE_BITS = 3
const MINIATURE_ITEMS = 1024
/** Hits fetched from the log with each put. */
const HITS_AT_ONCE = 32
/** How much better another rule must have done, in hits of a miniature: noise, and an item's share. */
const LEAST_LEAD = 16
const LEAD_AN_ITEM = 0.4
/** The share counts in full only after so many samples an item: at first rules are learnt fast. */
const LEARNT_AFTER = 20
/** What a lead loses with each sample, lest noise add up. */
const FADING = 0.001
/** Votes that a set may have in stock against others. */
const MOST_VOTES = 1024
/** The mean size of items follows the last so many. */
const MEAN_OF = 1024
/** A plan holds at most for so many puts. */
const PLAN_FOR = 65_536

/**
 * Chooses the rule by which a set evicts: miniatures of the set, one a rule, live through a sample of
 * what is asked for, and where another rule's has had more hits for long enough, the set changes
 * over. The queues stay as they are. One set at a time is watched, the one that evicts most; others
 * keep to S3-FIFO. Nothing here is needed for the store to be whole: rule and plan are in the memory
 * for the next writer, the rest is learnt anew.
 */
export class Tuning {
  readonly sketch: Sketch
  private readonly words: Int32Array
  private readonly spaces: Spaces
  private readonly capacity: number
  private readonly floats: Float64Array
  readonly log: HitLog
  private miniatures: readonly Miniature[] = []
  private readonly leads = new Float64Array(RULES.length)
  private readonly hits = new Uint8Array(RULES.length)
  private votes = 0
  private samples = 0
  /** Items of a miniature, as planned. */
  private items = 0
  private untilPlan = 1
  private meanBytes = 0
  private meanOf = 0
  private readonly onHit = (print: number, bytes: number): void => this.take(print, bytes)

  constructor(memory: Memory, spaces: Spaces) {
    this.words = memory.words
    this.floats = memory.floats
    this.spaces = spaces
    this.capacity = memory.shape.pageCount * PAGE_BYTES
    this.sketch = new Sketch(memory)
    this.log = new HitLog(memory)
    this.sketch.size(Math.max(1, this.words[C_PLANNED]))
  }

  watches(set: number): boolean {
    return set === this.log.set
  }

  ruleOf(set: number): Rule {
    if (!this.watches(set)) {
      return S3_FIFO
    }
    const rule = this.words[C_RULE]
    return rule > 0 && rule <= RULES.length ? RULES[rule - 1] : CONTEST
  }

  /** Whether nothing of the set was evicted yet: what enters then has nothing to prove. */
  isFilling(set: number): boolean {
    return this.watches(set) && this.words[C_RULE] === 0 && this.words[C_PLANNED] !== 0
  }

  /** A set is about to lose an item. */
  evicting(set: number): void {
    const { words } = this
    if (!this.watches(set)) {
      this.votes--
      if (this.votes < 0) {
        this.watch(set, 1)
      }
      return
    }
    if (words[C_RULE] === 0) {
      words[C_RULE] = 1
    }
    if (this.votes < MOST_VOTES) {
      this.votes++
    }
  }

  /** A key that was not there is put. */
  entering(print: number, set: number, bytes: number): void {
    if (this.words[C_PLANNED] === 0 && this.votes === 0) {
      this.watch(set, 0)
    }
    if (!this.watches(set)) {
      return
    }
    this.meanOf = Math.min(this.meanOf + 1, MEAN_OF)
    this.meanBytes += (bytes - this.meanBytes) / this.meanOf
    if (--this.untilPlan <= 0) {
      this.plan(set)
    }
    this.sketch.add(print, 1)
    this.fetchHits(HITS_AT_ONCE)
    if (this.log.isSampled(print)) {
      this.take(print, bytes)
    }
  }

  /** A sampled key that is there is put again: as good as a read. */
  overwritten(print: number, set: number, bytes: number): void {
    if (this.watches(set)) {
      this.take(print, bytes)
    }
  }

  fetchHits(limit: number): void {
    this.log.drain(limit, this.onHit)
  }

  private watch(set: number, rule: number): void {
    this.words[C_RULE] = rule
    this.words[C_PLANNED] = 0
    this.votes = 1
    this.meanOf = 0
    this.untilPlan = 1
    this.log.watch(set)
  }

  /** Sizes sketch and miniatures by the items that the set may come to hold. */
  private plan(set: number): void {
    const { words } = this
    const capacity = this.capacityOf(set)
    const items = Math.max(1, Math.round(capacity / this.meanBytes))
    const planned = words[C_PLANNED]
    this.untilPlan = Math.min(PLAN_FOR, planned === 0 ? 1 : Math.max(1, planned >> 3))
    if (planned === 0 || items > planned * 2 || items < planned / 2) {
      words[C_PLANNED] = items
      this.sketch.size(items)
      this.sketch.clear()
      this.miniatures = []
    }
    const bits = sampleBits(words[C_PLANNED])
    if (this.miniatures.length === 0) {
      this.miniatures = RULES.map((rule) => new Miniature(rule, this.sketch))
      this.items = words[C_PLANNED] / 2 ** bits
      this.samples = 0
      this.leads.fill(0)
      this.log.sample(bits)
    }
    for (const miniature of this.miniatures) {
      miniature.capacity = capacity / 2 ** bits
    }
  }

  /** Bytes of the set's items when it is full: as they are now, where it is. */
  private capacityOf(set: number): number {
    const { spaces } = this
    if (this.words[C_RULE] !== 0) {
      return spaces.float(set, S_SMALL_BYTES) + spaces.float(set, S_MAIN_BYTES)
    }
    const quota = spaces.float(set, S_QUOTA_BYTES)
    return quota > 0 ? quota : Math.max(0, this.capacity - this.floats[C_CAPPED_BYTES >> 1])
  }

  /** A sampled key is asked for, or put. */
  private take(print: number, bytes: number): void {
    const { miniatures, leads, hits } = this
    if (miniatures.length === 0) {
      return
    }
    this.samples++
    for (let n = 0; n < miniatures.length; n++) {
      hits[n] = miniatures[n].access(print, bytes) ? 1 : 0
    }
    const current = Math.max(1, Math.min(RULES.length, this.words[C_RULE])) - 1
    const least = LEAST_LEAD + LEAD_AN_ITEM * Math.min(this.items, this.samples / LEARNT_AFTER)
    let best = current
    leads[current] = 0
    for (let n = 0; n < leads.length; n++) {
      if (n !== current) {
        leads[n] = Math.max(-least, leads[n] + hits[n] - hits[current] - FADING)
        best = leads[n] > Math.max(least, leads[best]) ? n : best
      }
    }
    if (best !== current) {
      this.words[C_RULE] = best + 1
      const lead = leads[best]
      for (let n = 0; n < leads.length; n++) {
        leads[n] -= lead
      }
    }
  }
}

function sampleBits(items: number): number {
  return Math.max(LEAST_SAMPLE_BITS, Math.ceil(Math.log2(items / MINIATURE_ITEMS)))
}
