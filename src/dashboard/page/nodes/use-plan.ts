import { useEffect, useState } from 'preact/hooks'
import type { Plan } from '../../../client/index.js'

export interface Planning {
  readonly plan: Plan | undefined
  readonly problem: string | undefined
  /** The plan is of an earlier question, or there is none yet. */
  readonly isCounting: boolean
}

/** Somebody types: the server counts keys for each plan. */
const SETTLE_MS = 250

/** Asks for a plan, and anew whenever the question changes. */
export function usePlan(question: string, ask: () => Promise<Plan>): Planning {
  const [planning, setPlanning] = useState<Planning>({
    plan: undefined,
    problem: undefined,
    isCounting: true,
  })
  useEffect(() => {
    let isOver = false
    setPlanning(({ plan }) => ({ plan, problem: undefined, isCounting: true }))
    const timer = setTimeout(async () => {
      try {
        const plan = await ask()
        if (!isOver) setPlanning({ plan, problem: undefined, isCounting: false })
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error)
        if (!isOver) setPlanning({ plan: undefined, problem, isCounting: false })
      }
    }, SETTLE_MS)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [question])
  return planning
}

/** Does something once at a time, and tells why it could not be done. */
export function useAct(): {
  readonly isBusy: boolean
  readonly problem: string | undefined
  act(work: () => Promise<void>): void
} {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const act = (work: () => Promise<void>) => {
    if (isBusy) return
    setBusy(true)
    setProblem(undefined)
    work()
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => setBusy(false))
  }
  return { isBusy, problem, act }
}
