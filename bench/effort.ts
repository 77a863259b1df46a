/** How much a run takes upon itself. */
export interface Effort {
  /** Each contestant runs once a round; a median of fewer than five says little. */
  readonly rounds: number
  /** Of the full counts and seconds: less than 1 only shows that a benchmark runs. */
  readonly share: number
}

export const FULL: Effort = { rounds: 5, share: 1 }
/** Every step of a benchmark, as quickly as can be: its figures mean nothing. */
export const TRIAL: Effort = { rounds: 1, share: 0.02 }

export function countFor(full: number, { share }: Effort): number {
  return Math.max(1, Math.round(full * share))
}

/** wrk takes whole seconds. */
export const secondsFor = countFor
