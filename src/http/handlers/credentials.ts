import type { Bucket } from '../../engine/bucket.js'
import { sendJson, sendNothing, sendSecret } from '../answer.js'
import { forbidden } from '../auth.js'
import { refuseBody } from '../body.js'
import type { HomeExchange } from '../exchange.js'
import { readJson } from '../json-body.js'
import { Problem } from '../problem.js'
import { refuseQuery } from '../query.js'
import { emptyBody, newCredential } from '../schemas.js'

export function listCredentials(x: HomeExchange, bucket: Bucket): void {
  refuseQuery(x.search)
  refuseBody(x)
  const known = x.service.engine.listCredentials({ bucketId: bucket.id })
  sendJson(x, 200, {
    credentials: known.map(({ credentialId, role, createdAt }) => {
      return { credentialId, role, createdAt }
    }),
  })
}

export async function createCredential(x: HomeExchange, bucket: Bucket): Promise<void> {
  refuseQuery(x.search)
  const { role } = await readJson(x, newCredential)
  const made = await x.service.engine.createCredential(bucket.id, role)
  sendSecret(x, 201, {
    credentialId: made.credentialId,
    credentialKey: made.credentialKey,
    role: made.role,
  })
}

export async function deleteCredential(x: HomeExchange, bucket: Bucket, id: string): Promise<void> {
  refuseQuery(x.search)
  refuseBody(x)
  if (!(await x.service.engine.deleteCredential(bucket.id, id))) {
    throw new Problem('credential_not_found', 'This bucket has no credential with this id.')
  }
  sendNothing(x)
}

/** The credential that asks is replaced by a new one; the old one stops working with the answer. */
export async function rotateCredential(x: HomeExchange): Promise<void> {
  refuseQuery(x.search)
  const { principal } = x
  if (principal === undefined || principal.kind === 'bucket') {
    throw forbidden("A bucket's credential is rotated by making a new one and deleting this one.")
  }
  if (x.head.hasBody) await readJson(x, emptyBody)
  const made = await x.service.engine.rotateCredential(principal.credentialId)
  sendSecret(x, 200, { credentialId: made.credentialId, credentialKey: made.credentialKey })
}
