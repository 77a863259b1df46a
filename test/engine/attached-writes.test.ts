import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AttachedEngine } from '../../src/engine/attached.js'
import { Engine } from '../../src/engine/engine.js'
import type { CacheError } from '../../src/errors.js'
import type { WriterBrief, WriterReport } from './attached-writer.js'
import { codeOf, opened } from './opened.js'

const test = suite('attached engines that write')

async function pair(writers = 1) {
  const opening = await opened({ kind: 'worker', writers })
  const attached: AttachedEngine = Engine.attach(opening.engine.handle({ writes: true }))
  return {
    ...opening,
    attached,
    [Symbol.asyncDispose]: async () => {
      attached.close()
      await opening.engine.close()
    },
  }
}

function bucketOf(attached: AttachedEngine, id: string) {
  const bucket = attached.bucket(id)
  assert.ok(bucket)
  return bucket
}

test('every write of a bucket, as the engine itself would do it', async () => {
  await using scene = await pair()
  const { engine, attached, clock } = scene
  const made = await engine.createBucket('b', { defaultTtl: '1m' })
  const bucket = bucketOf(attached, made.id)
  assert.is(await bucket.put('k', 'v'), true)
  assert.is(made.getTextSync('k'), 'v')
  assert.equal(
    await bucket.putMany([
      ['a', '1'],
      ['b', Buffer.from('2')],
    ]),
    [true, true],
  )
  assert.equal((await made.getMany(['a', 'b'])).map(String), ['1', '2'])
  const { version, outcome } = await bucket.write('k', 'w', { contentType: 'text/plain' })
  assert.is(outcome, 'replaced')
  assert.is(made.lookup('k')?.contentType, 'text/plain')
  assert.is((await made.write('k', 'x')).version > version, true)
  const stale = { kind: 'version', version } as const
  assert.is((await bucket.write('k', 'y', { onlyIf: stale })).outcome, 'mismatch')
  assert.is((await bucket.remove('k', stale)).outcome, 'mismatch')
  assert.is(await bucket.touch('k', '2m'), true)
  clock.advance(61_000)
  assert.is(bucket.getTextSync('k'), 'x')
  assert.is(bucket.getTextSync('a'), undefined, 'the default of the bucket')
  assert.equal(await bucket.deleteMany(['k', 'nobody']), [true, false])
  assert.is(made.getSync('k'), undefined)
  assert.is(await codeOf(() => bucket.put('', 'v')), 'invalid_key')
  assert.is(await codeOf(() => bucket.put('k', 'x'.repeat(2 ** 25))), 'value_too_large')
})

test('changes of a bucket and of credentials are in effect once they are acknowledged', async () => {
  await using scene = await pair()
  const { engine, attached } = scene
  const made = await engine.createBucket('b')
  const bucket = bucketOf(attached, made.id)
  const key = made.credentialKey ?? ''
  assert.is(attached.authenticate(key)?.kind, 'bucket')
  assert.is(attached.authenticate(`${key}x`), undefined)
  const { credentialId, credentialKey } = await engine.createCredential(made.id, 'read')
  const epoch = attached.credentialEpoch
  assert.is(attached.authenticate(credentialKey)?.credentialId, credentialId)
  await engine.deleteCredential(made.id, credentialId)
  assert.is.not(attached.credentialEpoch, epoch)
  assert.is(attached.authenticate(credentialKey), undefined)

  await bucket.put('k', 'v')
  await engine.bucket(made.id)?.flush()
  assert.is(bucket.getTextSync('k'), undefined)
  await bucket.put('k', 'after')
  assert.is(made.getTextSync('k'), 'after')
  await made.update({ immutable: true })
  assert.is(await bucket.put('k', 'again'), false)
  await made.update({ maxBytes: 4_096 })
  assert.is(await codeOf(() => bucket.put('big', 'x'.repeat(5_000))), 'quota_exceeded')
  await engine.deleteBucket(made.id)
  assert.is(attached.bucket(made.id), undefined)
  assert.is(attached.authenticate(key), undefined)
  assert.is(await codeOf(() => bucket.put('k', 'v')), 'bucket_not_found')
  assert.is(await codeOf(() => bucket.getSync('k')), 'bucket_not_found')
})

test('copies: the engine orders those writes, from the moment that a bucket has them', async () => {
  await using scene = await pair()
  const { engine, attached } = scene
  const made = await engine.createBucket('b')
  const bucket = bucketOf(attached, made.id)
  const puts = Array.from({ length: 200 }, (_, n) => bucket.put(`k${n}`, `v${n}`))
  await made.update({ replicas: 1 })
  const stored = await Promise.all(puts) // one that was refused comes again, after those of now
  const more = Array.from({ length: 200 }, (_, n) => bucket.put(`k${n}`, `w${n}`))
  assert.ok([...stored, ...(await Promise.all(more))].every((stored) => stored))
  await engine.migrations()[0]?.done
  await engine.failNode(made.explain('k0').owner)
  for (let n = 0; n < 200; n++) {
    assert.is(bucket.getTextSync(`k${n}`), `w${n}`)
  }
  await made.update({ replicas: 0 })
  await engine.migrations()[0]?.done
  await bucket.put('k0', 'alone')
  assert.is(made.getTextSync('k0'), 'alone')
  assert.is(await codeOf(() => bucket.put('k', 'x'.repeat(2 ** 25))), 'value_too_large')
})

