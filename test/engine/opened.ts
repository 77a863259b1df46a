import { ManualClock } from '../../src/clock.js'
import { Engine } from '../../src/engine/engine.js'
import type { EngineOptions } from '../../src/engine/options.js'
import { CacheError } from '../../src/errors.js'

/** An engine of two small nodes in this thread, with a clock of its own. */
export async function opened(
  options: EngineOptions = {},
): Promise<{ engine: Engine; clock: ManualClock } & AsyncDisposable> {
  const clock = new ManualClock()
  const engine = await Engine.open({
    kind: 'inline',
    nodes: 2,
    memory: '8mb',
    maxBuckets: 64,
    clock,
    ...options,
  })
  return { engine, clock, [Symbol.asyncDispose]: () => engine.close() }
}

/** The code of the CacheError that the call ends in. */
export async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call()
  } catch (error) {
    if (error instanceof CacheError) {
      return error.code
    }
    throw error
  }
  return 'no error'
}
