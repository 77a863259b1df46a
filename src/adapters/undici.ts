import { Writable } from 'node:stream'
import type { CacheBucket, Value } from '../client/cache-bucket.js'
import { CacheError } from '../errors.js'
import { checkKnown, type Names } from '../known-options.js'
import { MAX_DURATION_MS, parseSize } from '../units.js'
import { givenBucket } from './given-bucket.js'
import type { CachedResponse, CacheKey, CacheValue } from './undici/cache-types.js'
import { isOwnCall } from './undici/own-calls.js'
import { decodeResponse, encodeResponse } from './undici/response.js'
import {
  decodeVariants,
  encodeVariants,
  slotOf,
  variantOf,
  variantsFor,
  variantsOf,
  variedBy,
} from './undici/variants.js'

export interface AnnulusCacheStoreOptions {
  readonly bucket: CacheBucket & { readonly id?: string }
  /** The largest body that is kept: a size such as `5mb` (the default), or bytes. */
  readonly maxEntrySize?: string | number | undefined
  /** Stands before every key; `undici:` unless said. */
  readonly prefix?: string | undefined
  /** Told of what failed: to the requests it is a miss, or a response that is not kept. */
  readonly errorCallback?: ((error: Error) => void) | undefined
}

const OPTIONS = {
  bucket: true,
  maxEntrySize: true,
  prefix: true,
  errorCallback: true,
} as const satisfies Names<AnnulusCacheStoreOptions>

/** Methods whose responses undici caches. */
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
const MIN_VARIANTS_TTL_MS = 86_400_000

/**
 * A bucket as the store of undici's cache: `interceptors.cache({ store })`. It never fails a request:
 * see `errorCallback`.
 */
export class AnnulusCacheStore {
  private readonly bucket: AnnulusCacheStoreOptions['bucket']
  private readonly maxBytes: number
  private readonly prefix: string
  private readonly errorCallback: (error: Error) => void

  /** Throws `invalid_option` and `invalid_size`. */
  constructor(options: AnnulusCacheStoreOptions) {
    checkKnown(options, OPTIONS)
    this.bucket = givenBucket(options.bucket)
    this.maxBytes = parseSize(options.maxEntrySize ?? '5mb', 'maxEntrySize')
    this.prefix = options.prefix ?? 'undici:'
    this.errorCallback = options.errorCallback ?? (() => {})
  }

  /** The response to such a request, if one is kept. */
  get(key: CacheKey): Promise<CachedResponse | undefined> {
    return this.despite(async () => {
      if (isOwnCall(key, this.bucket.id)) return undefined
      const slot = slotOf(this.prefix, key)
      const [only, variants] = await this.bucket.getMany([slot, variantsOf(slot)])
      const known = variants && decodeVariants(variants)
      const found = known ? await this.bucket.get(variantOf(slot, known, key)) : only
      return found && decodeResponse(found)
    })
  }

  /** Takes the body and keeps the response at its end; of one that is too large it keeps nothing. */
  createWriteStream(key: CacheKey, value: CacheValue): Writable | undefined {
    if (isOwnCall(key, this.bucket.id)) return undefined
    const { maxBytes } = this
    const chunks: Uint8Array[] = []
    let size = 0
    return new Writable({
      write(chunk: Uint8Array, _encoding, done) {
        size += chunk.length
        chunks.push(chunk)
        if (size > maxBytes) {
          chunks.length = 0
          // Without an error: undici then goes on without the store.
          this.destroy()
        }
        done()
      },
      final: (done) => {
        this.despite(() => this.keep(key, value, chunks)).then(() => done())
      },
    })
  }

  /** Lets go of every response of the URL, whatever its method and headers. */
  async delete(key: CacheKey): Promise<void> {
    if (isOwnCall(key, this.bucket.id)) return
    const slots = METHODS.map((method) => slotOf(this.prefix, { ...key, method }))
    await this.despite(() => this.bucket.deleteMany([...slots, ...slots.map(variantsOf)]))
  }

  private async keep(key: CacheKey, value: CacheValue, body: Uint8Array[]): Promise<void> {
    const ttl = Math.min(Math.floor(value.deleteAt - Date.now()), MAX_DURATION_MS)
    if (ttl <= 0) return
    const slot = slotOf(this.prefix, key)
    const names = variedBy(value)
    const bytes = await this.bucket.get(variantsOf(slot))
    const known = bytes && decodeVariants(bytes)
    if (names.length === 0 && known === undefined) {
      return this.put(slot, encodeResponse(value, body), ttl)
    }
    const variants = variantsFor(names, known)
    if (variants !== known) {
      const variantsTtl = Math.max(ttl, MIN_VARIANTS_TTL_MS)
      await this.put(variantsOf(slot), encodeVariants(variants), variantsTtl)
      // It answered whoever asked, and would again once the variants are let go.
      await this.bucket.delete(slot)
    }
    await this.put(variantOf(slot, variants, key, value.vary), encodeResponse(value, body), ttl)
  }

  private async put(key: string, value: Value, ttl: number): Promise<void> {
    if (await this.bucket.put(key, value, { ttl })) return
    throw new CacheError('key_exists', 'responses change: take a bucket that is not immutable')
  }

  /** Undefined in place of an error, which goes to the callback. */
  private async despite<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call()
    } catch (error) {
      this.tell(error instanceof Error ? error : new Error(String(error)))
      return undefined
    }
  }

  /** A callback that throws fails no request either: what it threw is a warning of the process. */
  private async tell(error: Error): Promise<void> {
    try {
      await this.errorCallback(error)
    } catch (thrown) {
      process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
    }
  }
}
