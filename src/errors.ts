/** Every way a call can be refused by the cache itself. */
export type EngineCode =
  | 'key_not_found'
  | 'bucket_not_found'
  | 'account_not_found'
  | 'credential_not_found'
  | 'bucket_exists'
  | 'key_exists'
  | 'invalid_key'
  | 'invalid_ttl'
  | 'invalid_size'
  | 'invalid_option'
  | 'invalid_name'
  | 'invalid_body'
  | 'invalid_cursor'
  | 'version_mismatch'
  | 'key_too_long'
  | 'value_too_large'
  | 'batch_too_large'
  | 'quota_exceeded'
  | 'too_many_buckets'
  | 'unauthorized'
  | 'forbidden'
  | 'overloaded'
  | 'recovering'
  | 'busy'
  | 'closed'
  | 'data_in_use'
  | 'last_node'
  | 'node_not_found'
  | 'node_exists'
  | 'ring_too_small'
  | 'migration_not_found'
  | 'migration_ended'
  | 'internal'

/** What the HTTP server refuses beside. */
export type HttpCode =
  | 'not_found'
  | 'method_not_allowed'
  | 'invalid_request'
  | 'invalid_host'
  | 'expectation_failed'
  | 'headers_too_large'
  | 'request_timeout'
  | 'not_implemented'

/**
 * What a client of the server meets beside: nobody answered, not in time, or not as the API has it,
 * as something between the two may.
 */
export type ClientCode = 'unreachable' | 'timeout' | 'unexpected_answer'

/** The codes are part of the contract: they never change their meaning. */
export type ErrorCode = EngineCode | HttpCode | ClientCode

/**
 * The one error that Annulus throws on purpose. `message` says what was wrong and how to mend it;
 * `maybeStored` is set where a write failed after it may have been applied.
 */
export class CacheError extends Error {
  readonly code: ErrorCode
  readonly maybeStored: boolean

  constructor(
    code: ErrorCode,
    message: string,
    options: { maybeStored?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CacheError'
    this.code = code
    this.maybeStored = options.maybeStored ?? false
  }
}
