/** A thread that reads without ever coming to rest, and holds what it finds against the board. */
import { parentPort, workerData } from 'node:worker_threads'
import type { EngineHandle } from '../../src/engine/announcer.js'
import { Engine } from '../../src/engine/engine.js'
import type { Follower } from '../../src/engine/follower.js'
import { CacheError } from '../../src/errors.js'
import { Board, type Brief, faultOf, type Report } from './attached-board.js'

const { handle, brief } = workerData as { handle: EngineHandle; brief: Brief }
const READS_BETWEEN_PAUSES = 32
const MAX_FAULTS = 5

function readOn(): Report {
  const board = new Board(brief.board)
  const attached = Engine.attach(handle)
  const buckets = new Map(
    brief.keys.map(({ bucket }) => [bucket, attached.bucket(bucket)] as const),
  )
  const newest = new Int32Array(brief.keys.length)
  const epochs = new Set<number>()
  const faults: string[] = []
  const { routes } = (attached as unknown as { follower: Follower }).follower
  let [reads, hits, moving, random] = [0, 0, 0, brief.seed]
  board.enter()
  while (!board.isStopped && faults.length < MAX_FAULTS) {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
    const index = Math.floor((random / 2 ** 32) * brief.keys.length)
    const { bucket: id, key } = brief.keys[index]
    const bucket = buckets.get(id)
    const before = board.at(index)
    let text: string | undefined
    try {
      text = reads % 8 === 0 ? bucket?.getSync(key)?.toString() : bucket?.getTextSync(key)
    } catch (error) {
      if (error instanceof CacheError && error.code === 'busy') {
        continue
      }
      throw error
    }
    const found = text === undefined ? undefined : Number.parseInt(text, 10)
    const after = board.at(index)
    const fault = faultOf(found, newest[index], before, after)
    if (fault !== undefined) {
      const seen = { found, newest: newest[index], before, after }
      faults.push(`${key}: ${fault}, epoch ${routes.ring.epoch} ${JSON.stringify(seen)}`)
    }
    newest[index] = Math.max(newest[index], found ?? 0)
    epochs.add(routes.ring.epoch)
    moving += routes.before === undefined ? 0 : 1
    hits += found === undefined ? 0 : 1
    if (++reads % READS_BETWEEN_PAUSES === 0) {
      board.pause()
    }
  }
  return { reads, hits, moving, epochs: epochs.size, faults }
}

parentPort?.postMessage(readOn())
