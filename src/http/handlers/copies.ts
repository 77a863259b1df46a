import type { Copies } from '../../engine/usage.js'
import { counted } from '../../units.js'

/** Shown where a bucket asks for more than the one that every key is. */
export function shownCopies(copies: Copies | undefined): { copies?: Copies } {
  return copies !== undefined && copies.wanted > 1 ? { copies } : {}
}

/** Said where a bucket is made or changed, so that nobody counts on copies that are not there. */
export function copiesNotice({ wanted, kept }: Copies): { notice?: string } {
  if (kept >= wanted) return {}
  const others = kept - 1
  const notice =
    `replicas asks for ${counted(wanted - 1, 'further copy', 'further copies')} of each key, but ` +
    `the ring has only ${counted(others, 'other node', 'other nodes')} to keep one on. Add nodes ` +
    'with POST /v1/nodes, and the missing copies are made; or lower replicas with PATCH.'
  return { notice }
}
