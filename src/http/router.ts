import type { Bucket } from '../engine/bucket.js'
import type { BucketAccess } from './auth.js'
import type { Answered, Exchange } from './exchange.js'

interface CallOf {
  readonly method: Method
  /** As the API's documentation writes it: `/v1/buckets/{id}/keys/{key}`. */
  readonly path: string
}

/** A call about the whole server; `id` is what stands for the path's parameter, if it has one. */
export interface ServerCall extends CallOf {
  readonly scope?: undefined
  readonly access: 'public' | 'account' | 'root'
  readonly handle: (x: Exchange, id: string) => Answered
}

/** A call about one bucket; `last` is what stands for the path's second parameter, if it has one. */
export interface BucketCall extends CallOf {
  readonly scope: 'bucket'
  readonly access: BucketAccess
  readonly handle: (x: Exchange, bucket: Bucket, last: string) => Answered
}

/** A call about one key of a bucket. */
export interface KeyCall extends CallOf {
  readonly scope: 'key'
  readonly access: BucketAccess
  readonly handle: (x: Exchange, bucket: Bucket, key: string) => Answered
}

export type Call = ServerCall | BucketCall | KeyCall
export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'

/** All calls of one path. */
export interface Resource {
  readonly calls: { readonly [method: string]: Call | undefined }
  readonly allow: string
}

export interface Match {
  readonly resource: Resource
  /** What stands for the path's first parameter: the bucket's id where it is about one. */
  readonly first: string
  /** For its second. */
  readonly last: string
}

const BUCKETS = '/v1/buckets/'
const KEYS = '/keys/'
const HOST_STYLE = '/v1/'
const PARAMETER = /^\{[a-zA-Z]+\}$/

interface Branch {
  readonly children: Map<string, Branch>
  /** Where any segment goes that no child is named after. */
  parameter: Branch | undefined
  resource: Resource | undefined
}

/** Finds a path's resource. The path of a key is recognised without taking it apart. */
export class Router {
  /** Every method that some path knows. */
  readonly methods: string
  private readonly root: Branch
  private readonly key: Resource | undefined

  constructor(calls: readonly Call[]) {
    this.root = newBranch()
    for (const path of new Set(calls.map((call) => call.path))) {
      this.add(path, resourceOf(calls.filter((call) => call.path === path)))
    }
    this.key = this.find(`${BUCKETS}0${KEYS}0`)?.resource
    this.methods = allowOf(calls.map((call) => call.method))
  }

  /** In host style `/v1/keys` stands for `/v1/buckets/{id}/keys`, where no path of the server does. */
  match(path: string, hostBucket: string | undefined): Match | undefined {
    if (path.startsWith(BUCKETS)) {
      const slash = path.indexOf('/', BUCKETS.length)
      if (slash > 0 && path.startsWith(KEYS, slash)) {
        const from = slash + KEYS.length
        if (this.key === undefined || path.indexOf('/', from) >= 0) return undefined
        const bucketId = path.slice(BUCKETS.length, slash)
        return { resource: this.key, first: bucketId, last: path.slice(from) }
      }
    }
    const found = this.find(path)
    if (found !== undefined || hostBucket === undefined) return found
    if (!path.startsWith(HOST_STYLE)) return undefined
    const inBucket = `${BUCKETS}${hostBucket}/${path.slice(HOST_STYLE.length)}`
    return this.match(inBucket, undefined)
  }

  private find(path: string): Match | undefined {
    const parameters: string[] = []
    let at: Branch | undefined = this.root
    for (const segment of path.split('/')) {
      const child: Branch | undefined = at.children.get(segment)
      if (child === undefined && segment !== '') parameters.push(segment)
      at = child ?? (segment === '' ? undefined : at.parameter)
      if (at === undefined) return undefined
    }
    if (at.resource === undefined) return undefined
    return { resource: at.resource, first: parameters[0] ?? '', last: parameters[1] ?? '' }
  }

  private add(path: string, resource: Resource): void {
    let at = this.root
    for (const segment of path.split('/')) {
      if (PARAMETER.test(segment)) {
        at.parameter ??= newBranch()
        at = at.parameter
      } else {
        const child = at.children.get(segment) ?? newBranch()
        at.children.set(segment, child)
        at = child
      }
    }
    at.resource = resource
  }
}

function newBranch(): Branch {
  return { children: new Map(), parameter: undefined, resource: undefined }
}

/** HEAD comes with GET: Node leaves the body out by itself. */
function resourceOf(calls: readonly Call[]): Resource {
  const byMethod: { [method: string]: Call | undefined } = { __proto__: null } as never
  for (const call of calls) byMethod[call.method] = call
  byMethod['HEAD'] ??= byMethod['GET']
  const methods = Object.keys(byMethod).filter((method) => byMethod[method] !== undefined)
  return { calls: byMethod, allow: allowOf(methods as Method[]) }
}

function allowOf(methods: readonly string[]): string {
  const order = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE']
  const known = order.filter((method) => {
    return methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))
  })
  return [...known, 'OPTIONS'].join(', ')
}
