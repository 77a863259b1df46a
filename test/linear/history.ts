/**
 * One call of one client. `called` and `returned` are positions in one order of all events of the
 * history. Without an output the outcome is unknown: the call took effect between the two, or never;
 * `returned` is Infinity where it may yet.
 */
export interface Operation<Input, Output> {
  readonly client: number
  readonly called: number
  readonly returned: number
  readonly input: Input
  /** Undefined where the outcome is unknown. */
  readonly output: Output | undefined
}

export type History<Input, Output> = readonly Operation<Input, Output>[]

/** What a thing does that answers one call at a time. */
export interface Model<State, Input, Output> {
  readonly initial: State
  /**
   * The state after a call that got this answer, the very same object after a read; undefined where
   * the call cannot get this answer in this state. With an unknown answer it is the call taking
   * effect.
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined
  /** Whether a call with this answer changes no state whatever. */
  isRead(input: Input, output: Output | undefined): boolean
  /**
   * Calls of unknown outcome with the same text are as good as one another: of those, the one that
   * was called first is taken first.
   */
  twinOf(input: Input): string | undefined
  /** The same text for the same state only. */
  keyOf(state: State): string
}

export function isOver(operation: Operation<unknown, unknown>): boolean {
  return operation.returned !== Number.POSITIVE_INFINITY
}
