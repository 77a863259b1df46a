/** A thread that reads as fast as it can while another writes, and believes nothing. */
import { parentPort, workerData } from 'node:worker_threads'
import { KeyScratch } from '../../src/key.js'
import { Memory } from '../../src/store/layout.js'
import { BUSY, Reader } from '../../src/store/reader.js'
import { Board } from './board.js'
import { Chance } from './chance.js'
import { BASE_MS, SEED } from './pen.js'
import { unseal } from './self-checking.js'

export interface ReaderTask {
  readonly memory: SharedArrayBuffer
  readonly board: SharedArrayBuffer
  readonly keys: readonly string[]
  /** Keys before this number are never deleted, expired or evicted: they must always be found. */
  readonly steady: number
  readonly space: number
  readonly seed: number
}

export interface ReaderTally {
  reads: number
  hits: number
  busy: number
  readonly faults: string[]
}

const MAX_FAULTS = 10
const LONGEST = 100_000

function readAll(task: ReaderTask): ReaderTally {
  const board = new Board(task.keys.length, task.board)
  const reader = new Reader(Memory.attach(task.memory), () => BASE_MS + board.now, false)
  const scratch = new KeyScratch()
  const chance = new Chance(task.seed)
  const target = Buffer.alloc(LONGEST + 1)
  const versions = new Float64Array(task.keys.length)
  const tally: ReaderTally = { reads: 0, hits: 0, busy: 0, faults: [] }
  while (tally.faults.length < MAX_FAULTS && !board.isStopped) {
    const key = chance.below(task.keys.length)
    scratch.encode(task.keys[key])
    const hash = scratch.hash(SEED)
    const before = { deleted: board.deleted(key), completed: board.completed(key), now: board.now }
    try {
      tally.reads++
      board.countRead()
      if (chance.once(3)) {
        const length = reader.copyTo(hash, scratch.words, scratch.length, task.space, target, 1)
        if (length < 0 && key < task.steady) tally.faults.push(`key ${key} is not copied`)
        if (length < 0) continue
        const value = target.subarray(1, 1 + length)
        const fault = faultOf(value, key, before, board.started(key))
        if (fault !== undefined) tally.faults.push(`${fault}, copied`)
        continue
      }
      const found = reader.find(hash, scratch.words, scratch.length, task.space)
      if (found === undefined) {
        if (key < task.steady) tally.faults.push(`key ${key} is missed, and it never went`)
        continue
      }
      tally.hits++
      const fault =
        faultOf(found.value, key, before, board.started(key)) ??
        (found.version < versions[key] ? `key ${key} went back to an older version` : undefined) ??
        (found.type === `type/${key}` ? undefined : `key ${key} has the type ${found.type}`)
      versions[key] = found.version
      if (fault !== undefined) tally.faults.push(fault)
    } catch (error) {
      if (error !== BUSY) throw error
      tally.busy++
    }
  }
  return tally
}

function faultOf(
  value: Buffer,
  key: number,
  before: { deleted: number; completed: number; now: number },
  started: number,
): string | undefined {
  const seal = unseal(value, key)
  if (seal === undefined || typeof seal === 'string') {
    return seal
  }
  if (seal.counter <= before.deleted) return `key ${key}: a deleted value is read`
  if (seal.counter < before.completed) return `key ${key}: an overwritten value is read`
  if (seal.counter > started) return `key ${key}: a value of the future is read`
  if (seal.deadline <= before.now) return `key ${key}: an expired value is read`
  return undefined
}

parentPort?.postMessage(readAll(workerData as ReaderTask))
