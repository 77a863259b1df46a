import { type HomeCall, ofBucket } from './call.js'
import { createAccount } from './handlers/accounts.js'
import { describeApi } from './handlers/api-document.js'
import { deleteMany } from './handlers/batch-delete.js'
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
import { headEvents, streamEvents } from './handlers/events.js'
import { ready } from './handlers/health.js'
import { listKeys } from './handlers/list-keys.js'
import { sendMetrics } from './handlers/metrics.js'
import { cancelMigration, describeMigration, listMigrations } from './handlers/migrations.js'
import { addNode, failNode, removeNode } from './handlers/nodes.js'
import { sendAsset, showDashboard, showReference } from './handlers/pages.js'
import { describeRing } from './handlers/ring.js'
import { keyCalls } from './key-routes.js'

const server: readonly HomeCall[] = [
  { method: 'GET', path: '/', access: 'public', handle: showDashboard },
  { method: 'GET', path: '/assets/{file}', access: 'public', handle: sendAsset },
  { method: 'GET', path: '/docs', access: 'public', handle: showReference },
  { method: 'GET', path: '/openapi.json', access: 'public', handle: describeApi },
  { method: 'GET', path: '/readyz', access: 'public', handle: ready },
  { method: 'GET', path: '/metrics', access: 'root', handle: sendMetrics },
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

const bucket: readonly HomeCall[] = [
  ofBucket('GET', '', 'admin', describeBucket),
  ofBucket('PATCH', '', 'admin', changeBucket),
  ofBucket('DELETE', '', 'owner', deleteBucket),
  ofBucket('GET', '/credentials', 'admin', listCredentials),
  ofBucket('POST', '/credentials', 'admin', createCredential),
  ofBucket('DELETE', '/credentials/{credentialId}', 'admin', deleteCredential),
  ofBucket('POST', '/flush', 'admin', flushBucket),
  ofBucket('GET', '/usage', 'read', bucketUsage),
  ofBucket('GET', '/explain', 'read', explainKey),
  ofBucket('GET', '/keys', 'read', listKeys),
  // Whole, whatever it names: keys with a prefix are found by the engine's thread alone.
  ofBucket('POST', '/batch/delete', 'write', deleteMany),
]

/** Every call that the server answers. */
export const calls: readonly HomeCall[] = [...keyCalls, ...server, ...bucket]
