import type { Served } from '../served.js'

/** Samples of Prometheus' text format, by name and labels as they are written. */
export type Samples = ReadonlyMap<string, number>

export function samplesOf(text: string): Samples {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, series, value] = /^([a-z_:0-9]+(?:\{.*\})?) (\S+)$/i.exec(line) ?? []
    if (series === undefined) throw new Error(`no sample: ${line}`)
    if (samples.has(series)) throw new Error(`twice: ${series}`)
    samples.set(series, value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value))
  }
  return samples
}

export async function scrape(served: Served): Promise<Samples> {
  const { status, text } = await served.call('GET', '/metrics', { key: served.root })
  if (status !== 200) throw new Error(text)
  return samplesOf(text)
}

/** The sum of all series of the name whose labels hold what is asked for. */
export function sumOf(samples: Samples, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  let sum = 0
  for (const [series, value] of samples) {
    const isNamed = series === name || series.startsWith(`${name}{`)
    if (isNamed && wanted.every((label) => series.includes(label))) sum += value
  }
  return sum
}
