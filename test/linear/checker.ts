import { type History, isOver, type Model, type Operation } from './history.js'
import { Past } from './past.js'
import { Pending } from './pending.js'

/** Steps and remembered configurations after which the search gives up. */
export interface Budget {
  readonly steps: number
  readonly configurations: number
}

const BUDGET: Budget = { steps: 50_000_000, configurations: 2_000_000 }

/** The search was cut off: the history is neither accepted nor rejected. */
export class GaveUp extends Error {
  constructor(what: string) {
    super(`the search gave up after ${what}; this says nothing about the history`)
    this.name = 'GaveUp'
  }
}

export type Verdict<State, Input, Output> =
  | {
      readonly isLinearizable: true
      /** One order of single steps that explains every answer. */
      readonly order: History<Input, Output>
      readonly steps: number
    }
  | {
      readonly isLinearizable: false
      /** The most operations that any order explains, and the state that they lead to. */
      readonly deepest: { readonly order: History<Input, Output>; readonly state: State }
      readonly steps: number
    }

/**
 * Whether the operations on one object can be put into one order that the model allows and that
 * keeps every operation between its call and its return (Herlihy & Wing 1990). The search is Wing &
 * Gong's ("Testing and verifying concurrent objects", 1993): take an operation that was called
 * before any other returned, if the model allows its answer, and go on with the rest; go back where
 * nothing fits. With Lowe's memoization ("Testing for linearizability", 2017): what was taken so far,
 * as a set, and the state that it led to are never gone on from twice.
 *
 * Histories of several keys are linearizable where those of each key are (locality), so a caller
 * checks key by key; Horn & Kroening (2015) call it P-compositionality.
 *
 * A read whose answer fits now is taken now: in any order that has it later it can be moved here. So
 * the search branches over writes alone.
 *
 * Throws `GaveUp` beyond the budget.
 */
export function check<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  budget: Budget = BUDGET,
): Verdict<State, Input, Output> {
  const sorted = [...history].sort((a, b) => a.called - b.called)
  return new Search(model, sorted, budget).run()
}

/** One of several that fit, a read that fits at once, or one that never took effect. */
type Way = 'choice' | 'read' | 'passed'

class Search<State, Input, Output> {
  private readonly model: Model<State, Input, Output>
  private readonly operations: readonly Operation<Input, Output>[]
  private readonly budget: Budget
  private readonly pending: Pending
  private readonly past: Past
  /** Operations taken, in order, with the state before each, and why. */
  private readonly taken: number[] = []
  private readonly before: State[] = []
  private readonly ways: Way[] = []
  private readonly isRead: Uint8Array
  /** Of an operation of unknown outcome, the one that is as good and was called before; -1 for none. */
  private readonly twins: Int32Array
  private state: State
  private left: number
  private steps = 0
  private deepest: { order: History<Input, Output>; state: State; length: number }

  constructor(
    model: Model<State, Input, Output>,
    operations: readonly Operation<Input, Output>[],
    budget: Budget,
  ) {
    this.model = model
    this.operations = operations
    this.budget = budget
    this.pending = new Pending(operations)
    this.past = new Past(operations)
    this.isRead = Uint8Array.from(operations, ({ input, output }) => {
      return model.isRead(input, output) ? 1 : 0
    })
    this.twins = twinsIn(model, operations)
    this.state = model.initial
    this.left = operations.filter(({ output }) => output !== undefined).length
    this.deepest = { order: [], state: model.initial, length: 0 }
  }

  run(): Verdict<State, Input, Output> {
    this.takeReads()
    let at = this.pending.first
    while (this.left > 0) {
      const returning = this.pending.returnAt(at)
      if (returning === undefined) {
        if (this.take(at)) {
          this.takeReads()
          at = this.pending.first
        } else {
          at = this.pending.after(at)
        }
      } else if (returning >= 0 && this.operations[returning].output === undefined) {
        // Whatever it did, it did not do it before now, and it is too late from here on.
        this.push(returning, this.state, 'passed')
        this.takeReads()
        at = this.pending.first
      } else {
        // The operation that returns here had to come before, and did not fit.
        const next = this.goBack()
        if (next === undefined) {
          return this.rejected()
        }
        at = next
      }
    }
    return { isLinearizable: true, order: this.order(), steps: this.steps }
  }

  private takeReads(): void {
    const { pending } = this
    for (let at = pending.first; pending.isCall(at); at = pending.after(at)) {
      if (this.isRead[at] === 1 && this.step(at) === this.state) {
        this.push(at, this.state, 'read')
      }
    }
  }

  /** Takes the operation called here, if its answer fits and the outcome is a new configuration. */
  private take(index: number): boolean {
    const twin = this.twins[index]
    if (twin >= 0 && !this.past.has(twin)) {
      return false
    }
    const next = this.step(index)
    if (next === undefined) {
      return false
    }
    this.past.add(index)
    const isNew = this.past.remember(this.model.keyOf(next))
    this.past.delete(index)
    if (this.past.configurations > this.budget.configurations) {
      throw new GaveUp(`${this.budget.configurations} configurations`)
    }
    if (isNew) {
      this.push(index, next, 'choice')
    }
    return isNew
  }

  private step(index: number): State | undefined {
    if (++this.steps > this.budget.steps) {
      throw new GaveUp(`${this.budget.steps} steps`)
    }
    const { input, output } = this.operations[index]
    return this.model.step(this.state, input, output)
  }

  private push(index: number, next: State, way: Way): void {
    this.past.add(index)
    this.pending.lift(index)
    this.taken.push(index)
    this.before.push(this.state)
    this.ways.push(way)
    this.state = next
    this.left -= this.operations[index].output === undefined ? 0 : 1
  }

  /** Undoes operations to the last one that had an alternative; where to look on. */
  private goBack(): number | undefined {
    if (this.taken.length > this.deepest.length) {
      this.deepest = { order: this.order(), state: this.state, length: this.taken.length }
    }
    for (;;) {
      const index = this.taken.pop()
      const state = this.before.pop()
      if (index === undefined || state === undefined) {
        return undefined
      }
      const way = this.ways.pop()
      this.state = state
      this.left += this.operations[index].output === undefined ? 0 : 1
      this.past.delete(index)
      this.pending.putBack(index)
      if (way === 'choice') {
        return this.pending.after(index)
      }
    }
  }

  private rejected(): Verdict<State, Input, Output> {
    const { order, state } = this.deepest
    return { isLinearizable: false, deepest: { order, state }, steps: this.steps }
  }

  private order(): History<Input, Output> {
    const stepped = this.taken.filter((_, i) => this.ways[i] !== 'passed')
    return stepped.map((index) => this.operations[index])
  }
}

function twinsIn<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): Int32Array {
  const last = new Map<string, number>()
  return Int32Array.from(operations, (operation, i) => {
    const text = isOver(operation) ? undefined : model.twinOf(operation.input)
    if (text === undefined) return -1
    const twin = last.get(text) ?? -1
    last.set(text, i)
    return twin
  })
}
