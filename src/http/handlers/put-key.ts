import type { Keys } from '../../engine/keys.js'
import { formatSize } from '../../units.js'
import { confirm } from '../auth.js'
import { readBody } from '../body.js'
import { conditionOf, etagOf, isConditional, versionMismatch } from '../conditions.js'
import type { Exchange } from '../exchange.js'
import { Problem } from '../problem.js'
import { ttlOfWrite } from '../ttl.js'
import { typeToKeep } from './content-type.js'

/** Everything that can be refused is, before the body is asked for. */
export async function putKey(x: Exchange, bucket: Keys, key: string): Promise<void> {
  const { head, service } = x
  const ttlMs = ttlOfWrite(x.search, head.cacheControl)
  const contentType = typeToKeep(head.contentType)
  refuseParts(x)
  const onlyIf = isConditional(head) ? await conditionOf(head, bucket, key) : undefined
  const limitBytes = service.engine.maxValueBytes
  const value = await readBody(x, limitBytes, () => tooLarge(limitBytes))
  confirm(x, bucket, 'write')
  const { outcome, version } = await bucket.write(key, value, { ttlMs, contentType, onlyIf })
  switch (outcome) {
    case 'created':
      x.res.writeHead(201, ['ETag', etagOf(version), 'Content-Length', '0'])
      x.res.end()
      return
    case 'replaced':
      x.res.writeHead(204, ['ETag', etagOf(version)])
      x.res.end()
      return
    case 'exists':
      throw new Problem(
        'key_exists',
        'The bucket is immutable and the key lives; choose a new key, or delete this one first.',
      )
    case 'mismatch':
      throw versionMismatch('The condition of If-Match or If-None-Match does not hold.')
  }
}

/** What a cache of whole, plain values would give back wrongly (RFC 9110, 14.4 and 8.4). */
function refuseParts(x: Exchange): void {
  const { contentEncoding, hasContentRange } = x.head
  if (hasContentRange) {
    throw new Problem('invalid_request', 'Content-Range cannot be stored; send the whole value.')
  }
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    throw new Problem(
      'invalid_body',
      'Content-Encoding would be lost: send the value without that header.',
      { status: 415 },
    )
  }
}

export function tooLarge(limitBytes: number): Problem {
  return new Problem('value_too_large', `A value has ${formatSize(limitBytes)} at most.`)
}
