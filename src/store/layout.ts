import { HISTOGRAM_FLOATS } from '../histogram.js'

/**
 * Where everything lies in a node's memory: one SharedArrayBuffer of fixed size, all of it
 * little-endian 32-bit words.
 *
 *     +----------------+ 0
 *     | control        |  sizes, clock base, wheel time, version range, sweep cursor, node words
 *     +----------------+
 *     | classes        |  4 words a slab class
 *     +----------------+
 *     | wheel          |  5 x 256 x 8 list heads, 5 x 256 bits of occupancy
 *     +----------------+
 *     | spaces         |  32 words a space (a bucket's generation); space 0 is the node itself
 *     +----------------+
 *     | journal        |  undo log of the step under way; chunks taken by a put under way
 *     +----------------+
 *     | horizon        |  a word an epoch of the ghost: bytes still remembered
 *     +----------------+
 *     | ghost          |  fingerprints of keys lately evicted
 *     +----------------+
 *     | hits           |  log of sampled hits, from readers to the writer
 *     +----------------+
 *     | statistics     |  what is counted for operators alone, see statistics.ts
 *     +----------------+
 *     | sketch         |  4-bit counters: how often keys were asked for lately
 *     +----------------+
 *     | page records   |  8 words a page
 *     +----------------+
 *     | table          |  lines of 64 bytes
 *     +----------------+ aligned to a page
 *     | pages          |  64 KiB each, cut into chunks of one class
 *     +----------------+ sizeBytes
 */
export const MAGIC = 0x414e4e55 // "ANNU"
export const FORMAT = 4

export const PAGE_BYTES = 65_536
export const LINE_BYTES = 64
/** Offsets fit a signed 32-bit integer, which JavaScript engines keep unboxed. */
export const MAX_MEMORY_BYTES = 2 ** 31 - PAGE_BYTES
export const MIN_MEMORY_BYTES = 1 << 20

/** Control words. Those that hold a float64 are even and take two. */
export const C_MAGIC = 0
export const C_FORMAT = 1
export const C_SIZE = 2
export const C_SPACES = 3
export const C_FREE_PAGE = 4 // head of the list of free pages, as page + 1
export const C_FRESH_PAGE = 5 // pages from here on were never used
export const C_SWEEP_LINE = 6 // where the sweep of dead spaces stands
export const C_DEAD_SPACES = 7 // how many spaces still wait for the sweep
export const C_OVERFLOW_LINES = 8
export const C_PRESSED_SPACE = 9 // the capped bucket that memory pressure took from last
export const C_BASE_MS = 10 // f64: deadlines count from here
export const C_WHEEL_MS = 12 // f64: wheel time, relative to the base
export const C_VERSION_NEXT = 14 // f64
export const C_VERSION_END = 16 // f64
export const C_RESERVE_NEXT = 18 // f64: the range that follows
export const C_RESERVE_END = 20 // f64
export const C_PRESSURE_SHARED = 22 // f64: bytes that pressure took from the shared queues
export const C_PRESSURE_CAPPED = 24 // f64: and from those of capped buckets
export const C_CAPPED_BYTES = 26 // f64: bytes in the queues of capped buckets
export const C_GHOST_LIVE = 30 // f64: bytes that the ghost of space 0 remembers, see horizon.ts
export const C_GHOST_HEAD = 32
export const C_GHOST_TAIL = 33
export const C_STRAY_LINES = 35 // lines left to look at for items that stand in the wrong queues
export const C_OUTCOME = 34 // how the order under way went, once it is carried out; 0: not yet
export const C_LOG_END = 36 // word of the journal's next entry
export const C_LOG_LINE = 37 // the line whose change shows the step to readers; 0: none so far
export const C_LOG_LINE_VERSION = 38 // its version before
export const C_LOG_MARK = 39 // the journal's end when the line closed
export const C_LOG_OLD = 40 // item that the step frees once it is seen
export const C_LOG_SPARE = 41 // chunk that it frees
export const C_LOG_ADOPT = 42 // item that its segments are then told of
export const C_LOG_FREED = 43 // segments of the old item that are freed for good
export const C_LOG_UNDOING = 44 // 1 while a successor undoes a step
export const C_PINNED = 45 // chunks in the list of those that a put has taken so far
export const C_SEALED_PAGE = 46 // page that is being emptied, as page + 1
export const C_IN_DOUBT = 47 // 1: all was made anew, only the table tells what the last order did
export const C_OUTCOME_VERSION = 48 // f64: the version that goes with C_OUTCOME
export const C_RULE = 50 // rule by which the watched set evicts, + 1; 0: it has not begun to
export const C_PLANNED = 51 // items for which sketch and miniatures are sized; 0: none yet
export const C_NODE = 64 // 64 words for the node around the store: bell, sequence numbers, intent
const CONTROL_WORDS = 128

