import { readCatalogue } from '../engine/open-catalogue.js'
import { CacheError } from '../errors.js'
import { KeyScratch } from '../key.js'
import { angle, Ring } from '../ring/index.js'
import type { Placement } from './explain.js'

/** Works a key's place out from a data directory; a server may be running on it. */
export async function explainFromData(
  directory: string,
  bucketId: string,
  key: string,
): Promise<Placement> {
  const catalogue = await readCatalogue(directory).catch((error: unknown) => {
    if (!(error instanceof CacheError)) throw error
    throw new CacheError(error.code, `--data: ${error.message}`, { cause: error })
  })
  const bucket = catalogue.bucket(bucketId)
  if (bucket === undefined) {
    throw new CacheError('bucket_not_found', `--bucket: ${directory} holds no bucket ${bucketId}`)
  }
  const record = catalogue.ring
  if (record === undefined) throw new Error(`--data: ${directory} holds no ring yet`)
  const { nodes, virtualNodes, epoch } = record
  const ring = Ring.of(nodes, { virtualNodes, epoch })

  const scratch = new KeyScratch()
  scratch.encode(key)
  const hash = scratch.hash(bucket.seed)
  return {
    hash,
    angle: angle(hash),
    token: ring.token(hash),
    owner: ring.owner(hash),
    successors: ring.successors(hash, nodes.length),
    epoch,
  }
}
