import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AnnulusSessionStore } from '../../src/adapters/express-session.js'
import { KeyvAnnulus } from '../../src/adapters/keyv.js'
import { AnnulusCacheStore } from '../../src/adapters/undici.js'
import { annulusDriver } from '../../src/adapters/unstorage.js'
import type { CacheBucket } from '../../src/client/cache-bucket.js'
import { CacheError } from '../../src/errors.js'
import { places } from './places.js'

const test = suite('bucket of an adapter')

const isRefused = (error: unknown) => error instanceof CacheError && error.code === 'invalid_option'

test('an adapter without a bucket is refused where it is made', () => {
  for (const bucket of [undefined, null, {}, 'people'] as unknown[] as CacheBucket[]) {
    assert.throws(() => new KeyvAnnulus(bucket), isRefused)
    assert.throws(() => new AnnulusCacheStore({ bucket }), isRefused)
    assert.throws(() => new AnnulusSessionStore({ bucket }), isRefused)
    assert.throws(() => annulusDriver({ bucket }), isRefused)
  }
})

test('misspelled options are refused', async () => {
  const { bucket, close } = await places[0][1]()
  const misspelled = { bucket, prefixx: 'a:' }
  assert.throws(() => new AnnulusCacheStore(misspelled), isRefused)
  assert.throws(() => new AnnulusSessionStore(misspelled), isRefused)
  await close()
})

test.run()
