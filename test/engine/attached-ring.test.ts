import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemClock } from '../../src/clock.js'
import type { Bucket } from '../../src/engine/bucket.js'
import type { Engine } from '../../src/engine/engine.js'
import {
  ABSENT,
  Board,
  type Brief,
  CHANGING,
  faultOf,
  OVERWRITING,
  type Placed,
  PRESENT,
  type Report,
} from './attached-board.js'
import { opened } from './opened.js'

const test = suite('attached threads and a ring that changes')

const LIVE = 300
const FICKLE = 100
const FLUSHED = 100

/** Writes to buckets, and tells of it on a board; threads read and compare. */
class Scene implements AsyncDisposable {
  readonly keys: Placed[] = []
  private readonly engine: Engine
  private readonly buckets = new Map<string, Bucket>()
  private readonly board: Board
  private readonly workers: Worker[] = []
  private readonly reports: Promise<Report>[] = []
  private writing: Promise<void> | undefined
  private isWriting = false

  constructor(engine: Engine) {
    this.engine = engine
    this.board = Board.create(LIVE + FICKLE + FLUSHED)
  }

  async prepare(): Promise<void> {
    for (const [name, count] of Object.entries({ live: LIVE, fickle: FICKLE, flushed: FLUSHED })) {
      const bucket = await this.engine.createBucket(name)
      this.buckets.set(bucket.id, bucket)
      for (let n = 0; n < count; n++) {
        this.keys.push({ bucket: bucket.id, key: `${name}:${n}` })
      }
    }
    await Promise.all(this.keys.map((_, index) => this.put(index)))
  }

  /** One more thread, which reads from now on. */
  async read(): Promise<void> {
    const { board, engine, keys, workers } = this
    const handle = engine.handle()
    const brief: Brief = { board: board.buffer, keys, seed: workers.length + 1 }
    const worker = new Worker(new URL('./attached-ring-worker.js', import.meta.url), {
      workerData: { handle, brief },
      transferList: handle.transfer,
    })
    const readers = workers.push(worker)
    this.reports.push(once(worker, 'message').then(([report]) => report as Report))
    while (board.readers < readers) {
      await turn()
    }
  }

  async put(index: number): Promise<void> {
    const { bucket, key } = this.keys[index]
    const { count, phase } = this.board.at(index)
    const value = `${count + 1} ${'x'.repeat(index % 7 === 0 ? 5_000 : index)}`
    this.board.note(index, count + 1, phase === PRESENT ? OVERWRITING : CHANGING)
    await this.buckets.get(bucket)?.put(key, value, { ttl: '1h' })
    this.board.note(index, count + 1, PRESENT)
  }

  async delete(index: number): Promise<void> {
    const { bucket, key } = this.keys[index]
    const { count } = this.board.at(index)
    this.board.note(index, count + 1, CHANGING)
    await this.buckets.get(bucket)?.delete(key)
    this.board.note(index, count + 1, ABSENT)
  }

  async flush(): Promise<void> {
    const last = this.keys.length - 1
    const { bucket } = this.keys[last]
    const flushed = this.indexes((key) => key.bucket === bucket)
    const counts = flushed.map((index) => this.board.at(index).count + 1)
    flushed.forEach((index, i) => {
      this.board.note(index, counts[i], CHANGING)
    })
    await this.buckets.get(bucket)?.flush()
    flushed.forEach((index, i) => {
      this.board.note(index, counts[i], ABSENT)
    })
    await Promise.all(flushed.map((index) => this.put(index)))
  }

  /** Nobody writes meanwhile: what the engine itself finds afterwards is what others are to find. */
  async fail(id: string): Promise<number> {
    const all = this.indexes(() => true)
    for (const index of all) {
      this.board.note(index, this.board.at(index).count + 1, CHANGING)
    }
    await this.engine.failNode(id)
    let lost = 0
    for (const index of all) {
      const { bucket, key } = this.keys[index]
      const isThere = this.buckets.get(bucket)?.getSync(key) !== undefined
      lost += isThere ? 0 : 1
      const { count } = this.board.at(index)
      this.board.note(index, count - (isThere ? 1 : 0), isThere ? PRESENT : ABSENT)
    }
    return lost
  }

  /** Overwrites live keys, puts and deletes fickle ones, until `rest` is called. */
  write(): void {
    this.isWriting = true
    this.writing = (async () => {
      for (let n = 0; this.isWriting; n++) {
        const fickle = LIVE + (n % FICKLE)
        const { phase } = this.board.at(fickle)
        await Promise.all([
          this.put((n * 7) % LIVE),
          this.put((n * 7 + LIVE / 2) % LIVE),
          phase === PRESENT ? this.delete(fickle) : this.put(fickle),
        ])
        await turn()
      }
    })()
  }

  async rest(): Promise<void> {
    this.isWriting = false
    await this.writing
  }

