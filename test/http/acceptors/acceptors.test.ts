import { readdirSync } from 'node:fs'
import { setTimeout as pass } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scratch } from '../../scratch.js'
import { ROOT_KEY, type Served, serve } from '../served.js'
import { Asker, type Got } from './connections.js'

const ACCEPTORS = 3
const CONNECTIONS = 24
/** So often nothing has to be tried that comes about within moments. */
const MANY = 2_000

const test = suite('several acceptors on one port')
let served: Served
let acceptors: Worker[] = []
let askers: Asker[] = []

/** Nodes' threads have limits of their own, acceptors have none. */
const noticed = (worker: Worker) => {
  if (worker.resourceLimits?.maxOldGenerationSizeMb !== 256) acceptors.push(worker)
}

test.before(() => {
  process.on('worker', noticed)
})
async function begin(): Promise<void> {
  acceptors = []
  served = await serve({ acceptors: ACCEPTORS })
  askers = await Asker.many(CONNECTIONS, served.server.port)
}

async function end(): Promise<void> {
  for (const asker of askers) asker.end()
  await served.close()
}

async function beginAnew(): Promise<void> {
  await end()
  await begin()
}

test.before.each(begin)
test.after.each(end)

function all(method: string, path: string, key: string, body?: string) {
  return Promise.all(askers.map((asker) => asker.ask(method, path, key, body)))
}

function statuses(answers: readonly (Got | undefined)[]): number[] {
  return [...new Set(answers.map((got) => got?.status ?? 0))].sort()
}

function isAlone(found: readonly number[], status: number): boolean {
  return found.length === 1 && found[0] === status
}

test('every acceptor takes some of the connections', async () => {
  // The first thread opens them as well: where it has no time at all meanwhile, the others are quicker.
  for (let left = 0, tries = 1; left === 0; tries++) {
    assert.ok(tries <= 10, 'the first thread never has a connection')
    if (tries > 1) await beginAnew()
    assert.is(served.server.acceptors, ACCEPTORS)
    assert.is(acceptors.length, ACCEPTORS - 1)
    const { path, key } = await served.bucket()
    await all('GET', `${path}/keys/none`, key)
    // Where a thread ends, its connections do.
    for (const worker of acceptors) await worker.terminate()
    const answers = await all('GET', `${path}/keys/none`, key)
    left = answers.filter((got) => got !== undefined).length
    assert.ok(left < CONNECTIONS, 'the first thread has all connections')
  }
})

/** While all acceptors have more to do than to hear of what happens. */
async function inNoise(body: () => Promise<void>): Promise<void> {
  let isOver = false
  const others = await Asker.many(CONNECTIONS, served.server.port)
  const noise = others.map(async (asker) => {
    while (!isOver) await asker.flood('/healthz', ROOT_KEY, 50)
  })
  try {
    await body()
  } finally {
    isOver = true
    await Promise.all(noise)
    for (const asker of others) asker.end()
  }
}

test('what one has acknowledged is in effect at all', () =>
  inNoise(async () => {
    for (let round = 0; round < 3; round++) {
      const { id, path, key } = await served.bucket()
      const at = `${path}/keys/k`
      const asker = askers[round % askers.length]

      await asker.ask('PUT', at, key, `value ${round}`)
      const got = await all('GET', at, key)
      assert.ok(got.every((answer) => answer?.body === `value ${round}`))

      assert.is((await asker.ask('POST', `${path}/flush`, key, ''))?.status, 204)
      assert.equal(statuses(await all('GET', at, key)), [404])

      assert.is((await asker.ask('PUT', at, key, 'first'))?.status, 201)
      const patched = await asker.ask('PATCH', path, key, '{"immutable":true}')
      assert.is(patched?.status, 200)
      assert.equal(statuses(await all('PUT', at, key, 'second')), [409])
      await asker.ask('PATCH', path, key, '{"immutable":false,"maxBytes":4096}')
      assert.equal(statuses(await all('PUT', at, key, 'x'.repeat(5_000))), [413])

      const made = await asker.ask('POST', `${path}/credentials`, key, '{"role":"read"}')
      const { credentialId, credentialKey } = JSON.parse(made?.body ?? '{}')
      assert.equal(statuses(await all('GET', at, credentialKey)), [200])
      assert.equal(statuses(await all('PUT', at, credentialKey, 'x')), [403])
      await asker.ask('DELETE', `${path}/credentials/${credentialId}`, key)
      assert.equal(statuses(await all('GET', at, credentialKey)), [401])

      assert.is((await asker.ask('DELETE', `/v1/buckets/${id}`, ROOT_KEY))?.status, 204)
      assert.equal(statuses(await all('GET', at, ROOT_KEY)), [404])
      assert.equal(statuses(await all('GET', at, key)), [401])
    }
  }))

test('a write through one is read through all; a delete is missed by all', async () => {
  const { path, key } = await served.bucket()
  for (let i = 0; i < 50; i++) {
    const at = `${path}/keys/k${i % 3}`
    const put = await askers[i % askers.length].ask('PUT', at, key, `v${i}`)
    assert.ok(put?.status === 201 || put?.status === 204)
    const got = await all('GET', at, key)
    assert.ok(got.every((answer) => answer?.body === `v${i}`))
    await askers[(i * 7) % askers.length].ask('DELETE', at, key)
    assert.equal(statuses(await all('GET', at, key)), [404])
  }
})

