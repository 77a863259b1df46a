/** How a set of queues chooses its victims; victim.ts carries it out. */
export interface Rule {
  /** S's share of what the set can hold. */
  readonly smallShare: number
  /** Reads after which S's tail goes to M. */
  readonly promoteAt: number
  /** S's tail enters M only if it is asked for more often than the item that M would lose for it. */
  readonly contest: boolean
  /** Whether new items go to M at once. */
  readonly direct: boolean
}

/** S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP'23). */
export const S3_FIFO: Rule = { smallShare: 0.1, promoteAt: 2, contest: false, direct: false }

/** For loops and skew: after W-TinyLFU (Einziger et al., "TinyLFU", TOS 2017), over FIFO queues. */
export const CONTEST: Rule = { smallShare: 0.01, promoteAt: 0, contest: true, direct: false }
/** For items that come back after a while. */
export const WIDE: Rule = { smallShare: 0.3, promoteAt: 2, contest: false, direct: false }
/** For items that come back at once, or not at all. */
export const EAGER: Rule = { smallShare: 0.1, promoteAt: 1, contest: false, direct: false }
/** For what is recent: CLOCK with two bits. */
export const RECENT: Rule = { smallShare: 0, promoteAt: 1, contest: false, direct: true }

/** Between which tuning.ts chooses; the first is where it starts. */
export const RULES: readonly Rule[] = [CONTEST, WIDE, EAGER, RECENT]
