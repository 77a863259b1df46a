import type { ServerResponse } from 'node:http'
import type { Principal } from '../engine/credentials.js'
import type { Keys } from '../engine/keys.js'
import { patiently } from '../engine/lookup.js'
import { CacheError } from '../errors.js'
import { sendNothing, sendProblem } from './answer.js'
import { authenticate, authorize, bucketFor } from './auth.js'
import { Aborted } from './body.js'
import type { Call } from './call.js'
import type { Connection } from './connection.js'
import { type Answered, Exchange, type Service } from './exchange.js'
import { countHeaders, RequestHead, readHead } from './head.js'
import { keyOfSegment } from './key-path.js'
import { loggedPath } from './logged-path.js'
import { ABORTED } from './metrics/meter.js'
import { internalProblem, Problem, problemOf } from './problem.js'
import type { Request } from './request.js'
import type { Match, Route, Router } from './router.js'
import { splitTarget } from './target.js'

/** Where requests come from and go to, other than from a client to a handler. */
export interface Ways<S extends Service> {
  /** They come from another acceptor, which has counted their headers. */
  readonly isInner?: boolean
  /** Who answers what no handler here does. */
  readonly elsewhere?: (x: Exchange<S>) => Promise<void>
}

/**
 * From a request to its handler: headers, host, path, credential, key. Answers at once where the
 * handler does, or returns a promise that never rejects.
 */
export class Dispatcher<B extends Keys = Keys, S extends Service<B> = Service<B>> {
  private readonly service: S
  private readonly router: Router<Call<S, B>>
  private readonly ways: Ways<S>

  constructor(service: S, router: Router<Call<S, B>>, ways: Ways<S> = {}) {
    this.service = service
    this.router = router
    this.ways = ways
  }

  serve(
    connection: Connection,
    req: Request,
    res: ServerResponse,
    expectsContinue: boolean,
  ): Answered {
    const startedMs = performance.now()
    let x: Exchange<S> | undefined
    try {
      const raw = req.rawHeaders
      if (this.ways.isInner !== true) countHeaders(raw)
      const head = readHead(raw)
      const host = head.host
      if (host === undefined || host !== connection.host) this.readHost(connection, req, host)
      const target = splitTarget(req.url ?? '', host)
      const { service } = this
      const { search } = target
      x = new Exchange(service, connection, req, res, head, search, expectsContinue, startedMs)
      const match = this.router.match(target.path, connection.hostBucket)
      const route = match?.resource.routes[req.method ?? '']
      const answered =
        match === undefined || route === undefined
          ? this.answerOther(x, target.path, match)
          : this.handle(x, route, match)
      if (answered !== undefined) return this.settle(x, answered)
      this.count(x)
    } catch (error) {
      if (x === undefined) {
        this.refuse(connection, req, res, expectsContinue, error, startedMs)
      } else {
        this.fail(x, error)
        this.count(x)
      }
    }
  }

  /** Answers a request whose headers already were refused. */
  refuse(
    connection: Connection,
    req: Request,
    res: ServerResponse,
    expectsContinue: boolean,
    error: unknown,
    startedMs = performance.now(),
  ): void {
    const { service } = this
    const head = frugalHead(req)
    const x = new Exchange(service, connection, req, res, head, '', expectsContinue, startedMs)
    this.fail(x, error)
    this.count(x)
  }

  /** Something was refused with this status before it was a request. */
  countUnreadable(status: number): void {
    const { meter } = this.service
    meter.count(meter.none, status)
  }

  private handle(
    x: Exchange<S>,
    { call, number, audited }: Route<Call<S, B>>,
    match: Match<unknown>,
  ): Answered {
    const { engine } = this.service
    x.route = number
    x.audited = audited
    if (call.access === 'public') return call.handle(x, match.first)
    const principal = authenticate(engine, x.connection, x.head.authorization)
    x.principal = principal
    switch (call.scope) {
      case undefined:
        authorize(principal, call.access)
        return call.handle(x, match.first)
      case 'bucket':
        return call.handle(x, bucketFor(engine, principal, match.first, call.access), match.last)
      case 'key': {
        const bucket = bucketFor(engine, principal, match.first, call.access)
        const key = keyOfSegment(match.last)
        try {
          return call.handle(x, bucket, key)
        } catch (error) {
          // A writer is changing this line of the table: it is done within microseconds.
          if (isBusy(error)) {
            return patiently(() => call.handle(x, bucket, key)).then((answered) => answered)
          }
          throw error
        }
      }
    }
  }

