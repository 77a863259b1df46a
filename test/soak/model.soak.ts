import { playHistories } from '../store/model.js'

const COUNT = Number(process.env['ANNULUS_HISTORIES'] ?? 10_000)

export async function soak(): Promise<string> {
  const { steps, lost } = playHistories(10_000, COUNT)
  return `${COUNT} histories, ${steps} steps, ${lost} keys found evicted, none wrong`
}
