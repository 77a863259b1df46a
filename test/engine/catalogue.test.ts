import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Catalogue } from '../../src/engine/catalogue.js'
import { type OpenedCatalogue, openCatalogue } from '../../src/engine/open-catalogue.js'
import { xxh32 } from '../../src/hash.js'
import { refusal, scratchDirectory, timeAndChance } from './scratch.js'

/** The same contract for both kinds of store. */
interface Room {
  data?: string
}

function opened(room: Room, more: object = {}): Promise<OpenedCatalogue> {
  return openCatalogue({ ...room, ...timeAndChance(), ...more })
}

async function within(room: Room, work: (catalogue: Catalogue) => Promise<void>, more = {}) {
  const { catalogue } = await opened(room, more)
  try {
    await work(catalogue)
  } finally {
    await catalogue.close()
  }
}

for (const kind of ['memory', 'disk']) {
  const test = suite(`catalogue in ${kind}`)
  const room = (): Room => (kind === 'disk' ? { data: scratchDirectory() } : {})

  test('the first start makes an account and a root key', async () => {
    const { catalogue, made, newRootKey = '', rootKeyReplaced } = await opened(room())
    assert.is(made, true)
    assert.is(rootKeyReplaced, false)
    assert.is(catalogue.authenticate(newRootKey)?.kind, 'root')
    assert.is(catalogue.account('default')?.name, 'default')
    assert.is(catalogue.secret.length, 32)
    assert.is(catalogue.ring, undefined)
    await catalogue.close()
  })

  test('a given root key is not shown again', async () => {
    const rootKey = 'operator-chose-this'
    const { catalogue, newRootKey } = await opened(room(), { rootKey })
    assert.is(newRootKey, undefined)
    assert.is(catalogue.authenticate(rootKey)?.kind, 'root')
    await catalogue.close()
  })

  test('a bucket comes with an admin, its slot and its seed', () =>
    within(room(), async (catalogue) => {
      const { bucket, credentialKey, credentialId } = await catalogue.createBucket('birthdays', {
        defaultTtl: '1h',
      })
      assert.match(bucket.id, /^[1-9][0-9]{11}$/)
      assert.is(bucket.slot, 0)
      assert.is(bucket.defaultTtlMs, 3_600_000)
      const seeded = Buffer.concat([catalogue.secret, Buffer.from(`default\0${bucket.id}`)])
      assert.is(bucket.seed, xxh32(seeded, 0, seeded.length, 0))
      assert.equal(catalogue.authenticate(credentialKey), {
        kind: 'bucket',
        bucketId: bucket.id,
        accountId: 'default',
        role: 'admin',
        credentialId,
      })
      assert.equal(catalogue.buckets(), [bucket])
      assert.is(catalogue.listCredentials(bucket.id)[0].createdAt.slice(0, 4), '2023')
    }))

  test('a name is used once in an account, also when two ask at once', () =>
    within(room(), async (catalogue) => {
      const both = [catalogue.createBucket('café'), catalogue.createBucket('cafe\u0301')]
      const settled = await Promise.allSettled(both)
      assert.equal(settled.map((one) => one.status).sort(), ['fulfilled', 'rejected'])
      await refusal('bucket_exists', () => catalogue.createBucket('café'), /café/)
      const other = await catalogue.createAccount('other')
      await catalogue.createBucket('café', {}, other.id)
      assert.is(catalogue.buckets(other.id).length, 1)
      assert.is(catalogue.buckets().length, 2)
      assert.is(new Set(catalogue.buckets().map((bucket) => bucket.slot)).size, 2)
    }))

  test('what cannot be created leaves nothing behind', () =>
    within(room(), async (catalogue) => {
      await refusal('account_not_found', () => catalogue.createBucket('x', {}, 'nobody'))
      await refusal('invalid_name', () => catalogue.createBucket(''))
      await refusal('invalid_option', () => catalogue.createBucket('x', { replicas: 9 }))
      await refusal('invalid_name', () => catalogue.createAccount('\n'))
      assert.equal(catalogue.buckets(), [])
      assert.is((await catalogue.createBucket('x')).bucket.slot, 0)
    }))

  test('slots are dense, limited, and used again once let go', () =>
    within(
      room(),
      async (catalogue) => {
        const made = await Promise.all(['a', 'b', 'c'].map((name) => catalogue.createBucket(name)))
        assert.equal(
          made.map(({ bucket }) => bucket.slot),
          [0, 1, 2],
        )
        await refusal('too_many_buckets', () => catalogue.createBucket('d'), /limit/)
        const gone = await catalogue.deleteBucket(made[1].bucket.id)
        await refusal('too_many_buckets', () => catalogue.createBucket('d'))
        catalogue.releaseSlot(0)
        await refusal('too_many_buckets', () => catalogue.createBucket('d'))
        catalogue.releaseSlot(gone.slot)
        assert.is((await catalogue.createBucket('b')).bucket.slot, 1)
      },
      { maxBuckets: 3 },
    ))

  test('a deleted bucket takes its credentials along', () =>
    within(room(), async (catalogue) => {
      const { bucket, credentialKey } = await catalogue.createBucket('x')
      const second = catalogue.createCredential(bucket.id, 'read')
      const gone = catalogue.deleteBucket(bucket.id)
      const late = catalogue.createCredential(bucket.id, 'read').catch((error) => error.code)
      const { credentialKey: readKey } = await second
      await gone
      assert.is(await late, 'bucket_not_found')
      for (const key of [credentialKey, readKey]) assert.is(catalogue.authenticate(key), undefined)
      assert.is(catalogue.bucket(bucket.id), undefined)
      await refusal('bucket_not_found', () => catalogue.deleteBucket(bucket.id))
      await refusal('bucket_not_found', () => catalogue.updateBucket(bucket.id, {}))
      await refusal('bucket_not_found', () => catalogue.listCredentials(bucket.id))
      await refusal('bucket_not_found', () => catalogue.deleteCredential(bucket.id, 'x'))
    }))

  test('patches that meet are both kept', () =>
    within(room(), async (catalogue) => {
      const { bucket } = await catalogue.createBucket('x', { defaultTtl: '1s', maxBytes: '1mb' })
      await Promise.all([
        catalogue.updateBucket(bucket.id, { replicas: 2 }),
        catalogue.updateBucket(bucket.id, { defaultTtl: null }),
        refusal('invalid_option', () => catalogue.updateBucket(bucket.id, { replicas: 99 })),
        catalogue.updateBucket(bucket.id, { immutable: true }),
      ])
      const { defaultTtlMs: _gone, ...rest } = bucket
      assert.equal(catalogue.bucket(bucket.id), { ...rest, replicas: 2, immutable: true })
    }))

  test('credentials are made, listed and revoked within their bucket', () =>
    within(room(), async (catalogue) => {
      const [one, two] = [await catalogue.createBucket('1'), await catalogue.createBucket('2')]
      const reader = await catalogue.createCredential(one.bucket.id, 'read')
      const roles = () => catalogue.listCredentials(one.bucket.id).map(({ role }) => role)
      assert.equal(roles(), ['admin', 'read'])
      const bad = 'owner' as 'read'
      await refusal('invalid_option', () => catalogue.createCredential(one.bucket.id, bad), /role/)
      const foreign = [two.bucket.id, reader.credentialId] as const
      assert.is(await catalogue.deleteCredential(...foreign), false)
      assert.is(catalogue.authenticate(reader.credentialKey)?.kind, 'bucket')
      const twice = [1, 2].map(() => catalogue.deleteCredential(one.bucket.id, reader.credentialId))
      assert.equal(await Promise.all(twice), [true, false])
      assert.is(catalogue.authenticate(reader.credentialKey), undefined)
      assert.equal(roles(), ['admin'])
    }))

  test('root and account credentials are rotated once each', async () => {
    const { catalogue, newRootKey = '' } = await opened(room())
    const account = await catalogue.createAccount('shop')
    const rootId = catalogue.authenticate(newRootKey)?.credentialId ?? ''
    for (const [id, old] of [
      [rootId, newRootKey],
      [account.credentialId, account.credentialKey],
    ]) {
      const before = catalogue.authenticate(old)
      const [first, second] = await Promise.allSettled([
        catalogue.rotateCredential(id),
        catalogue.rotateCredential(id),
      ])
      assert.is(second.status, 'rejected')
      assert.is(catalogue.authenticate(old), undefined)
      const fresh = first.status === 'fulfilled' ? first.value : { credentialKey: '' }
      const { credentialId: _id, ...who } = catalogue.authenticate(fresh.credentialKey) ?? {}
      const { credentialId: _old, ...was } = before ?? {}
      assert.equal(who, was)
    }
    const { credentialId } = await catalogue.createBucket('x')
    await refusal('credential_not_found', () => catalogue.rotateCredential(credentialId))
    await catalogue.close()
  })

  test('ranges of versions are never given twice', () =>
    within(room(), async (catalogue) => {
      const ranges = await Promise.all(Array.from({ length: 20 }, () => catalogue.grantVersions()))
      assert.is(new Set(ranges).size, 20)
      assert.ok(Math.min(...ranges) >= 1)
    }))

  test('once closed, it takes no change', async () => {
    const { catalogue } = await opened(room())
    const last = catalogue.createBucket('x')
    const closed = catalogue.close()
    await last
    await closed
    await catalogue.close()
    await refusal('closed', () => catalogue.createBucket('y'))
    assert.is(catalogue.buckets().length, 1)
  })

  test.run()
}
