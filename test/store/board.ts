/**
 * What the writer tells the readers besides the store: the clock, when to stop, and of each key
 * which puts have begun, ended and been deleted. A reader that knows it before and after its read
 * can tell a value that is too old, or gone.
 */
const STOP = 0
const CLOCK = 1
const READS = 2
const FIRST_KEY = 16
const KEY_WORDS = 4
const STARTED = 0
const COMPLETED = 1
const DELETED = 2

export class Board {
  readonly buffer: SharedArrayBuffer
  private readonly words: Int32Array

  constructor(keys: number, buffer = new SharedArrayBuffer((FIRST_KEY + keys * KEY_WORDS) * 4)) {
    this.buffer = buffer
    this.words = new Int32Array(buffer)
  }

  stop(): void {
    Atomics.store(this.words, STOP, 1)
  }

  get isStopped(): boolean {
    return Atomics.load(this.words, STOP) === 1
  }

  /** Reads of all threads so far; the first one tells that they have begun. */
  get reads(): number {
    return Atomics.load(this.words, READS)
  }

  countRead(): void {
    Atomics.add(this.words, READS, 1)
  }

  /** In ms since the memory's base. */
  get now(): number {
    return Atomics.load(this.words, CLOCK)
  }

  pass(ms: number): number {
    return Atomics.add(this.words, CLOCK, ms) + ms
  }

  begin(key: number, counter: number): void {
    Atomics.store(this.words, this.at(key) + STARTED, counter)
  }

  complete(key: number, counter: number): void {
    Atomics.store(this.words, this.at(key) + COMPLETED, counter)
  }

  /** All values of the key up to the last one begun are deleted. */
  delete(key: number): void {
    Atomics.store(this.words, this.at(key) + DELETED, this.started(key))
  }

  started(key: number): number {
    return Atomics.load(this.words, this.at(key) + STARTED)
  }

  completed(key: number): number {
    return Atomics.load(this.words, this.at(key) + COMPLETED)
  }

  deleted(key: number): number {
    return Atomics.load(this.words, this.at(key) + DELETED)
  }

  private at(key: number): number {
    return FIRST_KEY + key * KEY_WORDS
  }
}
