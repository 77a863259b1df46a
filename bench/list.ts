/** A module with one benchmark: `run` names the function that gives its rows. */
export interface BenchModule {
  readonly name: string
  /** Beside this file, as compiled. */
  readonly file: string
  readonly run: string
}

/** The quick set, in the order in which it runs. All of it takes under 3 minutes. */
export const quick: readonly BenchModule[] = [
  { name: 'routing', file: './routing-rows.js', run: 'routingRows' },
]
