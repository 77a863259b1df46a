import { type Call, ofBucket, ofKey } from './call.js'
import { getMany } from './handlers/batch-get.js'
import { putMany } from './handlers/batch-put.js'
import { deleteKey } from './handlers/delete-key.js'
import { getKey, headKey } from './handlers/get-key.js'
import { healthy } from './handlers/health.js'
import { putKey } from './handlers/put-key.js'
import { touchKey } from './handlers/touch-key.js'

/** Every call that any acceptor answers by itself: all that takes keys and shared memory alone. */
export const keyCalls: readonly Call[] = [
  { method: 'GET', path: '/healthz', access: 'public', handle: healthy },
  ofBucket('POST', '/batch/get', 'read', getMany),
  ofBucket('POST', '/batch/put', 'write', putMany),
  ofKey('GET', 'read', getKey),
  ofKey('HEAD', 'read', headKey),
  ofKey('PUT', 'write', putKey),
  ofKey('PATCH', 'write', touchKey),
  ofKey('DELETE', 'write', deleteKey),
]