test('so many threads write as were asked for; one that ends makes room for the next', async () => {
  await using opening = await opened({ kind: 'worker', writers: 1 })
  const { engine } = opening
  const { id } = await engine.createBucket('b')
  const first = Engine.attach(engine.handle({ writes: true }))
  assert.is(await codeOf(() => engine.handle({ writes: true })), 'overloaded')
  const reader = Engine.attach(engine.handle())
  assert.is(await codeOf(() => bucketOf(reader, id).put('k', 'v')), 'closed')
  assert.is(await codeOf(() => reader.authenticate('x')), 'closed')
  await Promise.all(Array.from({ length: 500 }, (_, n) => bucketOf(first, id).put(`k${n}`, 'v')))
  first.close()
  let next: AttachedEngine | undefined
  for (let tries = 0; next === undefined && tries < 1_000; tries++) {
    await new Promise((resolve) => setImmediate(resolve))
    try {
      next = Engine.attach(engine.handle({ writes: true }))
    } catch {} // the port's end takes some turns to be seen
  }
  assert.ok(next)
  assert.is(await bucketOf(next, id).put('k', 'next'), true)
  assert.is(bucketOf(reader, id).getTextSync('k'), 'next')
  assert.is(await codeOf(() => opened({ writers: -1 })), 'invalid_option')
  assert.is(await codeOf(() => opened({ writers: 1 })), 'invalid_option', 'nodes are inline')
})

test('an engine that is closed: writes say so, also those under way', async () => {
  const { engine } = await opened({ kind: 'worker', writers: 1 })
  const { id } = await engine.createBucket('b')
  const bucket = bucketOf(Engine.attach(engine.handle({ writes: true })), id)
  const puts = Array.from({ length: 100 }, (_, n) => codeOf(() => bucket.put(`k${n}`, 'v')))
  await engine.close()
  const codes = new Set(await Promise.all(puts))
  assert.ok(
    [...codes].every((code) => code === 'no error' || code === 'closed'),
    [...codes].join(),
  )
  assert.is(await codeOf(() => bucket.put('k', 'v')), 'closed')
  assert.is(await codeOf(() => engine.handle({ writes: true })), 'closed')
})

test('a thread that lets go of the engine: writes under way may have been stored, and say so', async () => {
  await using opening = await opened({ kind: 'worker', writers: 1 })
  const { engine } = opening
  const made = await engine.createBucket('b')
  const attached = Engine.attach(engine.handle({ writes: true }))
  const bucket = bucketOf(attached, made.id)
  const puts = Array.from({ length: 50 }, (_, n) =>
    bucket.put(`k${n}`, 'v').then(
      () => true,
      (error: CacheError) => error.code === 'closed' && error.maybeStored,
    ),
  )
  attached.close()
  assert.ok((await Promise.all(puts)).every((isRight) => isRight))
  assert.is(await codeOf(() => bucket.put('k', 'v')), 'closed')
})

class Writing {
  readonly words = new Int32Array(new SharedArrayBuffer(8))
  readonly report: Promise<WriterReport>
  private readonly worker: Worker

  constructor(engine: Engine, bucketIds: readonly string[], prefix: string) {
    const handle = engine.handle({ writes: true })
    const flag = this.words.buffer as SharedArrayBuffer
    const brief: WriterBrief = { handle, bucketIds, prefix, keys: 40, flag }
    this.worker = new Worker(new URL('./attached-writer.js', import.meta.url), {
      workerData: brief,
      transferList: handle.transfer,
    })
    this.report = once(this.worker, 'message').then(([report]) => report as WriterReport)
  }

  async rounds(more: number): Promise<void> {
    const until = Atomics.load(this.words, 1) + more
    const isStopped = () => Atomics.load(this.words, 0) === 1 // its rounds may never come
    while (!isStopped() && Atomics.load(this.words, 1) < until) {
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  stop(): Promise<WriterReport> {
    Atomics.store(this.words, 0, 1)
    return this.report
  }
}

test('threads write while nodes join, leave and go bad: what was acknowledged is there', async () => {
  await using opening = await opened({ kind: 'worker', writers: 2, memory: '16mb' })
  const { engine } = opening
  const plain = await engine.createBucket('plain')
  const copied = await engine.createBucket('copied', { replicas: 1 })
  const fickle = await engine.createBucket('fickle')
  const ids = [plain.id, copied.id]
  const threads = [new Writing(engine, ids, 'a'), new Writing(engine, ids, 'b')]
  const rounds = () =>
    Promise.race([...threads.map((one) => one.rounds(3)), ...threads.map((one) => one.report)])
  const own = async (round: number): Promise<void> => {
    for (let n = 0; n < 40; n++) {
      await plain.put(`home:${n}`, `${round}`)
      assert.is(plain.getTextSync(`home:${n}`), `${round}`)
    }
  }
  for (let round = 0; round < 4; round++) {
    const joined = await engine.addNode()
    await own(round)
    await joined.done
    await fickle.flush()
    await rounds()
    const left = await engine.removeNode(engine.ring.members[0].id)
    await rounds()
    await left.done
    await copied.update({ replicas: round % 2 })
    await rounds()
  }
  await copied.update({ replicas: 1 })
  for (const migration of engine.migrations()) await migration.done
  const reports = await Promise.all(threads.map((one) => one.stop()))
  const faults = reports.flatMap((report) => report.faults)
  assert.equal(faults, [])
  assert.ok(reports.every((report) => report.rounds > 10))
  for (const [id, key, value] of reports.flatMap((report) => report.last)) {
    assert.is(engine.bucket(id)?.getTextSync(key), value, `${key} of ${id}`)
  }
  await engine.failNode(engine.ring.members[0].id)
  for (const [id, key, value] of reports.flatMap((report) => report.last)) {
    if (id === copied.id) {
      assert.is(engine.bucket(id)?.getTextSync(key), value, `${key} of ${id}, its owner lost`)
    }
  }
})

test.run()
