import type { TraceRequest } from './trace-format.js'

/** One thing for a connection to do. */
export type Work =
  | { readonly kind: 'get'; readonly key: number | string }
  | { readonly kind: 'put'; readonly key: number | string; readonly sizeBytes: number }
  | { readonly kind: 'getMany'; readonly keys: readonly number[] }
  | { readonly kind: 'putMany'; readonly keys: readonly number[]; readonly sizeBytes: number }
  /** A get, and on a miss a put of the same key: how a cache is used, and how a trace is played. */
  | { readonly kind: 'fetch'; readonly key: number | string; readonly sizeBytes: number }

/** Where the connections take their next piece of work from; undefined when there is no more. */
export interface WorkSource {
  next(): Work | undefined | Promise<Work | undefined>
  /** Gives back what it holds open. */
  close(): Promise<void>
}

export interface Mix {
  /** The part of reads, 0 to 1. */
  readonly ratio: number
  readonly keys: number
  readonly valueBytes: number
  /** Keys in one request; 1 for single calls. */
  readonly batch: number
}

/** Keys drawn evenly, without an end. */
export function randomWork(mix: Mix, random: () => number): WorkSource {
  const draw = () => Math.floor(random() * mix.keys)
  const drawMany = () => Array.from({ length: mix.batch }, draw)
  return {
    next() {
      const reads = random() < mix.ratio
      const sizeBytes = mix.valueBytes
      if (mix.batch > 1) {
        return reads
          ? { kind: 'getMany', keys: drawMany() }
          : { kind: 'putMany', keys: drawMany(), sizeBytes }
      }
      return reads ? { kind: 'get', key: draw() } : { kind: 'put', key: draw(), sizeBytes }
    },
    close: async () => {},
  }
}

/** Writes every key once, in as few requests as their size allows. */
export function fillWork(mix: Mix): WorkSource {
  const largest = 1024 * 1024
  const many = Math.max(1, Math.min(500, Math.floor(largest / (mix.valueBytes + 64))))
  let at = 0
  return {
    next() {
      if (at >= mix.keys) return undefined
      const from = at
      at = Math.min(mix.keys, from + many)
      const sizeBytes = mix.valueBytes
      if (many === 1) return { kind: 'put', key: from, sizeBytes }
      const keys = Array.from({ length: at - from }, (_, i) => from + i)
      return { kind: 'putMany', keys, sizeBytes }
    },
    close: async () => {},
  }
}

/** A trace in its order; values have the size that it tells, up to the limit. */
export function traceWork(
  batches: AsyncGenerator<TraceRequest[]>,
  sizes: { fallback: number; limit: number },
): WorkSource {
  let batch: TraceRequest[] = []
  let at = 0
  let loading: Promise<void> | undefined
  async function load(): Promise<void> {
    const next = await batches.next()
    batch = next.done ? [] : next.value
    at = 0
    loading = undefined
  }
  async function later(): Promise<Work | undefined> {
    while (at >= batch.length) {
      loading ??= load()
      await loading
      if (batch.length === 0) return undefined
    }
    return take()
  }
  function take(): Work {
    const { key, sizeBytes = sizes.fallback } = batch[at++]
    return { kind: 'fetch', key, sizeBytes: Math.min(sizes.limit, sizeBytes) }
  }
  return {
    next: () => (at < batch.length ? take() : later()),
    close: async () => {
      await batches.return(undefined)
    },
  }
}

/** At most `count` pieces of another source's work. */
export function limited(source: WorkSource, count: number): WorkSource {
  let left = count
  return {
    next: () => (left-- > 0 ? source.next() : undefined),
    close: () => source.close(),
  }
}
