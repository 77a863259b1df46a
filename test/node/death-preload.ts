/** Loaded by `--import` into every thread of a child: some orders are then deadly, once or always. */
import { Journal } from '../../src/store/journal.js'
import { C_NODE, type Memory } from '../../src/store/layout.js'
import { Store } from '../../src/store/store.js'

/** A word of the node that nothing else uses: how many workers died of such an order. */
export const DIED = C_NODE + 60
/** The worker dies at its so many-th note in the journal from now; 0: it lives. */
export const DIE_AFTER = C_NODE + 61
/** And how: an index of `WAYS`. */
export const DIE_HOW = C_NODE + 62
export const WAYS = ['terminate', 'throw', 'exit', 'oom'] as const
/** Lengths of values that are deadly. */
export const THROW_BYTES = 6_661
export const EXIT_BYTES = 6_662
export const OOM_BYTES = 6_663

const put = Store.prototype.put
Store.prototype.put = function (order, now) {
  const outcome = put.call(this, order, now)
  const { words } = this.memory
  const way = DEADLY.indexOf(order.valueBytes)
  if (way > 0 && words[DIED] === 0) {
    words[DIED] = 1
    die(way)
  }
  return outcome
}

const DEADLY = [0, THROW_BYTES, EXIT_BYTES, OOM_BYTES]

function die(way: number): void {
  if (WAYS[way] === 'exit') {
    process.exit(7)
  }
  if (WAYS[way] === 'oom') {
    hoard()
  }
  throw new Error('this order is deadly')
}

/**
 * Fills the heap until V8 ends the thread. No growing array: its next doubling may be more than what
 * Node leaves a thread to end in (16 MiB), and that ends the process. Strings are the fastest way.
 */
function hoard(): void {
  let all: unknown
  for (;;) all = [all, Buffer.alloc(10_000, 'x').toString('latin1')]
}

/** Deaths in the middle of steps: every note in the journal is a moment for one. */
for (const name of ['set', 'note', 'note2', 'note3', 'setFloat', 'commit', 'closes'] as const) {
  const original: (...args: number[]) => void = Journal.prototype[name]
  Journal.prototype[name] = function (this: { words: Memory['words'] }, ...args: number[]) {
    const { words } = this
    if (words[DIE_AFTER] !== 0 && --words[DIE_AFTER] === 0) {
      die(words[DIE_HOW])
    }
    original.apply(this, args)
  }
}
