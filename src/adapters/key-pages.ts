import type { CacheBucket } from '../client/cache-bucket.js'

/** Keys whose values are asked for at one time. */
const PAGE_KEYS = 100

/** Every key that begins so, once, some at a time: as many as may be asked for together. */
export async function* keyPages(
  bucket: CacheBucket,
  prefix: string,
): AsyncGenerator<string[], void, void> {
  const seen = new Set<string>()
  let page: string[] = []
  for await (const key of bucket.keys({ prefix })) {
    if (seen.has(key)) continue
    seen.add(key)
    page.push(key)
    if (page.length === PAGE_KEYS) {
      yield page
      page = []
    }
  }
  if (page.length > 0) yield page
}

/** Every key that begins so, once. */
export async function allKeys(bucket: CacheBucket, prefix: string): Promise<string[]> {
  const keys = new Set<string>()
  for await (const key of bucket.keys({ prefix })) keys.add(key)
  return [...keys]
}
