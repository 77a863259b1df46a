import type { Keys } from '../engine/keys.js'
import { patiently } from '../engine/lookup.js'
import type { Condition } from '../engine/outcomes.js'
import type { RequestHead } from './head.js'
import { Problem } from './problem.js'

/** A strong validator of the stored version. */
export function etagOf(version: number): string {
  return `"${version.toString(36)}"`
}

interface Tag {
  readonly isWeak: boolean
  readonly text: string
}

const ANY = '*'
const TAG = /^(W\/)?("[\x21\x23-\x7e\x80-\xff]*")$/
const MAX_TAGS = 64

/** `undefined` for `*`; throws where the list is malformed. */
function parseTags(header: string, name: string): readonly Tag[] | undefined {
  const trimmed = header.trim()
  if (trimmed === ANY) return undefined
  const tags: Tag[] = []
  for (const part of splitOutsideQuotes(trimmed)) {
    if (part === '') continue
    const match = TAG.exec(part)
    if (match === null) throw malformed(name)
    tags.push({ isWeak: match[1] !== undefined, text: match[2] })
  }
  if (tags.length === 0 || tags.length > MAX_TAGS) throw malformed(name)
  return tags
}

/** A comma may stand inside an opaque tag. */
function splitOutsideQuotes(list: string): string[] {
  const parts: string[] = []
  let from = 0
  let isQuoted = false
  for (let i = 0; i <= list.length; i++) {
    const char = list[i]
    if (char === '"') isQuoted = !isQuoted
    if (i === list.length || (char === ',' && !isQuoted)) {
      parts.push(list.slice(from, i).trim())
      from = i + 1
    }
  }
  return parts
}

function malformed(name: string): Problem {
  return new Problem(
    'invalid_request',
    `${name} must be * or a list of at most ${MAX_TAGS} quoted tags, as ETag gave them.`,
  )
}

/** If-None-Match on a read: weak comparison, so that `W/"x"` matches `"x"`. */
export function matchesAny(ifNoneMatch: string, etag: string): boolean {
  const tags = parseTags(ifNoneMatch, 'If-None-Match')
  return tags === undefined || tags.some((tag) => tag.text === etag)
}

/** If-Match: strong comparison. */
export function matchesStrongly(ifMatch: string, etag: string | undefined): boolean {
  if (etag === undefined) return false
  const tags = parseTags(ifMatch, 'If-Match')
  return tags === undefined || tags.some((tag) => !tag.isWeak && tag.text === etag)
}

export function versionMismatch(detail: string): Problem {
  return new Problem('version_mismatch', detail)
}

export function isConditional(head: RequestHead): boolean {
  return head.ifMatch !== undefined || head.ifNoneMatch !== undefined
}

/** What a write must find, or `undefined` where it may find anything. */
export async function conditionOf(
  head: RequestHead,
  bucket: Keys,
  key: string,
): Promise<Condition | undefined> {
  if (!isConditional(head)) return undefined
  if (head.ifMatch !== undefined && head.ifNoneMatch !== undefined) {
    throw new Problem('invalid_request', 'Send either If-Match or If-None-Match, not both.')
  }
  if (head.ifNoneMatch !== undefined) return absent(head.ifNoneMatch)
  return present(head.ifMatch ?? ANY, bucket, key)
}

/** For calls that change what is there: only If-Match makes sense. */
export async function presentCondition(
  head: RequestHead,
  bucket: Keys,
  key: string,
): Promise<Condition | undefined> {
  if (head.ifNoneMatch !== undefined) {
    throw new Problem('invalid_request', 'If-None-Match has no meaning here; use If-Match.')
  }
  return conditionOf(head, bucket, key)
}

function absent(ifNoneMatch: string): Condition {
  if (ifNoneMatch.trim() === ANY) return { kind: 'absent' }
  throw new Problem('invalid_request', 'On a write If-None-Match may only be *: store a new key.')
}

/**
 * The engine compares with one version, in one step with the write. Of a list the one that is
 * stored now is taken; if another write comes between, that one version no longer matches.
 */
async function present(ifMatch: string, bucket: Keys, key: string): Promise<Condition> {
  const tags = parseTags(ifMatch, 'If-Match')
  if (tags === undefined) return { kind: 'present' }
  const version = (await patiently(() => bucket.head(key)))?.version
  if (version !== undefined && matchesStrongly(ifMatch, etagOf(version))) {
    return { kind: 'version', version }
  }
  throw versionMismatch('The key has another version than If-Match asks for, or none.')
}
