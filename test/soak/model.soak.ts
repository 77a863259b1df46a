import { Stage } from '../engine/model.js'

const STEPS = 120

/** Random histories on engines of both kinds against a Map with deadlines. */
export async function soak(): Promise<string> {
  const histories = Number(process.env['ANNULUS_HISTORIES'] ?? 10_000)
  for (const kind of ['inline', 'worker'] as const) {
    const stage = await Stage.open(kind)
    try {
      for (let seed = 1; seed <= histories; seed++) {
        await stage.play(seed, STEPS)
      }
    } finally {
      await stage.engine.close()
    }
  }
  return `${histories} histories of ${STEPS} steps on either kind: no wrong value, nothing lost without an eviction`
}