  private async settle(x: Exchange, answered: Promise<void>): Promise<void> {
    try {
      await answered
    } catch (error) {
      this.fail(x, error)
    } finally {
      this.count(x)
      if (x.reservedBytes > 0) this.service.inflight.give(x.reservedBytes)
    }
  }

  private count(x: Exchange): void {
    const { res, route, startedMs } = x
    if (route === undefined) return
    const status = res.headersSent ? res.statusCode : ABORTED
    const ms = performance.now() - startedMs
    const { meter, logger } = this.service
    if (x.isStream) meter.count(route, status)
    else meter.record(route, status, ms)
    const { audited, principal } = x
    // Whoever has no credential could fill the log.
    if (audited !== undefined && principal !== undefined) {
      logger.info(audit(x, principal, status, ms), audited)
    }
  }

  private readHost(connection: Connection, req: Request, host: string | undefined): void {
    if (host === undefined) {
      connection.host = undefined
      connection.hostBucket = undefined
      if (req.httpVersion !== '1.0') throw new Problem('invalid_host', 'Send a Host header.')
      return
    }
    connection.hostBucket = this.service.hosts.bucketOf(host)
    connection.host = host
  }

  private answerOther(x: Exchange<S>, path: string, match: Match<unknown> | undefined): Answered {
    const { elsewhere } = this.ways
    if (elsewhere !== undefined) {
      x.route = undefined
      return elsewhere(x)
    }
    if (match === undefined) this.answerNoPath(x, path)
    else answerNoMethod(x, match.resource.allow)
  }

  private answerNoPath(x: Exchange, path: string): void {
    if (path === '*' && x.req.method === 'OPTIONS') {
      sendNothing(x, ['Allow', this.router.methods])
      return
    }
    throw new Problem(
      'not_found',
      'There is no such path. Paths have no trailing slash, a / inside a key is written %2F, and ' +
        "/v1/keys needs the bucket's host name.",
    )
  }

  private fail(x: Exchange, error: unknown): void {
    if (error instanceof Aborted) return
    const { method } = x.req
    let problem = problemOf(error, method === 'GET' || method === 'HEAD')
    if (problem === undefined) {
      const path = loggedPath(x.req.url ?? '', x.req.headers.authorization)
      this.service.logger.error({ err: error, method, path }, 'a request failed')
      problem = internalProblem()
    }
    try {
      sendProblem(x, problem)
    } catch (second) {
      this.service.logger.error({ err: second }, 'an answer failed')
      x.res.destroy()
    }
  }
}

function answerNoMethod(x: Exchange, allow: string): void {
  if (x.req.method === 'OPTIONS') {
    sendNothing(x, ['Allow', allow])
    return
  }
  throw new Problem('method_not_allowed', `${x.req.method} is not known here; ${allow} are.`, {
    headers: ['Allow', allow],
  })
}

/** For a request whose headers were refused: all that counts is that a body may follow. */
function frugalHead(req: Request): RequestHead {
  const head = new RequestHead()
  head.chunked = req.headers['transfer-encoding'] !== undefined
  head.contentLength = Number(req.headers['content-length'] ?? -1)
  return head
}

function isBusy(error: unknown): boolean {
  return error instanceof CacheError && error.code === 'busy'
}

/** Who asked for a change, of what, and what came of it. */
function audit({ req }: Exchange, principal: Principal, status: number, ms: number): object {
  const { kind, credentialId } = principal
  const path = loggedPath(req.url ?? '', req.headers.authorization)
  return { by: kind, credentialId, path, status, ms: Math.round(ms * 1_000) / 1_000 }
}
