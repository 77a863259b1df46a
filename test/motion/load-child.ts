/**
 * Clients under steady load, in a process of their own: 32 connections, nine reads for each write, all
 * on keys that live. Told the phase by its parent; answers with latencies and misses by phase.
 */
import { build, type Histogram } from 'hdr-histogram-js'
import { Connection } from '../../src/cli/bench/connection.js'
import { Requests } from '../../src/cli/bench/requests.js'
import { Chance } from '../store/chance.js'

export interface LoadTask {
  readonly url: string
  readonly bucket: string
  readonly credential: string
  readonly keys: number
  readonly connections: number
  readonly valueBytes: number
  readonly seed: number
}

export interface PhaseReport {
  readonly requests: number
  readonly p50Us: number
  readonly p99Us: number
  readonly p999Us: number
  readonly maxUs: number
  readonly misses: number
  readonly errors: readonly string[]
}

interface Phase {
  readonly latencies: Histogram
  misses: number
  errors: string[]
}

const MAX_ERRORS = 20
const phases = new Map<string, Phase>()
let phase = begin('warm-up')
let isOver = false

function begin(name: string): Phase {
  const known = phases.get(name)
  if (known !== undefined) {
    return known
  }
  const fresh = {
    latencies: build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 }),
    misses: 0,
    errors: [],
  }
  phases.set(name, fresh)
  return fresh
}

async function client(task: LoadTask, number: number): Promise<void> {
  const url = new URL(task.url)
  const connection = new Connection(url)
  const requests = new Requests(url, task.bucket, task.credential, {
    prefix: 'key',
    ttlMs: undefined,
    maxValueBytes: task.valueBytes,
  })
  const chance = new Chance(task.seed * 1_000 + number)
  while (!isOver) {
    const key = chance.below(task.keys)
    const isRead = !chance.once(10)
    const started = performance.now()
    const during = phase
    try {
      const request = isRead ? requests.get(key) : requests.put(key, task.valueBytes)
      const { status } = await connection.send(request)
      const us = Math.round((performance.now() - started) * 1_000)
      during.latencies.recordValue(Math.max(1, us))
      if (isRead && status === 404) {
        during.misses++
      } else if (status !== (isRead ? 200 : 204)) {
        note(during, `${isRead ? 'GET' : 'PUT'} ${key}: ${status}`)
      }
    } catch (error) {
      note(during, String(error))
    }
  }
  connection.close()
}

function note(during: Phase, text: string): void {
  if (during.errors.length < MAX_ERRORS) {
    during.errors.push(text)
  }
}

function report(): Record<string, PhaseReport> {
  return Object.fromEntries(
    [...phases].map(([name, { latencies, misses, errors }]) => [
      name,
      {
        requests: latencies.totalCount,
        p50Us: latencies.getValueAtPercentile(50),
        p99Us: latencies.getValueAtPercentile(99),
        p999Us: latencies.getValueAtPercentile(99.9),
        maxUs: latencies.maxValue,
        misses,
        errors,
      },
    ]),
  )
}

const task = JSON.parse(process.argv[2] ?? '') as LoadTask
process.on('message', (name: string) => {
  if (name === 'end') {
    isOver = true
  } else {
    phase = begin(name)
  }
})
await Promise.all(Array.from({ length: task.connections }, (_, i) => client(task, i)))
process.send?.(report())
process.disconnect()
