/** Holds the client's types against the engine's, and against the schemas of the server. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { z } from 'zod'
import type * as client from '../../src/client/index.js'
import { ClientBucket } from '../../src/client/index.js'
import type * as schemas from '../../src/http/schemas.js'
import { type AttachedBucket, Bucket, type Keys } from '../../src/index.js'

const test = suite('client types')

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Extends<A, B> = A extends B ? true : false
/** An answer as it is told of: nothing of it is to be changed. */
type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T
type Schemas = typeof schemas
type Answer<K extends keyof Schemas> = Schemas[K] extends z.ZodType
  ? Frozen<z.infer<Schemas[K]>>
  : never

const alike: {
  readonly account: Equal<Frozen<client.Account>, Answer<'account'>>
  readonly bucket: Equal<Frozen<client.BucketDescription>, Answer<'bucket'>>
  readonly changedBucket: Equal<Frozen<client.ChangedBucket>, Answer<'changedBucket'>>
  readonly createdBucket: Equal<Frozen<client.CreatedBucket>, Answer<'createdBucket'>>
  readonly bucketPatch: Equal<Frozen<client.BucketPatch>, Answer<'bucketPatch'>>
  readonly newBucket: Equal<Frozen<client.BucketOptions & { name: string }>, Answer<'newBucket'>>
  readonly credential: Equal<
    Frozen<client.CredentialDescription>,
    Answer<'credentialList'>['credentials'][number]
  >
  readonly createdCredential: Equal<Frozen<client.CreatedCredential>, Answer<'createdCredential'>>
  readonly rotated: Equal<Frozen<client.RotatedCredential>, Answer<'rotated'>>
  readonly keyList: Equal<Frozen<client.KeyPage>, Answer<'keyList'>>
  readonly usage: Equal<Frozen<client.Usage>, Answer<'usage'>>
  readonly placement: Equal<Frozen<client.Explanation>, Answer<'placement'>>
  readonly addedNode: Equal<Frozen<client.AddedNode>, Answer<'addedNode'>>
  readonly removedNode: Equal<Frozen<client.RemovedNode>, Answer<'removedNode'>>
  readonly failedNode: Equal<Frozen<client.FailedNode>, Answer<'failedNode'>>
  readonly plan: Equal<Frozen<client.Plan>, Answer<'plan'>>
  readonly receipt: Equal<Frozen<client.Receipt>, Answer<'receipt'>>
  readonly ring: Equal<Frozen<client.Ring>, Answer<'ring'>>
  readonly ringEvent: Equal<Frozen<client.RingEvent>, Answer<'ringEvent'>>
  readonly migrationEvent: Equal<Frozen<client.MigrationEvent>, Answer<'migrationEvent'>>
  readonly nodeEvent: Equal<Frozen<client.NodeEvent>, Answer<'nodeEvent'>>
  readonly figuresEvent: Equal<Frozen<client.FiguresEvent>, Answer<'figuresEvent'>>
} = {
  account: true,
  bucket: true,
  changedBucket: true,
  createdBucket: true,
  bucketPatch: true,
  newBucket: true,
  credential: true,
  createdCredential: true,
  rotated: true,
  keyList: true,
  usage: true,
  placement: true,
  addedNode: true,
  removedNode: true,
  failedNode: true,
  plan: true,
  receipt: true,
  ring: true,
  ringEvent: true,
  migrationEvent: true,
  nodeEvent: true,
  figuresEvent: true,
}

/** What of a bucket any of its kinds has. */
type ByKey = Omit<client.CacheBucket, 'deletePrefix' | 'keys' | 'flush'>

const buckets: {
  readonly engine: Extends<Bucket, client.CacheBucket>
  readonly client: Extends<client.ClientBucket, client.CacheBucket>
  readonly attached: Extends<AttachedBucket, ByKey>
  readonly getOrSet: Extends<client.ClientBucket['getOrSet'], GetOrSet<Uint8Array>>
  readonly engineGetOrSet: Extends<Keys['getOrSet'], GetOrSet<Buffer>>
} = { engine: true, client: true, attached: true, getOrSet: true, engineGetOrSet: true }

type GetOrSet<V> = (
  key: client.Key,
  loader: client.Loader,
  options?: client.PutOptions,
) => Promise<V>

test('the types above hold: this file was compiled', () => {
  assert.ok(Object.values({ ...alike, ...buckets }).every(Boolean))
})

/** Called with the bucket of an engine, or with that of a client. */
const calls: Record<keyof client.CacheBucket, true> = {
  get: true,
  getText: true,
  getMany: true,
  put: true,
  putMany: true,
  delete: true,
  deleteMany: true,
  deletePrefix: true,
  keys: true,
  touch: true,
  flush: true,
}

for (const name of Object.keys(calls)) {
  test(`both kinds of bucket have ${name}`, () => {
    assert.type(Reflect.get(Bucket.prototype, name), 'function')
    assert.type(Reflect.get(ClientBucket.prototype, name), 'function')
  })
}

test.run()
