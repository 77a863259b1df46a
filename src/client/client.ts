import { CacheError } from '../errors.js'
import { Flights } from '../flights.js'
import type {
  Account,
  BucketDescription,
  BucketOptions,
  CreatedBucket,
  RotatedCredential,
} from './answers.js'
import { ClientBucket } from './bucket.js'
import { type EventOptions, eventsOf } from './events.js'
import { DONE, HEALTH, METRICS } from './expected.js'
import { Gatherer } from './gather.js'
import type { Shared } from './keys.js'
import { baseOf, type CallOptions, type ClientOptions, keyOf, settingsOf } from './options.js'
import { jsonCall, queryOf } from './requests.js'
import type {
  AddedNode,
  FailedNode,
  Plan,
  Receipt,
  RemovedNode,
  Ring,
  ServerEvent,
} from './ring-answers.js'
import { type Sent, Transport, textOf } from './transport.js'

export interface AddNodeOptions extends CallOptions {
  /** Its share beside others: 1 unless said. */
  readonly weight?: number | undefined
  /** Of a former node that comes back, empty; or a name for a new one. */
  readonly id?: string | undefined
  /** Part of the serving thread's time that the moving may take, 0.01 to 1. */
  readonly pace?: number | undefined
}

export interface RemoveNodeOptions extends CallOptions {
  /** Even if the nodes that stay cannot hold everything. */
  readonly force?: boolean | undefined
  readonly pace?: number | undefined
}

export interface PlanOptions {
  /** With the arcs that would move, to look at. */
  readonly arcs?: boolean | undefined
}

export interface RingOptions extends CallOptions {
  /** With every token and its owner. */
  readonly tokens?: boolean | undefined
}

/** A bucket as a server tells of it: one that was just made comes with a credential. */
export interface KnownBucket {
  readonly id: string
  readonly endpoint?: string
  readonly credentialKey?: string
}

export interface BucketHandle {
  /** Of its own, instead of the client's. */
  readonly key?: string | undefined
  /** Where it is in host style; made of the client's address unless told. */
  readonly endpoint?: string | undefined
}

/**
 * A server, called as its HTTP API has it. No call is made until one is asked for. Every call rejects with
 * a CacheError, or with the reason of its signal.
 */
export class AnnulusClient {
  private readonly shared: Shared
  private readonly transport: Transport
  private readonly url: string
  private readonly key: string | undefined

  /** Throws `invalid_option` and `invalid_ttl`. */
  constructor(options: ClientOptions) {
    const settings = settingsOf(options)
    this.transport = new Transport(settings)
    this.url = settings.url
    this.key = settings.key
    const flights = new Flights<Uint8Array>((value) => value.slice())
    this.shared = { transport: this.transport, gatherer: new Gatherer(), flights }
  }

  createAccount(name: string, options: CallOptions = {}): Promise<Account> {
    return this.json('POST', '/v1/accounts', options, { name })
  }

  /** A new key in the place of the client's own, which no longer works; for an account or root. */
  rotateCredential(options: CallOptions = {}): Promise<RotatedCredential> {
    return this.json('POST', '/v1/credentials/rotate', options)
  }

  createBucket(
    name: string,
    bucket: BucketOptions = {},
    options: CallOptions = {},
  ): Promise<CreatedBucket> {
    return this.json('POST', '/v1/buckets', options, { name, ...bucket })
  }

  async buckets(options: CallOptions = {}): Promise<readonly BucketDescription[]> {
    const { buckets } = await this.json<{ buckets: BucketDescription[] }>(
      'GET',
      '/v1/buckets',
      options,
      undefined,
      (json) => Array.isArray(json.buckets),
    )
    return buckets
  }

  /**
   * A bucket by its id, with the client's credential unless it gets one of its own; or as the server has
   * told of it, with the credential that came with it. Asks nothing of the server.
   */
  bucket(which: string | KnownBucket, handle: BucketHandle = {}): ClientBucket {
    const known: KnownBucket = typeof which === 'string' ? { id: which } : which
    const { id } = known
    const home = this.url + bucketPath(id)
    const endpoint = () => handle.endpoint ?? known.endpoint ?? hostOf(this.url, id)
    const base = this.transport.settings.isHostStyle ? `${baseOf(endpoint())}/v1` : home
    const key = keyOf(handle.key) ?? known.credentialKey ?? this.key
    return new ClientBucket(this.shared, { id, home, base, key })
  }

  /** The bucket is gone with all its keys; for its account, or root. */
  async deleteBucket(id: string, options: CallOptions = {}): Promise<void> {
    const sent: Sent = { ...this.sent('DELETE', bucketPath(id)), expects: DONE }
    await this.transport.call(sent, options)
  }

  ring({ tokens, ...options }: RingOptions = {}): Promise<Ring> {
    return this.json('GET', `/v1/ring${queryOf({ tokens })}`, options)
  }

  /** Its keys come to it while the server serves: see `migration`. */
  addNode({ pace, ...options }: AddNodeOptions = {}): Promise<AddedNode> {
    return this.nodes(queryOf({ pace }), options)
  }

