import { median, quantile } from '../rounds.js'

/** A way, measured in pairs: the base, then or before it this tree. */
export interface Compared {
  readonly name: string
  readonly unit: string
  readonly isMoreBetter: boolean
  readonly base: readonly number[]
  readonly ours: readonly number[]
}

export interface Verdict {
  /** How much longer this tree takes than the base: the median over the rounds. */
  readonly slower: number
  /** Within which half of all rounds lie. */
  readonly quartiles: readonly [number, number]
  readonly isSlowdown: boolean
}

/** What is let pass. */
export const TOLERANCE = 0.05

/**
 * A slowdown: the rounds' median is over the tolerance, and three rounds in four agree that it is one
 * at all. A slow spell of the machine meets both sides of a round alike, or spreads the quartiles.
 */
export function judge({ base, ours, isMoreBetter }: Compared): Verdict {
  const ratios = ours.map((figure, i) => (isMoreBetter ? base[i] / figure : figure / base[i]))
  const slower = median(ratios)
  const quartiles = [quantile(ratios, 0.25), quantile(ratios, 0.75)] as const
  return { slower, quartiles, isSlowdown: slower > 1 + TOLERANCE && quartiles[0] > 1 }
}
