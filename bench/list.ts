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
  { name: 'hit-ratio', file: './hit-ratio.bench.js', run: 'hitRatioRows' },
  { name: 'get', file: './get.bench.js', run: 'getRows' },
  { name: 'many', file: './many.bench.js', run: 'manyRows' },
  { name: 'put-one', file: './put-one.bench.js', run: 'putOneRows' },
  { name: 'memory', file: './memory.bench.js', run: 'memoryRows' },
  { name: 'expiry', file: './expiry.bench.js', run: 'expiryRows' },
  { name: 'http', file: './http.bench.js', run: 'httpRows' },
]
