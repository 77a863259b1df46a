import type { Key } from '../key-rules.js'
import type {
  BucketDescription,
  BucketPatch,
  ChangedBucket,
  CreatedCredential,
  CredentialDescription,
  Explanation,
  KeyPage,
  Role,
  Usage,
} from './answers.js'
import { ClientError, unlessRefused } from './client-error.js'
import { DONE } from './expected.js'
import { textOfKey } from './key-text.js'
import { ClientKeys, type Shared } from './keys.js'
import type { CallOptions } from './options.js'
import { jsonCall, queryOf } from './requests.js'
import type { Sent } from './transport.js'

export interface ListOptions extends CallOptions {
  readonly prefix?: string | undefined
  /** As the page before gave it. */
  readonly cursor?: string | undefined
  /** 1 to 10,000; 1,000 unless said. */
  readonly limit?: number | undefined
}

export interface KeysOptions extends CallOptions {
  readonly prefix?: string | undefined
}

/** Where a bucket's own description stands, whatever the style of its other calls. */
export interface BucketPlace {
  readonly id: string
  /** `…/v1/buckets/{id}` */
  readonly home: string
  /** The same, or what stands for it below the bucket's own host name. */
  readonly base: string
  readonly key: string | undefined
}

/** A bucket on a server: its keys, and what its owner can do with all of them. */
export class ClientBucket extends ClientKeys {
  private readonly home: string

  constructor(shared: Shared, { id, home, base, key }: BucketPlace) {
    super(shared, id, base, key)
    this.home = home
  }

  /** Deletes every key that begins so and lives throughout; returns how many were deleted. */
  deletePrefix(prefix: string, options: CallOptions = {}): Promise<number> {
    return this.transport.within(options, (limits) => this.batches.deletePrefix(prefix, limits))
  }

  /** Some keys and the cursor to go on from; null at the end. There is no order. */
  list({ prefix, cursor, limit, ...options }: ListOptions = {}): Promise<KeyPage> {
    const query = queryOf({ prefix: prefix === '' ? undefined : prefix, cursor, limit })
    return this.json('GET', `${this.base}/keys${query}`, options, undefined, isPage)
  }

  /** Every key that lives throughout comes at least once. Each page has the whole timeout. */
  async *keys(options: KeysOptions = {}): AsyncGenerator<string, void, void> {
    let cursor: string | undefined
    // A server that goes in a circle, however large, comes by the mark again (Brent, 1980).
    let mark: string | undefined
    for (let pages = 1, markAt = 1; ; pages++) {
      const page: KeyPage = await this.list({ ...options, cursor })
      yield* page.keys
      if (page.cursor === null) return
      if (page.cursor === mark) throw turning()
      cursor = page.cursor
      if (pages !== markAt) continue
      mark = cursor
      markAt *= 2
    }
  }

  /** Every key is gone at once. */
  async flush(options: CallOptions = {}): Promise<void> {
    await this.transport.call(this.doing('POST', `${this.base}/flush`), options)
  }

  usage(options: CallOptions = {}): Promise<Usage> {
    return this.json('GET', `${this.base}/usage`, options)
  }

  /** Where a key stands, whether or not it is there. */
  async explain(key: Key, options: CallOptions = {}): Promise<Explanation> {
    return this.json('GET', `${this.base}/explain${queryOf({ key: textOfKey(key) })}`, options)
  }

  describe(options: CallOptions = {}): Promise<BucketDescription> {
    return this.json('GET', this.home, options)
  }

  update(patch: BucketPatch, options: CallOptions = {}): Promise<ChangedBucket> {
    return this.json('PATCH', this.home, options, patch)
  }

  /** The bucket's credentials, without their keys. */
  async credentials(options: CallOptions = {}): Promise<readonly CredentialDescription[]> {
    const url = `${this.base}/credentials`
    const { credentials } = await this.json<{ credentials: CredentialDescription[] }>(
      'GET',
      url,
      options,
      undefined,
      (json) => Array.isArray(json.credentials),
    )
    return credentials
  }

  createCredential(role: Role, options: CallOptions = {}): Promise<CreatedCredential> {
    return this.json('POST', `${this.base}/credentials`, options, { role })
  }

  /** Whether there was such a credential. */
  async deleteCredential(credentialId: string, options: CallOptions = {}): Promise<boolean> {
    const url = `${this.base}/credentials/${encodeURIComponent(credentialId)}`
    const asked = this.transport.call(this.doing('DELETE', url), options)
    return (await unlessRefused(asked, ['credential_not_found'], undefined)) !== undefined
  }

  private doing(method: Sent['method'], url: string): Sent {
    return { method, url, key: this.key, expects: DONE }
  }

  private json<T extends object>(
    method: Sent['method'],
    url: string,
    options: CallOptions,
    body?: object,
    isRight?: (json: Partial<T>) => boolean,
  ): Promise<T> {
    return this.transport.json(jsonCall(method, url, this.key, body), options, isRight)
  }
}

function isPage({ keys, cursor }: Partial<KeyPage>): boolean {
  const isCursor = cursor === null || typeof cursor === 'string'
  return isCursor && Array.isArray(keys) && keys.every((key) => typeof key === 'string')
}

function turning(): ClientError {
  const what = 'the server answers with the cursor that it was asked with: the keys would not end'
  return new ClientError('unexpected_answer', what)
}
