import { Agent, fetch as undiciFetch } from 'undici'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AnnulusClient, type Fetch, type ServerEvent } from '../../src/client/index.js'
import { CacheError } from '../../src/errors.js'
import { codeOf, connected, failureOf } from './connected.js'

const test = suite('client')
const at = await connected()
const { client } = at

test('an account, its buckets, and the rotation of its credential', async () => {
  const account = await client.createAccount('acme')
  const acme = at.connect({ key: account.credentialKey })
  const made = await acme.createBucket('sessions', { defaultTtl: '20m', maxBytes: '1mb' })
  assert.is(made.accountId, account.id)
  assert.is(made.defaultTtl, 1_200_000)
  assert.equal(
    (await acme.buckets()).map(({ id }) => id),
    [made.id],
  )

  const rotated = await acme.rotateCredential()
  assert.is(await codeOf(acme.buckets()), 'unauthorized')
  const again = at.connect({ key: rotated.credentialKey })
  assert.is((await again.buckets()).length, 1)
  assert.is(await codeOf(again.createBucket('sessions')), 'bucket_exists')
  await again.deleteBucket(made.id)
  assert.equal(await again.buckets(), [])
})

test('a bucket is described, changed, flushed and billed', async () => {
  const bucket = await at.bucket()
  assert.is((await bucket.describe()).defaultTtl, null)
  const changed = await bucket.update({ defaultTtl: '1h', immutable: true })
  assert.is(changed.defaultTtl, 3_600_000)
  assert.ok(changed.immutable)
  await bucket.put('a', '1')
  await bucket.get('a')
  const { items, puts, gets, hits } = await bucket.usage()
  assert.equal({ items, puts, gets, hits }, { items: 1, puts: 1, gets: 1, hits: 1 })
  const { key, owner, epoch } = await bucket.explain('a')
  assert.is(key, 'a')
  assert.match(owner, /^n[12]$/)
  assert.is(epoch, (await client.ring()).epoch)
  await bucket.flush()
  assert.is(await bucket.get('a'), undefined)
})

test('credentials of a bucket: made, listed, used, deleted', async () => {
  const bucket = await at.bucket()
  const reader = await bucket.createCredential('read')
  assert.equal((await bucket.credentials()).map(({ role }) => role).sort(), ['admin', 'read'])
  const reading = client.bucket(bucket.id, { key: reader.credentialKey })
  assert.is(await reading.get('a'), undefined)
  const error = await failureOf(reading.put('a', '1'))
  assert.instance(error, CacheError)
  assert.is(error.code, 'forbidden')
  assert.is(Reflect.get(error, 'status'), 403)
  assert.is(Reflect.get(error, 'maybeStored'), false)
  assert.ok(await bucket.deleteCredential(reader.credentialId))
  assert.not.ok(await bucket.deleteCredential(reader.credentialId))
  assert.is(await codeOf(reading.get('a')), 'unauthorized')
  assert.is(await codeOf(reading.head('a')), 'unauthorized')
})

test('what is answered without a body is told by its status', async () => {
  const bucket = await at.bucket()
  await client.deleteBucket(bucket.id)
  const roots = client.bucket(bucket.id)
  assert.is(await codeOf(roots.head('a')), 'bucket_not_found')
  assert.is(await codeOf(roots.get('a')), 'bucket_not_found')
  assert.is(await codeOf(roots.delete('a')), 'bucket_not_found')
})

test('nodes join, leave and fail, and what becomes of it', async () => {
  const plan = await client.planAddNode({ weight: 2 })
  assert.is(plan.kind, 'join')
  const added = await client.addNode({ weight: 2, pace: 1 })
  await over(added.migration)
  const ring = await client.ring({ tokens: true })
  assert.is(ring.nodes.length, 3)
  assert.is(ring.positions?.length, ring.tokens)
  assert.is((await client.ring()).positions, undefined)

  assert.is((await client.planRemoveNode(added.node)).kind, 'leave')
  const removed = await client.removeNode(added.node, { force: true, pace: 1 })
  await over(removed.migration)
  assert.is((await client.migrations())[0].id, removed.migration)
  assert.is(await codeOf(client.cancelMigration(removed.migration)), 'migration_ended')
  assert.is(await codeOf(client.migration('none')), 'migration_not_found')
  assert.is(await codeOf(client.removeNode('no/such')), 'node_not_found')

  const another = await client.addNode()
  await over(another.migration)
  assert.is((await client.failNode(another.node)).migration, null)
})

async function over(migration: string): Promise<void> {
  for (;;) {
    const { state } = await client.migration(migration)
    if (state === 'done') return
    assert.ok(state === 'queued' || state === 'running', state)
  }
}

