import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Connected, codeOf, connected, failureOf } from './connected.js'

for (const acceptors of [1, 2]) {
  const test = suite(`client getOrSet, ${acceptors} acceptors`)
  let at: Connected
  test.before(async () => {
    at = await connected({ acceptors })
  })

  test('a miss is loaded and stored where the key is still absent', async () => {
    const bucket = await at.bucket()
    at.requests.length = 0
    const keys: unknown[] = []
    const load = (key: unknown) => {
      keys.push(key)
      return 'made'
    }
    assert.is(await bucket.getOrSetText({ b: 1, a: 2 }, load, { ttl: '1m' }), 'made')
    assert.equal(keys, [{ b: 1, a: 2 }])
    assert.match(at.requests.join(' '), /^GET \S+ PUT \S+\?ttl=60000$/)
    assert.is(await bucket.getOrSetText('{"a":2,"b":1}', load), 'made')
    assert.is(keys.length, 1)
  })

  test('all who miss at one time share one load, also by another handle', async () => {
    const bucket = await at.bucket()
    const other = at.client.bucket(bucket.id, {
      key: (await bucket.createCredential('write')).credentialKey,
    })
    const twin = at.client.bucket(bucket.id)
    let loads = 0
    const load = async () => {
      loads++
      return Uint8Array.of(1, 2)
    }
    const got = await Promise.all([
      ...Array.from({ length: 50 }, () => bucket.getOrSet('a', load)),
      bucket.getOrSet('b', load),
    ])
    assert.is(loads, 2)
    got[0].fill(0)
    assert.equal(got[1], Uint8Array.of(1, 2))
    await Promise.all([twin.getOrSet('c', load), at.client.bucket(bucket.id).getOrSet('c', load)])
    assert.is(loads, 3)
    await other.getOrSet('c', load)
    assert.is(loads, 3)
  })

  test('a put during the load wins over it, and is what is returned', async () => {
    const bucket = await at.bucket()
    const got = await bucket.getOrSetText('a', async () => {
      await bucket.put('a', 'newer')
      return 'older'
    })
    assert.is(got, 'newer')
    assert.is(await bucket.getText('a'), 'newer')
  })

  test('a loader that throws rejects, and stores nothing', async () => {
    const bucket = await at.bucket()
    const broken = new Error('no database')
    const asked = [1, 2].map(() => failureOf(bucket.getOrSet('a', () => Promise.reject(broken))))
    assert.equal(await Promise.all(asked), [broken, broken])
    assert.is(await bucket.get('a'), undefined)
    assert.is(await codeOf(bucket.getOrSet('a', () => 7 as never)), 'invalid_body')
    assert.is(await codeOf(bucket.getOrSet('.', () => 'x')), 'invalid_key')
  })

  test('too large to store is returned; not allowed to store is told', async () => {
    const bucket = await at.bucket({ maxBytes: '1kb' })
    const value = await bucket.getOrSet('a', () => new Uint8Array(2_000))
    assert.is(value.length, 2_000)
    const { credentialKey } = await bucket.createCredential('read')
    const reader = at.client.bucket(bucket.id, { key: credentialKey })
    assert.is(await codeOf(reader.getOrSet('b', () => 'x')), 'forbidden')
  })

  test('a signal ends the wait of one alone', async () => {
    const bucket = await at.bucket()
    const stop = new AbortController()
    let finish: (value: string) => void = () => {}
    const loading = new Promise<string>((resolve) => {
      finish = resolve
    })
    const reason = new Error('enough')
    const leaves = failureOf(bucket.getOrSet('a', () => loading, { signal: stop.signal }))
    const stays = bucket.getOrSetText('a', () => 'another')
    stop.abort(reason)
    assert.is(await leaves, reason)
    finish('made')
    assert.is(await stays, 'made')
  })

  test.after(() => at.close())
  test.run()
}
