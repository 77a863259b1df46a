import { Problem } from './problem.js'

export const MAX_HEADERS = 128
export const ABSENT = -1

/**
 * The header fields that Annulus looks at. Read from the raw list in one pass: `req.headers` keeps
 * only the first of a repeated Host or Authorization, and would hide the second.
 */
export class RequestHead {
  host: string | undefined = undefined
  authorization: string | undefined = undefined
  /** Bytes announced, or ABSENT. */
  contentLength = ABSENT
  chunked = false
  contentType: string | undefined = undefined
  contentEncoding: string | undefined = undefined
  hasContentRange = false
  ifMatch: string | undefined = undefined
  ifNoneMatch: string | undefined = undefined
  cacheControl: string | undefined = undefined
  accept: string | undefined = undefined

  get hasBody(): boolean {
    return this.contentLength > 0 || this.chunked
  }
}

export function readHead(raw: readonly string[]): RequestHead {
  const head = new RequestHead()
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]
    // Nearly every field is dismissed by its length alone.
    switch (name.length) {
      case 4:
        if (is(name, 'Host', 'host')) head.host = once(head.host, raw[i + 1], 'Host')
        break
      case 6:
        if (is(name, 'Accept', 'accept')) head.accept = join(head.accept, raw[i + 1])
        break
      case 8:
        if (is(name, 'If-Match', 'if-match')) head.ifMatch = join(head.ifMatch, raw[i + 1])
        break
      case 12:
        if (is(name, 'Content-Type', 'content-type')) {
          head.contentType = once(head.contentType, raw[i + 1], 'Content-Type')
        }
        break
      case 13:
        readThirteen(head, name, raw[i + 1])
        break
      case 14:
        if (is(name, 'Content-Length', 'content-length')) head.contentLength = Number(raw[i + 1])
        break
      case 16:
        if (is(name, 'Content-Encoding', 'content-encoding')) {
          head.contentEncoding = join(head.contentEncoding, raw[i + 1])
        }
        break
      case 17:
        if (is(name, 'Transfer-Encoding', 'transfer-encoding')) readCoding(head, raw[i + 1])
        break
    }
  }
  return head
}

/** Checked apart and first: Node lets go of fields beyond its own limit, Authorization among them. */
export function countHeaders(raw: readonly string[]): void {
  if (raw.length > 2 * MAX_HEADERS) {
    throw new Problem(
      'headers_too_large',
      `A request may have ${MAX_HEADERS} header fields at most; leave some out.`,
    )
  }
}

function readThirteen(head: RequestHead, name: string, value: string): void {
  if (is(name, 'Authorization', 'authorization')) {
    head.authorization = once(head.authorization, value, 'Authorization')
  } else if (is(name, 'If-None-Match', 'if-none-match')) {
    head.ifNoneMatch = join(head.ifNoneMatch, value)
  } else if (is(name, 'Cache-Control', 'cache-control')) {
    head.cacheControl = join(head.cacheControl, value)
  } else if (is(name, 'Content-Range', 'content-range')) {
    head.hasContentRange = true
  }
}

function readCoding(head: RequestHead, value: string): void {
  if (head.chunked || value.toLowerCase() !== 'chunked') {
    throw new Problem('not_implemented', 'Transfer-Encoding may only be chunked, once.')
  }
  head.chunked = true
}

function is(name: string, usual: string, lower: string): boolean {
  return name === usual || name === lower || name.toLowerCase() === lower
}

function once(before: string | undefined, value: string, name: string): string {
  if (before !== undefined) {
    const code = name === 'Host' ? 'invalid_host' : 'invalid_request'
    throw new Problem(code, `${name} is given more than once; send it once.`)
  }
  return value
}

/** Lists may be spread over several lines (RFC 9110, 5.3). */
function join(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`
}
