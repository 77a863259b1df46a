import type { CacheError } from '../../src/errors.js'
import { KeyScratch } from '../../src/key.js'
import type { Node, Sink, Write } from '../../src/node/node.js'
import { NEVER } from '../../src/store/item.js'
import { IF_ANY, OP_GRANT, OP_KILL_SPACE, OP_OPEN_SPACE, OP_PUT } from '../../src/store/order.js'
import type { Found } from '../../src/store/reader.js'

export const SEED = 0x5eed
export const BASE_MS = 1_700_000_000_000

/** What of an order differs from a plain put. */
export type Wish = Partial<Omit<Write, 'key'>>

/** Fills writes as the engine does: one object, one scratch, used anew for each. */
export class Form {
  readonly scratch = new KeyScratch()
  private readonly write: Write

  constructor() {
    this.write = { ...plain, key: this.scratch }
  }

  /** `key` empty: an order about the node itself. */
  fill(key: string, wish: Wish = {}): Write {
    this.scratch.length = 0
    Object.assign(this.write, plain)
    if (key !== '') {
      this.scratch.encode(key)
      this.write.hash = this.scratch.hash(SEED)
    }
    return Object.assign(this.write, wish)
  }
}

const plain = {
  op: OP_PUT,
  space: 1,
  hash: 0,
  condition: IF_ANY,
  version: 0,
  deadline: NEVER,
  type: '',
  value: '' as Uint8Array | string,
}

export interface Answer {
  readonly outcome: number
  readonly version: number
}

/** Keeps what it is told, in order, and complains if it is told anything twice. */
export class Ledger implements Sink {
  readonly order: number[] = []
  readonly answers = new Map<number, Answer | CacheError>()
  private readonly waiting = new Map<number, (answer: Answer | CacheError) => void>()

  settle(index: number, outcome: number, version: number): void {
    this.tell(index, { outcome, version })
  }

  fail(index: number, error: CacheError): void {
    this.tell(index, error)
  }

  async answer(index: number): Promise<Answer> {
    const told =
      this.answers.get(index) ??
      (await new Promise<Answer | CacheError>((resolve) => this.waiting.set(index, resolve)))
    if (told instanceof Error) {
      throw told
    }
    return told
  }

  private tell(index: number, told: Answer | CacheError): void {
    if (this.answers.has(index)) {
      throw new Error(`order ${index} is answered twice`)
    }
    this.order.push(index)
    this.answers.set(index, told)
    this.waiting.get(index)?.(told)
  }
}

/** A node and the means to ask it: one order, one promise. */
export class Desk {
  readonly node: Node
  readonly form = new Form()
  readonly ledger = new Ledger()
  private count = 0

  constructor(node: Node) {
    this.node = node
  }

  /** Submits an order and returns its number; throws what the node throws. */
  submit(key: string, wish?: Wish): number {
    this.node.submit(this.form.fill(key, wish), this.ledger, this.count)
    return this.count++
  }

  ask(key: string, wish?: Wish): Promise<Answer> {
    return this.ledger.answer(this.submit(key, wish))
  }

  async outcome(key: string, wish?: Wish): Promise<number> {
    return (await this.ask(key, wish)).outcome
  }

  async prepare(spaces = 1): Promise<this> {
    await this.ask('', { op: OP_GRANT, version: 2 ** 24 })
    for (let space = 1; space <= spaces; space++) {
      await this.open(space)
    }
    return this
  }

  open(space: number, quotaBytes = 0): Promise<Answer> {
    return this.ask('', { op: OP_OPEN_SPACE, space, hash: SEED, deadline: quotaBytes })
  }

  kill(space: number): Promise<Answer> {
    return this.ask('', { op: OP_KILL_SPACE, space })
  }

  find(key: string, space = 1): Found | undefined {
    const { scratch } = this.form
    scratch.encode(key)
    return this.node.reader.find(scratch.hash(SEED), scratch.words, scratch.length, space)
  }

  text(key: string, space = 1): string | undefined {
    return this.find(key, space)?.value.toString()
  }
}
