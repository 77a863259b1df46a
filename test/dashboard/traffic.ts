import type { Served } from '../http/served.js'

export interface Filled {
  readonly id: string
  readonly key: string
  readonly path: string
  readonly keys: number
}

const BATCH = 500

/** A bucket with so many keys, `key-0` and so on. */
export async function fill(
  served: Served,
  keys: number,
  sizeBytes: number,
  options: object,
): Promise<Filled> {
  const bucket = await served.bucket(options)
  for (let from = 0; from < keys; from += BATCH) {
    const names = Array.from({ length: Math.min(BATCH, keys - from) }, (_, i) => `key-${from + i}`)
    const values = names.map((name) => name.padEnd(sizeBytes, '.'))
    const body = { keys: names, values }
    const { status, text } = await served.call('POST', `${bucket.path}/batch/put`, {
      key: bucket.key,
      body,
    })
    if (status !== 200) throw new Error(text)
  }
  return { ...bucket, keys }
}

/** Gets and puts of those buckets, low keys more often, some not there. Returns what ends it. */
export function traffic(
  served: Served,
  buckets: readonly Filled[],
  clients: number,
  pauseMs = 0,
): () => Promise<void> {
  let isOver = false
  let step = 0
  const client = async () => {
    while (!isOver) {
      step++
      const bucket = buckets[step % buckets.length]
      const { path, key } = bucket
      const number = Math.floor(bucket.keys * 1.15 * Math.random() ** 2)
      const at = `${path}/keys/key-${number}`
      if (step % 8 === 0) await served.call('PUT', at, { key, body: `value ${step}` })
      else await served.call('GET', at, { key })
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  const running = Array.from({ length: clients }, client)
  return async () => {
    isOver = true
    await Promise.all(running)
  }
}