export const CLASS_WORDS = 4
const CLASS_LIMIT = 96
export const WHEEL_LEVELS = 5
export const WHEEL_SLOTS = 256
/** Lists a slot, so that one can be walked with so many cache misses at a time: see wheel.ts. */
export const WHEEL_LANES = 8
export const SPACE_WORDS = 32
export const PAGE_WORDS = 8
/** Entries of the journal: a batch of cascades takes 130, and nothing takes more by much. */
export const LOG_ENTRIES = 1024
export const LOG_ENTRY_WORDS = 4
/** Chunks of the longest value, its item and a table's node among them. */
export const PINNED_LIMIT = 2112
/** Epochs of which the ghost counts what it remembers: the reach of two capacities. */
export const HORIZON_EPOCHS = 8192
/** Entries of the log of hits, two words each. */
export const HIT_ENTRIES = 1024
const HIT_WORDS = 32 + 2 * HIT_ENTRIES
/** A histogram of lags, and eight counters. */
export const STATISTICS_FLOATS = HISTOGRAM_FLOATS + 8

/** Twice as many words as floats. */
const STATISTICS_WORDS = 2 * STATISTICS_FLOATS

/** A table line is sized for items of this many bytes, header and rounding included. */
const TABLE_SHARE = 1 / 24
const GHOST_SHARE = 1 / 40
const SKETCH_SHARE = 1 / 80

/** Offsets in words, counts in units. */
export interface Shape {
  readonly sizeBytes: number
  readonly spaceCount: number
  readonly classesAt: number
  readonly wheelAt: number
  readonly wheelBitsAt: number
  readonly spacesAt: number
  readonly logAt: number
  readonly pinnedAt: number
  readonly horizonAt: number
  readonly ghostAt: number
  readonly ghostLines: number
  readonly hitsAt: number
  readonly statisticsAt: number
  readonly sketchAt: number
  readonly sketchLines: number
  readonly pageRecordsAt: number
  readonly pageCount: number
  readonly tableAt: number
  readonly lineCount: number
  readonly pagesAt: number
}

