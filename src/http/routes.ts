import { createAccount } from './handlers/accounts.js'
import { deleteMany } from './handlers/batch-delete.js'
import { getMany } from './handlers/batch-get.js'
import { putMany } from './handlers/batch-put.js'
import { bucketUsage, explainKey, flushBucket } from './handlers/bucket-calls.js'
import {
  changeBucket,
  createBucket,
  deleteBucket,
  describeBucket,
  listBuckets,
} from './handlers/buckets.js'
import {
  createCredential,
  deleteCredential,
  listCredentials,
  rotateCredential,
} from './handlers/credentials.js'
import { deleteKey } from './handlers/delete-key.js'
import { headEvents, streamEvents } from './handlers/events.js'
import { getKey, headKey } from './handlers/get-key.js'
import { healthy, ready } from './handlers/health.js'
import { listKeys } from './handlers/list-keys.js'
import { cancelMigration, describeMigration, listMigrations } from './handlers/migrations.js'
import { addNode, failNode, removeNode } from './handlers/nodes.js'
import { putKey } from './handlers/put-key.js'
import { describeRing } from './handlers/ring.js'
import { touchKey } from './handlers/touch-key.js'
import type { BucketCall, Call, KeyCall, ServerCall } from './router.js'

const server: readonly ServerCall[] = [
  { method: 'GET', path: '/healthz', access: 'public', handle: healthy },
  { method: 'GET', path: '/readyz', access: 'public', handle: ready },
  { method: 'GET', path: '/v1/ring', access: 'root', handle: describeRing },
  { method: 'GET', path: '/v1/events', access: 'root', handle: streamEvents },
  { method: 'HEAD', path: '/v1/events', access: 'root', handle: headEvents },
  { method: 'POST', path: '/v1/nodes', access: 'root', handle: addNode },
  { method: 'DELETE', path: '/v1/nodes/{id}', access: 'root', handle: removeNode },
  { method: 'POST', path: '/v1/nodes/{id}/fail', access: 'root', handle: failNode },
  { method: 'GET', path: '/v1/migrations', access: 'root', handle: listMigrations },
  { method: 'GET', path: '/v1/migrations/{id}', access: 'root', handle: describeMigration },
  { method: 'DELETE', path: '/v1/migrations/{id}', access: 'root', handle: cancelMigration },
  { method: 'POST', path: '/v1/accounts', access: 'root', handle: createAccount },
  { method: 'POST', path: '/v1/credentials/rotate', access: 'account', handle: rotateCredential },
  { method: 'GET', path: '/v1/buckets', access: 'account', handle: listBuckets },
  { method: 'POST', path: '/v1/buckets', access: 'account', handle: createBucket },
]

/** Paths below `/v1/buckets/{id}`; each is reached as well through the bucket's host name. */
const bucket: readonly BucketCall[] = [
  of('GET', '', 'admin', describeBucket),
  of('PATCH', '', 'admin', changeBucket),
  of('DELETE', '', 'owner', deleteBucket),
  of('GET', '/credentials', 'admin', listCredentials),
  of('POST', '/credentials', 'admin', createCredential),
  of('DELETE', '/credentials/{credentialId}', 'admin', deleteCredential),
  of('POST', '/flush', 'admin', flushBucket),
  of('GET', '/usage', 'read', bucketUsage),
  of('GET', '/explain', 'read', explainKey),
  of('GET', '/keys', 'read', listKeys),
  of('POST', '/batch/get', 'read', getMany),
  of('POST', '/batch/put', 'write', putMany),
  of('POST', '/batch/delete', 'write', deleteMany),
]

const key: readonly KeyCall[] = [
  ofKey('GET', 'read', getKey),
  ofKey('HEAD', 'read', headKey),
  ofKey('PUT', 'write', putKey),
  ofKey('PATCH', 'write', touchKey),
  ofKey('DELETE', 'write', deleteKey),
]

/** Every call that the server answers. */
export const calls: readonly Call[] = [...server, ...bucket, ...key]

function of(
  method: BucketCall['method'],
  path: string,
  access: BucketCall['access'],
  handle: BucketCall['handle'],
): BucketCall {
  return { scope: 'bucket', method, path: `/v1/buckets/{id}${path}`, access, handle }
}

function ofKey(
  method: KeyCall['method'],
  access: KeyCall['access'],
  handle: KeyCall['handle'],
): KeyCall {
  return { scope: 'key', method, path: '/v1/buckets/{id}/keys/{key}', access, handle }
}
