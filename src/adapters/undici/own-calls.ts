import type { CacheKey } from './cache-types.js'

/**
 * Whether a request is a call to the bucket `id` itself. With the agent as the process's own dispatcher
 * the bucket's client calls through it: to cache those calls, each would make more of them, without end.
 */
export function isOwnCall({ origin, path }: CacheKey, id: string | undefined): boolean {
  if (id === undefined) return false
  const isInPath = path.includes(`/v1/buckets/${id}/`)
  return isInPath || origin.includes(`//${id}.`) || origin.includes(`//www.${id}.`)
}
