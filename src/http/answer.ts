import type { ServerResponse } from 'node:http'
import { drain } from './drain.js'
import type { Exchange } from './exchange.js'
import type { Problem } from './problem.js'

const JSON_TYPE = 'application/json'
const PROBLEM_TYPE = 'application/problem+json'
/** A body up to this size is read away for the sake of the connection, a longer one is not. */
const KEEP_ALIVE_BYTES = 65_536

/** Headers go to writeHead as one flat list: no object, no setHeader, no lower-casing. */
type Headers = readonly string[]
const NONE: Headers = []

export function sendJson(x: Exchange, status: number, value: unknown, headers = NONE): void {
  sendText(x.res, status, JSON_TYPE, JSON.stringify(value), headers)
}

/** For answers that show a credential: nothing on the way may keep a copy. */
export function sendSecret(x: Exchange, status: number, value: unknown): void {
  sendJson(x, status, value, ['Cache-Control', 'no-store'])
}

export function sendNothing(x: Exchange, headers = NONE): void {
  x.res.writeHead(204, headers as string[])
  x.res.end()
}

export function sendText(
  res: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Headers,
): void {
  const length = Buffer.byteLength(text)
  res.writeHead(status, ['Content-Type', type, 'Content-Length', String(length), ...headers])
  res.end(text)
}

/** A refusal. What is left of a large body is read away for a while, then the connection closes. */
export function sendProblem(x: Exchange, problem: Problem): void {
  const { req, res, head } = x
  if (res.headersSent || res.destroyed) {
    res.destroy()
    return
  }
  const isLong = head.chunked || head.contentLength > KEEP_ALIVE_BYTES
  const text = problem.body()
  if (req.complete || !(isLong || x.expectsContinue)) {
    sendText(res, problem.status, PROBLEM_TYPE, text, problem.headers)
    return
  }
  x.connection.isClosing = true
  x.connection.waiting.length = 0
  const length = Buffer.byteLength(text)
  res.writeHead(problem.status, [
    ...['Content-Type', PROBLEM_TYPE, 'Content-Length', String(length)],
    ...problem.headers,
    ...['Connection', 'close'],
  ])
  if (req.method === 'HEAD') res.flushHeaders()
  else res.write(text)
  drain(req, () => res.end())
}
