import type { Call, Method } from './call.js'

/** Of a call, what finding it takes. */
type Routed = Pick<Call, 'method' | 'path' | 'access'>

/** A call, and its number in the list of all. */
export interface Route<C> {
  readonly call: C
  readonly number: number
  /** How the log names it, where it tells of it. */
  readonly audited: string | undefined
}

/** All calls of one path. */
export interface Resource<C> {
  readonly routes: { readonly [method: string]: Route<C> | undefined }
  readonly allow: string
}

export interface Match<C> {
  readonly resource: Resource<C>
  /** What stands for the path's first parameter: the bucket's id where it is about one. */
  readonly first: string
  /** For its second. */
  readonly last: string
}

const BUCKETS = '/v1/buckets/'
const KEYS = '/keys/'
const HOST_STYLE = '/v1/'
const PARAMETER = /^\{[a-zA-Z]+\}$/

interface Branch<C> {
  readonly children: Map<string, Branch<C>>
  /** Where any segment goes that no child is named after. */
  parameter: Branch<C> | undefined
  resource: Resource<C> | undefined
}

/** Finds a path's resource. The path of a key is recognised without taking it apart. */
export class Router<C extends Routed> {
  /** Every method that some path knows. */
  readonly methods: string
  private readonly root: Branch<C>
  private readonly key: Resource<C> | undefined

  constructor(calls: readonly C[]) {
    this.root = newBranch()
    const routes = calls.map((call, number) => ({ call, number, audited: auditedName(call) }))
    for (const path of new Set(calls.map((call) => call.path))) {
      this.add(path, resourceOf(routes.filter(({ call }) => call.path === path)))
    }
    this.key = this.find(`${BUCKETS}0${KEYS}0`)?.resource
    this.methods = allowOf(calls.map((call) => call.method))
  }

  /** In host style `/v1/keys` stands for `/v1/buckets/{id}/keys`, where no path of the server does. */
  match(path: string, hostBucket: string | undefined): Match<C> | undefined {
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

  private find(path: string): Match<C> | undefined {
    const parameters: string[] = []
    let at: Branch<C> | undefined = this.root
    for (const segment of path.split('/')) {
      const child: Branch<C> | undefined = at.children.get(segment)
      if (child === undefined && segment !== '') parameters.push(segment)
      at = child ?? (segment === '' ? undefined : at.parameter)
      if (at === undefined) return undefined
    }
    if (at.resource === undefined) return undefined
    return { resource: at.resource, first: parameters[0] ?? '', last: parameters[1] ?? '' }
  }

  private add(path: string, resource: Resource<C>): void {
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

/** Of calls that change anything but keys. */
function auditedName({ method, path, access }: Routed): string | undefined {
  const isRead = method === 'GET' || method === 'HEAD'
  const isOfKeys = access === 'read' || access === 'write' || access === 'public'
  return isRead || isOfKeys ? undefined : `${method} ${path}`
}

function newBranch<C>(): Branch<C> {
  return { children: new Map(), parameter: undefined, resource: undefined }
}

/** HEAD comes with GET: Node leaves the body out by itself. */
function resourceOf<C extends Routed>(routes: readonly Route<C>[]): Resource<C> {
  const byMethod: { [method: string]: Route<C> | undefined } = { __proto__: null } as never
  for (const route of routes) byMethod[route.call.method] = route
  byMethod['HEAD'] ??= byMethod['GET']
  const methods = Object.keys(byMethod).filter((method) => byMethod[method] !== undefined)
  return { routes: byMethod, allow: allowOf(methods as Method[]) }
}

function allowOf(methods: readonly string[]): string {
  const order = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE']
  const known = order.filter((method) => {
    return methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))
  })
  return [...known, 'OPTIONS'].join(', ')
}
