import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine } from '../../src/engine/engine.js'
import type { Question } from './attached-worker.js'
import { codeOf, opened } from './opened.js'

const test = suite('attached engine')

/** A real thread that reads from the engine. */
class Reading implements AsyncDisposable {
  readonly words: Int32Array
  private readonly worker: Worker

  constructor(engine: Engine) {
    const flag = new SharedArrayBuffer(8)
    this.words = new Int32Array(flag)
    const handle = engine.handle()
    this.worker = new Worker(new URL('./attached-worker.js', import.meta.url), {
      workerData: { handle, flag },
      transferList: handle.transfer,
    })
  }

  async ask(question: Question): Promise<unknown> {
    this.worker.postMessage(question)
    const [answer] = (await once(this.worker, 'message')) as [unknown]
    return answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.terminate()
  }
}

for (const kind of ['inline', 'worker'] as const) {
  test(`a thread reads, sees flush and delete at once, and is counted, ${kind}`, async () => {
    await using opening = await opened({ kind })
    const { engine, clock } = opening
    const bucket = await engine.createBucket('b')
    await bucket.put('k', 'é value', { ttl: '1m' })
    await using reading = new Reading(engine)
    const read = (key = 'k') => reading.ask({ id: bucket.id, key })
    assert.is(await read(), 'é value')
    await bucket.put('k', 'newer', { ttl: '1m' })
    assert.is(await read(), 'newer')
    assert.is(await read('nobody'), undefined)
    assert.is(await read(''), 'invalid_key')
    clock.advance(60_000)
    assert.is(await read(), undefined, 'its clock is ours')
    await bucket.put('k', 'again')
    const { gets, hits, misses } = bucket.usage()
    assert.equal([gets, hits, misses], [4, 2, 2])
    await bucket.flush()
    assert.is(await read(), undefined)
    await bucket.put('k', 'after')
    assert.is(await read(), 'after')
    assert.equal([bucket.usage().gets, bucket.usage().hits], [6, 3])
    await engine.deleteBucket(bucket.id)
    assert.is(await read(), 'no bucket')
    const next = await engine.createBucket('b')
    assert.is(await reading.ask({ id: next.id, key: 'k' }), undefined)
    assert.is(next.usage().gets, 1)
  })

  test(`a thread that never comes to rest learns of a flush all the same, ${kind}`, async () => {
    await using opening = await opened({ kind })
    const { engine } = opening
    const bucket = await engine.createBucket('b')
    await using reading = new Reading(engine)
    for (let round = 0; round < 5; round++) {
      await bucket.put('k', `${round}`)
      reading.words.fill(0)
      const asked = reading.ask({ id: bucket.id, key: 'k', untilGone: true })
      while (Atomics.load(reading.words, 0) === 0) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      await bucket.flush()
      Atomics.store(reading.words, 1, 1)
      assert.is(await asked, 'gone')
    }
  })
}

test('a bucket object outlives its bucket, and says so', async () => {
  await using opening = await opened({ maxBuckets: 1 })
  const { engine } = opening
  const bucket = await engine.createBucket('b')
  await bucket.put('k', 'v')
  const attached = Engine.attach(engine.handle()).bucket(bucket.id)
  assert.ok(attached)
  assert.is(await attached.getText('k'), 'v')
  assert.equal((await attached.getMany(['k', 'x'])).map(String), ['v', 'undefined'])
  assert.is((await attached.get({ no: 'body' }))?.length, undefined)
  await engine.deleteBucket(bucket.id)
  assert.is(await codeOf(() => attached.getSync('k')), 'bucket_not_found')
  const next = await engine.createBucket('b') // in the same place of the directory
  await next.put('k', 'new')
  assert.is(await codeOf(() => attached.getSync('k')), 'bucket_not_found')
})

test('only the very id of a bucket finds it', async () => {
  await using opening = await opened()
  const { engine } = opening
  const { id } = await engine.createBucket('b')
  const attached = Engine.attach(engine.handle())
  assert.is(attached.bucket(id)?.id, id)
  for (const other of ['', '0', ` ${id}`, `0${id}`, `${id}.0`, `+${id}`, 'NaN', '1']) {
    assert.is(attached.bucket(other), undefined, JSON.stringify(other))
  }
})

test.run()
