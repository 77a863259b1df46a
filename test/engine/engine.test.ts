import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../src/clock.js'
import { Engine } from '../../src/engine/engine.js'
import { CacheError } from '../../src/errors.js'
import { scratch } from '../scratch.js'
import { codeOf, opened } from './opened.js'

const test = suite('engine')

for (const kind of ['inline', 'worker'] as const) {
  test(`the example of the contract, ${kind}`, async () => {
    await using engine = await Engine.open({ nodes: 4, memory: '64mb', kind })
    const bucket = await engine.createBucket('birthdays', { defaultTtl: '1h' })
    assert.is(await bucket.put('john', '2/23', { ttl: '30s' }), true)
    assert.is(await bucket.getText('john'), '2/23')
    assert.equal(await bucket.get('john'), Buffer.from('2/23'))
    const many: [string, string][] = [
      ['kate', '5/12'],
      ['jane', '10/15'],
    ]
    assert.equal(await bucket.putMany(many), [true, true])
    assert.equal(await bucket.getMany(['john', 'nobody']), [Buffer.from('2/23'), undefined])
    assert.is(await bucket.delete('john'), true)
    assert.equal(bucket.getSync('kate'), Buffer.from('5/12'))
    const keys: string[] = []
    for await (const key of bucket.keys({ prefix: 'j' })) keys.push(key)
    assert.equal(keys, ['jane'])
  })

  test(`close answers what is under way, and nothing after it, ${kind}`, async () => {
    const { engine } = await opened({ kind })
    const bucket = await engine.createBucket('b')
    const puts = Array.from({ length: 300 }, (_, n) => bucket.put(`k${n}`, `${n}`))
    const closing = engine.close()
    assert.is(engine.ready, false)
    assert.is(await codeOf(() => bucket.put('late', 'v')), 'closed')
    await closing
    assert.equal(
      await Promise.all(puts),
      puts.map(() => true),
    )
    await engine.close()
    assert.is(await codeOf(() => bucket.putMany([['late', 'v']])), 'closed')
    assert.is(await codeOf(() => bucket.flush()), 'closed')
    assert.is(await codeOf(() => engine.createBucket('late')), 'closed')
  })
}

test('single calls check the credential and its role', async () => {
  await using opening = await opened({ rootKey: 'root-key-of-these-tests-0123456789' })
  const { engine } = opening
  const root = 'root-key-of-these-tests-0123456789'
  const mine = await engine.createAccount('mine')
  const other = await engine.createAccount('other')
  const bucket = await engine.createBucket('b', {}, mine.id)
  const elsewhere = await engine.createBucket('b', {}, other.id)
  const writer = (await engine.createCredential(bucket.id, 'write')).credentialKey
  const reader = (await engine.createCredential(bucket.id, 'read')).credentialKey
  const admin = bucket.credentialKey ?? ''
  for (const key of [root, mine.credentialKey, admin, writer]) {
    assert.is(await engine.put('k', bucket.id, 'v', '1m', key), true)
    assert.is((await engine.get('k', bucket.id, key))?.toString(), 'v')
    assert.equal(await engine.put(['a', 'b'], bucket.id, ['1', '2'], undefined, key), [true, true])
    const values = await engine.get(['b', 'x', 'a'], bucket.id, key)
    assert.equal(values.map(String), ['2', 'undefined', '1'])
  }
  assert.is((await engine.get('k', bucket.id, reader))?.toString(), 'v')
  const refused = [reader, other.credentialKey, elsewhere.credentialKey ?? '']
  for (const key of refused) {
    assert.is(await codeOf(() => engine.put('k', bucket.id, 'w', undefined, key)), 'forbidden')
    assert.is(await codeOf(() => engine.put('k', '123', 'w', undefined, key)), 'forbidden')
  }
  assert.is(await codeOf(() => engine.get('k', bucket.id, other.credentialKey)), 'forbidden')
  assert.is(await codeOf(() => engine.get('k', bucket.id, 'nobody')), 'unauthorized')
  assert.is(await codeOf(() => engine.get('k', '123', root)), 'bucket_not_found')
  const uneven = () => engine.put(['a'], bucket.id, ['1', '2'], undefined, root)
  assert.is(await codeOf(uneven), 'invalid_body')
  const { credentialId } = engine.listCredentials({ bucketId: bucket.id })[2]
  assert.is(await engine.deleteCredential(bucket.id, credentialId), true)
  assert.is((await engine.get('k', bucket.id, root))?.toString(), 'v')
})

