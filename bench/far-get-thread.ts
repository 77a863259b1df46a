/**
 * The other thread of `far-get`: attached to an engine it reads by itself as often as it is told; with
 * a map of its own it answers one key after the other, as a task of a pool or by messages.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { isWorkerThread } from 'piscina'
import { Engine } from '../src/index.js'
import { keyOf, randomIndexes, valueFor } from './items.js'

type Handle = Parameters<typeof Engine.attach>[0]

export type FarTask =
  | { readonly kind: 'attached'; readonly handle: Handle; readonly bucket: string }
  | { readonly kind: 'map'; readonly keys: number }

export interface FarAsk {
  readonly count: number
  readonly seed: number
  /** Keys are those of the items below this. */
  readonly among: number
}

/** As many indexes as no cache of the processor holds with their items, gone through in turn. */
const INDEXES = 2 ** 17

function serveAttached(handle: Handle, id: string): void {
  const bucket = Engine.attach(handle).bucket(id)
  if (bucket === undefined) throw new Error(`there is no bucket ${id}`)
  parentPort?.on('message', ({ count, seed, among }: FarAsk) => {
    const indexes = randomIndexes(INDEXES, among, seed)
    for (let i = 0; i < count; i++) {
      if (bucket.getSync(keyOf(indexes[i % INDEXES])) === undefined) throw new Error('a miss')
    }
    parentPort?.postMessage('done')
  })
}

let held = new Map<string, Buffer>()

function serveMap(keys: number): void {
  held = new Map(Array.from({ length: keys }, (_, i) => [keyOf(i), valueFor(i)]))
  if (isWorkerThread) return // a pool calls the function below
  parentPort?.on('message', (key: string) => parentPort?.postMessage(held.get(key)))
}

/** A task of a pool. */
export default function get(key: string): Buffer | undefined {
  return held.get(key)
}

const told: unknown = workerData
// A pool hands its workerData on as it is; a thread of ours has it as well.
const task = (Array.isArray(told) ? told.at(-1) : told) as FarTask
if (task.kind === 'attached') serveAttached(task.handle, task.bucket)
else serveMap(task.keys)
