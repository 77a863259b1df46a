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
import { C_CAPPED_BYTES, C_DEAD_SPACES, C_OVERFLOW_LINES, type Memory } from './layout.js'
import { segmentCount } from './residents.js'
import { S_BYTES, S_ITEMS, S_MAIN_BYTES, S_MAIN_TAIL, S_SMALL_BYTES, SPACE_DEAD } from './spaces.js'
import { Store } from './store.js'

/**
 * Takes over memory whose writer died in the middle of anything. The table is the truth: a slot with
 * a tag holds an item that was written whole. Everything else (free lists, queues, wheel, counts) is
 * made anew from it. The order within the queues is lost; S and M keep their members.
 */
export function adopt(memory: Memory, now: number): Store {
  const store = new Store(memory)
  const items = closeLines(store)
  const live = markChunks(store, items)
  store.slab.rebuild((ref) => live.has(ref))
  store.wheel.reset()
  resetCounts(store, now)
  for (const ref of items) {
    relink(store, ref, now)
  }
  recountSpaces(store)
  return store
}

/** Makes every version even again, and collects what the table holds. */
function closeLines(store: Store): number[] {
  const { table } = store
  const { words } = store.memory
  const items: number[] = []
  for (let index = 0; index < table.lineCount; index++) {
    const line = table.lineAt(index)
    if ((words[line] & 1) !== 0) {
      table.mend(line)
    }
    table.scanLine(line, 0, (ref) => {
      items.push(ref)
      return true
    })
  }
  return items
}

function markChunks(store: Store, items: readonly number[]): Set<number> {
  const { table } = store
  const { words } = store.memory
  const live = new Set<number>(items)
  let nodes = 0
  for (let index = 0; index < table.lineCount; index++) {
    for (let node = table.firstNode(table.lineAt(index)); node !== 0; node = table.nextNode(node)) {
      live.add(node >> 1)
      nodes++
    }
  }
  words[C_OVERFLOW_LINES] = nodes
  for (const ref of items) {
    const at = ref << 1
    if ((words[at + I_PREV] & F_CHAINED) !== 0) {
      const list = at + bodyWordsBefore(words, at) + 1
      for (let segment = 0; segment < segmentCount(words[list - 1]); segment++) {
        live.add(words[list + segment])
      }
    }
  }
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
