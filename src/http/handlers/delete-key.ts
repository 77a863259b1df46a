import type { Keys } from '../../engine/keys.js'
import { sendNothing } from '../answer.js'
import { refuseBody } from '../body.js'
import { presentCondition, versionMismatch } from '../conditions.js'
import type { Exchange } from '../exchange.js'
import { Problem } from '../problem.js'
import { refuseQuery } from '../query.js'

export async function deleteKey(x: Exchange, bucket: Keys, key: string): Promise<void> {
  refuseQuery(x.search)
  refuseBody(x)
  const onlyIf = await presentCondition(x.head, bucket, key)
  const { outcome } = await bucket.remove(key, onlyIf)
  if (outcome === 'done') sendNothing(x)
  else throw notDone(outcome, onlyIf !== undefined)
}

/** With a condition that wants the key to be there, its absence is a mismatch. */
export function notDone(outcome: 'missing' | 'mismatch', isConditional: boolean): Problem {
  if (outcome === 'mismatch' || isConditional) {
    return versionMismatch('The key has another version than If-Match asks for, or none.')
  }
  return new Problem('key_not_found', 'The key is not in this bucket, or its time was up.')
}
