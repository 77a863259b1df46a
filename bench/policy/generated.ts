import { type Random, seeded, zipf } from './random.js'
import type { Trace } from './trace-file.js'

const REQUESTS = 300_000

/** Gives the keys of requests one after the other. */
type Stream = () => number

/** Streams of one trace must not share keys by chance. */
const APART = 10_000_000

/** Traces of known kinds from seeds, so that policies can be compared where no files are. */
export const generators: Readonly<Record<string, (random: Random) => Stream>> = {
  /** A popularity that never changes. */
  zipf: (random) => zipf(20_000, 0.9, random),
  /** The popular keys of now are forgotten bit by bit: the ranks slide over the keys. */
  drift: (random) => {
    const rank = zipf(20_000, 0.9, random)
    let request = 0
    return () => rank() + Math.floor(request++ / 20)
  },
  /** Steady work, and now and then a scan of keys that never come again. */
  scans: (random) => {
    const rank = zipf(10_000, 0.9, random)
    let scanned = APART
    let left = 0
    return () => {
      if (left === 0 && random() < 1 / 5_000) left = 4_000
      if (left === 0) return rank()
      left--
      return scanned++
    }
  },
  /** Loops within loops, as of a join: a short one, a longer one, one longer than most caches. */
  loops: (random) => {
    const lengths = [300, 1_500, 6_000]
    const at = lengths.map(() => 0)
    let chosen = 0
    return () => {
      if (random() < 1 / 1_000) chosen = Math.floor(random() * lengths.length)
      at[chosen] = (at[chosen] + 1) % lengths[chosen]
      return chosen * APART + at[chosen]
    }
  },
  /** What is best changes: a drifting popularity, then a loop, then a steady one, and so on. */
  phases: (random) => {
    const kinds = [generators['drift'](random), loop(4_000, APART), zipfAt(2 * APART, random)]
    let request = 0
    return () => kinds[Math.floor(request++ / 25_000) % kinds.length]()
  },
  /** More than half of the requests are for keys that come once. */
  wonders: (random) => {
    const rank = zipf(10_000, 0.9, random)
    let fresh = APART
    return () => (random() < 0.6 ? fresh++ : rank())
  },
  /** A key comes again soon and a few times, then never: what is new is worth most. */
  recency: (random) => {
    const distance = zipf(3_000, 0.6, random)
    const past: number[] = []
    let fresh = 0
    return () => {
      const key =
        past.length > 0 && random() < 0.7
          ? past[Math.max(0, past.length - 1 - distance())]
          : fresh++
      past.push(key)
      return key
    }
  },
  /** One part of the keys scanned in turn, another drawn by popularity, at the same time. */
  mixed: (random) => {
    const around = loop(5_000, APART)
    const rank = zipf(10_000, 0.8, random)
    return () => (random() < 0.4 ? around() : rank())
  },
}

function loop(length: number, from: number): Stream {
  let at = 0
  return () => from + (at++ % length)
}

function zipfAt(from: number, random: Random): Stream {
  const rank = zipf(10_000, 1, random)
  return () => from + rank()
}

export function generate(name: string, seed = 1, requests = REQUESTS): Trace {
  const next = generators[name](seeded(seed))
  const numbers = new Map<number, number>()
  const keys = new Int32Array(requests)
  for (let i = 0; i < requests; i++) {
    const key = next()
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    keys[i] = number
  }
  return { keys, sizes: undefined, distinct: numbers.size }
}
