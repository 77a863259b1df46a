import { isOver, type Operation } from './history.js'

/**
 * Calls and returns of operations not yet taken, as they came: a doubly linked list from which an
 * operation is lifted and put back in constant time (dancing links). The call of operation `i`, in
 * the order of calls, is entry `i`; its return is entry `count + i`; the last entry is the end.
 */
export class Pending {
  private readonly count: number
  private readonly next: Int32Array
  private readonly previous: Int32Array
  private readonly hasReturn: Uint8Array

  /** `operations` are sorted by their calls. */
  constructor(operations: readonly Operation<unknown, unknown>[]) {
    this.count = operations.length
    const end = 2 * this.count
    this.next = new Int32Array(end + 2)
    this.previous = new Int32Array(end + 2)
    this.hasReturn = Uint8Array.from(operations, (operation) => (isOver(operation) ? 1 : 0))
    const events = operations.flatMap(({ called, returned }, i) => {
      if (!(called < returned)) throw new RangeError('an operation returns after its call')
      const call = { at: called, entry: i }
      return this.hasReturn[i] === 1 ? [call, { at: returned, entry: this.count + i }] : [call]
    })
    let last = end + 1
    for (const { entry } of events.sort((a, b) => a.at - b.at)) {
      this.join(last, entry)
      last = entry
    }
    this.join(last, end)
  }

  get first(): number {
    return this.next[2 * this.count + 1]
  }

  after(entry: number): number {
    return this.next[entry]
  }

  /** The operation that returns at this entry; -1 at the end, undefined where one is called. */
  returnAt(entry: number): number | undefined {
    if (entry < this.count) return undefined
    return entry < 2 * this.count ? entry - this.count : -1
  }

  isCall(entry: number): boolean {
    return entry < this.count
  }

  /** The call's entry goes last and keeps its `after`, so that a walk over the list goes on from it. */
  lift(index: number): void {
    if (this.hasReturn[index] === 1) this.remove(this.count + index)
    this.remove(index)
  }

  /** Operations are put back in the reverse order of lifting. */
  putBack(index: number): void {
    this.insert(index)
    if (this.hasReturn[index] === 1) this.insert(this.count + index)
  }

  private remove(entry: number): void {
    this.join(this.previous[entry], this.next[entry])
  }

  private insert(entry: number): void {
    this.next[this.previous[entry]] = entry
    this.previous[this.next[entry]] = entry
  }

  private join(left: number, right: number): void {
    this.next[left] = right
    this.previous[right] = left
  }
}
