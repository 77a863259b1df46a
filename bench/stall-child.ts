/** One cache under churn in a process of its own, and how long its event loop lets others wait. */
import { build, type Histogram } from 'hdr-histogram-js'
import { type Churned, type ChurnName, churns } from './stall-stores.js'

export interface Churn {
  readonly items: number
  readonly ttlMs: number
  readonly seconds: number
}

export interface StallReport {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
  /** Items at the end. */
  readonly live: number
}

const WARM_MS = 1_000
/** The first item ends this part of a TTL after the start: by then all are there. */
const LEAD = 1 / 8
const STEP_MS = 1
const BATCH = 1_000
/** Ten arrivals in a millisecond: a wait is counted by how many meet it. */
const ARRIVAL_MS = 0.1

async function measure(name: ChurnName, { items, ttlMs, seconds }: Churn): Promise<StallReport> {
  const store: Churned = await churns[name](items)
  const start = performance.now()
  // Deadlines spread evenly over one TTL from now, so that as many end in each millisecond.
  for (let from = 0; from < items; from += BATCH) {
    const passed = performance.now() - start
    const ttl = (index: number) => Math.ceil(((index + 1) / items) * ttlMs + LEAD * ttlMs - passed)
    await store.put(from, Math.min(BATCH, items - from), (index) => Math.max(1, ttl(index)))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const filled = performance.now() - start
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, LEAD * ttlMs - filled)))
  const churn = steadily(store, items, ttlMs)
  await waits(WARM_MS, undefined)
  const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000 })
  await waits(seconds * 1_000, histogram)
  clearInterval(churn)
  const ms = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1_000
  return {
    p50Ms: ms(50),
    p99Ms: ms(99),
    p999Ms: ms(99.9),
    maxMs: histogram.maxValue / 1_000,
    live: store.live(),
  }
}

/** As many puts a second as items end. */
function steadily(store: Churned, items: number, ttlMs: number): NodeJS.Timeout {
  const perMs = items / ttlMs
  const from = performance.now()
  let next = items
  return setInterval(() => {
    const due = items + Math.floor((performance.now() - from) * perMs)
    // After a stall the missed puts come in several turns, as from clients that had to wait.
    const count = Math.min(due - next, Math.ceil(perMs * 4))
    if (count <= 0) return
    store.put(next, count, () => ttlMs)
    next += count
  }, STEP_MS)
}

/** For each of arrivals at a steady rate, in µs, how long it waits for the loop's next turn. */
function waits(forMs: number, histogram: Histogram | undefined): Promise<void> {
  const start = performance.now()
  let arrival = start
  return new Promise((resolve) => {
    const turn = () => {
      const now = performance.now()
      for (; arrival < now; arrival += ARRIVAL_MS) {
        histogram?.recordValue(Math.max(1, Math.round((now - arrival) * 1_000)))
      }
      if (now - start < forMs) setImmediate(turn)
      else resolve()
    }
    setImmediate(turn)
  })
}

const [name, churn] = process.argv.slice(2)
if (churn !== undefined && Object.hasOwn(churns, name)) {
  const report = await measure(name as ChurnName, JSON.parse(churn) as Churn)
  process.send?.(report)
}
process.on('disconnect', () => process.exit(0))
