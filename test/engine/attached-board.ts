/**
 * What threads that read know of what was written: for each key a word with the number of its last
 * write and how far that one is. `number * 4 + phase`.
 */
export const ABSENT = 0
export const PRESENT = 1
/** Between present and absent, or the other way round. */
export const CHANGING = 2
/** It was present, and is going to be with another value: at no time is it missing. */
export const OVERWRITING = 3

const STOP = 0
const READERS = 1
const HEADER_WORDS = 16
const PAUSE_MS = 1

export interface Placed {
  readonly bucket: string
  readonly key: string
}

/** What a reader was given, and what it says in the end. */
export interface Brief {
  readonly board: SharedArrayBuffer
  readonly keys: readonly Placed[]
  readonly seed: number
}

export interface Report {
  readonly reads: number
  readonly hits: number
  /** Reads while keys moved. */
  readonly moving: number
  readonly epochs: number
  readonly faults: readonly string[]
}

export class Board {
  readonly buffer: SharedArrayBuffer
  private readonly words: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.words = new Int32Array(buffer)
  }

  static create(keys: number): Board {
    return new Board(new SharedArrayBuffer((HEADER_WORDS + keys) * 4))
  }

  note(index: number, count: number, phase: number): void {
    Atomics.store(this.words, HEADER_WORDS + index, count * 4 + phase)
  }

  at(index: number): { readonly count: number; readonly phase: number } {
    const word = Atomics.load(this.words, HEADER_WORDS + index)
    return { count: word >>> 2, phase: word & 3 }
  }

  get isStopped(): boolean {
    return Atomics.load(this.words, STOP) === 1
  }

  stop(): void {
    Atomics.store(this.words, STOP, 1)
    Atomics.notify(this.words, STOP)
  }

  /** Readers that are at work. */
  get readers(): number {
    return Atomics.load(this.words, READERS)
  }

  enter(): void {
    Atomics.add(this.words, READERS, 1)
  }

  /** Lets other threads have the processor, without a turn of the event loop. */
  pause(): void {
    Atomics.wait(this.words, STOP, 0, PAUSE_MS)
  }
}

/** What is wrong with a read, given what was known before and after it; undefined: nothing. */
export function faultOf(
  found: number | undefined,
  newest: number,
  before: ReturnType<Board['at']>,
  after: ReturnType<Board['at']>,
): string | undefined {
  const isStill = before.count === after.count && before.phase === after.phase
  if (found === undefined) {
    const wasThere = [before, after].every(
      ({ phase }) => phase === PRESENT || phase === OVERWRITING,
    )
    return wasThere && after.count - before.count <= 1 ? 'missing' : undefined
  }
  if (isStill && after.phase === ABSENT) {
    return 'found, and it was gone'
  }
  const oldest = before.count - (before.phase === PRESENT ? 0 : 1)
  if (found < oldest || (before.phase === ABSENT && found <= before.count)) {
    return 'stale'
  }
  return found < newest ? 'older than what was read before' : undefined
}
