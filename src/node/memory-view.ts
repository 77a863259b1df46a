import type { Clock } from '../clock.js'
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
import { S_BYTES, S_ITEMS, SPACE_UNUSED, type SpaceCounts, Spaces } from '../store/spaces.js'
import type { NodeFigures } from './node.js'

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