test('bodies under way count together, at whichever acceptor', async () => {
  const tight = await serve({ acceptors: ACCEPTORS, server: { maxInflightBytes: 100_000 } })
  const { path, key } = await tight.bucket()
  const others = await Asker.many(CONNECTIONS, tight.server.port)
  // Three hold most of what may be held: three bodies that do not end.
  let isOver = false
  const slow = new Set<Asker>()
  const hold = async () => {
    while (!isOver) {
      const asker = await Asker.open(tight.server.port)
      slow.add(asker)
      asker.begin('PUT', `${path}/keys/k`, key, 40_000, 'x'.repeat(30_000))
      await asker.answer() // a refusal: there was no room yet
      slow.delete(asker)
    }
  }
  const holding = [hold(), hold(), hold()]
  const probe = async () => {
    const body = 'x'.repeat(40_000)
    const got = others.map((asker) => asker.ask('PUT', `${path}/keys/k`, key, body))
    return statuses(await Promise.all(got))
  }
  for (let looks = 0; !isAlone(await probe(), 503); looks++) {
    assert.ok(looks < MANY, 'bodies are counted apart')
    await pass(1)
  }
  assert.equal(await probe(), [503])
  isOver = true
  for (const asker of slow) asker.end()
  await Promise.all(holding)
  const one = others[0]
  while ((await one.ask('PUT', `${path}/keys/k`, key, 'x'.repeat(90_000)))?.status === 503) {
    await pass(1)
  }
  for (const asker of others) asker.end()
  await tight.close()
})

test('an acceptor that dies is replaced, and nothing acknowledged is lost', async () => {
  const { path, key } = await served.bucket()
  const stored: string[] = []
  let isOver = false
  const writer = async (number: number) => {
    let asker = await Asker.open(served.server.port)
    for (let i = 0; !isOver; i++) {
      const name = `w${number}-${i}`
      const got = await asker.ask('PUT', `${path}/keys/${name}`, key, name)
      if (got === undefined) asker = await Asker.open(served.server.port)
      else if (got.status === 201) stored.push(name)
    }
    asker.end()
  }
  const writers = Array.from({ length: 12 }, (_, number) => writer(number))
  for (let death = 0; death < 3; death++) {
    const before = acceptors.length
    await acceptors[before - 1].terminate()
    while (acceptors.length === before || served.server.acceptors < ACCEPTORS) await pass(5)
  }
  isOver = true
  await Promise.all(writers)
  assert.ok(stored.length > 0)
  const bucket = served.engine.buckets()[0]
  for (const name of stored) assert.is(bucket.getTextSync(name), name)
  assert.is(served.logged.filter((line) => line.includes('an acceptor died')).length, 3)
})

test('acceptors that keep dying are given up, and the others serve on', async () => {
  const { path, key } = await served.bucket()
  for (let deaths = 1; deaths <= 6; deaths++) {
    const worker = acceptors[acceptors.length - 1]
    const before = acceptors.length
    await worker.terminate()
    while (deaths < 6 && (acceptors.length === before || served.server.acceptors < ACCEPTORS)) {
      await pass(5)
    }
  }
  assert.is(served.server.acceptors, ACCEPTORS - 1)
  assert.ok(served.logged.some((line) => line.includes('one fewer')))
  for (const asker of await Asker.many(12, served.server.port)) {
    assert.ok(await asker.ask('PUT', `${path}/keys/k`, key, 'v'))
    asker.end()
  }
})

test('a close under load answers what it has taken, and forgets nothing', async () => {
  const { path, key } = await served.bucket()
  const stored: string[] = []
  const client = async (asker: Asker, number: number) => {
    for (let i = 0; ; i++) {
      const name = `c${number}-${i}`
      const got = await asker.ask('PUT', `${path}/keys/${name}`, key, name)
      if (got === undefined) return
      assert.is(got.status, 201)
      stored.push(name)
    }
  }
  const clients = askers.map(client)
  while (stored.length < 500) await pass(1)
  await served.server.close(5_000)
  await Promise.all(clients)
  const bucket = served.engine.buckets()[0]
  for (const name of stored) assert.is(bucket.getTextSync(name), name)
  assert.equal(served.logged, [])
})

test('no descriptor is left behind, and none of another is closed', async () => {
  if (process.platform !== 'linux') return
  const open = () => readdirSync('/proc/self/fd').length
  const place = scratch('acceptors')
  try {
    let before = 0
    for (let round = 0; round < 3; round++) {
      const data = `${place.folder}/data-${round}`
      const other = await serve({ acceptors: ACCEPTORS, engine: { data } })
      const clients = await Asker.many(12, other.server.port)
      const { path, key } = await other.bucket()
      for (const client of clients) await client.ask('PUT', `${path}/keys/k`, key, 'v')
      await other.server.close(1_000)
      for (const client of clients) client.end()
      // The catalogue's file is still the catalogue's.
      await other.engine.createBucket(`late-${round}`)
      await other.close()
      await pass(50)
      if (round === 0) before = open()
    }
    assert.ok(open() <= before + 2, `${open()} descriptors are open, ${before} were`)
  } finally {
    place.remove()
  }
})

test.run()