  /** What the threads say in the end. */
  async stop(): Promise<Report[]> {
    await this.rest()
    this.board.stop()
    return Promise.all(this.reports)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isWriting = false
    this.board.stop()
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }

  private indexes(isMeant: (key: Placed) => boolean): number[] {
    return this.keys.flatMap((key, index) => (isMeant(key) ? [index] : []))
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const worker = { kind: 'worker', memory: '16mb', clock: systemClock } as const

test('a ring grows and shrinks under threads that read: nothing is missed, nothing is stale', async () => {
  await using opening = await opened(worker)
  const { engine } = opening
  await using scene = new Scene(engine)
  await scene.prepare()
  await scene.read()
  scene.write()
  for (const change of [
    () => engine.addNode({ pace: 0.02 }),
    () => engine.addNode({ pace: 0.02 }),
    () => engine.removeNode('n1', { pace: 0.02 }),
    () => engine.removeNode('n3', { pace: 0.02 }),
  ]) {
    const migration = await change()
    while (migration.receipt().moved.keys < 10) {
      await turn()
    }
    await scene.flush()
    if (engine.ring.has('n3') && !engine.ring.has('n4')) {
      await scene.read() // attached while keys move
    }
    const { state, problem } = await migration.done
    assert.equal([state, problem], ['done', null])
  }
  const reports = await scene.stop()
  assert.equal(engine.ring.members.map(({ id }) => id).sort(), ['n2', 'n4'])
  assert.is(reports.length, 2)
  for (const { reads, hits, moving, epochs, faults } of reports) {
    assert.equal(faults, [])
    assert.ok(reads > 1_000 && hits > reads / 2, `${hits} hits in ${reads} reads`)
    assert.ok(moving > 50, `${moving} of ${reads} reads while keys moved`)
    assert.ok(epochs >= 4, `read in ${epochs} epochs`)
  }
})

test('a change that is cancelled half-way, under threads that read', async () => {
  await using opening = await opened(worker)
  const { engine } = opening
  await using scene = new Scene(engine)
  await scene.prepare()
  await scene.read()
  scene.write()
  const migration = await engine.addNode({ pace: 0.01 })
  while (migration.receipt().moved.keys < 20) {
    await turn()
  }
  migration.cancel()
  assert.is((await migration.done).state, 'cancelled')
  const [{ moving, epochs, faults }] = await scene.stop()
  assert.equal(faults, [])
  assert.ok(moving > 0 && epochs >= 2, `${moving} reads while keys moved, in ${epochs} epochs`)
})

test('nothing of a node that went bad is served, in a ring at rest and in one that changes', async () => {
  await using opening = await opened({ ...worker, nodes: 3, memory: '24mb' })
  const { engine } = opening
  await using scene = new Scene(engine)
  await scene.prepare()
  await scene.read()
  const owned = scene.keys.filter(({ bucket, key }) => {
    return engine.bucket(bucket)?.explain(key).owner === 'n2'
  })
  assert.is(await scene.fail('n2'), owned.length)
  scene.write()
  const migration = await engine.addNode({ pace: 0.01 })
  while (migration.receipt().moved.keys < 20) {
    await turn()
  }
  await scene.rest()
  assert.ok((await scene.fail('n1')) > 0)
  scene.write()
  await migration.done
  const [{ moving, epochs, faults }] = await scene.stop()
  assert.equal(faults, [])
  assert.ok(moving > 0 && epochs >= 3, `${moving} reads while keys moved, in ${epochs} epochs`)
})

test('the board tells a miss and a stale value from what a write under way allows', () => {
  const at = (count: number, phase: number) => ({ count, phase })
  const still = (found: number | undefined, phase: number, newest = 0) =>
    faultOf(found, newest, at(5, phase), at(5, phase))
  assert.equal([still(5, PRESENT), still(5, OVERWRITING), still(4, OVERWRITING)].join(), ',,')
  assert.equal([still(4, CHANGING), still(5, CHANGING), still(undefined, CHANGING)].join(), ',,')
  assert.is(still(undefined, ABSENT), undefined)
  assert.is(still(undefined, PRESENT), 'missing')
  assert.is(still(undefined, OVERWRITING), 'missing')
  assert.is(still(4, PRESENT), 'stale')
  assert.is(still(3, OVERWRITING), 'stale')
  assert.is(still(5, ABSENT), 'found, and it was gone')
  assert.is(still(4, OVERWRITING, 5), 'older than what was read before')
  assert.is(faultOf(undefined, 0, at(5, PRESENT), at(6, OVERWRITING)), 'missing')
  assert.is(faultOf(undefined, 0, at(5, PRESENT), at(7, PRESENT)), undefined)
  assert.is(faultOf(5, 0, at(5, ABSENT), at(6, CHANGING)), 'stale')
  assert.is(faultOf(6, 0, at(5, ABSENT), at(6, PRESENT)), undefined)
})

test.run()