test('events: the whole ring, then what happens to it, until one leaves', async () => {
  const seen: ServerEvent[] = []
  let added: Promise<{ readonly node: string; readonly migration: string }> | undefined
  for await (const event of client.events()) {
    seen.push(event)
    added ??= client.addNode({ pace: 1 })
    if (event.type === 'migration' && event.migration.state === 'done') break
  }
  const [first] = seen
  assert.ok(first.type === 'ring' && 'nodes' in first && first.cause === 'connected')
  const { node, migration } = await (added ?? client.addNode())
  assert.ok(seen.some((event) => event.type === 'migration' && event.migration.id === migration))
  await over((await client.removeNode(node, { force: true, pace: 1 })).migration)
})

test('events end with the reason of the signal', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  const listening = (async () => {
    for await (const _ of client.events({ signal: stop.signal })) stop.abort(reason)
  })()
  assert.is(await failureOf(listening), reason)
})

test('events are for root', async () => {
  const { credentialKey } = await client.createAccount('listens')
  const listening = at.connect({ key: credentialKey }).events().next()
  assert.is(await codeOf(listening), 'forbidden')
})

test('health is asked without a credential, and nobody there is not healthy', async () => {
  const stranger = at.connect({ key: undefined })
  assert.ok(await stranger.healthy())
  assert.ok(await stranger.ready())
  assert.is(await codeOf(stranger.buckets()), 'unauthorized')
  const nobody = at.connect({ url: 'http://127.0.0.1:1', retries: 100 })
  assert.not.ok(await nobody.healthy())
  assert.not.ok(await nobody.ready())
  assert.equal(at.requests.slice(-2), ['GET /healthz', 'GET /readyz'])
})

test('a path before the API, as a proxy may have it', async () => {
  at.requests.length = 0
  const behind = at.connect({ url: `http://127.0.0.1:${at.served.server.port}/cache/` })
  assert.is(await codeOf(behind.buckets()), 'not_found')
  assert.equal(at.requests, ['GET /cache/v1/buckets'])
})

const wrong: [why: string, options: object, expected: RegExp][] = [
  ['no url', { url: 'somewhere' }, /url is such as/],
  ['another protocol', { url: 'ftp://a.test' }, /begins with http/],
  ['a user in the url', { url: 'http://me:secret@a.test' }, /no user/],
  ['a query', { url: 'http://a.test/?x=1' }, /no user, query/],
  ['a key with a line break', { key: 'a\nb' }, /no spaces or line breaks/],
  ['an empty key', { key: '' }, /is not empty/],
  ['part of a retry', { retries: 1.5 }, /whole number/],
  ['another style', { style: 'dns' }, /path or host/],
  ['no duration', { timeout: 'soon' }, /timeout: "soon" is not a duration/],
]

for (const [why, options, expected] of wrong) {
  test(`refused when it is made: ${why}`, () => {
    assert.throws(() => new AnnulusClient({ url: 'http://a.test', ...options }), expected)
  })
}

test('a bucket has an id', () => {
  assert.throws(() => client.bucket('../nodes'), /digits/)
  assert.throws(() => client.bucket(''), /digits/)
})

/** A fetch that finds every host here: Node's own resolves no names below localhost. */
const dispatcher = new Agent({
  connect: { lookup: (_, __, found) => found(null, [{ address: '127.0.0.1', family: 4 }]) },
})
const hosts: string[] = []
const anyHost = ((url, init) => {
  hosts.push(new URL(url).host)
  return undiciFetch(url, { ...init, dispatcher } as never)
}) as Fetch

test('host style: every call of a bucket by its own host name', async () => {
  const { port } = at.served.server
  const hosted = at.connect({ style: 'host', fetch: anyHost, url: `http://localhost:${port}` })
  const made = await hosted.createBucket('hosted')
  hosts.length = 0
  const byEndpoint = hosted.bucket(made)
  assert.ok(await byEndpoint.put('a/b', 'c'))
  assert.equal(hosts, [`www.${made.id}.localhost:${port}`])
  hosts.length = 0
  const byAddress = hosted.bucket(made.id)
  assert.is(await byAddress.getText('a/b'), 'c')
  assert.equal(await byAddress.getMany(['x', 'y']), [undefined, undefined])
  assert.equal((await byAddress.list()).keys, ['a/b'])
  assert.is((await byAddress.usage()).items, 1)
  assert.is((await byAddress.credentials()).length, 1)
  await byAddress.flush()
  assert.equal([...new Set(hosts)], [`${made.id}.localhost:${port}`])
  hosts.length = 0
  assert.is((await byAddress.describe()).name, 'hosted')
  assert.equal(hosts, [`localhost:${port}`])
})

test('host style needs a host name', async () => {
  for (const url of ['http://127.0.0.1:7070', 'http://[::1]:7070/', 'http://10.1']) {
    const hosted = at.connect({ style: 'host', url })
    assert.throws(() => hosted.bucket('12'), /style 'host' needs .* IP address: use style 'path'/)
    const bucket = hosted.bucket('12', { endpoint: 'http://12.cache.test/' })
    assert.is(bucket.id, '12')
    assert.is(at.connect({ url }).bucket('12').id, '12')
  }
})

test.after(async () => {
  await dispatcher.close()
  await at.close()
})
test.run()
