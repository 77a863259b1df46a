import { sendSecret } from '../answer.js'
import type { HomeExchange } from '../exchange.js'
import { readJson } from '../json-body.js'
import { refuseQuery } from '../query.js'
import { newAccount } from '../schemas.js'

export async function createAccount(x: HomeExchange): Promise<void> {
  refuseQuery(x.search)
  const { name } = await readJson(x, newAccount)
  const made = await x.service.engine.createAccount(name)
  sendSecret(x, 201, {
    id: made.id,
    name: made.name,
    credentialKey: made.credentialKey,
    credentialId: made.credentialId,
  })
}
