import type { cacheStores } from 'undici'

/** undici does not export the types of its stores; they are those of the store that it brings along. */
type Store = InstanceType<typeof cacheStores.MemoryCacheStore>

export type CacheKey = Parameters<Store['get']>[0]
export type CacheValue = Parameters<Store['createWriteStream']>[1]
export type CachedResponse = NonNullable<Awaited<ReturnType<Store['get']>>>