test('rotating a credential loses no key', async () => {
  await using opening = await opened()
  const { engine } = opening
  const account = await engine.createAccount('a')
  const bucket = await engine.createBucket('b', {}, account.id)
  await bucket.put('k', 'v')
  const before = engine.credentialEpoch
  const rotated = await engine.rotateCredential(account.credentialId)
  assert.is.not(engine.credentialEpoch, before)
  assert.is(await codeOf(() => engine.get('k', bucket.id, account.credentialKey)), 'unauthorized')
  assert.is((await engine.get('k', bucket.id, rotated.credentialKey))?.toString(), 'v')
})

test('buckets of accounts', async () => {
  await using opening = await opened()
  const { engine } = opening
  const account = await engine.createAccount('a')
  const one = await engine.createBucket('one')
  const two = await engine.createBucket('two', {}, account.id)
  assert.equal(
    engine.buckets().map(({ id }) => id),
    [one.id, two.id],
  )
  assert.equal(
    engine.buckets(account.id).map(({ id }) => id),
    [two.id],
  )
  assert.is(engine.bucket(one.id)?.name, 'one')
  assert.is(engine.bucket(one.id)?.credentialKey, undefined, 'shown once')
  assert.match(one.credentialKey ?? '', /./)
  assert.match(one.id, /^[0-9]+$/)
  assert.is(await codeOf(() => engine.createBucket('one')), 'bucket_exists')
  assert.is(await codeOf(() => engine.createBucket('x', {}, 'nobody')), 'account_not_found')
  assert.is(await codeOf(() => engine.deleteBucket('1')), 'bucket_not_found')
})

for (const kind of ['inline', 'worker'] as const) {
  test(`a restart brings back ring, buckets and credentials, but no key, ${kind}`, async () => {
    const place = scratch('restart')
    const versions = new Set<number>()
    try {
      const options = { kind, data: place.folder, memory: '8mb', maxBuckets: 64 }
      let engine = await Engine.open({ ...options, nodes: 2 })
      const { tokens } = engine.ring
      const root = engine.newRootKey ?? ''
      assert.is(engine.authenticate(root)?.kind, 'root')
      const made = await engine.createBucket('b', { defaultTtl: '1h', maxBytes: '64kb' })
      const { id, credentialKey } = made
      for (let start = 0; start < 4; start++) {
        const bucket = engine.bucket(id)
        assert.ok(bucket)
        assert.is(bucket.getSync('k'), undefined, 'memory is empty')
        for (let n = 0; n < 3; n++) {
          const { version } = await bucket.write('k', 'v')
          assert.is(versions.has(version), false, 'an ETag is never used twice')
          versions.add(version)
        }
        assert.is(await engine.put('x', id, 'v', undefined, credentialKey ?? ''), true)
        assert.equal(bucket.describe(), made.describe())
        assert.is(bucket.explain('k').hash, made.explain('k').hash)
        await engine.close()
        engine = await Engine.open({ ...options, nodes: start === 1 ? 5 : 2 })
        assert.is(engine.newRootKey, undefined)
        assert.is(engine.notices.length, start === 1 ? 1 : 0, engine.notices.join('\n'))
        assert.equal(engine.ring.tokens, tokens)
      }
      assert.is(await codeOf(() => Engine.open(options)), 'data_in_use')
      await engine.close()
      await (await Engine.open(options)).close()
    } finally {
      place.remove()
    }
  })
}