  /** What `addNode` would do. */
  planAddNode({ arcs, pace, ...options }: AddNodeOptions & PlanOptions = {}): Promise<Plan> {
    return this.nodes(queryOf({ dryRun: true, arcs, pace }), options)
  }

  /** It drains, then leaves. */
  removeNode(
    id: string,
    { force, pace, ...options }: RemoveNodeOptions = {},
  ): Promise<RemovedNode> {
    return this.json('DELETE', `${nodePath(id)}${queryOf({ force, pace })}`, options)
  }

  planRemoveNode(
    id: string,
    { arcs, force, pace, ...options }: RemoveNodeOptions & PlanOptions = {},
  ): Promise<Plan> {
    const query = queryOf({ dryRun: true, arcs, force, pace })
    return this.json('DELETE', `${nodePath(id)}${query}`, options)
  }

  /** Its host went bad: what it held is gone at once. */
  failNode(id: string, options: CallOptions = {}): Promise<FailedNode> {
    return this.json('POST', `${nodePath(id)}/fail`, options)
  }

  /** Newest first. */
  async migrations(options: CallOptions = {}): Promise<readonly Receipt[]> {
    const { migrations } = await this.json<{ migrations: Receipt[] }>(
      'GET',
      '/v1/migrations',
      options,
      undefined,
      (json) => Array.isArray(json.migrations),
    )
    return migrations
  }

  migration(id: string, options: CallOptions = {}): Promise<Receipt> {
    return this.json('GET', migrationPath(id), options)
  }

  /** What moved goes back; no key is lost. */
  cancelMigration(id: string, options: CallOptions = {}): Promise<Receipt> {
    return this.json('DELETE', migrationPath(id), options)
  }

  /**
   * What happens to the ring, for root. The first event holds the whole of it. The iteration ends when it
   * is left, rejects when the signal is aborted, and throws `unreachable` when the connection is lost.
   */
  events(options: EventOptions = {}): AsyncGenerator<ServerEvent, void, void> {
    const { figures } = options
    return eventsOf(this.transport, this.sent('GET', `/v1/events${queryOf({ figures })}`), options)
  }

  /** Whether the process is up. */
  healthy(options: CallOptions = {}): Promise<boolean> {
    return this.says('/healthz', options)
  }

  /** Whether every node of the ring serves. */
  ready(options: CallOptions = {}): Promise<boolean> {
    return this.says('/readyz', options)
  }

  /** In the text format of Prometheus; for root. */
  async metrics(options: CallOptions = {}): Promise<string> {
    const sent: Sent = { ...this.sent('GET', '/metrics'), expects: METRICS }
    return textOf((await this.transport.call(sent, options)).bytes)
  }

  /** The OpenAPI document. */
  openapi(options: CallOptions = {}): Promise<Readonly<Record<string, unknown>>> {
    return this.json('GET', '/openapi.json', options)
  }

  /** False also where nobody answers. It is not asked twice. */
  private async says(path: string, options: CallOptions): Promise<boolean> {
    try {
      const url = this.url + path
      const sent = { method: 'GET', url, key: undefined, isOnce: true, expects: HEALTH } as const
      await this.transport.call(sent, options)
      return true
    } catch (error) {
      if (error instanceof CacheError && error.code !== 'invalid_ttl') return false
      throw error
    }
  }

  private nodes<T extends object>(
    query: string,
    { weight, id, ...options }: AddNodeOptions,
  ): Promise<T> {
    return this.json('POST', `/v1/nodes${query}`, options, { weight, id })
  }

  private sent(method: Sent['method'], path: string): Sent {
    return { method, url: this.url + path, key: this.key }
  }

  private json<T extends object>(
    method: Sent['method'],
    path: string,
    options: CallOptions,
    body?: object,
    isRight?: (json: Partial<T>) => boolean,
  ): Promise<T> {
    const call = jsonCall(method, this.url + path, this.key, body)
    return this.transport.json(call, options, isRight)
  }
}

function bucketPath(id: string): string {
  if (/^[0-9]{1,20}$/.test(id)) return `/v1/buckets/${id}`
  throw new CacheError('invalid_option', 'the id of a bucket is 1 to 20 digits')
}

function nodePath(id: string): string {
  return `/v1/nodes/${encodeURIComponent(id)}`
}

function migrationPath(id: string): string {
  return `/v1/migrations/${encodeURIComponent(id)}`
}

/** `http://cache.test:7070/` as a bucket's own host name has it: `http://12.cache.test:7070/`. */
function hostOf(url: string, id: string): string {
  const { hostname } = new URL(url)
  if (/^[0-9.]+$|^\[/.test(hostname)) {
    const what = `style 'host' needs a url with a host name, and ${hostname} is an IP address`
    throw new CacheError('invalid_option', `${what}: use style 'path', or give the endpoint`)
  }
  return url.replace('://', `://${id}.`)
}
