import { Problem } from './problem.js'

/** The request target in its two parts; `search` has no question mark. */
export interface Target {
  readonly path: string
  readonly search: string
}

const SLASH = 47
const ABSOLUTE = /^http:\/\/([^/?#]*)(.*)$/i

/**
 * Splits by hand: URL parsers cost a sixth of the whole request, rewrite `/..` and take `//path`
 * for a host.
 */
export function splitTarget(url: string, host: string | undefined): Target {
  const target = url.charCodeAt(0) === SLASH || url === '*' ? url : originForm(url, host)
  if (target.includes('#')) {
    throw new Problem('invalid_request', 'A request target has no fragment; write # as %23.')
  }
  const mark = target.indexOf('?')
  if (mark < 0) return { path: target, search: '' }
  return { path: target.slice(0, mark), search: target.slice(mark + 1) }
}

/** A proxy's form, `http://host/path`: its authority must be what Host says. */
function originForm(url: string, host: string | undefined): string {
  const parts = ABSOLUTE.exec(url)
  if (parts === null) {
    throw new Problem('invalid_request', 'The request target must be a path such as /v1/buckets.')
  }
  if (host === undefined || parts[1].toLowerCase() !== host.toLowerCase()) {
    throw new Problem('invalid_host', 'Host differs from the authority in the request target.')
  }
  return parts[2].charCodeAt(0) === SLASH ? parts[2] : `/${parts[2]}`
}
