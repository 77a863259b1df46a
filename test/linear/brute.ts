import type { History, Model, Operation } from './history.js'

/** Tries every order of every choice of the unknown: what the checker is held against. */
export function isLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
): boolean {
  const isSure = (one: Operation<Input, Output>) => one.output !== undefined
  const from = (state: State, left: History<Input, Output>): boolean => {
    if (!left.some(isSure)) return true
    return left.some((first) => {
      const rest = left.filter((other) => other !== first)
      const passed = rest.filter((other) => other.returned < first.called)
      if (passed.some(isSure)) return false
      const next = model.step(state, first.input, first.output)
      const still = rest.filter((other) => !passed.includes(other))
      return next !== undefined && from(next, still)
    })
  }
  return from(model.initial, history)
}
