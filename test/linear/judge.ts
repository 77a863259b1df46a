import { type Budget, check } from './checker.js'
import { contradiction, type KeyHistory, KeyModel } from './register.js'
import { shrink } from './shrink.js'
import { describeState, timeline } from './timeline.js'

export interface Judgement {
  /** Undefined for a right history; else what is wrong with it, for a person to read. */
  readonly fault: string | undefined
  /** What the search cost. */
  readonly steps: number
}

/** Whether a key's history is right. Throws `GaveUp` where the search grows beyond the budget. */
export function judge(history: KeyHistory, budget?: Budget): Judgement {
  const wrong = contradiction(history)
  if (wrong !== undefined) {
    return { fault: `${wrong.text}\n${timeline(wrong.operations)}`, steps: 0 }
  }
  const verdict = check(new KeyModel(history), history, budget)
  if (verdict.isLinearizable) return { fault: undefined, steps: verdict.steps }
  return { fault: explain(history), steps: verdict.steps }
}

function explain(history: KeyHistory): string {
  const { before, operations } = shrink(history)
  const known = operations.filter((one) => one.output !== undefined)
  const told = new Set(known.flatMap((one) => [one.output?.value]))
  const isOfUse = (value: string | undefined) => value !== undefined && told.has(value)
  const shown = operations.filter((one) => known.includes(one) || isOfUse(one.input.value))
  const others = operations.length - shown.length
  const lines = [
    `not linearizable: no order explains these answers (${known.length} of ${history.length})`,
    `before them the key was: ${before.map(describeState).join(', or ')}`,
    timeline(shown),
  ]
  if (others > 0) lines.push(`even if ${others} more writes took effect at any time, or never`)
  return lines.join('\n')
}
