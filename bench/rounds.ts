/** One of those that run in turn: gives its figure for the round, in a unit of its own. */
export interface Contestant {
  readonly name: string
  readonly run: () => number | Promise<number>
}

/** The figures of each contestant, by name. */
export type Figures = ReadonlyMap<string, readonly number[]>

/** Too few to be a median otherwise. */
export const ROUNDS = 5

/** All run once a round, so that a slow spell of the machine meets them all, each time in another order. */
export async function interleave(
  contestants: readonly Contestant[],
  rounds = ROUNDS,
): Promise<Figures> {
  const figures = new Map(contestants.map(({ name }): [string, number[]] => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < contestants.length; i++) {
      const { name, run } = contestants[(i + round) % contestants.length]
      figures.get(name)?.push(await run())
    }
  }
  return figures
}

export function medianOf(figures: Figures, name: string): number {
  const found = figures.get(name)
  if (found === undefined) throw new Error(`${name} did not run`)
  return median(found)
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5)
}

/** The smallest number that a share `q` of all does not exceed. */
export function quantile(numbers: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(numbers).sort()
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)]
}
