/** A thread that reads from the engine of another: answers `calls` posted to it. */
import { parentPort, workerData } from 'node:worker_threads'
import type { EngineHandle } from '../../src/engine/announcer.js'
import { Engine } from '../../src/engine/engine.js'
import { CacheError } from '../../src/errors.js'

const { handle, flag } = workerData as { handle: EngineHandle; flag: SharedArrayBuffer }
const engine = Engine.attach(handle)
const words = new Int32Array(flag)

export interface Question {
  readonly id: string
  readonly key: string
  /** Read again and again, without a turn of the event loop, until the key is no longer found. */
  readonly untilGone?: boolean
}

function answer({ id, key, untilGone }: Question): unknown {
  const bucket = engine.bucket(id)
  if (bucket === undefined) {
    return 'no bucket'
  }
  try {
    let value = bucket.getTextSync(key)
    Atomics.store(words, 0, 1)
    Atomics.notify(words, 0)
    let looks = 0
    while (untilGone === true && value !== undefined) {
      value = bucket.getTextSync(key)
      looks++
      // What is flushed stays flushed: from the moment the other side says so, nothing is found.
      if (Atomics.load(words, 1) === 1 && bucket.getTextSync(key) !== undefined) {
        return 'found after the flush'
      }
    }
    return untilGone === true ? (looks > 0 ? 'gone' : 'was never there') : value
  } catch (error) {
    return error instanceof CacheError ? error.code : String(error)
  }
}

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answer(question)))
