import { contest } from '../store/reader-contest.js'

const MS = Number(process.env['ANNULUS_SOAK_MS'] ?? 30_000)

export async function soak(): Promise<string> {
  const lines: string[] = []
  for (const full of [true, false]) {
    const { faults, ...figures } = await contest({ ms: MS / 2, seed: 77, full })
    if (faults.length > 0) {
      throw new Error(`${full ? 'full' : 'ample'} memory: ${faults.join('; ')}`)
    }
    const { reads, hits, writes, evictions, busy } = figures
    const where = full ? 'full memory' : 'ample memory'
    lines.push(
      `${where}: ${reads} reads (${hits} hits, ${busy} busy) of values of 0 B to 100 KB ` +
        `while ${writes} writes and ${evictions} evictions went on: none wrong`,
    )
  }
  return lines.join('\n')
}
