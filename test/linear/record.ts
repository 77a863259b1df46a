import { setTimeout as pass } from 'node:timers/promises'
import { Chance } from '../store/chance.js'
import { type Arena, ROOT_KEY } from './arena.js'
import { Client } from './clients.js'
import { type Changes, Disturber, type Scene } from './disturber.js'
import { judge } from './judge.js'
import { Recorder, type Tally } from './recorder.js'
import { Caller, type Ground } from './traffic.js'

export interface RecordOptions {
  readonly seed: number
  readonly scene: Scene
  /** Further copies of the keys of each bucket under test. */
  readonly replicas: readonly number[]
  readonly clients?: number
  readonly keys?: number
  /** Calls of each client at least. */
  readonly calls?: number
  /** Whether buckets are flushed now and then; they are where absent. */
  readonly flushes?: boolean
  /** Where the clients ask, if not the arena itself. */
  readonly port?: number
}

export interface Recording {
  readonly seed: number
  readonly keys: number
  readonly tally: Tally
  readonly changes: Changes
  readonly steps: number
  /** Of each key whose history is wrong, and then what happened meanwhile. */
  readonly faults: readonly string[]
}

/** Beyond so many times its calls a client slows down, so that a slow change makes no vast history. */
const SLOWDOWN = 3
const SLOW_MS = 15

/** Records what clients see while the scene happens, and judges each key's history. */
export async function record(arena: Arena, options: RecordOptions): Promise<Recording> {
  const { seed, scene, replicas, clients = 10, keys = 5 } = options
  const paths: string[] = []
  for (const count of replicas) paths.push(await arena.bucket(count > 0 ? { replicas: count } : {}))
  const grounds = paths.map((path, bucket): Ground => {
    const name = `bucket ${bucket} with ${replicas[bucket]} replicas`
    return { name, path, keys: Array.from({ length: keys }, (_, i) => `s${seed}-k${i}`) }
  })
  const recorder = new Recorder()
  const disturber = new Disturber(arena, recorder, seed, scene)
  let isOver = false
  const disturbing = disturber.play().finally(() => {
    isOver = true
  })
  const etags = new Map<string, string>()
  const calling = Array.from({ length: clients }, async (_, number) => {
    const client = new Client(options.port ?? arena.port, ROOT_KEY)
    const caller = new Caller(client, number, seed, recorder, grounds, etags, options.flushes)
    await converse(caller, new Chance(seed * 31 + number), options.calls ?? 60, () => isOver)
    client.close()
  })
  await Promise.all([disturbing, ...calling])
  for (const path of paths) await arena.dropBucket(path)
  return verdict(seed, recorder, disturber.changes)
}

/** Calls with short pauses now and then, until enough were made and the scene is over. */
async function converse(
  caller: Caller,
  chance: Chance,
  calls: number,
  isOver: () => boolean,
): Promise<void> {
  for (let call = 0; call < calls || !isOver(); call++) {
    await caller.call()
    if (call > SLOWDOWN * calls) await pass(SLOW_MS)
    else if (chance.once(6)) await pass(chance.below(4))
  }
}

function verdict(seed: number, recorder: Recorder, changes: Changes): Recording {
  const { tally, histories, marks } = recorder
  const faults: string[] = []
  let steps = 0
  for (const [key, history] of histories) {
    const where = `seed ${seed}, ${key}`
    try {
      const judgement = judge(history)
      steps += judgement.steps
      if (judgement.fault !== undefined) faults.push(`${where}: ${judgement.fault}`)
    } catch (error) {
      throw new Error(`${where}: ${error}`, { cause: error })
    }
  }
  if (faults.length > 0) {
    const meanwhile = marks.map(({ at, text }) => `  ${at}  ${text}`)
    faults.push(['meanwhile:', ...meanwhile].join('\n'))
  }
  return { seed, keys: histories.size, tally, changes, steps, faults }
}
