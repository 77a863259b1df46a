import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'

const WORKER_FILE = fileURLToPath(new URL('./worker.js', import.meta.url))
/** worker.ts's STAND_BY: that file is not for this thread to load. */
const STAND_BY = 'stand by'
/** So long after a node began, and after a death, a spare thread is started: others come first. */
const SPARE_AFTER_BEGIN_MS = 500
const SPARE_AFTER_DEATH_MS = 100
/**
 * What a worker's heap may take: its values are in shared memory, which does not count, so it needs
 * a few MiB. Beyond this V8 ends the worker, and not the process.
 */
const HEAP_LIMIT_MB = 256
/**
 * Node lets a thread that reaches its limit have 16 MiB more to end in. What one scavenge moves to the
 * old generation must fit there, or V8 ends the process all the same: on Node 24 it did so in 5 of 10
 * runs of 16 such deaths with a young generation of its own choice, and in none of 10 with this one.
 */
const YOUNG_LIMIT_MB = 16

/**
 * Threads for the workers of this process's nodes, each a piscina pool of one: it starts the thread,
 * tells of its death in whatever way it comes, and cleans up. A thread takes tens of milliseconds to
 * start, so one that has loaded its code already stands by for whichever node loses its worker. It
 * sleeps in its event loop, and does not keep the process alive.
 */
let spare: Piscina | undefined
let timer: NodeJS.Timeout | undefined
let inUse = 0

/** A thread for a node that begins. */
export function takeThread(): Piscina {
  inUse++
  startSpareLater(SPARE_AFTER_BEGIN_MS)
  return start()
}

/** A thread in place of one that died. */
export function replaceThread(dead: Piscina): Piscina {
  const next = spare ?? start()
  spare = undefined
  dead.destroy().catch(() => {})
  startSpareLater(SPARE_AFTER_DEATH_MS)
  return next
}

/** The node needs its thread no longer. */
export async function giveBackThread(pool: Piscina): Promise<void> {
  inUse--
  if (inUse === 0) {
    clearTimeout(timer)
    timer = undefined
    const last = spare
    spare = undefined
    await last?.destroy().catch(() => {})
  }
  await pool.destroy().catch(() => {})
}

function startSpareLater(ms: number): void {
  clearTimeout(timer)
  timer = setTimeout(() => {
    if (spare === undefined && inUse > 0) {
      spare = start()
      spare.run(STAND_BY).catch(() => {})
    }
  }, ms).unref()
}

function start(): Piscina {
  const pool = new Piscina({
    filename: WORKER_FILE,
    // None by itself: the place of a dead one would be filled just when its successor is in a hurry.
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled',
    recordTiming: false,
    resourceLimits: {
      maxOldGenerationSizeMb: HEAP_LIMIT_MB,
      maxYoungGenerationSizeMb: YOUNG_LIMIT_MB,
    },
  })
  // An error outside of a task, such as a worker that cannot start: piscina would leave the task
  // waiting for ever, so the pool goes, and the task with it.
  pool.on('error', () => {
    if (spare === pool) {
      spare = undefined
    }
    pool.destroy().catch(() => {})
  })
  return pool
}
