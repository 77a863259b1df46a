/** A thread that writes keys of its own without ever coming to rest, and reads each one back. */
import { parentPort, workerData } from 'node:worker_threads'
import type { EngineHandle } from '../../src/engine/announcer.js'
import { Engine } from '../../src/engine/engine.js'

export interface WriterBrief {
  readonly handle: EngineHandle
  readonly bucketIds: readonly string[]
  readonly prefix: string
  readonly keys: number
  /** Word 0: stop. */
  readonly flag: SharedArrayBuffer
}

export interface WriterReport {
  readonly faults: string[]
  readonly rounds: number
  /** Bucket, key and value of each key as last acknowledged. */
  readonly last: readonly (readonly [string, string, string | undefined])[]
}

const MAX_FAULTS = 5

async function write(brief: WriterBrief): Promise<WriterReport> {
  const words = new Int32Array(brief.flag)
  using engine = Engine.attach(brief.handle)
  const faults: string[] = []
  const last = new Map<string, readonly [string, string, string | undefined]>()
  let rounds = 0
  const one = async (id: string, n: number): Promise<void> => {
    const bucket = engine.bucket(id)
    const key = `${brief.prefix}:${n}`
    const value = `${rounds}`
    const expect = (what: string, found: unknown, wanted: unknown) => {
      if (found !== wanted) {
        faults.push(`${key} of ${id}, ${what} in round ${rounds}: ${found}, not ${wanted}`)
      }
    }
    if ((rounds + n) % 7 === 0) {
      await bucket?.delete(key)
      expect('deleted', await bucket?.getText(key), undefined)
      last.set(`${id} ${key}`, [id, key, undefined])
      return
    }
    const put = await bucket?.write(key, value)
    expect('put', await bucket?.getText(key), value)
    if (n % 3 === 0 && put !== undefined) {
      const onlyIf = { kind: 'version', version: put.version } as const
      expect('touch', (await bucket?.retime(key, 60_000, onlyIf))?.outcome, 'done')
      expect(
        'wrong version',
        (await bucket?.write(key, 'x', { onlyIf: { kind: 'absent' } }))?.outcome,
        'mismatch',
      )
    }
    last.set(`${id} ${key}`, [id, key, value])
  }
  while (Atomics.load(words, 0) === 0 && faults.length < MAX_FAULTS) {
    for (const id of brief.bucketIds) {
      await Promise.all(Array.from({ length: brief.keys }, (_, n) => one(id, n)))
    }
    rounds++
    Atomics.add(words, 1, 1)
  }
  return { faults, rounds, last: [...last.values()] }
}

write(workerData as WriterBrief).then(
  (report) => parentPort?.postMessage(report),
  (error: unknown) => {
    const faults = [error instanceof Error ? (error.stack ?? error.message) : String(error)]
    parentPort?.postMessage({ faults, rounds: 0, last: [] })
  },
)
