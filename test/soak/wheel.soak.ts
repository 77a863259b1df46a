import { fuzzWheel } from '../store/wheel.fuzz.js'

const STEPS = Number(process.env['ANNULUS_STEPS'] ?? 1_000_000)
const ROUND = 50_000

export async function soak(): Promise<string> {
  let expired = 0
  let seed = 1
  for (let done = 0; done < STEPS; done += ROUND) {
    const items = [1, 8, 60, 200][seed % 4]
    expired += fuzzWheel(seed++, Math.min(ROUND, STEPS - done), items)
  }
  return `${STEPS} steps, every link, bit and slot after each; ${expired} items expired in time`
}
