import { createHash, randomUUID } from 'node:crypto'
import { textOf } from '../text.js'
import type { CacheKey, CacheValue } from './cache-types.js'

/**
 * How the responses of a URL vary: a small item beside the slot of its one response. A generation is
 * written once and never again, so that a writer that is late by a delete cannot bring back responses
 * that are gone: they stand under keys of a generation that nobody finds any more.
 */
export interface Variants {
  readonly generation: string
  /** Names of request headers, lower case and sorted. */
  readonly names: readonly string[]
}

/** More names than that are not gathered; those of the response at hand then do alone. */
const MAX_NAMES = 32

/** The slot of a URL and method: a hash, since a URL may be longer than a key. */
export function slotOf(prefix: string, { origin, path, method }: CacheKey): string {
  return `${prefix}${digest([origin, path])}:${method}`
}

/** The key of the slot's variants. */
export function variantsOf(slot: string): string {
  return `${slot}:vary`
}

/** The key of one variant; the headers are those that the response names, or those of the request. */
export function variantOf(
  slot: string,
  { generation, names }: Variants,
  { headers }: CacheKey,
  vary: CacheValue['vary'] = {},
): string {
  const values = names.map((name) => vary[name] ?? headers?.[name] ?? null)
  return `${slot}:${generation}:${digest(values)}`
}

/** Names of the headers that a response varies by. */
export function variedBy({ vary }: CacheValue): string[] {
  return Object.keys(vary ?? {})
}

/**
 * The variants to which a response that varies by `names` belongs: those known where they tell enough
 * headers apart, else new ones. Telling apart too many costs a miss, too few would be a wrong answer.
 */
export function variantsFor(names: readonly string[], known: Variants | undefined): Variants {
  if (known !== undefined && names.every((name) => known.names.includes(name))) return known
  const all = new Set([...(known?.names ?? []), ...names])
  const chosen = all.size > MAX_NAMES ? new Set(names) : all
  return { generation: randomUUID(), names: [...chosen].sort() }
}

export function encodeVariants(variants: Variants): string {
  return JSON.stringify(variants)
}

export function decodeVariants(bytes: Uint8Array): Variants {
  return JSON.parse(textOf(bytes)) as Variants
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
