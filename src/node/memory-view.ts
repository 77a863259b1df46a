import type { Clock } from '../clock.js'
import { Counts } from '../histogram.js'
import {
  C_RESERVE_END,
  C_RESERVE_NEXT,
  C_VERSION_END,
  C_VERSION_NEXT,
  type Memory,
  PAGE_BYTES,
} from '../store/layout.js'
import { Reader } from '../store/reader.js'
import { Scanner } from '../store/scan.js'
import { CHUNK_BYTES, Slab } from '../store/slab.js'
import { S_BYTES, S_ITEMS, SPACE_UNUSED, type SpaceCounts, Spaces } from '../store/spaces.js'
import { Statistics } from '../store/statistics.js'
import { Mailbox } from './mailbox.js'
import type { ClassFigures, NodeFigures, NodeStatistics } from './node.js'

/** A node's memory as any thread sees it: nothing here asks the writer. */
export class MemoryView {
  readonly reader: Reader
  readonly scanner: Scanner
  private readonly memory: Memory
  private readonly spaces: Spaces
  private readonly clock: Clock

  constructor(memory: Memory, clock: Clock) {
    this.memory = memory
    this.clock = clock
    this.spaces = new Spaces(memory)
    const now = () => clock.now()
    const fenced = process.arch !== 'x64'
    this.reader = new Reader(memory, now, fenced)
    this.scanner = new Scanner(memory, now, fenced)
  }

  counts(space: number): SpaceCounts {
    return this.spaces.counts(space, this.clock.now() - this.memory.baseMs)
  }

  isUnused(space: number): boolean {
    return this.spaces.state(space) === SPACE_UNUSED
  }

  figures(): NodeFigures {
    let items = 0
    let bytes = 0
    for (let space = 1; space < this.spaces.count; space++) {
      if (this.spaces.isLive(space)) {
        items += this.spaces.float(space, S_ITEMS)
        bytes += this.spaces.float(space, S_BYTES)
      }
    }
    return { items, bytes, memoryBytes: this.memory.shape.pageCount * PAGE_BYTES }
  }

  /** `mailboxes`: all through which the node is written to. */
  statistics(mailboxes: readonly SharedArrayBuffer[]): NodeStatistics {
    const statistics = new Statistics(this.memory)
    const latency = new Counts()
    let queued = 0
    for (const mailbox of mailboxes.map((buffer) => new Mailbox(buffer))) {
      latency.add(mailbox.latency.counts())
      queued += mailbox.queued
    }
    return {
      ...this.spaces.events(),
      quotaEvictions: statistics.quotaEvictions,
      memoryEvictions: statistics.memoryEvictions,
      lag: statistics.lag,
      classes: this.classes(),
      queued,
      latency,
    }
  }

  private classes(): ClassFigures[] {
    const slab = new Slab(this.memory)
    return CHUNK_BYTES.map((chunkBytes, slabClass) => {
      const pages = slab.pagesOf(slabClass)
      const freeChunks = slab.freeChunks(slabClass)
      const usedChunks = pages * Math.floor(PAGE_BYTES / chunkBytes) - freeChunks
      return { chunkBytes, pages, usedChunks: Math.max(0, usedChunks), freeChunks }
    }).filter(({ pages }) => pages > 0)
  }

  versionsLeft(): number {
    const { floats } = this.memory
    const reserve = floats[C_RESERVE_END >> 1] - floats[C_RESERVE_NEXT >> 1]
    return (
      floats[C_VERSION_END >> 1] -
      floats[C_VERSION_NEXT >> 1] +
      (floats[C_RESERVE_END >> 1] > 0 ? reserve : 0)
    )
  }
}
