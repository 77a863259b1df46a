import { CacheError } from '../errors.js'
import { parseDuration, parseSize } from '../units.js'
import { type BucketSettings, MAX_REPLICAS, TIERS, type Tier } from './records.js'

export interface BucketOptions {
  defaultTtl?: string | number
  maxBytes?: string | number
  immutable?: boolean
  tier?: Tier
  replicas?: number
}

/** `null` takes the default TTL or the size limit away. */
export interface BucketPatch extends Omit<BucketOptions, 'defaultTtl' | 'maxBytes'> {
  defaultTtl?: string | number | null
  maxBytes?: string | number | null
}

/** Less holds no item of any use, and is far more likely a unit forgotten than a wish. */
const MIN_MAX_BYTES = 1024

const DEFAULTS: BucketSettings = { immutable: false, tier: 'standard', replicas: 0 }

export function bucketSettings(options: BucketOptions = {}): BucketSettings {
  const entries = given(options)
  for (const name of ['defaultTtl', 'maxBytes']) {
    if (entries.get(name) === null) {
      throw invalid(`${name} cannot be null in a new bucket: leave it out`)
    }
  }
  return patched(DEFAULTS, entries)
}

export function patchSettings(current: BucketSettings, patch: BucketPatch): BucketSettings {
  return patched(current, given(patch))
}

/** The settings alone, of anything that has them. */
export function settingsOf(from: BucketSettings): BucketSettings {
  return {
    ...(from.defaultTtlMs === undefined ? {} : { defaultTtlMs: from.defaultTtlMs }),
    ...(from.maxBytes === undefined ? {} : { maxBytes: from.maxBytes }),
    immutable: from.immutable,
    tier: from.tier,
    replicas: from.replicas,
  }
}

/** Own properties only, so that nothing comes in over a prototype; undefined counts as absent. */
function given(options: object): Map<string, unknown> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalid('the options of a bucket must be an object')
  }
  return new Map(Object.entries(options).filter(([, value]) => value !== undefined))
}

type Draft = { -readonly [K in keyof BucketSettings]: BucketSettings[K] }

function patched(current: BucketSettings, entries: ReadonlyMap<string, unknown>): BucketSettings {
  const draft: Draft = settingsOf(current)
  for (const [name, value] of entries) apply(draft, name, value)
  return draft
}

function apply(draft: Draft, name: string, value: unknown): void {
  switch (name) {
    case 'defaultTtl':
      if (value === null) delete draft.defaultTtlMs
      else draft.defaultTtlMs = parseDuration(written(name, value, 'invalid_ttl'), name)
      return
    case 'maxBytes':
      if (value === null) delete draft.maxBytes
      else draft.maxBytes = maxBytes(written(name, value, 'invalid_size'))
      return
    case 'immutable':
      if (typeof value !== 'boolean') throw invalid('immutable must be true or false')
      draft.immutable = value
      return
    case 'tier':
      draft.tier = tier(value)
      return
    case 'replicas':
      draft.replicas = replicas(value)
      return
    default:
      throw invalid(
        `a bucket has no option ${shown(name)}: there are defaultTtl, maxBytes, immutable, tier, replicas`,
      )
  }
}

function maxBytes(value: string | number): number {
  const bytes = parseSize(value, 'maxBytes')
  if (bytes < MIN_MAX_BYTES) {
    throw new CacheError(
      'invalid_size',
      `maxBytes is ${bytes} bytes, and the least is ${MIN_MAX_BYTES}: write 64kb, 256mb or 2gb`,
    )
  }
  return bytes
}

function tier(value: unknown): Tier {
  const known = TIERS.find((one) => one === value)
  if (known === undefined) throw invalid(`tier must be one of ${TIERS.join(', ')}`)
  return known
}

function replicas(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MAX_REPLICAS) {
    throw invalid(`replicas must be an integer from 0 to ${MAX_REPLICAS}`)
  }
  return Math.abs(value)
}

function written(
  name: string,
  value: unknown,
  code: 'invalid_ttl' | 'invalid_size',
): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value
  throw new CacheError(code, `${name} must be a string with a unit, or a number`)
}

function shown(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name)
}

function invalid(message: string): CacheError {
  return new CacheError('invalid_option', message)
}
