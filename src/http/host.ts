import { CacheError } from '../errors.js'
import { Problem } from './problem.js'

const MAX_HOST_LENGTH = 255 + 6
/** reg-name or IPv4, or an IPv6 address in brackets; then perhaps a port. */
const HOST = /^([a-z0-9._~-]+|\[[0-9a-f:.]+\])(?::[0-9]{0,5})?$/i
const DIGITS = /^[0-9]{1,20}$/
const ID = '{id}'

/** What comes before and after a bucket's id in a host name. */
interface Pattern {
  readonly before: string
  readonly after: string
}

/** Buckets and host names: which bucket a Host stands for, and at which URL a bucket is found. */
export class Hosts {
  private readonly patterns: readonly Pattern[]
  private readonly template: string

  constructor(domain: string, port: number, endpointTemplate?: string) {
    const after = `.${domain.toLowerCase()}`
    const patterns = [
      { before: 'www.', after },
      { before: '', after },
    ]
    if (endpointTemplate !== undefined) patterns.push(...patternsOf(endpointTemplate))
    this.patterns = patterns
    this.template = endpointTemplate ?? `http://www.${ID}.${domain}:${port}/`
  }

  endpointOf(bucketId: string): string {
    return this.template.replaceAll(ID, bucketId)
  }

  /** The bucket that a Host names, if it names one; throws on a malformed Host. */
  bucketOf(host: string): string | undefined {
    const parts = host.length > MAX_HOST_LENGTH ? null : HOST.exec(host)
    if (parts === null) throw new Problem('invalid_host', 'Host is malformed: write name:port.')
    const name = parts[1].toLowerCase()
    for (const { before, after } of this.patterns) {
      if (!name.startsWith(before) || !name.endsWith(after)) continue
      const id = name.slice(before.length, name.length - after.length)
      if (DIGITS.test(id)) return id
    }
    return undefined
  }
}

/** `https://www.{id}.mycache.com/`: the hosts `www.{id}.mycache.com` and `{id}.mycache.com`. */
function patternsOf(template: string): Pattern[] {
  const authority = /^https?:\/\/([^/?#]*)/i.exec(template)?.[1]
  if (authority === undefined || !template.includes(ID)) {
    throw new CacheError(
      'invalid_option',
      `endpoint-template must be a URL with ${ID} in it, such as https://www.${ID}.mycache.com/`,
    )
  }
  // With the id in the path, as in https://cache.com/b/{id}/, no host stands for a bucket.
  const [before, rest] = authority.toLowerCase().split(ID)
  if (rest === undefined) return []
  const after = rest.replace(/:[0-9]*$/, '')
  const patterns = [{ before, after }]
  if (before === 'www.') patterns.push({ before: '', after })
  return patterns
}
