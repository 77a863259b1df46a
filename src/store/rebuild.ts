import {
  bodyWordsBefore,
  deadlineOf,
  F_CHAINED,
  F_MAIN,
  I_PREV,
  I_WHEEL_NEXT,
  I_WHEEL_PREV,
  NEVER,
  spaceOf,
  TOP_MASK,
} from './item.js'
import { Journal } from './journal.js'
import {
  C_CAPPED_BYTES,
  C_DEAD_SPACES,
  C_IN_DOUBT,
  C_LOG_FREED,
  C_LOG_LINE,
  C_LOG_UNDOING,
  C_OVERFLOW_LINES,
  C_PINNED,
  C_SEALED_PAGE,
} from './layout.js'
import { segmentCount } from './residents.js'
import { S_BYTES, S_ITEMS, S_MAIN_BYTES, S_MAIN_TAIL, S_SMALL_BYTES, SPACE_DEAD } from './spaces.js'
import type { Store } from './store.js'

/**
 * Makes everything anew from the table, where the journal does not help: for a slot with a tag holds
 * an item that was written whole, whatever the writer died in. Free lists, queues, wheel and counts
 * follow from that. The order within the queues is lost; S and M keep their members. What the order
 * under way came to is in doubt: resume.ts asks the table. A death in here begins it once more.
 */
export function rebuild(store: Store, now: number): void {
  const { words } = store.memory
  const journal = new Journal(store.memory)
  journal.overflow() // notes nothing from here on, and says so
  words[C_IN_DOUBT] = 1
  closeLines(store)
  const live = markChunks(store)
  store.slab.rebuild((ref) => live.has(ref))
  store.wheel.reset()
  resetCounts(store, now)
  forEachItem(store, (ref) => relink(store, ref, now))
  recountSpaces(store)
  for (const word of [C_PINNED, C_SEALED_PAGE, C_LOG_LINE, C_LOG_FREED, C_LOG_UNDOING]) {
    words[word] = 0
  }
  journal.commit()
}

/** Makes every version even again. */
function closeLines({ table, memory }: Store): void {
  for (let index = 0; index < table.lineCount; index++) {
    const line = table.lineAt(index)
    if ((memory.words[line] & 1) !== 0) {
      table.mend(line)
    }
  }
}

function forEachItem({ table }: Store, visit: (ref: number) => void): void {
  for (let index = 0; index < table.lineCount; index++) {
    table.scanLine(table.lineAt(index), 0, (ref) => {
      visit(ref)
      return true
    })
  }
}

/** References in use, a bit each: a set of millions of numbers would not fit a worker's heap. */
class Marks {
  private readonly bits: Uint8Array

  constructor(refCount: number) {
    this.bits = new Uint8Array((refCount >> 3) + 1)
  }

  add(ref: number): void {
    this.bits[ref >> 3] |= 1 << (ref & 7)
  }

  has(ref: number): boolean {
    return (this.bits[ref >> 3] & (1 << (ref & 7))) !== 0
  }
}

function markChunks(store: Store): Marks {
  const { table } = store
  const { words } = store.memory
  const live = new Marks(words.length >> 1)
  let nodes = 0
  for (let index = 0; index < table.lineCount; index++) {
    for (let node = table.firstNode(table.lineAt(index)); node !== 0; node = table.nextNode(node)) {
      live.add(node >> 1)
      nodes++
    }
  }
  words[C_OVERFLOW_LINES] = nodes
  forEachItem(store, (ref) => {
    const at = ref << 1
    live.add(ref)
    if ((words[at + I_PREV] & F_CHAINED) !== 0) {
      const list = at + bodyWordsBefore(words, at) + 1
      for (let segment = 0; segment < segmentCount(words[list - 1]); segment++) {
        live.add(words[list + segment])
      }
    }
  })
  return live
}

function resetCounts(store: Store, now: number): void {
  const { spaces, memory } = store
  memory.floats[C_CAPPED_BYTES >> 1] = 0
  for (let space = 0; space < spaces.count; space++) {
    const at = spaces.at(space)
    spaces.book(space, 0, 0, now) // the bytes held until now are on the bill
    memory.words.fill(0, at + 2, at + S_MAIN_TAIL + 1)
    for (const field of [S_SMALL_BYTES, S_MAIN_BYTES, S_ITEMS, S_BYTES]) {
      memory.floats[(at + field) >> 1] = 0
    }
  }
}

function relink(store: Store, ref: number, now: number): void {
  const { words, floats } = store.memory
  const { residents, spaces } = store
  const at = ref << 1
  residents.adoptSegments(ref)
  words[at + I_WHEEL_NEXT] &= TOP_MASK
  words[at + I_WHEEL_PREV] &= TOP_MASK
  words[at + I_PREV] &= TOP_MASK
  if (deadlineOf(words, at) !== NEVER) {
    store.wheel.schedule(ref)
  }
  const set = residents.setOf(ref)
  store.eviction.push(ref, set, (words[at + I_PREV] & F_MAIN) !== 0)
  if (set !== 0) {
    floats[C_CAPPED_BYTES >> 1] += residents.bytes(ref)
  }
  spaces.book(spaceOf(words, at), 1, residents.bytes(ref), now)
}

function recountSpaces(store: Store): void {
  const { spaces, memory } = store
  let dead = 0
  for (let space = 1; space < spaces.count; space++) {
    dead += spaces.state(space) === SPACE_DEAD ? 1 : 0
  }
  memory.words[C_DEAD_SPACES] = dead
  for (let space = 1; space < spaces.count; space++) {
    spaces.retire(space)
  }
}
