/** What the API always sends with an answer: who says less is no Annulus server, but before it. */
export interface Expected {
  readonly statuses: readonly number[]
  readonly headers?: Readonly<Record<string, RegExp>>
}

const ETAG = /^(?:W\/)?"[^"]*"$/
/** The part of `Cache-Status` that is the server's: proxies add theirs after it. */
const OF_ANNULUS = /(?:^|,)\s*annulus\s*(?=[;,]|$)([^,]*)/

/** GET and HEAD of a key that is there. */
export const A_VALUE: Expected = {
  statuses: [200],
  headers: { ETag: ETAG, 'Cache-Status': OF_ANNULUS },
}
/** PUT of a key. */
export const STORED: Expected = { statuses: [201, 204], headers: { ETag: ETAG } }
/** What is done, and has nothing to tell. */
export const DONE: Expected = { statuses: [204] }
export const EVENTS: Expected = {
  statuses: [200],
  headers: { 'Content-Type': /^text\/event-stream\b/ },
}

export const METRICS: Expected = { statuses: [200], headers: { 'Content-Type': /^text\/plain\b/ } }
export const HEALTH: Expected = {
  statuses: [200],
  headers: { 'Content-Type': /^application\/json\b/ },
}

export function isExpected(
  { status, headers }: Response,
  { statuses, headers: wanted = {} }: Expected,
): boolean {
  if (!statuses.includes(status)) return false
  return Object.entries(wanted).every(([name, form]) => form.test(headers.get(name) ?? ''))
}

/** `; hit; ttl=5`, of the server itself. */
export function cacheStatusOf(headers: Headers): string {
  return OF_ANNULUS.exec(headers.get('Cache-Status') ?? '')?.[1] ?? ''
}
