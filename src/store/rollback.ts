import { I_NEXT, I_PREV, I_WHEEL_PREV, KIND_ITEM, REF_MASK } from './item.js'
import { Journal } from './journal.js'
import {
  C_DEAD_SPACES,
  C_LOG_ADOPT,
  C_LOG_END,
  C_LOG_FREED,
  C_LOG_LINE,
  C_LOG_LINE_VERSION,
  C_LOG_MARK,
  C_LOG_OLD,
  C_LOG_SPARE,
  C_LOG_UNDOING,
  C_OUTCOME,
  C_PINNED,
  C_SEALED_PAGE,
  LOG_ENTRY_WORDS,
  PINNED_LIMIT,
} from './layout.js'
import { CLASS_COUNT } from './slab.js'
import {
  S_MAIN_HEAD,
  S_MAIN_TAIL,
  S_SMALL_HEAD,
  S_SMALL_TAIL,
  SPACE_DEAD,
  SPACE_LIVE,
} from './spaces.js'
import type { Store } from './store.js'

/**
 * Brings a dead writer's memory to a step's end, by its journal: a step that readers have seen is
 * finished, any other is undone. Then gives back what a put held that will begin anew. Whoever dies
 * in here leaves the same to the next. False: the journal cannot be believed, or what is left does
 * not look whole.
 */
export function rollBack(store: Store): boolean {
  const { words } = store.memory
  const journal = new Journal(store.memory)
  if (!journal.isSound() || !isNoteSound(store, journal)) {
    return false
  }
  if (journal.isOpen && isSeen(words)) {
    journal.undo(words[C_LOG_MARK]) // the frees: they are done once more
    journal.keepFrees()
    store.residents.finish()
  } else if (journal.isOpen) {
    words[C_LOG_UNDOING] = 1
    journal.undo(journal.start)
    words[C_OUTCOME] = 0
    const line = words[C_LOG_LINE]
    if (line !== 0 && (words[line] & 1) !== 0) {
      Atomics.add(words, line, 1) // a look at it in between has seen nothing that counts
    }
  }
  journal.commit()
  words[C_LOG_LINE] = 0
  words[C_LOG_FREED] = 0
  words[C_LOG_UNDOING] = 0
  store.slab.recount()
  store.room.freePinned()
  if (words[C_SEALED_PAGE] !== 0) {
    store.slab.unseal(words[C_SEALED_PAGE] - 1)
    journal.commit()
  }
  retireDead(store, journal)
  return looksWhole(store)
}

/** Whether the line of the step under way has closed: its change is there for readers. */
function isSeen(words: Int32Array): boolean {
  const line = words[C_LOG_LINE]
  return (
    line !== 0 &&
    words[C_LOG_UNDOING] === 0 &&
    words[line] === ((words[C_LOG_LINE_VERSION] + 2) | 0)
  )
}

/** Whether what the journal says beside its entries can be. */
function isNoteSound(store: Store, journal: Journal): boolean {
  const { words, shape } = store.memory
  const { slab } = store
  if (words[C_PINNED] < 0 || words[C_PINNED] > PINNED_LIMIT || words[C_SEALED_PAGE] < 0) {
    return false
  }
  for (let n = 0; n < words[C_PINNED]; n++) {
    if (!slab.inPages(words[shape.pinnedAt + n])) {
      return false
    }
  }
  const line = words[C_LOG_LINE]
  if (words[C_SEALED_PAGE] > slab.pageCount || !journal.isOpen || line === 0) {
    return words[C_SEALED_PAGE] <= slab.pageCount
  }
  const index = (line - shape.tableAt) / 16
  const before = words[C_LOG_LINE_VERSION]
  const since = (words[line] - before) | 0
  if (!Number.isInteger(index) || index < 0 || index >= shape.lineCount) {
    return false
  }
  return (
    (before & 1) === 0 &&
    since >= 0 &&
    since <= 2 &&
    (!isSeen(words) || areFreesSound(store, journal))
  )
}

function areFreesSound(store: Store, journal: Journal): boolean {
  const { words } = store.memory
  const mark = words[C_LOG_MARK] - journal.start
  const isRef = (ref: number): boolean => ref === 0 || store.slab.inPages(ref)
  return (
    mark > 0 &&
    mark % LOG_ENTRY_WORDS === 0 &&
    words[C_LOG_MARK] <= words[C_LOG_END] &&
    isRef(words[C_LOG_OLD]) &&
    isRef(words[C_LOG_SPARE]) &&
    isRef(words[C_LOG_ADOPT])
  )
}

/** A dead space whose last item left in the step before is not retired yet. */
function retireDead(store: Store, journal: Journal): void {
  const { spaces } = store
  for (let space = 1; space < spaces.count && store.memory.words[C_DEAD_SPACES] > 0; space++) {
    spaces.retire(space)
    journal.commit()
  }
}

/** A few looks that cost little: at the ends of all lists, and at counts of few things. */
function looksWhole(store: Store): boolean {
  return areSpacesWhole(store) && areClassesWhole(store) && isWheelWhole(store)
}

function areSpacesWhole(store: Store): boolean {
  const { spaces, memory } = store
  let dead = 0
  for (let space = 0; space < spaces.count; space++) {
    const state = spaces.state(space)
    dead += state === SPACE_DEAD ? 1 : 0
    if (space === 0 || state === SPACE_LIVE) {
      const at = spaces.at(space)
      if (
        !areEndsWhole(store, at + S_SMALL_HEAD, at + S_SMALL_TAIL) ||
        !areEndsWhole(store, at + S_MAIN_HEAD, at + S_MAIN_TAIL)
      ) {
        return false
      }
    }
  }
  return memory.words[C_DEAD_SPACES] === dead
}

function areEndsWhole(store: Store, headAt: number, tailAt: number): boolean {
  const { words } = store.memory
  const head = words[headAt]
  const tail = words[tailAt]
  if (head === 0 || tail === 0) {
    return head === tail
  }
  return (
    isItem(store, head) &&
    isItem(store, tail) &&
    (words[(head << 1) + I_PREV] & REF_MASK) === 0 &&
    (words[(tail << 1) + I_NEXT] & REF_MASK) === 0
  )
}

function areClassesWhole({ slab }: Store): boolean {
  for (let slabClass = 0; slabClass < CLASS_COUNT; slabClass++) {
    const page = slab.partialPage(slabClass)
    if (slab.freeChunks(slabClass) < 0 || (page >= 0 && slab.classOfPage(page) !== slabClass)) {
      return false
    }
  }
  return true
}

function isWheelWhole(store: Store): boolean {
  const { words } = store.memory
  let isWhole = true
  store.wheel.lists((list, slot, first) => {
    const isRight =
      first === 0 ||
      (isItem(store, first) && (words[(first << 1) + I_WHEEL_PREV] & REF_MASK) === list + 1)
    isWhole &&= isRight && store.wheel.isBitRight(slot)
  })
  return isWhole
}

function isItem(store: Store, ref: number): boolean {
  return store.slab.inPages(ref) && store.memory.words[ref << 1] >>> 28 === KIND_ITEM
}
