import type { Bucket } from '../engine/bucket.js'
import type { Keys } from '../engine/keys.js'
import type { BucketAccess } from './auth.js'
import type { Answered, Exchange, Home, Service } from './exchange.js'

interface CallOf {
  readonly method: Method
  /** As the API's documentation writes it: `/v1/buckets/{id}/keys/{key}`. */
  readonly path: string
}

/** A call about the whole server; `id` is what stands for the path's parameter, if it has one. */
export interface ServerCall<S extends Service = Service> extends CallOf {
  readonly scope?: undefined
  readonly access: 'public' | 'account' | 'root'
  readonly handle: (x: Exchange<S>, id: string) => Answered
}

/** A call about one bucket; `last` is what stands for the path's second parameter, if it has one. */
export interface BucketCall<S extends Service = Service, B extends Keys = Keys> extends CallOf {
  readonly scope: 'bucket'
  readonly access: BucketAccess
  readonly handle: (x: Exchange<S>, bucket: B, last: string) => Answered
}

/** A call about one key of a bucket. */
export interface KeyCall<S extends Service = Service, B extends Keys = Keys> extends CallOf {
  readonly scope: 'key'
  readonly access: BucketAccess
  readonly handle: (x: Exchange<S>, bucket: B, key: string) => Answered
}

/** A call that any acceptor can answer. */
export type Call<S extends Service = Service, B extends Keys = Keys> =
  | ServerCall<S>
  | BucketCall<S, B>
  | KeyCall<S, B>
/** A call that only the thread with the engine can. */
export type HomeCall = Call<Home, Bucket>
export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'

/** What lies below `/v1/buckets/{id}` is reached as well through the bucket's host name. */
export function ofBucket<S extends Service, B extends Keys>(
  method: Method,
  path: string,
  access: BucketAccess,
  handle: BucketCall<S, B>['handle'],
): BucketCall<S, B> {
  return { scope: 'bucket', method, path: `/v1/buckets/{id}${path}`, access, handle }
}

export function ofKey(method: Method, access: BucketAccess, handle: KeyCall['handle']): KeyCall {
  return { scope: 'key', method, path: '/v1/buckets/{id}/keys/{key}', access, handle }
}
