/** A line of memory for each acceptor, so that no two write to the same one. */
const LINE_FLOATS = 8
const HELD_BYTES = 0
const CONNECTIONS = 1
const SERVING = 2

/**
 * What the acceptors of one server tell one another in shared memory. Each writes its own line alone,
 * and reads all: there is nothing to undo where one dies but its line.
 */
export class Board {
  readonly buffer: SharedArrayBuffer
  private readonly floats: Float64Array

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.floats = new Float64Array(buffer)
  }

  static create(acceptors: number): Board {
    return new Board(new SharedArrayBuffer(acceptors * LINE_FLOATS * 8))
  }

  place(number: number): Place {
    return new Place(this.floats, number * LINE_FLOATS)
  }
}

/** The board as one acceptor uses it. */
export class Place {
  private readonly floats: Float64Array
  private readonly at: number

  constructor(floats: Float64Array, at: number) {
    this.floats = floats
    this.at = at
  }

  /** Of bodies, by all acceptors. */
  get heldBytes(): number {
    return this.sum(HELD_BYTES)
  }

  /** Of all acceptors. */
  get connections(): number {
    return this.sum(CONNECTIONS)
  }

  hold(sizeBytes: number): void {
    this.floats[this.at + HELD_BYTES] += sizeBytes
  }

  connect(by: 1 | -1): void {
    this.floats[this.at + CONNECTIONS] += by
  }

  /** How many connections more than its part this acceptor has. */
  get excess(): number {
    const mine = this.floats[this.at + CONNECTIONS]
    return mine - this.sum(CONNECTIONS) / Math.max(1, this.sum(SERVING))
  }

  begin(): void {
    this.floats[this.at + SERVING] = 1
  }

  /** Nobody is there any more. */
  clear(): void {
    this.floats.fill(0, this.at, this.at + LINE_FLOATS)
  }

  private sum(field: number): number {
    const { floats } = this
    let sum = 0
    for (let at = field; at < floats.length; at += LINE_FLOATS) sum += floats[at]
    return sum
  }
}
