import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'

const WORKER_FILE = fileURLToPath(new URL('./worker.js', import.meta.url))
/** So long after a node began, or a death, the spare thread is started: others come first. */
const SPARE_AFTER_MS = 500
/**
 * What a worker's heap may take: its values are in shared memory, which does not count, so it needs
 * a few MiB. Beyond this V8 ends the worker, and not the process.
 */
const HEAP_LIMIT_MB = 256

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
  startSpareLater()
  return start()
}

/**
 * A thread in place of one that died. Piscina has begun to start another in the dead one's pool by
 * now: that is the next spare.
 */
export function replaceThread(dead: Piscina): Piscina {
  const warm = spare
  spare = undefined
  startSpareLater()
  if (warm === undefined) {
    return isAlive(dead) ? dead : discard(dead, start())
  }
  if (isAlive(dead)) {
    spare = dead
    return warm
  }
  return discard(dead, warm)
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

function startSpareLater(): void {
  timer ??= setTimeout(() => {
    timer = undefined
    if (spare === undefined && inUse > 0) {
      spare = start()
    }
  }, SPARE_AFTER_MS).unref()
}

function start(): Piscina {
  const pool = new Piscina({
    filename: WORKER_FILE,
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled',
    recordTiming: false,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB },
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

function isAlive(pool: Piscina): boolean {
  return pool.threads.length > 0
}

function discard(dead: Piscina, next: Piscina): Piscina {
  dead.destroy().catch(() => {})
  return next
}
