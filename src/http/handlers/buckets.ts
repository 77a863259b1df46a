import type { Bucket } from '../../engine/bucket.js'
import type { Principal } from '../../engine/credentials.js'
import { sendJson, sendNothing, sendSecret } from '../answer.js'
import { forbidden } from '../auth.js'
import { refuseBody } from '../body.js'
import type { HomeExchange } from '../exchange.js'
import { readJson } from '../json-body.js'
import { refuseQuery } from '../query.js'
import { bucketPatch, newBucket } from '../schemas.js'
import { copiesNotice, shownCopies } from './copies.js'

export async function createBucket(x: HomeExchange): Promise<void> {
  refuseQuery(x.search)
  const { name, accountId, defaultTtl, maxBytes, ...rest } = await readJson(x, newBucket)
  const options = {
    ...rest,
    ...(defaultTtl === undefined || defaultTtl === null ? {} : { defaultTtl }),
    ...(maxBytes === undefined || maxBytes === null ? {} : { maxBytes }),
  }
  const owner = ownerOf(x.principal, accountId)
  const made = await x.service.engine.createBucket(name, options, owner)
  sendSecret(x, 201, {
    ...describe(x, made),
    ...copiesNotice(made.describe().copies),
    credentialKey: made.credentialKey,
    credentialId: made.credentialId,
  })
}

/** An account's buckets are its own; root may say whose, or leave it to the default account. */
function ownerOf(principal: Principal | undefined, asked: string | undefined): string | undefined {
  if (principal?.kind !== 'account') return asked
  if (asked !== undefined && asked !== principal.accountId) {
    throw forbidden('An account makes buckets for itself only; leave accountId out.')
  }
  return principal.accountId
}

export function listBuckets(x: HomeExchange): void {
  refuseQuery(x.search)
  refuseBody(x)
  const accountId = x.principal?.kind === 'account' ? x.principal.accountId : undefined
  const buckets = x.service.engine.buckets(accountId)
  sendJson(x, 200, { buckets: buckets.map((bucket) => describe(x, bucket)) })
}

export function describeBucket(x: HomeExchange, bucket: Bucket): void {
  refuseQuery(x.search)
  refuseBody(x)
  sendJson(x, 200, describe(x, bucket))
}

export async function changeBucket(x: HomeExchange, bucket: Bucket): Promise<void> {
  refuseQuery(x.search)
  await bucket.update(await readJson(x, bucketPatch))
  sendJson(x, 200, { ...describe(x, bucket), ...copiesNotice(bucket.describe().copies) })
}

export async function deleteBucket(x: HomeExchange, bucket: Bucket): Promise<void> {
  refuseQuery(x.search)
  refuseBody(x)
  await x.service.engine.deleteBucket(bucket.id)
  sendNothing(x)
}

/** `null` stands for "none", as it does in PATCH. */
function describe(x: HomeExchange, bucket: Bucket) {
  const known = bucket.describe()
  return {
    id: known.id,
    name: known.name,
    accountId: known.accountId,
    endpoint: x.service.hosts.endpointOf(known.id),
    defaultTtl: known.defaultTtl ?? null,
    maxBytes: known.maxBytes ?? null,
    immutable: known.immutable,
    tier: known.tier,
    replicas: known.replicas,
    ...shownCopies(known.copies),
    createdAt: known.createdAt,
  }
}