test('a second start says where its options differ from what is kept', async () => {
  const place = scratch('notices')
  try {
    const options = { kind: 'inline' as const, data: place.folder, maxBuckets: 64 }
    await (await Engine.open({ ...options, nodes: 2, memory: '8mb' })).close()
    const given = { nodes: 3, memory: '32mb', virtualNodes: 77, rootKey: 'r'.repeat(40) }
    const engine = await Engine.open({ ...options, ...given })
    assert.is(engine.ringStatus().nodes.length, 2)
    for (const word of ['nodes', 'memory', 'virtual nodes', 'root key']) {
      assert.ok(
        engine.notices.some((line) => line.includes(word)),
        word,
      )
    }
    assert.is(engine.authenticate('r'.repeat(40))?.kind, 'root')
    await engine.close()
  } finally {
    place.remove()
  }
})

test('many engines live in one process and know nothing of one another', async () => {
  const engines = await Promise.all(
    Array.from({ length: 6 }, (_, n) => opened({ kind: n < 2 ? 'worker' : 'inline', nodes: 1 })),
  )
  const buckets = await Promise.all(engines.map(({ engine }) => engine.createBucket('b')))
  await Promise.all(buckets.map((bucket, n) => bucket.put('k', `${n}`)))
  engines[0].clock.advance(1e9)
  for (const [n, bucket] of buckets.entries()) {
    assert.is(await bucket.getText('k'), `${n}`)
    assert.is(engines[n].engine.bucket(buckets[(n + 1) % 6].id), undefined)
  }
  await engines[3].engine.close()
  assert.is(await buckets[4].put('k', 'again'), true)
  await Promise.all(engines.map(({ engine }) => engine.close()))
})

test('options that cannot be are refused, and leave nothing behind', async () => {
  for (const options of [
    { nodes: 0 },
    { nodes: 1.5 },
    { memory: '1kb' },
    { memory: 'much' },
    { memory: '8mb', nodes: 9 },
    { memory: '8mb', maxValue: '8mb' },
    { memory: '100gb', nodes: 2 },
    { maxValue: '33mb' },
  ]) {
    const code = await codeOf(() => Engine.open({ kind: 'inline', maxBuckets: 64, ...options }))
    assert.match(code, /^invalid_(option|size)$/, JSON.stringify(options))
  }
})

test('the ring as it stands', async () => {
  await using opening = await opened({ nodes: 3, memory: '12mb' })
  const { engine } = opening
  const status = engine.ringStatus()
  assert.is(status.tokens, engine.ring.tokens.length)
  assert.equal(
    status.nodes.map(({ id, state }) => [id, state]),
    [
      ['n1', 'serving'],
      ['n2', 'serving'],
      ['n3', 'serving'],
    ],
  )
  const sum = status.nodes.reduce((total, { share }) => total + share, 0)
  assert.ok(Math.abs(sum - 1) < 1e-9)
  const bucket = await engine.createBucket('b')
  for (let n = 0; n < 300; n++) await bucket.put(`k${n}`, 'v')
  const { nodes } = engine.ringStatus()
  assert.is(
    nodes.reduce((total, { items }) => total + items, 0),
    300,
  )
  assert.ok(nodes.every(({ items }) => items > 50))
})

test('errors are CacheErrors with a code', async () => {
  await using opening = await opened()
  const bucket = await opening.engine.createBucket('b')
  const error: unknown = await bucket.put('', 'v').catch((cause: unknown) => cause)
  assert.ok(error instanceof CacheError && error instanceof Error)
  assert.is(error.code, 'invalid_key')
  assert.is(error.maybeStored, false)
})

test('more buckets than a mailbox holds orders are opened again', async () => {
  const { Generations } = await import('../../src/engine/generations.js')
  const { Cluster } = await import('../../src/engine/cluster.js')
  const node = { id: 'n1', weight: 1, memoryBytes: 16 * 2 ** 20 }
  let range = 1
  const cluster = await Cluster.start(
    { epoch: 1, virtualNodes: 8, nodes: [node] },
    {
      kind: 'worker',
      spaces: 40_000,
      maxValueBytes: 100_000,
      clock: new ManualClock(),
      grantVersions: async () => range++,
      onDeath: () => {},
      onDown: () => {},
    },
  )
  try {
    const generations = new Generations(cluster, 40_000)
    const opening = Array.from({ length: 30_000 }, () => generations.open(1, undefined))
    assert.is(new Set(await Promise.all(opening)).size, 30_000)
  } finally {
    await cluster.close()
  }
})

test.run()