/** Cuts `sizeBytes` into its regions. Pure: both ends of a shared buffer compute the same. */
export function plan(sizeBytes: number, spaceCount: number): Shape {
  const classesAt = CONTROL_WORDS
  const wheelAt = classesAt + CLASS_LIMIT * CLASS_WORDS
  const wheelBitsAt = wheelAt + WHEEL_LEVELS * WHEEL_SLOTS * WHEEL_LANES
  const spacesAt = alignWords(wheelBitsAt + (WHEEL_LEVELS * WHEEL_SLOTS) / 32)
  const logAt = alignWords(spacesAt + spaceCount * SPACE_WORDS)
  const pinnedAt = logAt + LOG_ENTRIES * LOG_ENTRY_WORDS
  const horizonAt = alignWords(pinnedAt + PINNED_LIMIT)
  const ghostAt = horizonAt + HORIZON_EPOCHS
  const ghostLines = Math.max(16, Math.floor((sizeBytes * GHOST_SHARE) / LINE_BYTES))
  const hitsAt = ghostAt + ghostLines * 16
  const statisticsAt = hitsAt + HIT_WORDS
  const sketchAt = statisticsAt + STATISTICS_WORDS
  const sketchLines = Math.max(16, Math.floor((sizeBytes * SKETCH_SHARE) / LINE_BYTES))
  const pageRecordsAt = sketchAt + sketchLines * 16
  const pageBudget = Math.floor(sizeBytes / PAGE_BYTES)
  const tableAt = alignWords(pageRecordsAt + pageBudget * PAGE_WORDS)
  const lineCount = Math.max(16, Math.floor((sizeBytes * TABLE_SHARE) / LINE_BYTES))
  const tableEndBytes = (tableAt + lineCount * 16) * 4
  const pagesAt = (Math.ceil(tableEndBytes / PAGE_BYTES) * PAGE_BYTES) / 4
  const pageCount = Math.floor((sizeBytes - pagesAt * 4) / PAGE_BYTES)
  if (pageCount < 8) {
    throw new RangeError(`a store of ${sizeBytes} bytes has no room for items`)
  }
  return {
    sizeBytes,
    spaceCount,
    classesAt,
    wheelAt,
    wheelBitsAt,
    spacesAt,
    logAt,
    pinnedAt,
    horizonAt,
    ghostAt,
    ghostLines,
    hitsAt,
    statisticsAt,
    sketchAt,
    sketchLines,
    pageRecordsAt,
    pageCount,
    tableAt,
    lineCount,
    pagesAt,
  }
}

function alignWords(words: number): number {
  return Math.ceil(words / 16) * 16
}

/** A store's memory: the buffer, its views and its shape. */
export class Memory {
  readonly buffer: SharedArrayBuffer
  readonly words: Int32Array
  readonly bytes: Uint8Array
  readonly floats: Float64Array
  readonly shape: Shape

  private constructor(buffer: SharedArrayBuffer, shape: Shape) {
    this.buffer = buffer
    this.words = new Int32Array(buffer)
    this.bytes = new Uint8Array(buffer)
    this.floats = new Float64Array(buffer)
    this.shape = shape
  }

  /** Fresh memory, empty and valid. `baseMs` is the clock's reading now. */
  static create(sizeBytes: number, spaceCount: number, baseMs: number): Memory {
    if (!(sizeBytes >= MIN_MEMORY_BYTES && sizeBytes <= MAX_MEMORY_BYTES)) {
      throw new RangeError(
        `a node's memory is from ${MIN_MEMORY_BYTES} to ${MAX_MEMORY_BYTES} bytes, not ${sizeBytes}`,
      )
    }
    const rounded = Math.floor(sizeBytes / 64) * 64
    const memory = new Memory(new SharedArrayBuffer(rounded), plan(rounded, spaceCount))
    const { words, floats, shape } = memory
    words[C_LOG_END] = shape.logAt
    words[shape.hitsAt] = -1 // nothing is sampled yet, see hit-log.ts
    words[C_FORMAT] = FORMAT
    words[C_SIZE] = rounded
    words[C_SPACES] = spaceCount
    floats[C_BASE_MS >> 1] = baseMs
    words[C_MAGIC] = MAGIC
    return memory
  }

  /** The same memory seen from another thread, or by a fresh writer. */
  static attach(buffer: SharedArrayBuffer): Memory {
    const head = new Int32Array(buffer, 0, 4)
    if (
      head[C_MAGIC] !== MAGIC ||
      head[C_FORMAT] !== FORMAT ||
      head[C_SIZE] !== buffer.byteLength
    ) {
      throw new TypeError('this SharedArrayBuffer is not the memory of an Annulus node')
    }
    return new Memory(buffer, plan(buffer.byteLength, head[C_SPACES]))
  }

  get baseMs(): number {
    return this.floats[C_BASE_MS >> 1]
  }
}
